//! What the machine refuses in a module's memory: each forbidden access faults with its cause and address, and the same
//! access to a page that allows it does not.

use core::mem;
use core::ptr;

use ironlink::base::{Protection, TargetAddr};
use ironlink_kernel::fault::{Access, Cause, Refusal};
use ironlink_kernel::{Kernel, guard, kernel_test};

use super::modules::load_good;
use super::programs::Module;

/// What a module's memory is asked for in these tests.
#[derive(Clone, Copy)]
enum Attempt {
    Read,
    Write,
    Execute,
}

/// Tries an access; gives why it was refused, if it was.
fn refusal(attempt: Attempt, place: TargetAddr) -> Option<Cause> {
    let address = place.value() as usize;
    let fault = guard::expect_fault(|| match attempt {
        Attempt::Read => {
            let byte: *const u8 = ptr::with_exposed_provenance(address);
            // SAFETY: if the machine lets it pass, it is a byte of a module.
            unsafe { byte.read_volatile() };
        }
        Attempt::Write => {
            let byte: *mut u8 = ptr::with_exposed_provenance_mut(address);
            // SAFETY: all of a module may be read.
            let value = unsafe { byte.read_volatile() };
            // SAFETY: the byte keeps its value, if the machine lets it be written at all.
            unsafe { byte.write_volatile(value) };
        }
        Attempt::Execute => {
            let code: *const () = ptr::with_exposed_provenance(address);
            // SAFETY: all pointers to functions have one form.
            let function = unsafe { mem::transmute::<*const (), unsafe extern "C" fn()>(code) };
            // SAFETY: the bytes there are code that returns.
            unsafe { function() };
        }
    });
    fault.map(|fault| fault.cause)
}

fn forbidden(access: Access, place: TargetAddr, refusal: Refusal) -> Option<Cause> {
    let address = place.value();
    Some(Cause::Memory {
        access,
        address,
        refusal,
    })
}

fn places(kernel: &'static Kernel) -> (Module, [TargetAddr; 3]) {
    let module = load_good(kernel);
    let places = ["main", "constant", "data"].map(|name| module.address(name).expect(name));
    (module, places)
}

kernel_test! {
    fn a_modules_text_is_executed_and_not_written(kernel) {
        let (module, [text, _, data]) = places(kernel);
        let expected = forbidden(Access::Write, text, Refusal::Protection);
        assert_eq!(refusal(Attempt::Write, text), expected);
        assert_eq!(refusal(Attempt::Write, data), None);
        assert_eq!(refusal(Attempt::Execute, text), None);
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }

    fn a_modules_data_are_written_and_not_executed(kernel) {
        let (module, [text, _, data]) = places(kernel);
        let expected = forbidden(Access::Execute, data, Refusal::Protection);
        assert_eq!(refusal(Attempt::Execute, data), expected);
        assert_eq!(refusal(Attempt::Execute, text), None);
        assert_eq!(refusal(Attempt::Write, data), None);
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }

    fn a_modules_constants_are_only_read(kernel) {
        let (module, [_, constant, _]) = places(kernel);
        let executed = forbidden(Access::Execute, constant, Refusal::Protection);
        assert_eq!(refusal(Attempt::Execute, constant), executed);
        let written = forbidden(Access::Write, constant, Refusal::Protection);
        assert_eq!(refusal(Attempt::Write, constant), written);
        assert_eq!(refusal(Attempt::Read, constant), None);
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }

    fn an_unloaded_modules_memory_is_not_mapped(kernel) {
        let (module, places) = places(kernel);
        for place in places {
            assert_eq!(refusal(Attempt::Read, place), None);
        }
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
        for place in places {
            let expected = forbidden(Access::Read, place, Refusal::NotMapped);
            assert_eq!(refusal(Attempt::Read, place), expected);
        }
    }

    fn pages_beside_a_module_are_not_mapped(kernel) {
        let (module, _) = places(kernel);
        for (range, _) in module.segments() {
            let before = TargetAddr::new((range.first().value() & !0xfff) - 1);
            let after = TargetAddr::new((range.last().value() | 0xfff) + 1);
            for guard in [before, after] {
                let expected = forbidden(Access::Read, guard, Refusal::NotMapped);
                assert_eq!(refusal(Attempt::Read, guard), expected);
            }
        }
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }

    fn the_direct_map_does_not_write_to_a_modules_text(kernel) {
        let (module, [text, _, data]) = places(kernel);
        let seen = |place| {
            let leaf = kernel.mapped_at(place).expect("it is mapped");
            let frame = leaf.frame(place).expect("the leaf translates it");
            // SAFETY: the tables are only read.
            let tables = unsafe { kernel.page_tables() };
            let alias = tables.access().address(frame);
            (alias, kernel.mapped_at(alias).and_then(|leaf| leaf.rights.protection()))
        };
        let (alias, protection) = seen(text);
        assert_ne!(protection, Some(Protection::ReadWrite));
        assert!(refusal(Attempt::Write, alias).is_some());
        let (alias, protection) = seen(data);
        assert_eq!(protection, Some(Protection::ReadWrite));
        assert!(refusal(Attempt::Execute, alias).is_some());
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }
}
