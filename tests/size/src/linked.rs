//! What the programs do that link without a session.
//!
//! How they link is told as a function, so that what the other way takes isn't in the program.

use ironlink::base::{Machine, Name, TargetAddr};
use ironlink::format::{self, ReadOptions};
use ironlink::graph::{LinkGraph, Object};
use ironlink::link::{Environment, LinkError, Linked, Reference};
use ironlink::memory::MemoryManager;
use ironlink::pass::Pipeline;
use ironlink::session::FunctionPointer;

use crate::{Given, Space};

/// What links: [`link`](ironlink::link::link), or what does so with less code.
pub type Link = fn(
    &mut LinkGraph<'_>,
    &Space,
    &mut Pipeline<'_>,
    &mut dyn Environment,
) -> Result<Linked<<Space as MemoryManager>::Finalized>, LinkError>;

/// Links the object that is given, and calls its `main`.
#[inline]
pub fn run(given: &'static Given, mut passes: Pipeline<'_>, link: Link) -> Option<i32> {
    let space = given.space()?;
    let mut graph = LinkGraph::new(Machine::HOST?);
    let object = Object::new("object");
    format::read_object(&mut graph, object, given.object(), ReadOptions::default()).ok()?;
    // Nothing is defined outside of the object.
    let mut outside = |_: Reference<'_>| None;
    let linked = link(&mut graph, &space, &mut passes, &mut outside).ok()?;
    let name = Name::from("main");
    let (main, _) = graph.defined().find(|(_, symbol)| symbol.name == name)?;
    let main = graph.address(main)?;
    for initializer in &linked.routines.initializers {
        // SAFETY: the object is trusted as this program's own code is.
        unsafe { function::<unsafe extern "C" fn()>(initializer.address)() };
    }
    // SAFETY: likewise; `main` has this signature.
    Some(unsafe { function::<unsafe extern "C" fn() -> i32>(main)() })
}

/// The function at an address of linked code.
fn function<F: FunctionPointer>(address: TargetAddr) -> F {
    let address = usize::try_from(address.value()).unwrap_or_default();
    // SAFETY: no code is linked to address zero.
    unsafe { F::from_address(address) }
}
