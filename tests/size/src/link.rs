//! The program that links one object, without a session, and calls its `main`: the smallest way to use Ironlink.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod bare {
    use ironlink::base::{Machine, Name, TargetAddr};
    use ironlink::format::{self, ReadOptions};
    use ironlink::graph::{LinkGraph, Object};
    use ironlink::link::{self, Reference};
    use ironlink::pass::{Pipeline, Purpose};
    use ironlink::session::FunctionPointer;
    use ironlink_size::Given;

    ironlink_size::entry!(main);

    fn main(given: &'static Given) -> Option<i32> {
        let space = given.space()?;
        let mut graph = LinkGraph::new(Machine::HOST?);
        let object = Object::new("object");
        format::read_object(&mut graph, object, given.object(), ReadOptions::default()).ok()?;
        let mut passes = Pipeline::standard(Purpose::Run).ok()?;
        // Nothing is defined outside of the object.
        let mut outside = |_: Reference<'_>| None;
        let linked = link::link(&mut graph, &space, &mut passes, &mut outside).ok()?;
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
}

#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("This is a program for a bare machine; `cargo xtask size` measures it.");
}
