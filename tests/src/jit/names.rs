//! Who sees the names of what was made at run time.

use ironlink::jit::{JitBuilder, Linkage};
use ironlink::memory::MemoryManager;
use ironlink::session::Dylib;

use super::{Place, Unary, build, code, define, export, fine, free};

/// A name is for its module alone, for the modules of its dylib, or for those of others, too: be they made at run time, or
/// objects that are loaded.
pub fn a_name_is_seen_as_far_as_its_linkage_says<M: MemoryManager>(place: Place<'_, M>) {
    let other = place.session.create_dylib("other");
    let other = other.unwrap_or_else(|error| panic!("{error}"));
    let order = other.set_link_order(&[place.session.main_dylib().id()]);
    order.unwrap_or_else(|error| panic!("{error}"));
    let linkages = [
        (Linkage::Local, false, false),
        (Linkage::Hidden, true, false),
        (Linkage::Preemptible, true, true),
        (Linkage::Export, true, true),
    ];
    for has_hot_swap in [false, true] {
        for (linkage, is_seen_here, is_seen_there) in linkages {
            let mut module = place.module(has_hot_swap);
            let function = fine(module.declare_function("jit_function", linkage));
            define(&mut module, function, code::adds(5));
            fine(module.finalize_definitions());
            for (dylib, is_seen) in [("main", is_seen_here), ("other", is_seen_there)] {
                let sees = [
                    definitions_see(&place, dylib),
                    an_object_sees(&place, dylib),
                ];
                assert_eq!(sees, [is_seen; 2], "{linkage}, in {dylib}");
            }
            free(module);
        }
    }
}

fn found<'p, M: MemoryManager>(place: &Place<'p, M>, dylib: &str) -> Dylib<'p, M> {
    let found = place.session.dylib(dylib);
    found.unwrap_or_else(|| panic!("there is no dylib `{dylib}`"))
}

/// Whether definitions of a dylib are linked to `jit_function`.
fn definitions_see<M: MemoryManager>(place: &Place<'_, M>, dylib: &str) -> bool {
    let builder = JitBuilder::in_dylib(place.session, found(place, dylib), "user");
    let mut module = build(builder.unwrap_or_else(|error| panic!("{error}")));
    let callee = fine(module.declare_function("jit_function", Linkage::Import));
    let caller = export(&mut module, "user", code::passes_on(callee));
    let linked = module.finalize_definitions();
    if linked.is_ok() {
        let caller = fine(module.function::<Unary>(caller));
        // SAFETY: it takes an integer.
        assert_eq!(unsafe { caller(10) }, 15);
    }
    free(module);
    linked.is_ok()
}

/// Whether an object that is loaded into a dylib is.
fn an_object_sees<M: MemoryManager>(place: &Place<'_, M>, dylib: &str) -> bool {
    // SAFETY: the object is part of this project.
    let Ok(object) = (unsafe { found(place, dylib).load_all("peer", &[place.peer]) }) else {
        return false;
    };
    let peer = object.function::<Unary>("peer");
    let peer = peer.unwrap_or_else(|error| panic!("{error}"));
    // SAFETY: it takes an integer.
    assert_eq!(unsafe { peer(10) }, 16);
    // SAFETY: no call of it is on its way.
    let unloaded = unsafe { object.unload() };
    unloaded.unwrap_or_else(|error| panic!("{error}"));
    true
}
