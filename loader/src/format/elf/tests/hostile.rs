//! Files that would cost far more than they are long.

use std::vec::Vec;

use object::elf;

use super::file::{
    Bytes, FIRST, Section, Symbol, global, group, loaded, local, not_loaded, object, table, words,
};
use super::{error_of, graph_of};

#[test]
fn tables_of_relocations_that_lie_over_each_other_are_damage() {
    let rows = words(&[0, 1 << 32 | 1, 0].repeat(100));
    let first = table(elf::SHT_RELA, FIRST, rows);
    let mut sections = std::vec![loaded(".text"), first];
    for place in 0..100 {
        sections.push(loaded(".text"));
        sections.push(Section {
            bytes: Bytes::Of(FIRST + 1),
            ..table(elf::SHT_RELA, FIRST + 2 + 2 * place, Vec::new())
        });
    }
    let bytes = object(&[global("inner", FIRST)], sections);
    assert!(error_of(&bytes).contains("tables of relocations overlap"));
}

#[test]
fn groups_that_lie_over_each_other_are_damage() {
    for flags in [elf::GRP_COMDAT, elf::GroupFlags(0)] {
        let first = group(1, flags, &[FIRST; 1000]);
        let mut sections = std::vec![loaded(".text"), first];
        sections.extend((0..10).map(|_| Section {
            bytes: Bytes::Of(FIRST + 1),
            ..group(1, flags, &[])
        }));
        let bytes = object(&[global("inner", FIRST)], sections);
        assert!(error_of(&bytes).contains("section groups overlap"));
    }
}

#[test]
fn names_of_symbols_that_lie_over_each_other_are_damage() {
    let mut long = std::vec![b'a'; 1000];
    long.push(0);
    let symbols: Vec<_> = (0..1000)
        .map(|start| Symbol {
            name_offset: Some(start),
            ..global("", FIRST)
        })
        .collect();
    let mut bytes = object(&symbols, std::vec![loaded("")]);
    replace_strings(&mut bytes, &long);
    // 500,500 bytes of names in 26,000 of file are more than four times as many.
    assert!(error_of(&bytes).contains("names overlap"));
}

/// It would take minutes to look for the end of each.
#[test]
fn names_of_symbols_that_stand_for_nothing_cost_nothing() {
    let mut long = std::vec![b'a'; 4_000_000];
    long.push(0);
    let symbols: Vec<_> = (0..40_000)
        .map(|number| Symbol {
            name_offset: Some(0),
            ..match number % 2 {
                0 => local("", FIRST + 1),
                _ => Symbol {
                    symbol_type: elf::STT_FILE.0,
                    ..local("", FIRST)
                },
            }
        })
        .collect();
    let mut bytes = object(&symbols, std::vec![loaded(""), not_loaded("")]);
    replace_strings(&mut bytes, &long);
    // A section's own name is as long: of that there is one.
    assert_eq!(graph_of(&bytes).symbols.len(), 0);
}

#[test]
fn names_of_sections_that_lie_over_each_other_are_damage() {
    let mut long = std::vec![b'a'; 10_000];
    long.push(0);
    let sections = (0..1000).map(|_| loaded("")).collect();
    let mut bytes = object(&[], sections);
    replace_strings(&mut bytes, &long);
    assert!(error_of(&bytes).contains("names overlap"));
}

/// Puts other strings in place of an object's own.
pub(super) fn replace_strings(file: &mut Vec<u8>, strings: &[u8]) {
    let size = file.len() as u64;
    file.extend(strings);
    let headers = u64::from_le_bytes(file[40..48].try_into().unwrap()) as usize;
    let place = words(&[size, strings.len() as u64]);
    file[headers + 128 + 24..headers + 128 + 40].copy_from_slice(&place);
}
