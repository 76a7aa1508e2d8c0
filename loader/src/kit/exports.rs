//! What other modules may use: all that has default visibility, or only what the module exports by name.
//!
//! Who exports by name states the whole of what others see. The rest is the link's own then: what is linked together
//! still finds it by its name, and nothing else does, modules of the same dylib and of the same component included.

use alloc::vec::Vec;

use crate::base::{Text, fallible, sort};
use crate::graph::{BlockId, Definition, Edge, LinkGraph, Scope, SymbolId, SymbolKind};

use super::record::{self, POINTER_BYTES, exports};
use super::{ExportFault, KitError, RecordFault};

/// Lets only what is exported by name be seen outside of the graph, if anything is: all else that the graph defines becomes
/// the link's own, and what is hidden and exported by name is exported nevertheless. What is exported by name is linked even if
/// nothing refers to it. The graph is as it was read from the objects.
///
/// # Errors
/// A record is damaged, or names what can't be exported; or the heap has no room. The graph is as it was then.
pub fn limit_exports(graph: &mut LinkGraph<'_>) -> Result<(), KitError> {
    let mut blocks = Vec::new();
    for block in record::blocks_of(graph, exports::SECTION) {
        fallible::push(&mut blocks, block)?;
    }
    if blocks.is_empty() {
        return Ok(());
    }
    let mut exported = Vec::new();
    for &block in &blocks {
        graph.sort_edges(block)?;
        collect_exported(graph, block, &mut exported)?;
    }
    sort::sort(&mut exported);
    graph.forget_groups();
    for id in graph.symbols.ids() {
        let symbol = graph.symbols.at_mut(id);
        let is_exported = exported.binary_search(&id).is_ok();
        let is_defined = matches!(
            symbol.definition,
            Definition::Block { .. } | Definition::Absolute(_) | Definition::Common(_)
        );
        if is_exported {
            symbol.is_live = true;
            // Who sees it as hidden binds to it without asking: no other definition may take its place.
            if symbol.scope == Scope::Hidden {
                symbol.scope = Scope::Protected;
            }
        } else if is_defined && symbol.scope > Scope::Link {
            symbol.scope = Scope::Link;
        }
    }
    Ok(())
}

/// Adds the symbols that a record names, whose edges are sorted.
fn collect_exported(
    graph: &LinkGraph<'_>,
    block: BlockId,
    exported: &mut Vec<SymbolId>,
) -> Result<(), KitError> {
    let size_bytes = graph.blocks.at(block).content.size_bytes();
    let mut edges = graph.edges(block).iter();
    for offset in (0..size_bytes).step_by(POINTER_BYTES) {
        let (place, fault) = match edges.next() {
            Some(edge) if u64::from(edge.offset) == offset => {
                record::check_pointer(graph, block, edge)?;
                check(graph, block, edge)?;
                fallible::push(exported, edge.target)?;
                continue;
            }
            Some(edge) if u64::from(edge.offset) < offset => {
                (u64::from(edge.offset), RecordFault::StrayRelocation)
            }
            _ => (offset, RecordFault::MissingRelocation),
        };
        let site = graph.site(block, place);
        return Err(KitError::Record { site, fault });
    }
    match edges.next() {
        Some(edge) => Err(KitError::Record {
            site: graph.site(block, u64::from(edge.offset)),
            fault: RecordFault::StrayRelocation,
        }),
        None => Ok(()),
    }
}

/// Checks that a pointer is to a symbol that can be exported.
fn check(graph: &LinkGraph<'_>, block: BlockId, edge: &Edge) -> Result<(), KitError> {
    let symbol = graph.symbols.at(edge.target);
    let fault = match symbol.definition {
        _ if symbol.scope == Scope::Local => ExportFault::Local,
        Definition::External | Definition::Resolved(_) | Definition::Removed => {
            ExportFault::Undefined
        }
        _ if graph.addend(edge) != 0 || symbol.name.is_empty() => ExportFault::NotASymbol,
        _ => return Ok(()),
    };
    Err(KitError::Export {
        site: graph.site(block, u64::from(edge.offset)),
        symbol: name_of(graph, edge),
        fault,
    })
}

/// The name of what a pointer leads to: assemblers write the section of a local symbol instead of the symbol itself.
#[cold]
fn name_of(graph: &LinkGraph<'_>, edge: &Edge) -> Text<120> {
    let place_of = |symbol: SymbolId| match graph.symbols.at(symbol).definition {
        Definition::Block { block, offset } => Some((block, offset)),
        _ => None,
    };
    let pointed = place_of(edge.target)
        .map(|(block, offset)| (block, offset.wrapping_add_signed(graph.addend(edge))));
    let mut symbols = graph.symbols.iter();
    let found = symbols.find(|(id, symbol)| {
        // Those of no kind are marks between code and data.
        let is_named = !symbol.name.is_empty() && symbol.kind != SymbolKind::Unknown;
        is_named && pointed.is_some() && place_of(*id) == pointed
    });
    match found {
        Some((_, symbol)) if graph.symbols.at(edge.target).name.is_empty() => Text::of(symbol.name),
        _ => graph.symbol_name(edge.target),
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use super::limit_exports;
    use crate::base::{Alignment, Name, Protection, TargetAddr};
    use crate::graph::{LinkGraph, Origin, Scope, SymbolKind};
    use crate::kit::testing::Builder;
    use crate::kit::{ExportFault, KitError, RecordFault};

    fn scope(graph: &LinkGraph<'_>, name: &str) -> Scope {
        let id = graph.find(Name::from(name)).unwrap();
        graph.symbols.at(id).scope
    }

    fn fault(builder: &mut Builder) -> ExportFault {
        match limit_exports(&mut builder.graph).unwrap_err() {
            KitError::Export { fault, .. } => fault,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn without_a_record_all_stays_exported() {
        let mut builder = Builder::new();
        builder.function("visible", Scope::Default);
        builder.function("hidden", Scope::Hidden);
        limit_exports(&mut builder.graph).unwrap();
        assert_eq!(scope(&builder.graph, "visible"), Scope::Default);
        assert_eq!(scope(&builder.graph, "hidden"), Scope::Hidden);
    }

    #[test]
    fn one_exported_name_hides_all_others_of_the_link() {
        let mut builder = Builder::new();
        let exported = builder.function("exported", Scope::Default);
        builder.function("protected", Scope::Protected);
        let wanted = builder.external("wanted");
        builder.exports(&[exported]);
        builder.object("b.o", Origin::Given);
        builder.function("other", Scope::Default);
        let object = builder.object;
        let graph = &mut builder.graph;
        (graph.add_absolute("fixed", TargetAddr::new(1), object)).unwrap();
        (graph.add_common("shared", 8, Alignment::EIGHT, object)).unwrap();
        limit_exports(graph).unwrap();
        graph.verify().unwrap();
        assert_eq!(scope(graph, "exported"), Scope::Default);
        for name in ["protected", "other", "fixed", "shared"] {
            assert_eq!(scope(graph, name), Scope::Link, "{name}");
        }
        // What is looked up elsewhere still is.
        assert!(graph.symbols.at(wanted).scope.may_be_elsewhere());
    }

    #[test]
    fn exports_of_several_records_add_up() {
        let mut builder = Builder::new();
        let first = builder.function("first", Scope::Default);
        builder.exports(&[first]);
        builder.exports(&[]);
        builder.object("b.o", Origin::Given);
        let names = ["second", "third"];
        let others = names.map(|name| builder.function(name, Scope::Default));
        builder.exports(&[others[1], others[0]]);
        limit_exports(&mut builder.graph).unwrap();
        for name in ["first", "second", "third"] {
            assert_eq!(scope(&builder.graph, name), Scope::Default);
        }
    }

    #[test]
    fn a_hidden_name_that_is_exported_is_seen() {
        let mut builder = Builder::new();
        let hidden = builder.function("hidden", Scope::Hidden);
        builder.exports(&[hidden]);
        limit_exports(&mut builder.graph).unwrap();
        assert_eq!(scope(&builder.graph, "hidden"), Scope::Protected);
    }

    #[test]
    fn local_and_undefined_names_cannot_be_exported() {
        let mut builder = Builder::new();
        let external = builder.external("elsewhere");
        builder.exports(&[external]);
        assert_eq!(fault(&mut builder), ExportFault::Undefined);
        let mut builder = Builder::new();
        let local = builder.function("local", Scope::Local);
        builder.exports(&[local]);
        assert_eq!(fault(&mut builder), ExportFault::Local);
    }

    #[test]
    fn a_local_name_is_told_although_the_assembler_wrote_its_section() {
        let mut builder = Builder::new();
        let block = builder.block(".text", Protection::ReadExecute, &[0x90; 32]);
        let graph = &mut builder.graph;
        let section = graph.add_anonymous(block, 0, 0).unwrap();
        for (name, kind) in [
            ("$x", SymbolKind::Unknown),
            ("helper", SymbolKind::Function),
        ] {
            let local = graph.add_anonymous(block, 16, 8).unwrap();
            let local = graph.symbols.at_mut(local);
            (local.name, local.kind) = (Name::from(name), kind);
        }
        let record = builder.exports(&[section]);
        let graph = &mut builder.graph;
        let index = graph.blocks.at(record).edges.indices().start;
        graph.retarget(index, section, 16).unwrap();
        let error = format!("{}", limit_exports(graph).unwrap_err());
        assert!(error.contains(".ironlink.exports+0x0: `helper`"), "{error}");
        assert!(error.contains("make it global"), "{error}");
    }

    #[test]
    fn a_place_beside_a_name_is_no_name() {
        let mut builder = Builder::new();
        let function = builder.function("function", Scope::Default);
        let record = builder.exports(&[function]);
        let graph = &mut builder.graph;
        let index = graph.blocks.at(record).edges.indices().start;
        graph.retarget(index, function, 4).unwrap();
        assert_eq!(fault(&mut builder), ExportFault::NotASymbol);
    }

    #[test]
    fn damaged_records_are_refused_and_nothing_is_hidden() {
        let damaged = |offsets: &[u32], size_bytes| {
            let mut builder = Builder::new();
            let function = builder.function("function", Scope::Default);
            let bytes = std::vec![0; size_bytes];
            let block = builder.block(".ironlink.exports", Protection::Read, &bytes);
            for &offset in offsets {
                builder.point(block, offset, function);
            }
            let error = limit_exports(&mut builder.graph).unwrap_err();
            assert_eq!(scope(&builder.graph, "function"), Scope::Default);
            match error {
                KitError::Record { site, fault } => (site.offset, fault),
                other => panic!("{other}"),
            }
        };
        let missing = RecordFault::MissingRelocation;
        let stray = RecordFault::StrayRelocation;
        assert_eq!(damaged(&[], 8), (0, missing));
        assert_eq!(damaged(&[8], 16), (0, missing));
        assert_eq!(damaged(&[0], 12), (8, missing));
        assert_eq!(damaged(&[0, 4], 16), (4, stray));
        assert_eq!(damaged(&[0, 0], 8), (0, stray));
        assert_eq!(damaged(&[0, 0], 16), (0, stray));
        assert_eq!(damaged(&[4], 12), (0, missing));
    }

    #[test]
    fn no_heap_is_an_error_at_every_allocation() {
        let results = (0..8).map(|count| {
            let mut builder = Builder::new();
            let function = builder.function("function", Scope::Default);
            builder.exports(&[function]);
            builder.function("other", Scope::Default);
            let graph = &mut builder.graph;
            let result =
                crate::base::failing_heap::fail_after(count, || limit_exports(graph).is_ok());
            let is_limited = scope(&builder.graph, "other") == Scope::Link;
            assert_eq!(result, is_limited);
            result
        });
        let results: Vec<bool> = results.collect();
        assert!(!results[0] && results[7] && results.is_sorted());
    }

    #[test]
    fn what_is_exported_is_linked_even_out_of_an_archive() {
        let mut builder = Builder::new();
        builder.object("member.o", Origin::Archive);
        let function = builder.function("function", Scope::Default);
        builder.exports(&[function]);
        limit_exports(&mut builder.graph).unwrap();
        assert!(builder.graph.symbols.at(function).is_live);
    }
}
