//! Thread-local storage is computed, for who looks at a link; nothing sets it up for code that runs.

use crate::graph::{Definition, LinkGraph, SectionRole, SymbolKind};

use super::PassError;

/// Refuses a graph of which something live needs thread-local storage.
pub(super) fn refuse(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let refused = |site, name| {
        let reason = format_args!(
            "`{name}` needs thread-local storage, which is not supported yet; make it an ordinary variable"
        );
        Err(PassError::at(site, reason))
    };
    for (id, symbol) in graph.symbols.iter() {
        if !symbol.is_live || symbol.kind != SymbolKind::ThreadLocal {
            continue;
        }
        let site = match symbol.definition {
            Definition::Block { block, offset } => graph.site(block, offset),
            _ => crate::graph::Site::object(graph.objects.at(symbol.object).name),
        };
        return refused(site, graph.symbol_name(id));
    }
    for (id, block) in graph.blocks.iter() {
        let section = graph.sections.at(block.section);
        if block.is_live
            && section.role == SectionRole::ThreadLocal
            && block.content.size_bytes() > 0
        {
            return refused(graph.site(id, 0), crate::base::Text::of(section.name));
        }
    }
    Ok(())
}
