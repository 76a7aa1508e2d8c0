//! What a buffer of code does: on this host, and with a mock's memory.
#![expect(unsafe_code, reason = "calls what it has emitted")]

use std::format;
use std::string::ToString;

use super::{CodeBuffer, CodeError};
use crate::base::{AddressRange, Alignment, TargetAddr, int};
use crate::memory::MemoryError;
use crate::memory::hosted::HostedMemory;
use crate::memory::mock::MockMemory;

type Number = unsafe extern "C" fn() -> i32;

/// A function of this machine that returns `number`.
fn returns(number: u8) -> std::vec::Vec<u8> {
    if cfg!(target_arch = "x86_64") {
        [&[0xb8, number, 0, 0, 0], &[0xc3][..]].concat()
    } else {
        let mov = 0x5280_0000 | u32::from(number) << 5;
        [mov, 0xd65f_03c0].map(u32::to_le_bytes).concat()
    }
}

fn mock() -> MockMemory {
    let window = AddressRange::from_size(TargetAddr::new(0x40_0000), 0x10_0000).unwrap();
    MockMemory::new(&[window]).unwrap()
}

#[test]
fn functions_of_one_buffer_are_called_by_their_offsets() {
    let memory = HostedMemory::new().unwrap();
    let mut buffer = CodeBuffer::new(&memory, 4096).unwrap();
    let offsets = [1, 2, 3].map(|number| {
        buffer.align(Alignment::SIXTEEN).unwrap();
        buffer.emit(&returns(number)).unwrap()
    });
    let code = buffer.seal().unwrap();
    let results = offsets.map(|offset| {
        let function = code.function::<Number>(offset).unwrap();
        // SAFETY: it was emitted as such a function.
        unsafe { function() }
    });
    assert_eq!(results, [1, 2, 3]);
    assert_eq!(code.len(), offsets[2] + returns(3).len());
    drop(code);
    assert_eq!(memory.used_bytes(), 0);
}

#[test]
fn an_address_that_is_used_again_runs_its_new_code() {
    let memory = HostedMemory::new().unwrap();
    let mut first = None;
    for number in 0..100 {
        let mut buffer = CodeBuffer::new(&memory, 64).unwrap();
        buffer.emit(&returns(number)).unwrap();
        let code = buffer.seal().unwrap();
        assert_eq!(code.address(), *first.get_or_insert(code.address()));
        let function = code.function::<Number>(0).unwrap();
        // SAFETY: it was emitted as such a function.
        assert_eq!(unsafe { function() }, i32::from(number));
    }
}

#[test]
fn what_was_emitted_is_patched_and_nothing_else() {
    let memory = HostedMemory::new().unwrap();
    let mut buffer = CodeBuffer::new(&memory, 64).unwrap();
    buffer.emit(&returns(1)).unwrap();
    buffer.patch(0, &returns(7)).unwrap();
    let len = buffer.len();
    for (offset, bytes) in [(len, &[0][..]), (len - 1, &[0, 0]), (usize::MAX, &[0])] {
        let error = buffer.patch(offset, bytes).unwrap_err();
        assert_eq!(error, CodeError::Outside { offset, len });
    }
    let code = buffer.seal().unwrap();
    let function = code.function::<Number>(0).unwrap();
    // SAFETY: it was emitted as such a function.
    assert_eq!(unsafe { function() }, 7);
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_buffer_as_it_was() {
    let mut buffer = CodeBuffer::new(&mock(), 8).unwrap();
    buffer.emit(&[1, 2, 3, 4, 5]).unwrap();
    let error = buffer.emit(&[0; 4]).unwrap_err();
    assert_eq!(error, CodeError::Full { wanted: 4, room: 3 });
    assert!(error.to_string().contains("room for 3"), "{error}");
    assert!(buffer.align(Alignment::SIXTEEN).is_err());
    let huge = Alignment::new(8192).unwrap();
    assert_eq!(
        buffer.align(huge),
        Err(CodeError::Alignment { wanted: huge })
    );
    assert_eq!(buffer.emit(&[0; 3]), Ok(5));
    assert!(format!("{buffer:?}").contains("8 of 8 bytes"));
}

#[test]
fn only_emitted_bytes_are_functions() {
    let mut buffer = CodeBuffer::new(&mock(), 64).unwrap();
    let code_len = buffer.emit(&returns(1)).map(|_| buffer.len()).unwrap();
    let address = buffer.address();
    let code = buffer.seal().unwrap();
    assert!(code.function::<Number>(code_len).is_err());
    assert!(code.function::<Number>(usize::MAX).is_err());
    let last = code.function::<Number>(code_len - 1).unwrap();
    let end = address.checked_add(int::from_usize(code_len - 1));
    assert_eq!(Some(last.address()), end);
}

#[test]
fn memory_is_given_back_unsealed_and_sealed_and_its_absence_is_an_error() {
    let memory = mock();
    let buffer = CodeBuffer::new(&memory, 0).unwrap();
    assert!(buffer.is_empty());
    drop(buffer);
    let code = CodeBuffer::new(&memory, 0).unwrap().seal().unwrap();
    assert!(code.is_empty());
    drop(code);
    assert_eq!((memory.reservations(), memory.used_bytes()), (0, 0));
    memory.fail_after(0);
    let error = CodeBuffer::new(&memory, 64).unwrap_err();
    assert_eq!(error, CodeError::Memory(MemoryError::OutOfFrames));
}
