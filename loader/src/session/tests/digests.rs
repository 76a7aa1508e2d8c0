//! What changes a session's digest, and what gives the same again.

use object::write::StandardSection;

use super::{Source, data, load, session, unload};
use crate::base::TargetAddr;
use crate::graph::Linkage;
use crate::session::AbsoluteSymbol;

#[test]
fn the_digest_is_the_same_after_an_unload_whatever_was_loaded_meanwhile() {
    let session = session();
    let base = load(&session, "base.o", &data("base", &[])).unwrap();
    let before = session.digest();
    for name in ["one.o", "two.o"] {
        let module = load(&session, name, &data("user", &["base"])).unwrap();
        assert_ne!(session.digest(), before);
        unload(module).unwrap();
        assert_eq!(session.digest(), before);
    }
    unload(base).unwrap();
    assert_eq!(session.digest(), super::session().digest());
}

#[test]
fn handles_owners_and_dependencies_are_part_of_the_digest() {
    let session = session();
    let module = load(&session, "base.o", &data("base", &[])).unwrap();
    let before = session.digest();
    let other = module.clone();
    assert_ne!(session.digest(), before);
    drop(other);
    assert_eq!(session.digest(), before);
    let tracker = session.create_tracker();
    session.default_tracker().transfer_to(tracker.id()).unwrap();
    assert_ne!(session.digest(), before);

    let digest_with = |pointer: &str| {
        let session = super::session();
        let _base = load(&session, "base.o", &data("base", &[])).unwrap();
        let _user = load(&session, "user.o", &data("user", &[pointer])).unwrap();
        session.digest()
    };
    assert_ne!(digest_with("base"), digest_with("exported"));
    assert_eq!(digest_with("base"), digest_with("base"));
}

#[test]
fn each_fact_of_a_definition_is_part_of_the_digest() {
    let digest_with = |symbol: AbsoluteSymbol<'_>| {
        let session = session();
        session.main_dylib().define(&[symbol]).unwrap();
        session.digest()
    };
    let symbol = AbsoluteSymbol::function("name", TargetAddr::new(0x1000));
    let address = TargetAddr::new(0x2000);
    let different = [
        AbsoluteSymbol {
            name: "other",
            ..symbol
        },
        AbsoluteSymbol { address, ..symbol },
        AbsoluteSymbol {
            linkage: Linkage::Weak,
            ..symbol
        },
        AbsoluteSymbol {
            is_protected: true,
            ..symbol
        },
        AbsoluteSymbol::data("name", symbol.address, 0),
    ];
    for other in different {
        assert_ne!(digest_with(other), digest_with(symbol), "{other:?}");
    }
    let in_object = |source: Source| {
        let session = session();
        let _module = load(&session, "a.o", &source.write()).unwrap();
        session.digest()
    };
    let source = || Source::new().define("a", StandardSection::Data, &[0; 8], &[]);
    assert_ne!(in_object(source()), in_object(source().hidden("a")));
    assert_ne!(in_object(source()), in_object(source().weak("a")));
}

#[test]
fn the_order_of_definitions_is_no_part_of_the_digest_but_that_of_dylibs_is() {
    let digest_of = |names: [&str; 2]| {
        let session = session();
        for name in names {
            let symbol = AbsoluteSymbol::function(name, TargetAddr::new(0x1000));
            session.main_dylib().define(&[symbol]).unwrap();
        }
        session.digest()
    };
    assert_eq!(digest_of(["a", "b"]), digest_of(["b", "a"]));
    let with_dylibs = |names: [&str; 2]| {
        let session = session();
        for name in names {
            session.create_dylib(name).unwrap();
        }
        session.digest()
    };
    assert_ne!(with_dylibs(["a", "b"]), with_dylibs(["b", "a"]));
}
