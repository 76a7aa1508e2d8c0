//! All that is done with a module's records before it is linked.

use alloc::vec::Vec;

use crate::base::{fallible, sort};
use crate::graph::{BlockId, Definition, EdgeRange, LinkGraph, StoredContent};
use crate::memory::Lifetime;

use super::record;
use super::{Description, KitError, describe, limit_exports};

/// Reads what a module says of itself, limits what it exports, keeps its init and exit function even if nothing refers to
/// them, and takes the records out of the memory that it will have: once for each graph, when all objects are read and
/// before any pass.
///
/// A record that the module itself refers to stays where it is.
///
/// # Errors
/// As of [`describe`](describe()) and [`limit_exports`]. The graph is as it was then.
pub fn prepare<'a>(graph: &mut LinkGraph<'a>) -> Result<Option<Description<'a>>, KitError> {
    if !record::are_in(graph) {
        return Ok(None);
    }
    let description = describe(graph)?;
    let records = records_without_references(graph)?;
    limit_exports(graph)?;
    if let Some(description) = &description {
        for point in [description.init, description.exit].into_iter().flatten() {
            graph.symbols.at_mut(point.symbol).is_live = true;
        }
    }
    if let Some(exit) = description.and_then(|description| description.exit)
        && let Definition::Block { block, .. } = graph.symbols.at(exit.symbol).definition
    {
        // It runs when what only initializers need is long gone.
        let section = graph.blocks.at(block).section;
        graph.sections.at_mut(section).lifetime = Lifetime::Standard;
    }
    for block in records {
        set_aside(graph, block);
    }
    Ok(description)
}

/// The blocks that hold records, but for those that something in memory refers to.
fn records_without_references(graph: &LinkGraph<'_>) -> Result<Vec<BlockId>, KitError> {
    let mut records = Vec::new();
    for (id, block) in graph.blocks() {
        if record::is_section(graph.sections.at(block.section).name) {
            fallible::push(&mut records, id)?;
        }
    }
    // Most links have none, and their edges are not looked at.
    if records.is_empty() {
        return Ok(records);
    }
    sort::sort(&mut records);
    for (id, block) in graph.blocks.iter() {
        // What describes the program may tell of them: it gets the address of nothing.
        if graph.sections.at(block.section).lifetime == Lifetime::NoAlloc {
            continue;
        }
        let edges = graph.edges_in(block.edges).iter();
        for edge in edges.chain(graph.keeps(id)) {
            if let Definition::Block { block, .. } = graph.symbols.at(edge.target).definition
                && let Ok(place) = records.binary_search(&block)
            {
                records.remove(place);
            }
        }
    }
    Ok(records)
}

/// Leaves a block without bytes, in no memory. It stays in the graph, since debug information may name what stood in it.
fn set_aside(graph: &mut LinkGraph<'_>, block: BlockId) {
    let block = graph.blocks.at_mut(block);
    block.content = StoredContent::EMPTY;
    block.edges = EdgeRange::EMPTY;
    let section = block.section;
    graph.sections.at_mut(section).lifetime = Lifetime::NoAlloc;
}

#[cfg(test)]
mod tests {
    use super::prepare;
    use crate::base::Protection;
    use crate::graph::{BlockId, Definition, Origin, Scope};
    use crate::kit::testing::{Builder, interface_bytes};
    use crate::memory::Lifetime;

    fn is_in_memory(builder: &Builder, block: BlockId) -> bool {
        let block = builder.graph.blocks.at(block);
        let is_loaded = builder.graph.sections.at(block.section).lifetime == Lifetime::Standard;
        assert_eq!(is_loaded, block.content.size_bytes() != 0);
        is_loaded
    }

    #[test]
    fn records_are_read_and_then_in_no_memory() {
        let mut builder = Builder::new();
        let init = builder.function("init", Scope::Default);
        let exported = builder.function("exported", Scope::Default);
        let records = [
            builder.module(Some(init), None),
            builder.interface(&interface_bytes(&[("abort", 1)])),
            builder.exports(&[exported]),
        ];
        let description = prepare(&mut builder.graph).unwrap().unwrap();
        builder.graph.verify().unwrap();
        assert_eq!(description.name.as_str(), "clock");
        let listed = description.interface.unwrap();
        assert_eq!(listed.hash, listed.listed_hash());
        assert_eq!(
            records.map(|block| is_in_memory(&builder, block)),
            [false; 3]
        );
        assert_eq!(builder.graph.symbols.at(init).scope, Scope::Link);
    }

    #[test]
    fn init_and_exit_are_linked_even_out_of_an_archive() {
        let mut builder = Builder::new();
        builder.object("member.o", Origin::Archive);
        let functions = ["init", "exit", "other"];
        let [init, exit, other] = functions.map(|name| builder.function(name, Scope::Default));
        builder.module(Some(init), Some(exit));
        prepare(&mut builder.graph).unwrap();
        let is_live = |symbol| builder.graph.symbols.at(symbol).is_live;
        assert_eq!([init, exit, other].map(is_live), [true, true, false]);
    }

    #[test]
    fn the_exit_function_stays_even_if_it_stands_among_what_initializers_need() {
        let mut builder = Builder::new();
        let [init, exit] = ["init", "exit"].map(|name| builder.function(name, Scope::Default));
        let lifetime_of = |builder: &Builder, symbol| {
            let Definition::Block { block, .. } = builder.graph.symbols.at(symbol).definition
            else {
                panic!("a function lies in a block")
            };
            let section = builder.graph.blocks.at(block).section;
            (section, builder.graph.sections.at(section).lifetime)
        };
        for symbol in [init, exit] {
            let (section, _) = lifetime_of(&builder, symbol);
            builder.graph.sections.at_mut(section).lifetime = Lifetime::Finalize;
        }
        builder.module(Some(init), Some(exit));
        prepare(&mut builder.graph).unwrap();
        assert_eq!(lifetime_of(&builder, exit).1, Lifetime::Standard);
    }

    #[test]
    fn a_record_that_the_module_refers_to_stays() {
        let mut builder = Builder::new();
        let init = builder.function("init", Scope::Default);
        let record = builder.module(Some(init), None);
        let exports = builder.exports(&[init]);
        let start = builder.graph.add_anonymous(record, 0, 0).unwrap();
        let data = builder.block(".data", Protection::ReadWrite, &[0; 8]);
        builder.point(data, 0, start);
        prepare(&mut builder.graph).unwrap();
        builder.graph.verify().unwrap();
        assert!(is_in_memory(&builder, record));
        assert_eq!(builder.graph.edges(record).len(), 1);
        assert!(!is_in_memory(&builder, exports));
    }

    #[test]
    fn debug_information_about_a_record_does_not_keep_it_in_memory() {
        let mut builder = Builder::new();
        let record = builder.module(None, None);
        let start = builder.graph.add_anonymous(record, 0, 0).unwrap();
        let debug = builder.block(".debug_info", Protection::Read, &[0; 8]);
        builder.point(debug, 0, start);
        let section = builder.graph.blocks.at(debug).section;
        builder.graph.sections.at_mut(section).lifetime = Lifetime::NoAlloc;
        prepare(&mut builder.graph).unwrap();
        builder.graph.verify().unwrap();
        assert!(!is_in_memory(&builder, record));
    }

    #[test]
    fn a_graph_without_records_stays_as_it_is() {
        let mut builder = Builder::new();
        let function = builder.function("function", Scope::Default);
        let described = crate::base::failing_heap::fail_after(0, || {
            prepare(&mut builder.graph).unwrap().is_some()
        });
        assert!(!described);
        assert_eq!(builder.graph.symbols.at(function).scope, Scope::Default);
    }

    #[test]
    fn a_heap_that_is_full_leaves_the_graph_as_it_was() {
        let mut count = 0;
        loop {
            let mut builder = Builder::new();
            let init = builder.function("init", Scope::Default);
            let exported = builder.function("exported", Scope::Default);
            let record = builder.module(Some(init), None);
            builder.exports(&[exported]);
            let graph = &mut builder.graph;
            let is_done = crate::base::failing_heap::fail_after(count, || prepare(graph).is_ok());
            assert_eq!(is_in_memory(&builder, record), !is_done);
            let init = builder.graph.symbols.at(init);
            assert_eq!(init.is_live, is_done);
            assert_eq!(init.scope == Scope::Link, is_done);
            if is_done {
                break;
            }
            count += 1;
        }
        assert!(count > 0);
    }
}
