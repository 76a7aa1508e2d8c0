//! Thread-local storage is computed, for who looks at a link; nothing sets it up for code that runs.

use crate::base::{Name, Text};
use crate::graph::{
    Block, Definition, FoundEdge, LinkGraph, Section, SectionRole, Site, Symbol, SymbolKind,
    UnsettledWalk,
};
use crate::memory::Lifetime;

use super::PassError;

/// Refuses a graph of which something live needs thread-local storage: by the name of a variable, or else of a section.
pub(super) fn refuse(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let mut first = 0;
    let is_thread_local = |symbol: &Symbol<'_>| symbol.kind == SymbolKind::ThreadLocal;
    while let Some(id) = graph.symbols.find_from(first, is_thread_local) {
        first = id.index().saturating_add(1);
        let symbol = graph.symbols.at(id);
        if is_known_to_author(symbol.name)
            && let Some(site) = place_in_link(graph, symbol)
        {
            return refused(site, Text::of(symbol.name));
        }
    }
    if graph.has_section(is_storage) {
        for (id, block) in graph.blocks.iter() {
            let section = graph.sections.at(block.section);
            let has_storage = is_storage(section) && block.content.size_bytes() > 0;
            if has_storage && is_needed(graph, block) {
                return refused(graph.site(id, 0), Text::of(section.name));
            }
        }
    }
    // An object need not say what a name is that others define: how it refers to it does.
    if !graph.may_have_thread_local() {
        return Ok(());
    }
    let mut walk = UnsettledWalk::default();
    while let Some(FoundEdge { block, edge, .. }) = graph.next_unsettled(&mut walk) {
        if edge.kind.row().is_thread_local() && is_needed(graph, graph.blocks.at(block)) {
            let site = graph.site(block, u64::from(edge.offset));
            return refused(site, graph.symbol_name(edge.target));
        }
    }
    Ok(())
}

/// Whether what a section holds is thread-local storage.
fn is_storage(section: &Section<'_>) -> bool {
    section.role == SectionRole::ThreadLocal
}

/// Whether a block is needed at run time: what only describes the program is not.
fn is_needed(graph: &LinkGraph<'_>, block: &Block<'_>) -> bool {
    block.is_live && graph.sections.at(block.section).lifetime != Lifetime::NoAlloc
}

#[cold]
#[inline(never)]
fn refused(site: Site, name: Text<120>) -> Result<(), PassError> {
    let reason = (
        "`",
        name,
        "` needs thread-local storage, which is not supported yet; make it an ordinary variable",
    );
    Err(PassError::at(site, reason))
}

/// Whether a name is one that the source holds: compilers mark data and label it for themselves.
fn is_known_to_author(name: Name<'_>) -> bool {
    let own = [&b"$"[..], b".L"];
    !name.is_empty() && !own.iter().any(|prefix| name.bytes().starts_with(prefix))
}

/// Where a symbol is defined, or who asks for it; `None` if nothing of it is linked.
fn place_in_link(graph: &LinkGraph<'_>, symbol: &Symbol<'_>) -> Option<Site> {
    match symbol.definition {
        Definition::Block { block, offset } => {
            let is_live = graph.blocks.at(block).is_live;
            is_live.then(|| graph.site(block, offset))
        }
        _ => symbol
            .is_live
            .then(|| Site::object(graph.objects.at(symbol.object))),
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{Alignment, Machine, Name, Protection};
    use crate::edge::{DataKind, EdgeKind, X86_64Kind};
    use crate::graph::{
        Content, Definition, LinkGraph, Linkage, Object, Scope, Section, SectionRole, Symbol,
        SymbolKind,
    };
    use crate::memory::Lifetime;
    use crate::pass::testing::Builder;

    /// A thread-local section of four bytes with symbols of these names, and whether it is live.
    fn graph(names: &[&'static str], is_live: bool) -> LinkGraph<'static> {
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = Object::new("a.o");
        let object = graph.add_object(object).unwrap();
        let section = Section {
            name: Name::from(".tdata"),
            object,
            protection: Protection::ReadWrite,
            lifetime: Lifetime::Standard,
            role: SectionRole::ThreadLocal,
            is_bounded: false,
            index: 0,
        };
        let section = graph.add_section(section).unwrap();
        let content = Content::Bytes(&[0; 4]);
        let block = graph.add_block(section, content, Alignment::ONE).unwrap();
        graph.blocks.at_mut(block).is_live = is_live;
        for (offset, name) in (0..).zip(names) {
            let symbol = Symbol {
                name: Name::from(*name),
                definition: Definition::Block { block, offset },
                size_bytes: 1,
                object,
                linkage: Linkage::Strong,
                scope: Scope::Local,
                kind: SymbolKind::ThreadLocal,
                is_live: false,
            };
            graph.add_symbol(symbol).unwrap();
        }
        graph
    }

    #[test]
    fn a_thread_local_variable_is_refused_by_the_name_in_the_source() {
        let error = super::refuse(&mut graph(&["$d.1", ".Lanon", "counter"], true)).unwrap_err();
        let text = std::format!("{error}");
        assert!(
            text.starts_with("a.o: .tdata+0x2: `counter` needs"),
            "{text}"
        );
    }

    #[test]
    fn thread_local_storage_without_a_name_is_refused_by_its_section() {
        let error = super::refuse(&mut graph(&[".Lanon"], true)).unwrap_err();
        assert!(std::format!("{error}").contains("`.tdata` needs"));
    }

    #[test]
    fn thread_local_storage_that_is_not_linked_is_no_matter() {
        super::refuse(&mut graph(&["counter"], false)).unwrap();
    }

    #[test]
    fn a_name_that_is_used_as_thread_local_is_refused_whatever_its_object_says() {
        for kind in [
            EdgeKind::Data(DataKind::ThreadOffset32),
            EdgeKind::X86_64(X86_64Kind::RequestThreadOffsetDelta32),
        ] {
            let mut builder = Builder::new(Machine::X86_64);
            let text = builder.block(".text", Protection::ReadExecute, &[0; 8]);
            let elsewhere = builder.external("elsewhere");
            builder.edges(text, &[(4, kind, elsewhere, 0)]);
            super::refuse(&mut builder.graph).unwrap();
            builder.prune();
            let error = super::refuse(&mut builder.graph).unwrap_err();
            let text = std::format!("{error}");
            let refused = "a.o: .text+0x4: `elsewhere` needs thread-local storage";
            assert!(text.starts_with(refused), "{text}");
        }
    }
}
