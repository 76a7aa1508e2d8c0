//! Routines: the functions that run at a module's beginning and end, in the order in which they run.
//!
//! Their addresses stand in arrays such as `.init_array` and `.fini_array`. Source: gABI, "Initialization and Termination
//! Functions"; priorities, and how older arrays are merged into these, are conventions of GNU and LLVM toolchains.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, TargetAddr, fallible, int, sort};
use crate::graph::{BlockId, LinkGraph, Priority, RoutineOrder, SectionId, SectionRole};

/// A function that takes and returns nothing, and is called once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Routine {
    /// When it runs: initializers run in ascending order, finalizers in descending order. If an initializer fails, the
    /// finalizers of lower priorities are those whose counterparts have run.
    pub priority: Priority,
    /// Where it starts.
    pub address: TargetAddr,
}

/// What runs at a module's beginning and end.
#[derive(Clone, Default, Debug)]
pub struct Routines {
    /// What runs before anything else of the module does, in this order.
    pub initializers: Vec<Routine>,
    /// What runs when the module goes, in this order.
    pub finalizers: Vec<Routine>,
}

/// All initializers and finalizers, once addresses are chosen: initializers of a lower priority first, those alike in the
/// order of their objects; finalizers the other way round. Words of zero and of all ones are left out: the one is what a weak
/// reference to nothing leaves, and both mark ends of older arrays.
///
/// # Errors
/// The heap has no room.
pub fn routines(graph: &LinkGraph<'_>) -> Result<Routines, OutOfMemory> {
    let has_routines = |role| {
        matches!(
            role,
            SectionRole::Initializers(_) | SectionRole::Finalizers(_)
        )
    };
    if !graph.has_section(|section| has_routines(section.role)) {
        return Ok(Routines::default());
    }
    let (mut initializers, mut finalizers) = (Array::default(), Array::default());
    for (id, block) in graph.blocks() {
        if !block.is_live {
            continue;
        }
        match graph.sections.at(block.section).role {
            SectionRole::Initializers(order) => initializers.add(graph, id, order)?,
            SectionRole::Finalizers(order) => finalizers.add(graph, id, order)?,
            _ => {}
        }
    }
    let initializers = initializers.routines()?;
    let mut finalizers = finalizers.routines()?;
    finalizers.reverse();
    Ok(Routines {
        initializers,
        finalizers,
    })
}

/// An entry: its priority, the place of its section, its place in that, and its address.
type Entry = (Priority, usize, usize, TargetAddr);

/// The entries of all sections that a linker would merge into one array.
#[derive(Default)]
struct Array {
    entries: Vec<Entry>,
    /// How many sections there were, and the last of them.
    sections: usize,
    last: Option<SectionId>,
}

impl Array {
    /// Adds a block. The blocks of a section follow each other.
    fn add(
        &mut self,
        graph: &LinkGraph<'_>,
        id: BlockId,
        order: RoutineOrder,
    ) -> Result<(), OutOfMemory> {
        let section = graph.blocks.at(id).section;
        if self.last.replace(section) != Some(section) {
            self.sections = self.sections.saturating_add(1);
        }
        for &address in &addresses_in(graph, id)? {
            if address == TargetAddr::ZERO || address.value() == u64::MAX {
                continue;
            }
            let place = self.entries.len();
            let place = if order.is_reversed { !place } else { place };
            let entry = (order.priority, self.sections, place, address);
            fallible::push(&mut self.entries, entry)?;
        }
        Ok(())
    }

    /// The routines in the order of the merged array.
    fn routines(&mut self) -> Result<Vec<Routine>, OutOfMemory> {
        // No two places are alike: the order is total, and no memory is needed to keep equals in place.
        sort::sort(&mut self.entries);
        let mut routines = fallible::vec_with_capacity(self.entries.len())?;
        for &(priority, _, _, address) in &self.entries {
            fallible::push(&mut routines, Routine { priority, address })?;
        }
        Ok(routines)
    }
}

/// The addresses that a block holds once it is fixed up, in their order. A word without a fixup is an address by itself, as of
/// a routine in a machine's ROM.
fn addresses_in(graph: &LinkGraph<'_>, id: BlockId) -> Result<Vec<TargetAddr>, OutOfMemory> {
    let content = graph.content(id).unwrap_or_default();
    let (words, _) = content.as_chunks::<WORD_BYTES>();
    let mut addresses = fallible::vec_of(TargetAddr::ZERO, words.len())?;
    for (address, word) in addresses.iter_mut().zip(words) {
        *address = TargetAddr::new(u64::from_le_bytes(*word));
    }
    // What an edge writes counts, not what stands there before.
    for edge in graph.edges(id) {
        let word = int::usize_from_u32(edge.offset) / WORD_BYTES;
        if let Some(address) = addresses.get_mut(word) {
            let target = graph.address(edge.target).unwrap_or_default();
            *address = target.wrapping_offset(graph.addend(edge));
        }
    }
    Ok(addresses)
}

/// The size of an entry.
const WORD_BYTES: usize = 8;

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::routines;
    use crate::base::{Machine, Protection, TargetAddr};
    use crate::edge::{DataKind, EdgeKind};
    use crate::graph::{
        BlockId, Definition, Origin, Priority, RoutineOrder, SectionRole, SymbolId,
    };
    use crate::pass::testing::Builder;

    const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);
    const CODE: u64 = 0x1000;

    const fn in_order(priority: Priority) -> RoutineOrder {
        RoutineOrder::new(priority)
    }

    const fn reversed(priority: Priority) -> RoutineOrder {
        RoutineOrder {
            priority,
            is_reversed: true,
        }
    }

    /// Adds an array of functions, each the code's start and so many bytes.
    fn array(
        builder: &mut Builder,
        role: SectionRole,
        code: SymbolId,
        functions: &[i64],
    ) -> BlockId {
        let content = &[0; 64][..functions.len() * 8];
        let block = builder.block("array", Protection::Read, content);
        let section = builder.graph.blocks.at(block).section;
        builder.graph.sections.at_mut(section).role = role;
        let edges = (0..).step_by(8).zip(functions);
        let edges = edges.map(|(offset, &function)| (offset, POINTER, code, function));
        builder.edges(block, &edges.collect::<Vec<_>>());
        block
    }

    fn code(builder: &mut Builder) -> SymbolId {
        let address = TargetAddr::new(CODE);
        builder.define("code", Definition::Absolute(address))
    }

    /// The initializers and the finalizers, as distances from the code's start.
    fn run(builder: &mut Builder) -> (Vec<u64>, Vec<u64>) {
        builder.prune();
        let routines = routines(&builder.graph).unwrap();
        let addresses = |list: Vec<super::Routine>| {
            let list = list.into_iter();
            list.map(|routine| routine.address.value() - CODE).collect()
        };
        (
            addresses(routines.initializers),
            addresses(routines.finalizers),
        )
    }

    /// Two objects with arrays of every kind, made by one rule for both ends of a module's life.
    fn mixed(role: fn(RoutineOrder) -> SectionRole) -> Builder {
        let mut builder = Builder::new(Machine::X86_64);
        let code = code(&mut builder);
        let numbered = Priority::numbered;
        for (object, first) in [("b.o", 0), ("c.o", 100)] {
            builder.object(object, Origin::Given);
            for (order, functions) in [
                (in_order(Priority::Last), [10, 11]),
                (reversed(Priority::Last), [13, 12]),
                (in_order(numbered(65535)), [6, 7]),
                (reversed(numbered(200)), [3, 2]),
                (in_order(numbered(200)), [4, 5]),
                (in_order(Priority::First), [0, 1]),
            ] {
                let functions = functions.map(|function| first + function);
                array(&mut builder, role(order), code, &functions);
            }
        }
        builder
    }

    const MERGED: [u64; 24] = [
        0, 1, 100, 101, 2, 3, 4, 5, 102, 103, 104, 105, 6, 7, 106, 107, 10, 11, 12, 13, 110, 111,
        112, 113,
    ];

    #[test]
    fn initializers_run_by_priority_then_by_object_and_older_arrays_from_their_ends() {
        let (initializers, finalizers) = run(&mut mixed(SectionRole::Initializers));
        assert_eq!(initializers, MERGED);
        assert!(finalizers.is_empty());
    }

    #[test]
    fn finalizers_run_in_the_opposite_order() {
        let (initializers, finalizers) = run(&mut mixed(SectionRole::Finalizers));
        let mirrored: Vec<_> = MERGED.into_iter().rev().collect();
        assert!(initializers.is_empty());
        assert_eq!(finalizers, mirrored);
    }

    #[test]
    fn priorities_of_both_lists_can_be_compared() {
        let mut builder = Builder::new(Machine::X86_64);
        let code = code(&mut builder);
        for role in [SectionRole::Initializers, SectionRole::Finalizers] {
            for order in [in_order(Priority::numbered(200)), reversed(Priority::Last)] {
                array(&mut builder, role(order), code, &[0]);
            }
        }
        builder.prune();
        let routines = routines(&builder.graph).unwrap();
        let failed = routines.initializers[1].priority;
        let finalizers = routines.finalizers.iter();
        let lower = finalizers.filter(|routine| routine.priority < failed);
        let lower: Vec<_> = lower.map(|routine| routine.priority).collect();
        assert_eq!(lower, [Priority::numbered(200)]);
    }

    #[test]
    fn the_parts_of_an_older_array_that_was_split_run_from_its_end() {
        let mut builder = Builder::new(Machine::X86_64);
        let code = code(&mut builder);
        let order = reversed(Priority::Last);
        let role = SectionRole::Initializers(order);
        let block = array(&mut builder, role, code, &[2, 1, 0]);
        array(&mut builder, role, code, &[4, 3]);
        builder.graph.split_block(block, 8).unwrap();
        assert_eq!(run(&mut builder).0, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn words_that_no_relocation_writes_are_addresses_and_marks_are_none() {
        let mut builder = Builder::new(Machine::X86_64);
        let code = code(&mut builder);
        let mut content = [0; 40];
        content[..8].fill(0xff);
        // What stands where a relocation writes is no address.
        content[8..16].copy_from_slice(&7_u64.to_le_bytes());
        content[16..24].copy_from_slice(&(CODE + 2).to_le_bytes());
        let order = in_order(Priority::Last);
        let role = SectionRole::Initializers(order);
        let block = array(&mut builder, role, code, &[0; 5]);
        builder.graph.remove_edges(block, |edge| edge.offset != 8);
        let bytes = builder.graph.content_mut(block).unwrap();
        bytes.copy_from_slice(&content);
        assert_eq!(run(&mut builder).0, [0, 2]);
    }

    #[test]
    fn a_function_that_is_nowhere_is_not_run() {
        let mut builder = Builder::new(Machine::X86_64);
        let nowhere = Definition::Absolute(TargetAddr::ZERO);
        let nowhere = builder.define("nowhere", nowhere);
        let order = in_order(Priority::Last);
        for role in [SectionRole::Initializers, SectionRole::Finalizers] {
            array(&mut builder, role(order), nowhere, &[0, -1]);
        }
        assert_eq!(run(&mut builder), (Vec::new(), Vec::new()));
    }

    #[test]
    fn routines_of_an_archives_member_that_was_read_are_kept() {
        let mut builder = Builder::new(Machine::X86_64);
        let code = code(&mut builder);
        builder.object("member.o", Origin::Archive);
        let order = reversed(Priority::Last);
        array(&mut builder, SectionRole::Initializers(order), code, &[1]);
        array(&mut builder, SectionRole::Finalizers(order), code, &[2]);
        assert_eq!(run(&mut builder), (Vec::from([1]), Vec::from([2])));
    }
}
