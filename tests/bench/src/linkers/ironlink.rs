//! Ironlink, by its public face: a session that is there already loads an object.

use super::touched::TouchedMemory;
use super::{Linker, Loaded};
use crate::object_file::ObjectFile;
use ironlink::base::{AddressRange, Machine, TargetAddr};
use ironlink::memory::MemoryManager;
use ironlink::memory::hosted::HostedMemory;
use ironlink::memory::mock::MockMemory;
use ironlink::session::{AbsoluteSymbol, Module, Session};

/// Where names lie that the object misses: below the memory managers' addresses, and near.
const ELSEWHERE: TargetAddr = TargetAddr::new(0x3fff_0000);

/// Where objects for other machines are linked to.
const FOREIGN: (TargetAddr, u64) = (TargetAddr::new(0x4000_0000), 0x4000_0000);

/// Ironlink over the memory manager of hosts; for an object of another machine, over memory that only looks like its.
pub(super) fn fresh(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    if Machine::HOST == Some(object.machine) {
        return ready(
            object,
            HostedMemory::new().map_err(|error| error.to_string())?,
        );
    }
    let range = AddressRange::from_size(FOREIGN.0, FOREIGN.1).expect("it is no whole space");
    ready(
        object,
        MockMemory::new(&[range]).map_err(|error| error.to_string())?,
    )
}

/// Ironlink over memory that was touched before.
pub(super) fn touched(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    if Machine::HOST != Some(object.machine) {
        return Err(String::from("the object is for another machine"));
    }
    ready(object, TouchedMemory::for_object(object)?)
}

fn ready<'o, M: MemoryManager + 'o>(
    object: &'o ObjectFile,
    memory: M,
) -> Result<Box<dyn Linker + 'o>, String> {
    let session = Session::for_machine(object.machine, memory);
    let rows: Vec<AbsoluteSymbol<'_>> = (object.missing.iter())
        .map(|name| AbsoluteSymbol::function(name, ELSEWHERE))
        .collect();
    let dylib = session.create_dylib("elsewhere");
    let dylib = dylib.map_err(|error| error.to_string())?;
    dylib.define(&rows).map_err(|error| error.to_string())?;
    Ok(Box::new(Ready { session, object }))
}

struct Ready<'o, M: MemoryManager> {
    session: Session<M>,
    object: &'o ObjectFile,
}

impl<M: MemoryManager> Linker for Ready<'_, M> {
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String> {
        // SAFETY: the objects that are measured have no initializers, so that nothing of them runs.
        let module = unsafe { self.session.load(&self.object.name, &self.object.bytes) };
        let module = module.map_err(|error| error.to_string())?;
        Ok(Box::new(Unloading(Some(module))))
    }
}

/// A module that is unloaded when it is dropped.
struct Unloading<'s, M: MemoryManager>(Option<Module<'s, M>>);

impl<M: MemoryManager> Drop for Unloading<'_, M> {
    fn drop(&mut self) {
        // SAFETY: nothing of the module was called or linked to.
        let unloaded = self.0.take().map(|module| unsafe { module.unload() });
        if let Some(Err(error)) = unloaded {
            panic!("{error}");
        }
    }
}
