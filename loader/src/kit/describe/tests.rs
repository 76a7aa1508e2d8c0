//! Records as compilers leave them, and one damage of each kind.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::{Description, describe};
use crate::base::{Name, Protection, TargetAddr};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{Content, Origin, Scope};
use crate::kit::testing::{Builder, POINTER, interface_bytes, module_bytes, put};
use crate::kit::{KitError, RecordFault};

/// What is wrong with a record, and how many bytes into it.
fn fault(builder: &Builder) -> (u64, RecordFault) {
    match describe(&builder.graph).unwrap_err() {
        KitError::Record { site, fault } => (site.offset, fault),
        other => panic!("{other}"),
    }
}

fn fault_of_module(change: impl FnOnce(&mut Vec<u8>)) -> (u64, RecordFault) {
    let mut bytes = module_bytes();
    change(&mut bytes);
    let mut builder = Builder::new();
    builder.module_of(&bytes, None, None);
    fault(&builder)
}

fn fault_of_interface(
    entries: &[(&str, u64)],
    change: impl FnOnce(&mut Vec<u8>),
) -> (u64, RecordFault) {
    let mut bytes = interface_bytes(entries);
    change(&mut bytes);
    let mut builder = Builder::new();
    builder.module(None, None);
    builder.interface(&bytes);
    fault(&builder)
}

#[test]
fn a_graph_without_records_is_no_module() {
    let mut builder = Builder::new();
    builder.block(".ironlink.modules", Protection::Read, &[1; 152]);
    builder.block(".ironlink.module", Protection::Read, &[]);
    assert!(describe(&builder.graph).unwrap().is_none());
}

#[test]
fn a_module_is_described_with_its_functions() {
    let mut builder = Builder::new();
    let init = builder.function("init", Scope::Local);
    let exit = builder.function("exit", Scope::Default);
    builder.module(Some(init), Some(exit));
    let Description {
        name,
        version,
        licence,
        init: of_init,
        exit: of_exit,
        interface,
    } = describe(&builder.graph).unwrap().unwrap();
    let texts = (name.as_str(), version.as_str(), licence.as_str());
    assert_eq!(texts, ("clock", "1.2", "MIT"));
    assert_eq!(of_init.map(|init| init.symbol), Some(init));
    assert_eq!(of_exit.map(|exit| exit.symbol), Some(exit));
    assert!(interface.is_none());
}

#[test]
fn a_function_is_found_behind_the_symbol_that_the_assembler_wrote() {
    let mut builder = Builder::new();
    let block = builder.block(".text", Protection::ReadExecute, &[0x90; 32]);
    let section = builder.graph.add_anonymous(block, 0, 0).unwrap();
    let record = builder.module(None, None);
    (builder.graph)
        .insert_edge(record, 136, POINTER, section, 16)
        .unwrap();
    let description = describe(&builder.graph).unwrap().unwrap();
    builder.graph.blocks.at_mut(block).address = TargetAddr::new(0x1000);
    let address = description.init.unwrap().address(&builder.graph);
    assert_eq!(address, Some(TargetAddr::new(0x1010)));
    assert!(description.exit.is_none());
}

#[test]
fn what_a_module_was_built_against_is_listed() {
    let mut builder = Builder::new();
    builder.module(None, None);
    let longest = "n".repeat(55);
    builder.interface(&interface_bytes(&[("abort", 7), (&longest, u64::MAX)]));
    let description = describe(&builder.graph).unwrap().unwrap();
    let interface = description.interface.unwrap();
    assert_eq!(interface.name, Name::from("kernel"));
    assert_eq!(interface.hash, interface.listed_hash());
    let entries = interface.entries();
    let entries: Vec<(String, u64)> = entries
        .map(|entry| (format!("{}", entry.name), entry.version))
        .collect();
    assert_eq!(entries, [(String::from("abort"), 7), (longest, u64::MAX)]);
}

#[test]
fn a_second_record_is_refused_with_both_objects() {
    for is_interface in [false, true] {
        let mut builder = Builder::new();
        builder.module(None, None);
        builder.interface(&interface_bytes(&[("abort", 7)]));
        builder.object("b.o", Origin::Archive);
        if is_interface {
            builder.interface(&interface_bytes(&[]));
        } else {
            builder.module(None, None);
        }
        let error = format!("{}", describe(&builder.graph).unwrap_err());
        assert!(error.starts_with("b.o: .ironlink."), "{error}");
        assert!(error.contains("already at a.o: .ironlink."), "{error}");
    }
}

#[test]
fn records_that_a_linker_put_into_one_section_are_two() {
    let mut builder = Builder::new();
    builder.module_of(&[module_bytes(), module_bytes()].concat(), None, None);
    let error = describe(&builder.graph).unwrap_err();
    let KitError::Twice { first, second } = error else {
        panic!("{error}")
    };
    assert_eq!((first.offset, second.offset), (0, 152));
    let mut builder = Builder::new();
    builder.module(None, None);
    let bytes = interface_bytes(&[("abort", 7)]);
    builder.interface(&[bytes.clone(), bytes].concat());
    let error = describe(&builder.graph).unwrap_err();
    assert!(matches!(error, KitError::Twice { .. }), "{error}");
}

#[test]
fn an_interface_of_nobody_is_refused() {
    let mut builder = Builder::new();
    builder.interface(&interface_bytes(&[("abort", 7)]));
    let error = describe(&builder.graph).unwrap_err();
    assert!(matches!(error, KitError::NoModule { .. }), "{error}");
}

#[test]
fn a_record_that_is_cut_off_is_refused_at_every_length() {
    for len in 1..152 {
        let (_, fault) = fault_of_module(|bytes| bytes.truncate(len));
        assert!(matches!(fault, RecordFault::Size { .. }), "{len}: {fault}");
    }
    for len in 1..192 {
        let entries = [("a", 1), ("b", 2)];
        let (_, fault) = fault_of_interface(&entries, |bytes| bytes.truncate(len));
        assert!(matches!(fault, RecordFault::Size { .. }), "{len}: {fault}");
    }
}

#[test]
fn a_record_of_another_layout_is_refused() {
    let known = 1;
    let (_, fault) = fault_of_module(|bytes| bytes[0] = 2);
    assert_eq!(fault, RecordFault::Format { found: 2, known });
    let (_, fault) = fault_of_interface(&[], |bytes| bytes[0] = 0);
    assert_eq!(fault, RecordFault::Format { found: 0, known });
    let (offset, fault) = fault_of_module(|bytes| bytes[4] += 8);
    let (found, expected) = (160, 152);
    assert_eq!((offset, fault), (4, RecordFault::Size { found, expected }));
    let (_, fault) = fault_of_interface(&[("a", 1)], |bytes| bytes[7] = 0xff);
    assert!(
        matches!(fault, RecordFault::Size { found: 128, .. }),
        "{fault}"
    );
}

#[test]
fn texts_without_an_end_are_refused_where_they_stand() {
    for (start, end) in [(8, 72), (72, 104), (104, 136)] {
        let found = fault_of_module(|bytes| bytes[start..end].fill(b'x'));
        assert_eq!(found.0, start as u64);
        assert!(matches!(found.1, RecordFault::Unterminated { .. }));
    }
    let found = fault_of_interface(&[("a", 1)], |bytes| bytes[64..120].fill(b'x'));
    assert_eq!(found.0, 64);
    assert!(matches!(found.1, RecordFault::Unterminated { .. }));
}

#[test]
fn names_may_not_be_empty_and_other_texts_may() {
    let (field, at) = ("name", fault_of_module(|bytes| bytes[8] = 0));
    assert_eq!(at, (8, RecordFault::Empty { field }));
    let at = fault_of_interface(&[("a", 1)], |bytes| bytes[8] = 0);
    assert_eq!(at, (8, RecordFault::Empty { field }));
    let field = "entry's name";
    let at = fault_of_interface(&[("a", 1)], |bytes| bytes[64] = 0);
    assert_eq!(at, (64, RecordFault::Empty { field }));
    let mut bytes = module_bytes();
    bytes[72] = 0;
    bytes[104] = 0;
    let mut builder = Builder::new();
    builder.module_of(&bytes, None, None);
    let description = describe(&builder.graph).unwrap().unwrap();
    assert_eq!(description.version.as_str(), "");
}

#[test]
fn names_that_are_no_text_are_shown_escaped() {
    let mut bytes = module_bytes();
    put(&mut bytes, 8, b"cl\xff\x07k");
    let mut builder = Builder::new();
    builder.module_of(&bytes, None, None);
    let description = describe(&builder.graph).unwrap().unwrap();
    assert_eq!(description.name.as_str(), "cl\\xff\\u{7}k");
}

#[test]
fn numbers_in_place_of_addresses_are_refused() {
    for offset in [136, 144] {
        let at = fault_of_module(|bytes| bytes[offset + 3] = 1);
        assert_eq!(at, (offset as u64, RecordFault::MissingRelocation));
    }
}

#[test]
fn relocations_that_do_not_belong_there_are_refused() {
    let relocated = |offset, kind| {
        let mut builder = Builder::new();
        let init = builder.function("init", Scope::Default);
        let record = builder.module(Some(init), None);
        (builder.graph)
            .insert_edge(record, offset, kind, init, 0)
            .unwrap();
        fault(&builder).1
    };
    assert_eq!(relocated(8, POINTER), RecordFault::StrayRelocation);
    assert_eq!(relocated(136, POINTER), RecordFault::StrayRelocation);
    let narrow = EdgeKind::Data(DataKind::Pointer32);
    assert!(matches!(
        relocated(144, narrow),
        RecordFault::Relocation { .. }
    ));
    let mut builder = Builder::new();
    let init = builder.function("init", Scope::Default);
    builder.module(None, None);
    let interface = builder.interface(&interface_bytes(&[("a", 1)]));
    builder.point(interface, 56, init);
    assert_eq!(fault(&builder), (56, RecordFault::StrayRelocation));
}

#[test]
fn what_is_no_code_of_the_module_is_not_called() {
    let refused = |builder: &Builder| {
        let error = describe(&builder.graph).unwrap_err();
        assert!(matches!(error, KitError::NotCode { .. }), "{error}");
        format!("{error}")
    };
    let mut builder = Builder::new();
    let external = builder.external("elsewhere");
    builder.module(Some(external), None);
    let error = refused(&builder);
    assert!(
        error.contains(".ironlink.module+0x88: `elsewhere`"),
        "{error}"
    );
    let mut builder = Builder::new();
    let data = builder.block(".data", Protection::ReadWrite, &[0; 8]);
    let data = builder.graph.add_anonymous(data, 0, 8).unwrap();
    builder.module(None, Some(data));
    refused(&builder);
    let mut builder = Builder::new();
    let function = builder.function("init", Scope::Default);
    let record = builder.module(None, None);
    (builder.graph)
        .insert_edge(record, 136, POINTER, function, 8)
        .unwrap();
    refused(&builder);
}

#[test]
fn entries_out_of_order_are_refused() {
    for entries in [[("b", 1), ("a", 2)], [("a", 1), ("a", 1)]] {
        assert_eq!(
            fault_of_interface(&entries, |_| ()),
            (128, RecordFault::Order)
        );
    }
}

#[test]
fn a_record_that_no_file_holds_is_refused() {
    let mut builder = Builder::new();
    let record = builder.module(None, None);
    let zeros = Content::ZeroFill(152);
    builder.graph.set_content(record, zeros).unwrap();
    assert_eq!(fault(&builder), (0, RecordFault::NoBytes));
}

#[test]
fn no_changed_byte_makes_it_panic() {
    let whole = (
        module_bytes(),
        interface_bytes(&[("abort", 7), ("exit", 8)]),
    );
    let len = whole.0.len() + whole.1.len();
    for (place, value) in (0..len).flat_map(|place| [0, 1, 0x7f, 0xff].map(|value| (place, value)))
    {
        let (mut module, mut interface) = whole.clone();
        match place.checked_sub(module.len()) {
            None => module[place] = value,
            Some(place) => interface[place] = value,
        }
        let mut builder = Builder::new();
        let init = builder.function("init", Scope::Local);
        builder.module_of(&module, Some(init), None);
        builder.interface(&interface);
        match describe(&builder.graph) {
            Ok(description) => {
                let interface = description.unwrap().interface.unwrap();
                assert_eq!(interface.entries().count(), 2);
                interface.listed_hash();
            }
            Err(error) => assert!(!format!("{error}").is_empty()),
        }
    }
}
