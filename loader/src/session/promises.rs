//! What a graph gives to others: as names before it is linked, as symbols afterwards.

use crate::base::{Name, TargetAddr};
use crate::graph::{Definition, LinkGraph, Linkage, Object, Origin, Scope, Symbol, SymbolId};
use crate::memory::Lifetime;

use super::symbols::{StoredName, SymbolRecord, SymbolSet, Visibility};

/// A name that a graph will give to others, once linked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Promise<'g> {
    pub(super) symbol: SymbolId,
    pub(super) name: Name<'g>,
    pub(super) linkage: Linkage,
    pub(super) visibility: Visibility,
    /// Whether its definition gives way to one that is there already, of so many bytes at least: a weak one of the object's
    /// own, or common memory.
    pub(super) gives_way: Option<u64>,
    pub(super) object: &'g Object<'g>,
}

/// The names that a graph will give to others, before it is pruned and linked.
pub(super) fn promises<'g>(graph: &'g LinkGraph<'_>) -> impl Iterator<Item = Promise<'g>> {
    graph.symbols.iter().filter_map(|(id, symbol)| {
        // Most symbols are seen by their object alone.
        let visibility = visibility(symbol)?;
        let is_defined = match symbol.definition {
            // What goes once the initializers have run is given to nobody.
            Definition::Block { block, .. } => {
                let section = graph.blocks.at(block).section;
                graph.sections.at(section).lifetime == Lifetime::Standard
            }
            Definition::Absolute(_) | Definition::Common(_) => true,
            _ => false,
        };
        if !is_defined || symbol.name.is_empty() {
            return None;
        }
        Some(Promise {
            symbol: id,
            name: symbol.name,
            linkage: linkage_of(graph, symbol),
            visibility,
            gives_way: match symbol.definition {
                Definition::Common(_) => Some(symbol.size_bytes.into()),
                _ => (symbol.linkage == Linkage::Weak).then_some(0),
            },
            object: graph.objects.at(symbol.object),
        })
    })
}

/// What others may find of a linked graph, as far as a symbol itself tells; [`amend`] adds what is to be known of the graph.
pub(super) fn findable<'g>(
    graph: &'g LinkGraph<'_>,
) -> impl Iterator<Item = (Name<'g>, impl FnOnce(StoredName) -> SymbolRecord)> {
    let symbols = graph.symbols.iter().map(|(_, symbol)| symbol);
    symbols.filter_map(move |symbol| {
        let visibility = visibility(symbol).filter(|_| !symbol.name.is_empty())?;
        let address = lasting_address(graph, symbol)?;
        let record = move |name| SymbolRecord {
            name,
            visibility,
            address,
            size_bytes: symbol.size_bytes.into(),
            object: symbol.object,
            kind: symbol.kind,
            linkage: symbol.linkage,
            is_protected: false,
            is_group: false,
        };
        Some((symbol.name, record))
    })
}

/// Marks what is recorded of a graph's symbols if it gives way to others, since archives gave it, and if a section group goes
/// with it. Of a group that is kept, the symbol of its name tells; a group without such a symbol is kept again by each module,
/// and its weak names give way one by one.
///
/// All symbols are the graph's: what a module is given by others comes later.
pub(super) fn amend(graph: &LinkGraph<'_>, symbols: &mut SymbolSet) {
    if graph.objects.iter().any(|(_, object)| is_weak(object)) {
        symbols.for_each_mut(|_, record| {
            if is_weak(graph.objects.at(record.object)) {
                record.linkage = Linkage::Weak;
            }
        });
    }
    if graph.kept_groups().next().is_some() {
        symbols.for_each_mut(|name, record| {
            record.is_group = graph.keeps_group(name, record.name.mark);
        });
    }
}

/// How many names [`findable`] gives at most, and how many bytes they have together.
pub(super) fn size_of_findable(graph: &LinkGraph<'_>) -> (usize, usize) {
    let seen = graph.symbols.values().filter(|symbol| {
        let definition = symbol.definition;
        matches!(
            definition,
            Definition::Block { .. } | Definition::Absolute(_)
        ) && visibility(symbol).is_some()
    });
    seen.fold((0, 0), |(count, bytes), symbol| {
        let name_bytes = symbol.name.bytes().len();
        // A symbol takes more than a byte of memory. Names may overlap there: their sum may be more than there is room for.
        (count.wrapping_add(1), bytes.saturating_add(name_bytes))
    })
}

/// The address of a symbol that its graph defines, once linked; `None` if that is not there for as long as the module is.
#[inline]
fn lasting_address(graph: &LinkGraph<'_>, symbol: &Symbol<'_>) -> Option<TargetAddr> {
    match symbol.definition {
        Definition::Block { block, offset } => {
            let block = graph.blocks.at(block);
            let lasts = graph.sections.at(block.section).lifetime == Lifetime::Standard;
            (block.is_live && lasts).then(|| block.address_of(offset))
        }
        Definition::Absolute(address) => Some(address),
        _ => None,
    }
}

/// Who may find a symbol once its graph is linked; `None` if nobody but the graph itself.
fn visibility(symbol: &Symbol<'_>) -> Option<Visibility> {
    // Scopes ascend from the narrowest on.
    (symbol.scope >= Scope::Hidden).then_some(match symbol.scope {
        Scope::Hidden => Visibility::Hidden,
        _ => Visibility::Exported,
    })
}

/// Which definition counts, this one or another module's.
fn linkage_of(graph: &LinkGraph<'_>, symbol: &Symbol<'_>) -> Linkage {
    if let Definition::Common(_) = symbol.definition {
        return Linkage::Weak;
    }
    match is_weak(graph.objects.at(symbol.object)) {
        true => Linkage::Weak,
        false => symbol.linkage,
    }
}

/// Whether all that an object defines gives way: what an archive gave may be there again in the next module.
const fn is_weak(object: &Object<'_>) -> bool {
    matches!(object.origin, Origin::Archive | Origin::Library)
}
