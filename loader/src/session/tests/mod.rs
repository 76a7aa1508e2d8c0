//! Sessions over memory of the host and of a mock, with objects that are written here.
#![expect(unsafe_code, reason = "tests load and call what they wrote")]

mod digests;
mod dylibs;
mod generators;
mod growth;
mod lives;
mod loads;
mod panics;
mod scopes;
mod source;

use std::vec::Vec;

use object::write::StandardSection;

pub(super) use source::Source;

use super::{AbsoluteSymbol, LoadError, Module, Session, UnloadError};
use crate::base::{AddressRange, Machine, TargetAddr};
use crate::memory::mock::MockMemory;

/// The machine that runs the tests, and what they load.
fn machine() -> Machine {
    Machine::HOST.expect("Ironlink links for this machine")
}

/// A function of this machine that returns `value`.
pub(super) fn returns(value: u8) -> [u8; 8] {
    match machine() {
        // mov eax, value; ret
        Machine::X86_64 => [0xb8, value, 0, 0, 0, 0xc3, 0x90, 0x90],
        // mov w0, #value; ret
        Machine::Aarch64 => {
            let mov = 0x5280_0000_u64 | u64::from(value) << 5;
            (0xd65f_03c0 << 32 | mov).to_le_bytes()
        }
    }
}

pub(super) fn program() -> Vec<u8> {
    Source::new()
        .define("main", StandardSection::Text, &returns(42), &[])
        .define(
            "table",
            StandardSection::Data,
            &[0; 16],
            &[(0, "main"), (8, "exported")],
        )
        .write()
}

pub(super) fn exported() -> AbsoluteSymbol<'static> {
    AbsoluteSymbol::function("exported", TargetAddr::new(0x1234))
}

pub(super) fn memory() -> MockMemory {
    let range = AddressRange::from_size(TargetAddr::new(0x4000_0000), 0x1000_0000).unwrap();
    MockMemory::new(&[range]).unwrap()
}

pub(super) fn session() -> Session<MockMemory> {
    let session = Session::for_machine(machine(), memory());
    session.set_code_caller(|_| Ok(0));
    session
        .create_dylib("kernel")
        .unwrap()
        .define(&[exported()])
        .unwrap();
    session
}

pub(super) fn load<'s>(
    session: &'s Session<MockMemory>,
    name: &str,
    bytes: &[u8],
) -> Result<Module<'s, MockMemory>, LoadError> {
    // SAFETY: the initializers' caller of these sessions calls nothing.
    unsafe { session.load(name, bytes) }
}

/// What a session and its memory hold.
pub(super) fn digest(session: &Session<MockMemory>) -> (super::SessionStatistics, u64, u64, u64) {
    let memory = session.memory();
    (
        session.statistics(),
        session.digest(),
        memory.used_bytes(),
        memory.reservations(),
    )
}

/// An object that defines `name`, as data that points to `others`.
pub(super) fn data(name: &str, others: &[&str]) -> Vec<u8> {
    data_source(name, others).write()
}

pub(super) fn data_source(name: &str, others: &[&str]) -> Source {
    let pointers = (0..).step_by(8).zip(others.iter().copied());
    let pointers: Vec<(u64, &str)> = pointers.collect();
    let bytes = std::vec![0; 8 * others.len().max(1)];
    Source::new().define(name, StandardSection::Data, &bytes, &pointers)
}

pub(super) fn unload(module: Module<'_, MockMemory>) -> Result<(), UnloadError> {
    // SAFETY: nothing runs a mock's code.
    unsafe { module.unload() }
}
