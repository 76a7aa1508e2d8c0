//! Modules that gain and lose names and memory after their load, and modules that no file holds.

use std::string::ToString;

use super::{data, digest, exported, load, session, unload};
use crate::base::{AddressRange, Alignment, Protection, TargetAddr};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{GraphError, LinkGraph, Linkage, ObjectId, Scope, Section, SymbolKind};
use crate::session::{AbsoluteSymbol, GraphSource, Input};

#[test]
fn a_name_that_a_module_gains_is_found_and_holds_the_module() {
    let session = session();
    let before = digest(&session);
    let module = load(&session, "a.o", &data("one", &[])).unwrap();
    let address = module.address("one").unwrap();
    let row = AbsoluteSymbol::data("again", address, 8);
    module.define(&[row], Scope::Default).unwrap();
    let user = load(&session, "b.o", &data("user", &["again"])).unwrap();
    let error = unload(module).unwrap_err().to_string();
    assert!(error.contains("b.o"), "{error}");
    unload(user).unwrap();
    unload(session.module_named("a.o").unwrap()).unwrap();
    assert_eq!(digest(&session), before);
}

#[test]
fn a_name_that_is_withdrawn_is_found_no_more_and_may_be_given_again() {
    let session = session();
    let module = load(&session, "a.o", &data("one", &[])).unwrap();
    assert!(module.withdraw("one"));
    assert!(!module.withdraw("one"));
    assert!(load(&session, "b.o", &data("user", &["one"])).is_err());
    let row = AbsoluteSymbol::data("one", TargetAddr::new(0x5000), 8);
    module.define(&[row], Scope::Default).unwrap();
    assert_eq!(session.main_dylib().address("one"), Some(row.address));
    assert!(load(&session, "b.o", &data("user", &["one"])).is_ok());
}

#[test]
fn of_names_that_clash_none_is_gained() {
    let session = session();
    let module = load(&session, "a.o", &data("one", &[])).unwrap();
    drop(load(&session, "b.o", &data("two", &[])).unwrap());
    let before = digest(&session);
    for clashing in ["two", "one", ""] {
        let rows = ["fine", clashing].map(|name| AbsoluteSymbol::data(name, TargetAddr::ZERO, 1));
        assert!(module.define(&rows, Scope::Default).is_err(), "{clashing}");
        assert_eq!(digest(&session), before);
    }
    let kernel = session.dylib("kernel").unwrap();
    let protected = AbsoluteSymbol {
        name: "protected",
        is_protected: true,
        ..exported()
    };
    kernel.define(&[protected]).unwrap();
    let row = AbsoluteSymbol::data("protected", TargetAddr::ZERO, 1);
    assert!(module.define(&[row], Scope::Default).is_err());
}

#[test]
fn a_hidden_name_is_gained_for_its_dylib_alone() {
    let session = session();
    let dylib = session.create_dylib("library").unwrap();
    // SAFETY: nothing of it runs.
    let module = unsafe { dylib.load("a.o", &data("one", &[])) }.unwrap();
    let row = AbsoluteSymbol::data("own", TargetAddr::new(0x5000), 8);
    module.define(&[row], Scope::Hidden).unwrap();
    assert!(load(&session, "b.o", &data("user", &["own"])).is_err());
    // SAFETY: as above.
    assert!(unsafe { dylib.load("c.o", &data("user", &["own"])) }.is_ok());
}

#[test]
fn pages_that_a_module_loses_are_given_back_before_the_module_goes() {
    let session = session();
    let before = digest(&session);
    let module = load(&session, "a.o", &data("one", &[])).unwrap();
    // SAFETY: nothing of it is used.
    unsafe { module.release_pages(AddressRange::ALL) };
    unload(module).unwrap();
    assert_eq!(digest(&session), before);
}

/// A word that points to `exported`.
#[derive(Debug)]
struct Built;

impl GraphSource for Built {
    fn add_to<'a>(&'a self, graph: &mut LinkGraph<'a>, object: ObjectId) -> Result<(), GraphError> {
        let section = graph
            .add_section(Section::new(".data", object, Protection::ReadWrite))
            .map_err(GraphError::Heap)?;
        let block = graph
            .add_content_block(section, &[0; 8], Alignment::EIGHT)
            .map_err(GraphError::Heap)?;
        graph.add_defined("built", block, 0, 8, SymbolKind::Data)?;
        let name = "exported".into();
        let target = graph
            .add_external(name, Linkage::Strong, Scope::Default, object)
            .map_err(GraphError::Heap)?;
        let kind = EdgeKind::Data(DataKind::Pointer64);
        graph
            .insert_edge(block, 0, kind, target, 0)
            .map_err(GraphError::Heap)
    }
}

#[test]
fn what_builds_its_share_of_a_graph_is_linked_with_objects() {
    let session = session();
    let before = digest(&session);
    let object = data("read", &["built"]);
    let inputs = [Input::built("built", &Built), Input::new("read.o", &object)];
    // SAFETY: nothing of it runs.
    let module = unsafe { session.load_all("both", &inputs) }.unwrap();
    assert!(module.address("built").is_some());
    assert_eq!(module.statistics().fixups, 2);
    unload(module).unwrap();
    assert_eq!(digest(&session), before);
}
