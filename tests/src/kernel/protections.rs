//! What the machine refuses: each forbidden access to the kernel's own image faults with its cause and address, and the same
//! access to a page that allows it does not.

use core::hint;
use core::mem;
use core::ptr;

use ironlink::base::{AddressRange, Protection};
use ironlink_kernel::fault::{Access, Cause, Refusal};
use ironlink_kernel::guard::{self, Outcome};
use ironlink_kernel::{image, kernel_test};

/// Machine code that returns at once.
#[cfg(target_arch = "x86_64")]
const RETURN: [u8; 4] = [0xc3, 0x90, 0x90, 0x90];
#[cfg(target_arch = "aarch64")]
const RETURN: [u8; 4] = 0xd65f_03c0_u32.to_le_bytes();

static DATA: [u8; 4] = RETURN;

fn segment(wanted: Protection) -> AddressRange {
    let mut segments = image::segments().into_iter();
    let found = segments.find(|(_, protection)| *protection == wanted);
    found.expect("the image has a segment of each protection").0
}

fn write_to(address: u64) {
    let place: *mut u8 = ptr::with_exposed_provenance_mut(address as usize);
    // SAFETY: all of the image may be read.
    let byte = unsafe { place.read_volatile() };
    // SAFETY: the byte keeps its value, if the machine lets it be written at all.
    unsafe { place.write_volatile(byte) };
}

fn execute(address: u64) {
    let code: *const () = ptr::with_exposed_provenance(address as usize);
    // SAFETY: all pointers to functions have one form.
    let function = unsafe { mem::transmute::<*const (), extern "C" fn()>(code) };
    function();
}

#[track_caller]
fn assert_refused(access: Access, address: u64, refusal: Refusal, code: impl FnOnce()) {
    let fault = guard::expect_fault(code).expect("the machine lets it pass");
    let expected = Cause::Memory {
        access,
        address,
        refusal,
    };
    assert_eq!(fault.cause, expected);
}

kernel_test! {
    fn writing_to_text_or_constants_is_refused(_kernel) {
        for protection in [Protection::ReadExecute, Protection::Read] {
            let address = segment(protection).first().value();
            assert_refused(Access::Write, address, Refusal::Protection, || write_to(address));
        }
        let data = segment(Protection::ReadWrite).first().value();
        assert!(guard::expect_fault(|| write_to(data)).is_none());
    }

    fn executing_constants_or_the_stack_is_refused(_kernel) {
        let constant = (&raw const DATA).addr() as u64;
        assert_refused(Access::Execute, constant, Refusal::Protection, || execute(constant));
        let code = hint::black_box(RETURN);
        let on_stack = (&raw const code).addr() as u64;
        assert_refused(Access::Execute, on_stack, Refusal::Protection, || execute(on_stack));
    }

    fn reading_where_nothing_is_mapped_is_refused(_kernel) {
        let null: *const u8 = hint::black_box(ptr::null());
        assert_refused(Access::Read, 8, Refusal::NotMapped, || {
            // SAFETY: the machine refuses it.
            unsafe { null.wrapping_add(8).read_volatile() };
        });
    }

    fn a_stack_that_overflows_meets_a_page_that_is_not_mapped(_kernel) {
        fn recurse(depth: u64) -> u64 {
            let frame = hint::black_box([depth; 64]);
            frame[1] + if depth == 0 { 0 } else { recurse(depth + 1) }
        }
        let fault = guard::expect_fault(|| {
            hint::black_box(recurse(1));
        });
        let cause = fault.map(|fault| fault.cause);
        assert!(
            matches!(cause, Some(Cause::Memory { refusal: Refusal::NotMapped, .. })),
            "{cause:?}"
        );
    }

    fn a_panic_ends_the_innermost_call_alone(_kernel) {
        let outer = guard::run(|| {
            let inner = guard::run(|| panic!("as intended"));
            assert!(matches!(inner, Err(Outcome::Panicked(_))));
            7
        });
        assert!(matches!(outer, Ok(7)));
    }
}
