//! Sessions over memory of a mock or of the host, with objects that are written here.

mod address_map;
mod call_tracer;
mod crowds;
mod load_log;

use crate::base::{AddressRange, Machine, TargetAddr};
use crate::memory::mock::MockMemory;
use crate::session::tests::Source;
use crate::session::{LoadError, Module, Session};

fn mock_session(machine: Machine) -> Session<MockMemory> {
    let range = AddressRange::from_size(TargetAddr::new(0x4000_0000), 0x1000_0000).unwrap();
    let session = Session::for_machine(machine, MockMemory::new(&[range]).unwrap());
    session.set_code_caller(|_| Ok(0));
    session
}

#[expect(unsafe_code, reason = "loading runs foreign code")]
fn load<'s>(
    session: &'s Session<MockMemory>,
    name: &str,
    source: &Source,
) -> Result<Module<'s, MockMemory>, LoadError> {
    // SAFETY: the callers of these sessions call nothing.
    unsafe { session.load(name, &source.write()) }
}

#[expect(unsafe_code, reason = "memory that code may run in is given back")]
fn unload(module: Module<'_, MockMemory>) {
    // SAFETY: nothing runs a mock's code.
    unsafe { module.unload() }.unwrap();
}
