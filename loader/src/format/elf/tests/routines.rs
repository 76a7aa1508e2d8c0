//! Sections of initializers and finalizers, of this age and the one before.

use std::vec::Vec;

use object::elf;

use super::file::{loaded, object};
use super::{error_of, graph_of, section};
use crate::base::Protection;
use crate::graph::SectionRole::{self, Finalizers, Initializers};
use crate::graph::{Priority, RoutineOrder};
use crate::memory::Lifetime;

#[test]
fn arrays_of_routines_are_known_by_their_names() {
    let order = RoutineOrder::new;
    let reversed = |priority| RoutineOrder {
        is_reversed: true,
        ..order(priority)
    };
    let expected = [
        (".preinit_array", Initializers(order(Priority::First))),
        (".init_array", Initializers(order(Priority::Last))),
        (".init_array.7", Initializers(order(Priority::numbered(7)))),
        (".ctors", Initializers(reversed(Priority::Last))),
        (
            ".ctors.65434",
            Initializers(reversed(Priority::numbered(101))),
        ),
        (".fini_array", Finalizers(order(Priority::Last))),
        (".fini_array.007", Finalizers(order(Priority::numbered(7)))),
        (".dtors", Finalizers(reversed(Priority::Last))),
        (
            ".dtors.00000",
            Finalizers(reversed(Priority::numbered(65535))),
        ),
        (".ctorsx", SectionRole::Ordinary),
        (".init_arrays", SectionRole::Ordinary),
    ];
    for flag in [0, elf::SHF_EXECINSTR.0] {
        let mut sections = expected.map(|(name, _)| loaded(name));
        sections
            .iter_mut()
            .for_each(|section| section.flags |= flag);
        let bytes = object(&[], sections.into());
        let graph = graph_of(&bytes);
        for (name, role) in expected {
            assert_eq!(section(&graph, name).0.role, role, "{name}");
        }
    }
}

#[test]
fn arrays_of_routines_are_known_by_their_types_whatever_they_are_called() {
    let types = [
        (
            elf::SHT_PREINIT_ARRAY,
            Initializers(RoutineOrder::new(Priority::First)),
        ),
        (
            elf::SHT_INIT_ARRAY,
            Initializers(RoutineOrder::new(Priority::Last)),
        ),
        (
            elf::SHT_FINI_ARRAY,
            Finalizers(RoutineOrder::new(Priority::Last)),
        ),
    ];
    for (section_type, role) in types {
        let mut array = loaded("array");
        array.section_type = section_type;
        array.flags |= elf::SHF_WRITE.0;
        let bytes = object(&[], std::vec![array]);
        let graph = graph_of(&bytes);
        let (section, _) = section(&graph, "array");
        assert_eq!(section.role, role);
        // Only relocations write it.
        assert_eq!(section.protection, Protection::Read);
    }
}

#[test]
fn what_follows_the_name_of_an_array_is_a_number_of_sixteen_bits() {
    for name in [
        ".init_array.",
        ".ctors.65536",
        ".fini_array.1.2",
        ".dtors.x",
    ] {
        let line = error_of(&object(&[], std::vec![loaded(name)]));
        assert!(line.contains("is no number below 65536"), "{line}");
        assert!(line.contains(name), "{line}");
    }
}

#[test]
fn sections_for_initializers_alone_are_known_by_their_names() {
    let mut storage = loaded(".init.data.tls");
    storage.flags |= elf::SHF_TLS.0;
    let names = [
        (".init.text", Lifetime::Finalize),
        (".init.text.begin", Lifetime::Finalize),
        (".init.data", Lifetime::Finalize),
        (".init.rodata.str1.1", Lifetime::Finalize),
        (".init.texture", Lifetime::Standard),
        (".init", Lifetime::Standard),
        (".init_array", Lifetime::Standard),
    ];
    let mut sections: Vec<_> = names.map(|(name, _)| loaded(name)).into();
    sections.push(storage);
    let bytes = object(&[], sections);
    let graph = graph_of(&bytes);
    for (name, lifetime) in names {
        assert_eq!(section(&graph, name).0.lifetime, lifetime, "{name}");
    }
    let (storage, _) = section(&graph, ".init.data.tls");
    assert_eq!(storage.lifetime, Lifetime::Standard);
}
