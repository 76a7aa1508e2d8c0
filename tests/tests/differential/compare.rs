//! Two links of the same objects at the same addresses, byte by byte.

use crate::aarch64;
use crate::elf::{File, Machine, Relocation};
use crate::formula::Fault;
use crate::linked::Linked;
use crate::verify::Mismatch;
use crate::x86_64;
use std::collections::HashMap;

/// How far around the field of a relocation an instruction may have been rewritten.
const INSTRUCTION: u64 = 4;

/// What was compared.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Comparison {
    pub(crate) bytes: usize,
    /// Bytes that differ in fields where linkers have a choice: which entry of a table, a stub or not.
    pub(crate) chosen: usize,
}

/// Compares the sections that both have; the mismatches are bytes that differ where no linker has a choice.
pub(crate) fn compare(
    objects: &[File],
    ours: &Linked,
    theirs: &Linked,
) -> (Comparison, Vec<Mismatch>) {
    let mut comparison = Comparison::default();
    let mut mismatches = Vec::new();
    for (object, file) in objects.iter().enumerate() {
        for (index, section) in file.sections.iter().enumerate() {
            let place = (object, index);
            let (Some(ours), Some(theirs)) =
                (ours.whole(place, section), theirs.whole(place, section))
            else {
                continue;
            };
            comparison.bytes += ours.len();
            let differing = ours.iter().zip(theirs).enumerate();
            let differing = differing.filter(|(_, (ours, theirs))| ours != theirs);
            let mut choices = Choices::of(file.machine, &section.relocations);
            for (offset, (our, their)) in differing {
                if choices.cover(offset as u64) {
                    comparison.chosen += 1;
                    continue;
                }
                mismatches.push(Mismatch {
                    object: file.name.clone(),
                    place: Some((section.name.clone(), offset as u64)),
                    relocation: None,
                    fault: Fault {
                        expected: format!("{their:#04x}, as ld.lld has it"),
                        got: format!("{our:#04x}"),
                    },
                });
                // What follows differs for the same reason.
                break;
            }
        }
    }
    (comparison, mismatches)
}

/// Where in a section linkers have a choice.
struct Choices {
    /// The relocations that leave one, by their places divided by the reach of an instruction.
    places: HashMap<u64, Vec<u64>>,
}

impl Choices {
    fn of(machine: Machine, relocations: &[Relocation]) -> Self {
        let leaves_choice = match machine {
            Machine::X86_64 => x86_64::leaves_choice,
            Machine::Aarch64 => aarch64::leaves_choice,
        };
        let mut places: HashMap<u64, Vec<u64>> = HashMap::new();
        for relocation in relocations {
            if leaves_choice(relocation.number) {
                let place = places.entry(relocation.offset / INSTRUCTION).or_default();
                place.push(relocation.offset);
            }
        }
        Self { places }
    }

    /// Whether the byte belongs to an instruction, or to a word, that one of them is about.
    fn cover(&mut self, offset: u64) -> bool {
        let near = offset / INSTRUCTION;
        let near = (near.saturating_sub(2)..=near + 1).filter_map(|place| self.places.get(&place));
        near.flatten().any(|&place| {
            (place.saturating_sub(INSTRUCTION)..place + 2 * INSTRUCTION).contains(&offset)
        })
    }
}
