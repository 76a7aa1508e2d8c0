//! Symbols that every module has its own of, made when something asks for them.

use crate::base::{Alignment, Name, Protection};
use crate::graph::{Content, Definition, LinkGraph, Scope, SymbolKind};

use super::PassError;

/// Tells one module's destructors from another's: only its address counts. Source: Itanium C++ ABI, 3.3.6.3.
const DSO_HANDLE: &str = "__dso_handle";

/// Defines the linker's symbols that are referred to and that no object defines.
pub(super) fn define(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let Some(id) = graph.find(Name::from(DSO_HANDLE)) else {
        return Ok(());
    };
    if !graph.symbols.at(id).is_external() {
        return Ok(());
    }
    let section = super::add_own_section(graph, DSO_HANDLE, Protection::Read)?;
    let block = graph.add_block(section, Content::Bytes(&[0; 8]), Alignment::EIGHT)?;
    let symbol = graph.symbols.at_mut(id);
    symbol.definition = Definition::Block { block, offset: 0 };
    symbol.scope = Scope::Link;
    symbol.kind = SymbolKind::Data;
    symbol.size_bytes = 8;
    Ok(())
}
