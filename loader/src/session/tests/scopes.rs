//! Names across modules: who sees whose, and which definition counts.

use std::format;
use std::vec::Vec;

use object::write::StandardSection;

use super::{Source, data, data_source, digest, load, returns, session, unload};
use crate::base::{TargetAddr, failing_heap};
use crate::session::{AbsoluteSymbol, DylibId, LoadError};

#[test]
fn hidden_names_are_found_within_their_dylib_and_by_nobody_else() {
    let session = session();
    let hidden = data_source("secret", &[]).hidden("secret").write();
    let user = data("user", &["secret"]);
    let other = session.create_dylib("other").unwrap();
    other.set_link_order(&[DylibId::MAIN]).unwrap();
    let module = load(&session, "hidden.o", &hidden).unwrap();
    assert!(module.address("secret").is_none());
    load(&session, "user.o", &user).unwrap();
    // SAFETY: nothing of it runs.
    let error = unsafe { other.load("user.o", &user) }.unwrap_err();
    let line = format!("{error}");
    assert!(line.contains("`secret` (wanted by"), "{line}");
    assert!(line.contains("; hidden.o has it, but hidden)"), "{line}");
}

#[test]
fn a_hidden_reference_is_satisfied_by_its_own_dylib_alone() {
    let session = session();
    let other = session.create_dylib("other").unwrap();
    // SAFETY: nothing of it runs.
    unsafe { other.load("elsewhere.o", &data("shared", &[])) }.unwrap();
    let user = data_source("user", &["shared"]).hidden("shared").write();
    assert!(load(&session, "user.o", &user).is_err());
    load(&session, "own.o", &data("shared", &[])).unwrap();
    load(&session, "user.o", &user).unwrap();
}

#[test]
fn dylibs_are_searched_in_the_order_that_was_chosen() {
    let session = session();
    let [first, second] = ["first", "second"].map(|name| session.create_dylib(name).unwrap());
    for (dylib, address) in [(&first, 0x1000), (&second, 0x2000)] {
        let row = AbsoluteSymbol::function("pick", TargetAddr::new(address));
        dylib.define(&[row]).unwrap();
    }
    let main = session.main_dylib();
    assert_eq!(main.address("pick"), Some(TargetAddr::new(0x1000)));
    main.set_link_order(&[second.id(), first.id()]).unwrap();
    assert_eq!(main.address("pick"), Some(TargetAddr::new(0x2000)));
    main.set_link_order(&[]).unwrap();
    assert_eq!(main.address("pick"), None);
    assert_eq!(session.dylib("second").map(|it| it.id()), Some(second.id()));
}

#[test]
fn a_weak_definition_gives_way_to_what_is_there_already() {
    let session = session();
    let strong = Source::new().define("pick", StandardSection::Text, &returns(1), &[]);
    let strong = load(&session, "strong.o", &strong.write()).unwrap();
    let weak = Source::new()
        .define("pick", StandardSection::Text, &returns(2), &[])
        .define("table", StandardSection::Data, &[0; 8], &[(0, "pick")])
        .weak("pick");
    let weak = load(&session, "weak.o", &weak.write()).unwrap();
    assert_eq!(weak.address("pick"), None);
    assert_eq!(
        session.dependencies(weak.id()).unwrap(),
        [strong.id()],
        "its table points to the strong one"
    );
}

#[test]
fn a_second_strong_definition_names_both_objects() {
    let session = session();
    let (one, two) = (data("shared", &[]), data("other", &[]));
    let inputs = [
        crate::session::Input::new("two.o", &two),
        crate::session::Input::new("one.o", &one),
    ];
    // SAFETY: nothing of it runs.
    unsafe { session.load_all("both", &inputs) }.unwrap();
    let error = load(&session, "third.o", &data("shared", &[])).unwrap_err();
    let LoadError::Duplicate { first, second, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(
        (first.as_str(), second.as_str()),
        ("one.o (module both)", "third.o")
    );
}

#[test]
fn of_a_group_that_two_modules_have_one_is_kept() {
    let session = session();
    let group = |value: u8| {
        let mut source = Source::new();
        let section = source.object.add_section(
            Vec::new(),
            b".text.pick".to_vec(),
            object::SectionKind::Text,
        );
        let symbol = source.symbol("pick", object::write::SymbolSection::Section(section));
        source
            .object
            .add_symbol_data(symbol, section, &returns(value), 8);
        source.object.symbol_mut(symbol).weak = true;
        source.object.add_comdat(object::write::Comdat {
            kind: object::ComdatKind::Any,
            symbol,
            sections: std::vec![section],
        });
        source.define("table", StandardSection::Data, &[0; 8], &[(0, "pick")])
    };
    let first = load(&session, "first.o", &group(1).write()).unwrap();
    let second = group(2).weak("table").write();
    let second = load(&session, "second.o", &second).unwrap();
    // Nothing of the second group is loaded.
    assert_eq!(first.statistics().content_bytes, 8 + 8);
    assert_eq!(second.statistics().content_bytes, 8);
    assert_eq!(session.dependencies(second.id()).unwrap(), [first.id()]);
    // Without the first one, the second module's own is kept.
    let other = session.create_dylib("other").unwrap();
    // SAFETY: nothing of it runs.
    let alone = unsafe { other.load("alone.o", &group(3).write()) }.unwrap();
    assert_eq!(alone.statistics().content_bytes, 8 + 8);
}

#[test]
fn names_are_gone_with_their_module_and_tables_with_the_last_name() {
    let session = session();
    let before = digest(&session);
    let library = load(&session, "library.o", &data("shared", &[])).unwrap();
    assert!(session.main_dylib().address("shared").is_some());
    unload(library).unwrap();
    assert!(session.main_dylib().address("shared").is_none());
    assert!(load(&session, "user.o", &data("user", &["shared"])).is_err());
    assert_eq!(digest(&session), before);
}

#[test]
fn when_the_heap_has_room_for_no_missing_name_that_is_told_instead() {
    let session = session();
    let bytes = data("one", &["first", "second"]);
    let mut failures = 0;
    loop {
        let loaded = failing_heap::fail_after(failures, || load(&session, "one.o", &bytes));
        let line = format!("{}", loaded.unwrap_err());
        if line.contains("`first`") && line.contains("`second`") {
            break;
        }
        assert!(line.contains("heap") || line.contains("`first`"), "{line}");
        failures += 1;
    }
    assert!(failures > 10, "{failures} allocations failed");
}

#[test]
fn every_name_that_is_missing_is_told_with_who_wants_it() {
    let session = session();
    let (one, two) = (
        data("one", &["first", "two"]),
        data("two", &["second", "one"]),
    );
    let inputs = [
        crate::session::Input::new("one.o", &one),
        crate::session::Input::new("two.o", &two),
    ];
    // SAFETY: nothing of it runs.
    let error = unsafe { session.load_all("both", &inputs) }.unwrap_err();
    let line = format!("{error}");
    for part in ["first", "one.o", "second", "two.o"] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn a_hidden_name_is_defined_once_in_its_dylib() {
    let session = session();
    let hidden = || data_source("secret", &[]).hidden("secret").write();
    load(&session, "one.o", &hidden()).unwrap();
    let error = load(&session, "two.o", &hidden()).unwrap_err();
    assert!(matches!(error, LoadError::Duplicate { .. }), "{error}");
    let other = session.create_dylib("other").unwrap();
    // SAFETY: nothing of it runs.
    unsafe { other.load("two.o", &hidden()) }.unwrap();
}
