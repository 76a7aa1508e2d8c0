//! What passes from dylib to dylib: shared modules, re-exports, aliases, groups and common memory.

use std::string::ToString;
use std::vec::Vec;

use object::write::{Comdat, StandardSection, SymbolSection};

use super::generators::{archive, points_to};
use super::{Source, data, data_source, digest, load, returns, session};
use crate::memory::mock::MockMemory;
use crate::session::{Aliases, ArchiveGenerator, Input, ReExports, Session};

/// A dylib gives `two`, whose object misses `one`, which another dylib gives.
fn two_libraries(session: &Session<MockMemory>) {
    let [first, second] = ["first", "second"].map(|name| session.create_dylib(name).unwrap());
    second.set_link_order(&[first.id()]).unwrap();
    for (dylib, file, name, others) in [
        (&first, "first.a", "one", &[][..]),
        (&second, "second.a", "two", &["one"]),
    ] {
        let bytes = archive(&[("m.o", data(name, others))]);
        let archive = ArchiveGenerator::owned(file, bytes).unwrap();
        dylib.add_generator(archive).unwrap();
    }
}

#[test]
fn users_of_users_go_along_whichever_load_began_first() {
    let session = session();
    two_libraries(&session);
    let before = digest(&session);
    drop(load(&session, "user.o", &data("user", &["two"])).unwrap());
    let bottom = session.module_named("first.a(m.o)").unwrap();
    // SAFETY: nothing runs a mock's code.
    unsafe { bottom.unload_with_users() }.unwrap();
    assert_eq!(digest(&session), before);
}

#[test]
fn what_was_loaded_for_what_was_loaded_goes_with_a_load_that_fails() {
    let session = session();
    two_libraries(&session);
    let before = digest(&session);
    assert!(load(&session, "user.o", &data("user", &["two", "nowhere"])).is_err());
    assert_eq!(digest(&session), before);
    assert!(session.modules().unwrap().is_empty());
}

#[test]
fn re_exports_give_what_a_dylib_exports_and_nothing_else() {
    let session = session();
    let [base, other] = ["base", "other"].map(|name| session.create_dylib(name).unwrap());
    let hidden = data_source("secret", &[]).hidden("secret").write();
    for (dylib, bytes) in [
        (&base, data("inner", &[])),
        (&other, hidden),
        (&other, data("open", &[])),
    ] {
        // SAFETY: nothing of it runs.
        drop(unsafe { dylib.load("m.o", &bytes) }.unwrap());
    }
    let main = session.main_dylib();
    main.set_link_order(&[]).unwrap();
    main.add_generator(ReExports::all(other.id())).unwrap();
    for name in ["secret", "inner"] {
        assert!(
            load(&session, "user.o", &data("user", &[name])).is_err(),
            "{name}"
        );
    }
    load(&session, "user.o", &data("user", &["open"])).unwrap();
}

#[test]
fn an_alias_stands_for_the_same_as_the_name_itself_also_within_one_load() {
    let session = session();
    let main = session.main_dylib();
    let bytes = archive(&[("a.o", data("first", &[]))]);
    main.add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
        .unwrap();
    main.add_generator(
        Aliases::new(&[("alias", "first"), ("me", "user"), ("far", "alias")]).unwrap(),
    )
    .unwrap();
    for (name, target) in [("alias", "first"), ("far", "first"), ("me", "user")] {
        let module = load(&session, "user.o", &data("user", &[name])).unwrap();
        let target = module.address(target).unwrap();
        assert_eq!(points_to(&session, &module), target, "{name}");
        super::unload(module).unwrap();
    }
}

/// An object with `pick` in a group of that name.
fn with_group(value: u8) -> Source {
    let mut source = Source::new();
    let kind = object::SectionKind::Text;
    let section = source
        .object
        .add_section(Vec::new(), b".text.pick".to_vec(), kind);
    let symbol = source.symbol("pick", SymbolSection::Section(section));
    source
        .object
        .add_symbol_data(symbol, section, &returns(value), 8);
    source.object.symbol_mut(symbol).weak = true;
    source.object.add_comdat(Comdat {
        kind: object::ComdatKind::Any,
        symbol,
        sections: std::vec![section],
    });
    source
}

#[test]
fn a_group_of_which_nothing_was_linked_is_not_kept() {
    let session = session();
    let member = with_group(1).define("used", StandardSection::Data, &[0; 8], &[]);
    let library = archive(&[("m.o", member.write())]);
    let user = data("user", &["used"]);
    let inputs = [Input::new("user.o", &user), Input::new("lib.a", &library)];
    // SAFETY: nothing of it runs.
    unsafe { session.load_all("first", &inputs) }.unwrap();
    let second = with_group(2).define("table", StandardSection::Data, &[0; 8], &[(0, "pick")]);
    let second = load(&session, "second.o", &second.write()).unwrap();
    assert!(second.address("pick").is_some());
}

/// An object with so many bytes of common memory, and a pointer to them.
fn with_common(name: &str, size_bytes: u64) -> Vec<u8> {
    let mut source = data_source(name, &["common"]);
    let symbol = source.find("common").unwrap();
    let symbol = source.object.symbol_mut(symbol);
    symbol.section = SymbolSection::Common;
    symbol.kind = object::SymbolKind::Data;
    (symbol.value, symbol.size) = (8, size_bytes);
    source.write()
}

#[test]
fn common_memory_is_shared_by_later_modules_that_need_no_more_of_it() {
    let session = session();
    let first = load(&session, "first.o", &with_common("first", 16)).unwrap();
    let second = load(&session, "second.o", &with_common("second", 8)).unwrap();
    assert_eq!(
        points_to(&session, &first),
        points_to(&session, &second),
        "both point to the same memory"
    );
    let error = load(&session, "third.o", &with_common("third", 32)).unwrap_err();
    assert!(error.to_string().contains("common"), "{error}");
    // A definition is found by those that come after it.
    load(&session, "defines.o", &data("common", &[])).unwrap();
}
