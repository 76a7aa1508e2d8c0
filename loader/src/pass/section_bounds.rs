//! Bounds of sections: `__start_X` and `__stop_X`, where X is a name that C can spell. Source: GNU ld's manual, "Orphan
//! Sections".
//!
//! Sections of such a name lie at one stretch, whichever objects they come from: another module may ask for their bounds,
//! when it is too late to move them. Who refers to a bound keeps all of them: programs walk from one bound to the other, and
//! find what nothing else refers to.

use alloc::vec::Vec;

use crate::base::{Name, Protection, fallible, sort};
use crate::graph::{
    BlockId, Definition, LinkGraph, Linkage, Origin, Scope, Section, SectionRole, Site, Symbol,
    SymbolId,
};
use crate::memory::Lifetime;

use super::PassError;

/// A bound that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bound<'a> {
    /// The name of the sections.
    name: Name<'a>,
    end: SectionEnd,
    symbol: SymbolId,
}

/// An end of sections that lie at one stretch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SectionEnd {
    /// Their first byte.
    Start,
    /// What follows their last byte.
    Stop,
}

/// Lets sections of one name lie at one stretch, and defines the bounds that are referred to, of sections that there are. The
/// others stay names to be looked up elsewhere.
pub(super) fn define(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let blocks = blocks_of(graph)?;
    if blocks.is_empty() {
        return Ok(());
    }
    let bounds = wanted(graph)?;
    let mut bounds = bounds.chunk_by(|a, b| a.name == b.name).peekable();
    let mut ids = Vec::new();
    let mut keeps = Vec::new();
    for stretch in blocks.chunk_by(|(a, ..), (b, ..)| a == b) {
        let Some(&(name, ..)) = stretch.first() else {
            continue;
        };
        ids.clear();
        for &(_, _, id) in stretch {
            fallible::push(&mut ids, id)?;
        }
        let joined = join(graph, &ids);
        // Both are sorted by names.
        while bounds.next_if(|bounds| name_of(bounds) < name).is_some() {}
        let Some(bounds) = bounds.next_if(|bounds| name_of(bounds) == name) else {
            // What can't lie at one stretch has no bounds, and nothing here misses them.
            continue;
        };
        joined?;
        keep_together(graph, &mut keeps, &ids)?;
        for bound in bounds {
            place(graph, bound, &ids);
        }
    }
    // All at once: the graph sorts what it lists.
    sort::sort(&mut keeps);
    Ok(graph.add_keeps(&keeps)?)
}

/// The name of the sections that these bounds are of.
fn name_of<'a>(bounds: &[Bound<'a>]) -> Name<'a> {
    bounds.first().map(|bound| bound.name).unwrap_or_default()
}

/// The bounds that are asked for and defined nowhere, in the order of names.
fn wanted<'a>(graph: &LinkGraph<'a>) -> Result<Vec<Bound<'a>>, PassError> {
    let mut bounds = Vec::new();
    for &symbol in graph.undefined() {
        let Symbol {
            name, definition, ..
        } = *graph.symbols.at(symbol);
        let Some((end, name)) = section_bound(name).filter(|_| definition == Definition::External)
        else {
            continue;
        };
        fallible::push(&mut bounds, Bound { name, end, symbol })?;
    }
    sort::sort(&mut bounds);
    Ok(bounds)
}

/// Which end of which sections a name stands for; `None` if it is none of the bounds.
pub fn section_bound(name: Name<'_>) -> Option<(SectionEnd, Name<'_>)> {
    let bytes = name.bytes();
    let (end, section) = match bytes.strip_prefix(b"__start_") {
        Some(section) => (SectionEnd::Start, section),
        None => (SectionEnd::Stop, bytes.strip_prefix(b"__stop_")?),
    };
    let section = Name::new(section);
    is_spelt_in_c(section).then_some((end, section))
}

/// Whether C can spell the name of a section, as a part of its bounds' names. Most names of sections end this question with
/// their first byte, a dot.
pub(super) fn is_spelt_in_c(name: Name<'_>) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    let bytes = name.bytes();
    bytes.first().is_some_and(is_letter)
        && (bytes.iter()).all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

/// A block of a stretch: the name of its section, and its place in the order of layout.
type Place<'a> = (Name<'a>, usize, BlockId);

/// The blocks of the sections that may have bounds, by name and then as they are laid out.
fn blocks_of<'a>(graph: &LinkGraph<'a>) -> Result<Vec<Place<'a>>, PassError> {
    let mut blocks = Vec::new();
    let mut sections = graph.sections.iter();
    if !sections.any(|(_, section)| may_have_bounds(graph, section)) {
        return Ok(blocks);
    }
    for place in 0..graph.blocks.len() {
        let id = graph.block_in_order(place);
        let block = graph.blocks.at(id);
        let section = graph.sections.at(block.section);
        if !block.is_removed() && may_have_bounds(graph, section) {
            fallible::push(&mut blocks, (section.name, place, id))?;
        }
    }
    sort::sort(&mut blocks);
    Ok(blocks)
}

/// Whether a section is one whose bounds may be asked for. What the linker makes is none.
fn may_have_bounds(graph: &LinkGraph<'_>, section: &Section<'_>) -> bool {
    is_spelt_in_c(section.name)
        && section.lifetime != Lifetime::NoAlloc
        && section.role != SectionRole::ThreadLocal
        && graph.objects.at(section.object).origin != Origin::Linker
}

/// Lets the sections of blocks lie at one stretch: in memory that allows what any of them needs, for as long as any of them
/// is needed, the first as aligned as any.
pub(super) fn join(graph: &mut LinkGraph<'_>, blocks: &[BlockId]) -> Result<(), PassError> {
    let Some(&first) = blocks.first() else {
        return Ok(());
    };
    let mut alignment = graph.blocks.at(first).alignment;
    let mut lifetime = Lifetime::Finalize;
    let mut protection = Protection::Read;
    for &id in blocks {
        let block = graph.blocks.at(id);
        let section = graph.sections.at(block.section);
        alignment = alignment.max(block.alignment);
        lifetime = lifetime.min(section.lifetime);
        let widest = widest(protection, section.protection);
        protection = widest.ok_or_else(|| mixed(graph.site(id, 0), section.name))?;
    }
    for &id in blocks {
        let section = graph.blocks.at(id).section;
        let section = graph.sections.at_mut(section);
        section.is_bounded = true;
        section.lifetime = lifetime;
        section.protection = protection;
    }
    graph.blocks.at_mut(first).alignment = alignment;
    Ok(())
}

/// What allows what either allows; `None` if nothing may.
fn widest(one: Protection, other: Protection) -> Option<Protection> {
    match (one, other) {
        (Protection::Read, any) | (any, Protection::Read) => Some(any),
        (one, other) if one == other => Some(one),
        _ => None,
    }
}

#[cold]
fn mixed(site: Site, name: Name<'_>) -> PassError {
    let reason = (
        "all sections `",
        name,
        "` must lie at one stretch, but some are writable and some are executable; give them different names",
    );
    PassError::at(site, reason)
}

/// Notes that the first and the last block keep all the others.
fn keep_together(
    graph: &mut LinkGraph<'_>,
    keeps: &mut Vec<(BlockId, SymbolId)>,
    blocks: &[BlockId],
) -> Result<(), PassError> {
    let (Some((&first, rest)), Some(&last)) = (blocks.split_first(), blocks.last()) else {
        return Ok(());
    };
    if rest.is_empty() {
        return Ok(());
    }
    fallible::reserve(keeps, blocks.len())?;
    for &block in rest {
        fallible::push(keeps, (first, graph.add_anonymous(block, 0, 0)?))?;
    }
    Ok(fallible::push(
        keeps,
        (last, graph.add_anonymous(first, 0, 0)?),
    )?)
}

/// Lets a bound stand at its end of a stretch. It is hidden: what is linked apart has sections of its own.
fn place(graph: &mut LinkGraph<'_>, bound: &Bound<'_>, blocks: &[BlockId]) {
    let block = match bound.end {
        SectionEnd::Start => blocks.first(),
        SectionEnd::Stop => blocks.last(),
    };
    let Some(&block) = block else {
        return;
    };
    let offset = match bound.end {
        SectionEnd::Start => 0,
        SectionEnd::Stop => graph.blocks.at(block).content.size_bytes(),
    };
    let symbol = graph.symbols.at_mut(bound.symbol);
    symbol.definition = Definition::Block { block, offset };
    symbol.linkage = Linkage::Strong;
    symbol.scope = symbol.scope.min(Scope::Link);
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::define;
    use crate::base::{Alignment, Machine, Name, Protection};
    use crate::edge::{DataKind, EdgeKind};
    use crate::graph::{BlockId, Definition, Origin, Scope};
    use crate::pass::testing::Builder;

    const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);
    const READ: Protection = Protection::Read;
    const WRITE: Protection = Protection::ReadWrite;
    const EXECUTE: Protection = Protection::ReadExecute;

    fn protection(builder: &Builder, block: BlockId) -> Protection {
        let section = builder.graph.blocks.at(block).section;
        builder.graph.sections.at(section).protection
    }

    #[test]
    fn bounds_enclose_the_sections_of_all_objects() {
        let mut builder = Builder::new(Machine::X86_64);
        let start = builder.external("__start_table");
        let stop = builder.external("__stop_table");
        let first = builder.block("table", READ, &[0; 8]);
        builder.block(".table", READ, &[0; 8]);
        builder.object("b.o", Origin::Given);
        let last = builder.block("table", WRITE, &[0; 16]);
        builder.graph.blocks.at_mut(last).alignment = Alignment::SIXTEEN;
        define(&mut builder.graph).unwrap();
        assert_eq!(builder.place(start), (first, 0));
        assert_eq!(builder.place(stop), (last, 16));
        assert_eq!(builder.graph.symbols.at(start).scope, Scope::Link);
        let protections = [first, last].map(|block| protection(&builder, block));
        assert_eq!(protections, [WRITE; 2]);
        // As in a file: the stretch is aligned as any of it.
        let alignment = builder.graph.blocks.at(first).alignment;
        assert_eq!(alignment, Alignment::SIXTEEN);
        let bounded = (builder.graph.sections.iter()).map(|(_, section)| section.is_bounded);
        assert_eq!(bounded.collect::<std::vec::Vec<_>>(), [true, false, true]);
    }

    #[test]
    fn parts_of_a_block_that_was_split_are_bounded_in_their_order() {
        let mut builder = Builder::new(Machine::X86_64);
        let stop = builder.external("__stop_table");
        let first = builder.block("table", READ, &[0; 8]);
        let last = builder.block("table", READ, &[0; 16]);
        builder.graph.split_block(first, 4).unwrap();
        define(&mut builder.graph).unwrap();
        assert_eq!(builder.place(stop), (last, 16));
    }

    #[test]
    fn who_refers_to_one_bound_keeps_all_that_is_between_them() {
        for bound in ["__start_table", "__stop_table"] {
            let mut builder = Builder::new(Machine::X86_64);
            let code = builder.block(".text", EXECUTE, &[0; 8]);
            let symbol = builder.external(bound);
            builder.edges(code, &[(0, POINTER, symbol, 0)]);
            builder.object("member.o", Origin::Archive);
            let table = [(); 3].map(|()| builder.block("table", READ, &[0; 8]));
            let other = builder.block("other", READ, &[0; 8]);
            define(&mut builder.graph).unwrap();
            builder.prune();
            assert_eq!(table.map(|block| builder.is_live(block)), [true; 3]);
            assert!(!builder.is_live(other));
        }
    }

    #[test]
    fn bounds_of_many_sections_keep_them_together_in_whichever_order_their_names_stand() {
        // Some seconds at most; minutes, if what is kept were put in order once for each name.
        let mut builder = Builder::new(Machine::X86_64);
        let mut tables = std::vec::Vec::new();
        for number in (0..20_000).rev() {
            builder.external(format!("__start_table_{number:05}").leak());
            let name = format!("table_{number:05}").leak();
            tables.push([(); 2].map(|()| builder.block(name, READ, &[0; 8])));
        }
        define(&mut builder.graph).unwrap();
        let kept_by = |block| match builder.graph.keeps(block) {
            [only] => builder.place(only.target).0,
            other => panic!("{other:?}"),
        };
        for [first, last] in tables {
            assert_eq!((kept_by(first), kept_by(last)), (last, first));
        }
    }

    #[test]
    fn sections_whose_bounds_nothing_live_refers_to_are_not_kept() {
        let mut builder = Builder::new(Machine::X86_64);
        builder.object("member.o", Origin::Archive);
        let code = builder.block(".text", EXECUTE, &[0; 8]);
        let symbol = builder.external("__start_table");
        builder.edges(code, &[(0, POINTER, symbol, 0)]);
        let table = builder.block("table", READ, &[0; 8]);
        define(&mut builder.graph).unwrap();
        builder.prune();
        assert!(!builder.is_live(table));
    }

    #[test]
    fn bounds_of_nothing_and_of_names_that_c_cannot_spell_stay_names() {
        let mut builder = Builder::new(Machine::X86_64);
        let names = [
            "__start_nothing",
            "__start_.data",
            "__start_1st",
            "__start_",
            "__startable",
        ];
        let symbols = names.map(|name| builder.external(name));
        for name in [".data", "1st", "", "able"] {
            builder.block(name, WRITE, &[0; 8]);
        }
        define(&mut builder.graph).unwrap();
        for symbol in symbols {
            assert!(builder.graph.symbols.at(symbol).is_external());
        }
    }

    #[test]
    fn a_definition_of_ones_own_counts() {
        let mut builder = Builder::new(Machine::X86_64);
        let table = builder.block("table", READ, &[0; 8]);
        let own = builder.symbol("__start_table", table, 4);
        assert_eq!(builder.external("__start_table"), own);
        define(&mut builder.graph).unwrap();
        let definition = builder.graph.symbols.at(own).definition;
        let block = table;
        assert_eq!(definition, Definition::Block { block, offset: 4 });
        assert_eq!(builder.graph.find(Name::from("__start_table")), Some(own));
    }

    #[test]
    fn sections_whose_bounds_others_may_ask_for_lie_at_one_stretch_too() {
        let mut builder = Builder::new(Machine::X86_64);
        builder.external("__start_before");
        builder.external("__stop_zone");
        let first = builder.block("table", READ, &[0; 8]);
        builder.block(".data", WRITE, &[0; 8]);
        let zone = builder.block("zone", READ, &[0; 8]);
        builder.object("member.o", Origin::Archive);
        let last = builder.block("table", WRITE, &[0; 8]);
        define(&mut builder.graph).unwrap();
        let bounded = (builder.graph.sections.iter()).map(|(_, section)| section.is_bounded);
        assert_eq!(
            bounded.collect::<std::vec::Vec<_>>(),
            [true, false, true, true]
        );
        assert_eq!(protection(&builder, first), WRITE);
        assert_eq!(protection(&builder, zone), READ);
        // Nothing asks for them here: they keep each other no more than before.
        builder.prune();
        assert!(builder.is_live(first) && !builder.is_live(last));
    }

    #[test]
    fn sections_that_cannot_lie_at_one_stretch_are_left_apart_if_nothing_asks_for_bounds() {
        let mut builder = Builder::new(Machine::X86_64);
        let code = builder.block("table", EXECUTE, &[0; 8]);
        let data = builder.block("table", WRITE, &[0; 8]);
        let other = builder.block("zone", READ, &[0; 8]);
        define(&mut builder.graph).unwrap();
        let protections = [code, data].map(|block| protection(&builder, block));
        assert_eq!(protections, [EXECUTE, WRITE]);
        let is_bounded = |block| {
            let section = builder.graph.blocks.at(block).section;
            builder.graph.sections.at(section).is_bounded
        };
        let bounded = [code, data, other].map(is_bounded);
        assert_eq!(bounded, [false, false, true]);
    }

    #[test]
    fn what_the_linker_makes_has_no_bounds() {
        let mut builder = Builder::new(Machine::X86_64);
        let start = builder.external("__start_COMMON");
        let shared = Definition::Common(Alignment::EIGHT);
        let shared = builder.define("shared", shared);
        crate::pass::common::allocate(&mut builder.graph).unwrap();
        define(&mut builder.graph).unwrap();
        assert!(builder.graph.symbols.at(start).is_external());
        let (block, _) = builder.place(shared);
        let section = builder.graph.blocks.at(block).section;
        assert!(!builder.graph.sections.at(section).is_bounded);
    }

    #[test]
    fn writable_and_executable_sections_cannot_lie_at_one_stretch() {
        let mut builder = Builder::new(Machine::X86_64);
        builder.external("__start_table");
        builder.block("table", EXECUTE, &[0; 8]);
        builder.object("b.o", Origin::Given);
        builder.block("table", WRITE, &[0; 8]);
        let error = format!("{}", define(&mut builder.graph).unwrap_err());
        assert!(error.starts_with("b.o: table+0x0: "), "{error}");
        assert!(error.contains("executable"), "{error}");
    }
}
