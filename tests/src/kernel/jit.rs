//! Code made at run time inside the kernel: the cases that the host has, too, and what the machine refuses.

use ironlink::base::TargetAddr;
use ironlink::jit::CodeBuffer;
use ironlink_kernel::fault::{Access, Cause, Refusal};
use ironlink_kernel::kernel::ModuleMemory;
use ironlink_kernel::{Kernel, guard, heap, kernel_test};
use ironlink_tests::jit::{self, Number, Place, code};

use super::sessions;

fn in_the_kernel(kernel: &'static Kernel, case: impl Fn(Place<'_, ModuleMemory>)) {
    sessions::leaves_no_trace(kernel, || {
        let session = sessions::open(kernel);
        let modules = session.statistics().modules;
        case(Place {
            session: &session,
            used_bytes: &|| session.memory().statistics().page_frames * 4096,
            heap_bytes: &|| heap::statistics().used_bytes as u64,
            peer: sessions::file(kernel, "module_jit_peer.gcc-default.o"),
        });
        assert_eq!(session.statistics().modules, modules);
    });
}

/// Whether a call ends in a fault of the instruction that stands there to trap.
fn traps(function: Number) -> bool {
    let fault = guard::expect_fault(|| {
        // SAFETY: what it leads to takes no arguments, or traps.
        let _ = unsafe { function() };
    });
    fault.is_some_and(|fault| matches!(fault.cause, Cause::Exception { .. }))
}

kernel_test! {
    fn a_buffer_is_filled_sealed_called_and_used_again(kernel) {
        in_the_kernel(kernel, jit::a_buffer_is_filled_sealed_called_and_used_again);
    }

    fn sealed_code_is_not_written(kernel) {
        sessions::leaves_no_trace(kernel, || {
            let session = sessions::open(kernel);
            let mut buffer = CodeBuffer::new(session.memory(), 64).expect("a page");
            buffer.emit(&code::returns(42).0).expect("room");
            let address = buffer.address();
            let code = buffer.seal().expect("protections");
            let write = || {
                let byte: *mut u8 = core::ptr::with_exposed_provenance_mut(address.value() as usize);
                // SAFETY: if the machine lets it pass, it is a byte of code that nobody runs.
                unsafe { byte.write_volatile(0) };
            };
            let fault = guard::expect_fault(write).expect("a fault");
            let expected = refused(Access::Write, address);
            assert_eq!(fault.cause, expected);
            let function = code.function::<Number>(0).expect("code");
            // SAFETY: it takes no arguments.
            assert_eq!(unsafe { function() }, 42);
        });
    }

    fn code_that_is_not_sealed_is_not_run(kernel) {
        sessions::leaves_no_trace(kernel, || {
            let session = sessions::open(kernel);
            let mut buffer = CodeBuffer::new(session.memory(), 64).expect("a page");
            buffer.emit(&code::returns(42).0).expect("room");
            let address = buffer.address();
            // SAFETY: all pointers to functions have one form.
            let function: Number = unsafe { core::mem::transmute(address.value() as usize) };
            // SAFETY: it faults, or returns.
            let fault = guard::expect_fault(|| { let _ = unsafe { function() }; }).expect("a fault");
            assert_eq!(fault.cause, refused(Access::Execute, address));
        });
    }

    fn definitions_refer_to_each_other_and_to_imports(kernel) {
        in_the_kernel(kernel, jit::definitions_refer_to_each_other_and_to_imports);
    }

    fn what_fails_to_link_waits_for_what_it_misses(kernel) {
        in_the_kernel(kernel, jit::what_fails_to_link_waits_for_what_it_misses);
    }

    fn what_was_discarded_is_missing(kernel) {
        in_the_kernel(kernel, jit::what_was_discarded_is_missing);
    }

    fn a_preemptible_name_may_be_null_or_give_way(kernel) {
        in_the_kernel(kernel, jit::a_preemptible_name_may_be_null_or_give_way);
    }

    fn a_call_that_reaches_goes_straight(kernel) {
        in_the_kernel(kernel, jit::a_call_that_reaches_goes_straight);
    }

    fn unwind_records_cover_their_functions(kernel) {
        in_the_kernel(kernel, jit::unwind_records_cover_their_functions);
    }

    fn what_refers_to_itself_leads_into_its_own_body(kernel) {
        in_the_kernel(kernel, jit::what_refers_to_itself_leads_into_its_own_body);
    }

    fn a_name_is_seen_as_far_as_its_linkage_says(kernel) {
        in_the_kernel(kernel, jit::a_name_is_seen_as_far_as_its_linkage_says);
    }

    fn objects_and_definitions_call_each_other(kernel) {
        in_the_kernel(kernel, jit::objects_and_definitions_call_each_other);
    }

    fn a_new_body_is_what_callers_see(kernel) {
        in_the_kernel(kernel, jit::a_new_body_is_what_callers_see);
    }

    fn redefinition_keeps_memory_level(kernel) {
        in_the_kernel(kernel, |place| jit::redefinition_keeps_memory_level(place, 2_000));
    }

    fn small_definitions_share_pages_which_go_with_the_last(kernel) {
        in_the_kernel(kernel, |place| {
            jit::small_definitions_share_pages_which_go_with_the_last(place, true);
        });
    }

    fn a_name_goes_with_its_definition(kernel) {
        in_the_kernel(kernel, jit::a_name_goes_with_its_definition);
    }

    fn a_redefinition_that_fails_leaves_names_and_bodies(kernel) {
        in_the_kernel(kernel, jit::a_redefinition_that_fails_leaves_names_and_bodies);
    }

    fn an_alias_keeps_what_it_stands_for(kernel) {
        in_the_kernel(kernel, jit::an_alias_keeps_what_it_stands_for);
    }

    fn an_alias_of_itself_is_refused(kernel) {
        in_the_kernel(kernel, jit::an_alias_of_itself_is_refused);
    }

    fn a_call_of_a_lazy_function_links_how_it_was_defined_otherwise(kernel) {
        in_the_kernel(kernel, jit::a_call_of_a_lazy_function_links_how_it_was_defined_otherwise);
    }

    fn a_lazy_function_that_is_defined_otherwise_stays(kernel) {
        in_the_kernel(kernel, jit::a_lazy_function_that_is_defined_otherwise_stays);
    }

    fn a_lazy_function_is_compiled_when_it_is_first_called(kernel) {
        in_the_kernel(kernel, jit::a_lazy_function_is_compiled_when_it_is_first_called);
    }

    fn a_lazy_call_links_what_it_needs_and_no_more(kernel) {
        in_the_kernel(kernel, jit::a_lazy_call_links_what_it_needs_and_no_more);
    }

    fn a_lazy_call_that_fails_to_link_leaves_what_waits(kernel) {
        in_the_kernel(kernel, |place| jit::a_lazy_call_that_fails_to_link_leaves_what_waits(place, traps));
    }

    fn a_lazy_function_whose_compiler_defines_nothing_traps(kernel) {
        in_the_kernel(kernel, |place| jit::a_lazy_function_whose_compiler_defines_nothing_traps(place, traps));
    }

    fn a_lazy_function_that_is_not_compiled_traps(kernel) {
        in_the_kernel(kernel, |place| jit::a_lazy_function_that_is_not_compiled_traps(place, traps));
    }
}

fn refused(access: Access, place: TargetAddr) -> Cause {
    let address = place.value();
    Cause::Memory {
        access,
        address,
        refusal: Refusal::Protection,
    }
}
