//! What a linker says of its own tables, and where it puts things: each entry is for a symbol of the name that it is told
//! under, nothing lies where something else does, and who wanted memory has got it.

use crate::elf::{File, Place};
use crate::formula::{self, Fault};
use crate::linked::{Label, Lead, Linked, Purpose, Says};
use crate::names::{Names, Nature, Target};
use std::collections::{HashMap, HashSet};

/// What is wrong with the labels of entries and stubs.
pub(crate) fn faults(objects: &[File], names: &Names<'_>, linked: &Linked) -> Vec<Fault> {
    let told: HashSet<&str> = linked
        .labels
        .iter()
        .map(|label| label.name.as_str())
        .collect();
    if told.is_empty() {
        return Vec::new();
    }
    let mut targets: HashMap<String, Vec<Target>> = HashMap::new();
    for (object, file) in objects.iter().enumerate() {
        for symbol in 0..file.symbols.len() {
            let target = names.target(object, symbol);
            if told.contains(target.name.as_str()) {
                targets.entry(target.name.clone()).or_default().push(target);
            }
        }
    }
    let is_wrong = |label: &&Label| {
        let targets = targets.get(&label.name);
        let mut targets = targets.into_iter().flatten();
        !targets.any(|target| is_for(linked, label.says, target))
    };
    let wrong = linked.labels.iter().filter(is_wrong);
    wrong
        .map(|label| {
            let expected = format!(
                "what is told as `{}` at {:#x} to be so",
                label.name, label.at
            );
            Fault::new(expected, format!("{:x?}", label.says))
        })
        .collect()
}

fn is_for(linked: &Linked, says: Says, target: &Target) -> bool {
    let offsets = |origin: Option<u64>| formula::offsets(target, origin).unwrap_or_default();
    let storage = linked.thread_storage;
    match says {
        Says::Slot(Purpose::Address(address)) | Says::Stub(Lead::To(address)) => {
            formula::addresses(linked, target).contains(&address)
        }
        Says::Slot(Purpose::Indirect(resolver)) | Says::Stub(Lead::Indirect(resolver)) => {
            target.nature == Nature::Indirect && target.address == resolver
        }
        Says::Slot(Purpose::ThreadPair(offset)) => {
            offsets(storage.map(|storage| storage.start)).contains(&offset)
        }
        Says::Slot(Purpose::ThreadOffset(offset) | Purpose::ThreadDescriptor(offset)) => {
            offsets(storage.map(|storage| storage.pointer)).contains(&offset)
        }
        Says::Slot(Purpose::ThreadModule) => true,
    }
}

/// Common symbols that have not got what some object wants.
pub(crate) fn commons(objects: &[File], names: &Names<'_>, linked: &Linked) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (object, file) in objects.iter().enumerate() {
        for (symbol, facts) in file.symbols.iter().enumerate() {
            if facts.place != Place::Common || !names.is_common(&facts.name) {
                continue;
            }
            let address = names.target(object, symbol).address;
            let bytes = linked.bytes(address, facts.size);
            let is_zero = bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
            if !is_zero || !address.is_multiple_of(facts.value.max(1)) {
                let (name, size, alignment) = (&facts.name, facts.size, facts.value);
                let expected = format!("{name}: {size:#x} zeros, aligned to {alignment:#x}");
                faults.push(Fault::new(expected, format!("what is at {address:#x}")));
            }
        }
    }
    faults
}

/// Sections of which one lies where another does.
pub(crate) fn overlaps(objects: &[File], linked: &Linked) -> Vec<Fault> {
    let mut pieces = Vec::new();
    for (&(object, section), places) in &linked.sections {
        let facts = &objects[object].sections[section];
        // Zeros of threads' own are nowhere before there is a thread.
        let is_nowhere = facts.is_thread_local() && facts.is_zero_fill();
        if facts.is_allocated() && !is_nowhere {
            let places = places.iter().filter(|piece| piece.size > 0);
            pieces.extend(places.map(|piece| (piece.address, piece.size, object, section)));
        }
    }
    pieces.sort_unstable();
    let overlapping = pieces
        .windows(2)
        .filter(|two| two[0].0 + two[0].1 > two[1].0);
    let name = |&(_, _, object, section): &(u64, u64, usize, usize)| {
        let object: &File = &objects[object];
        format!("{} of {}", object.sections[section].name, object.name)
    };
    overlapping
        .map(|two| {
            let expected = format!("{} at {:#x} alone there", name(&two[0]), two[0].0);
            Fault::new(expected, format!("{} at {:#x}", name(&two[1]), two[1].0))
        })
        .collect()
}
