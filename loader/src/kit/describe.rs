//! What a module is, and what it was built against: read before anything of it is linked.

#[cfg(test)]
mod tests;

use crate::base::{Name, Protection, TargetAddr, Text, int};
use crate::graph::{Definition, Edge, LinkGraph, SymbolId};

use super::interface::{InterfaceEntry, interface_hash};
use super::record::{self, Record, interface, module};
use super::{KitError, RecordFault};

/// What a module says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    /// Its name: 1 to 63 bytes.
    pub name: Text<64>,
    /// Its version, in words of its own; it may be empty.
    pub version: Text<32>,
    /// Its licence; it may be empty.
    pub licence: Text<32>,
    /// `int init(void)`, to be called once the module is linked; what it returns fails the load if it is not 0.
    pub init: Option<EntryPoint>,
    /// `void exit(void)`, to be called before the module is unloaded.
    pub exit: Option<EntryPoint>,
    /// What it was built against, if it says so.
    pub interface: Option<RequiredInterface<'a>>,
}

/// A function that a module names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryPoint {
    /// The symbol, often that of the function's section.
    pub symbol: SymbolId,
    /// How far behind the symbol the function starts, in bytes.
    pub addend: i64,
}

impl EntryPoint {
    /// The function's address, once `graph` is linked; `None` before.
    pub fn address(&self, graph: &LinkGraph<'_>) -> Option<TargetAddr> {
        let symbol = graph.address(self.symbol)?;
        Some(symbol.wrapping_offset(self.addend))
    }
}

/// An interface that a module was built against, as it says.
#[derive(Clone, Copy, Debug)]
pub struct RequiredInterface<'a> {
    /// The interface's name: 1 to 47 bytes.
    pub name: Name<'a>,
    /// The hash that the module states. It is compared by [`check_interface`](super::check_interface), not here.
    pub hash: u64,
    /// The entries, one record behind the other; each was read once and is sound.
    entries: &'a [u8],
}

impl<'a> RequiredInterface<'a> {
    /// The entries, in the order of their names, each once.
    pub fn entries(&self) -> impl Iterator<Item = InterfaceEntry<'a>> + use<'a> {
        let records = self.entries.chunks_exact(interface::ENTRY_BYTES);
        records.map(|bytes| {
            let (name, version) = bytes
                .split_at_checked(interface::ENTRY_VERSION_OFFSET)
                .unwrap_or((bytes, &[]));
            let mut texts = name.split(|&byte| byte == 0);
            InterfaceEntry {
                name: Name::new(texts.next().unwrap_or(&[])),
                version: version
                    .first_chunk()
                    .map_or(0, |&bytes| u64::from_le_bytes(bytes)),
            }
        })
    }

    /// The hash over what the module lists.
    pub fn listed_hash(&self) -> u64 {
        interface_hash(self.name, self.entries())
    }
}

/// Reads what a module says of itself; `None` if it says nothing. The graph is as it was read from the objects.
///
/// # Errors
/// A record is damaged, or of another layout; there are two where one is enough; or a function that is named is no code of
/// the graph.
pub fn describe<'a>(graph: &LinkGraph<'a>) -> Result<Option<Description<'a>>, KitError> {
    let needed = record::only_block_of(graph, interface::SECTION)?;
    let Some(block) = record::only_block_of(graph, module::SECTION)? else {
        return match needed {
            Some(block) => Err(KitError::NoModule {
                site: graph.site(block, 0),
            }),
            None => Ok(None),
        };
    };
    let record = Record::new(graph, block)?;
    record.check_size(module::SIZE_BYTES)?;
    let own_size = record.number(module::OWN_SIZE_OFFSET)?;
    if int::usize_from_u32(own_size) != module::SIZE_BYTES {
        let fault = RecordFault::Size {
            found: int::usize_from_u32(own_size),
            expected: module::SIZE_BYTES,
        };
        return Err(record.fault(module::OWN_SIZE_OFFSET, fault));
    }
    let [init, exit] = entry_points(graph, &record)?;
    let interface = match needed {
        Some(block) => Some(required_interface(&Record::new(graph, block)?)?),
        None => None,
    };
    Ok(Some(Description {
        name: Text::of(record.some_text(0, &module::NAME)?),
        version: Text::of(record.text(0, &module::VERSION)?),
        licence: Text::of(record.text(0, &module::LICENCE)?),
        init,
        exit,
        interface,
    }))
}

/// The init and the exit function.
fn entry_points(
    graph: &LinkGraph<'_>,
    record: &Record<'_, '_>,
) -> Result<[Option<EntryPoint>; 2], KitError> {
    let mut points = [None; 2];
    for edge in record.edges() {
        let [init, exit] = &mut points;
        let place = match edge.offset {
            module::INIT_OFFSET => init,
            module::EXIT_OFFSET => exit,
            _ => return Err(stray(record, edge)),
        };
        record.check_pointer(edge)?;
        let point = EntryPoint {
            symbol: edge.target,
            addend: graph.addend(edge),
        };
        if !is_code(graph, &point) {
            return Err(KitError::NotCode {
                site: record.site(edge),
                symbol: graph.symbol_name(edge.target),
            });
        }
        if place.replace(point).is_some() {
            return Err(stray(record, edge));
        }
    }
    for (point, offset) in points
        .iter()
        .zip([module::INIT_OFFSET, module::EXIT_OFFSET])
    {
        if point.is_none() {
            record.check_null(offset)?;
        }
    }
    Ok(points)
}

/// Whether a function lies in the graph, in memory that can be executed.
fn is_code(graph: &LinkGraph<'_>, point: &EntryPoint) -> bool {
    let Definition::Block { block, offset } = graph.symbols.at(point.symbol).definition else {
        return false;
    };
    let block = graph.blocks.at(block);
    let offset = offset.checked_add_signed(point.addend);
    let is_within = offset.is_some_and(|offset| offset < block.content.size_bytes());
    is_within && graph.sections.at(block.section).protection == Protection::ReadExecute
}

fn required_interface<'a>(record: &Record<'_, 'a>) -> Result<RequiredInterface<'a>, KitError> {
    let count = int::usize_from_u32(record.number(interface::COUNT_OFFSET)?);
    let entries_bytes = count.saturating_mul(interface::ENTRY_BYTES);
    record.check_size(interface::HEADER_BYTES.saturating_add(entries_bytes))?;
    if let Some(edge) = record.edges().first() {
        return Err(stray(record, edge));
    }
    let mut previous = Name::default();
    let starts = (interface::HEADER_BYTES..record.bytes().len()).step_by(interface::ENTRY_BYTES);
    for start in starts {
        let name = record.some_text(start, &interface::ENTRY_NAME)?;
        if name <= previous {
            return Err(record.fault(start, RecordFault::Order));
        }
        previous = name;
    }
    Ok(RequiredInterface {
        name: record.some_text(0, &interface::NAME)?,
        hash: record.wide_number(interface::HASH_OFFSET)?,
        entries: record.bytes().get(interface::HEADER_BYTES..).unwrap_or(&[]),
    })
}

#[cold]
fn stray(record: &Record<'_, '_>, edge: &Edge) -> KitError {
    record.fault(
        int::usize_from_u32(edge.offset),
        RecordFault::StrayRelocation,
    )
}
