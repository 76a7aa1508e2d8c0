//! Addresses of functions that instructions within them take without a relocation: an assembler knows the distance already.
//! With an edge for each, they stay right when functions are moved apart.

use std::collections::HashSet;
use std::vec::Vec;

use iced_x86::{Decoder, DecoderOptions};

use crate::base::Machine;
use crate::edge::{Aarch64Kind, DataKind, EdgeKind};
use crate::graph::{BlockId, Definition, LinkGraph, SymbolId, SymbolKind};
use crate::pass::{Pass, PassError};

/// Adds the edges.
pub(super) struct SelfRelocations;

/// A place in a function, and what is written there.
struct Place {
    block: BlockId,
    offset: u32,
    kind: EdgeKind,
    target: SymbolId,
    addend: i64,
}

impl Pass for SelfRelocations {
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        let mut known = HashSet::new();
        for block in graph.blocks.ids() {
            known.extend(graph.edges(block).iter().map(|edge| (block, edge.offset)));
        }
        let mut places = Vec::new();
        for (id, symbol) in graph.symbols.iter() {
            let Definition::Block { block, offset } = symbol.definition else {
                continue;
            };
            let Some(code) = function(graph, block, offset, symbol.size_bytes.into()) else {
                continue;
            };
            if symbol.kind != SymbolKind::Function {
                continue;
            }
            let distances = match graph.machine() {
                Machine::X86_64 => x86_64(code),
                Machine::Aarch64 => aarch64(code),
            };
            for (distance, kind, addend) in distances {
                let place = u32::try_from(offset.saturating_add(distance));
                let Ok(offset) = place else { continue };
                if known.insert((block, offset)) {
                    places.push(Place {
                        block,
                        offset,
                        kind,
                        target: id,
                        addend,
                    });
                }
            }
        }
        let mut changed = HashSet::new();
        for place in places {
            changed.insert(place.block);
            let Place {
                block,
                offset,
                kind,
                target,
                addend,
            } = place;
            graph.insert_edge(block, offset, kind, target, addend)?;
        }
        for block in changed {
            graph.sort_edges(block)?;
        }
        Ok(())
    }
}

/// The bytes of a function.
fn function<'g>(
    graph: &'g LinkGraph<'_>,
    block: BlockId,
    offset: u64,
    size_bytes: u64,
) -> Option<&'g [u8]> {
    let section = graph.blocks.at(block).section;
    if !graph.sections.at(section).protection.is_executable() {
        return None;
    }
    let start = usize::try_from(offset).ok()?;
    let size = usize::try_from(size_bytes).ok()?;
    graph.content(block)?.get(start..start.checked_add(size)?)
}

/// Where in its code a function takes its own address, what is to be written there, and with which addend.
fn x86_64(code: &[u8]) -> Vec<(u64, EdgeKind, i64)> {
    let mut decoder = Decoder::with_ip(64, code, 0, DecoderOptions::NONE);
    let mut found = Vec::new();
    while decoder.can_decode() {
        let start = decoder.position();
        let instruction = decoder.decode();
        // The code is decoded as if it lay at 0.
        let is_own =
            instruction.is_ip_rel_memory_operand() && instruction.ip_rel_memory_address() == 0;
        let offsets = decoder.get_constant_offsets(&instruction);
        if !is_own || offsets.displacement_size() != 4 {
            continue;
        }
        let field = start.saturating_add(offsets.displacement_offset());
        let end = decoder.position();
        let (Ok(field), Ok(end)) = (u64::try_from(field), u64::try_from(end)) else {
            continue;
        };
        // The distance counts from the instruction's end.
        let addend = field.wrapping_sub(end).cast_signed();
        found.push((field, EdgeKind::Data(DataKind::Delta32), addend));
    }
    found
}

/// As [`x86_64`]: the instruction is `adr`. Source: Arm Architecture Reference Manual, C6.2.
fn aarch64(code: &[u8]) -> Vec<(u64, EdgeKind, i64)> {
    const OPCODE: u32 = 0x9f00_0000;
    const ADR: u32 = 0x1000_0000;
    let words = code.as_chunks().0.iter();
    let places = (0_u64..).step_by(4);
    let found = words.zip(places).filter(|&(word, place)| {
        let word = u32::from_le_bytes(*word);
        let distance = ((word >> 5) & 0x7_ffff) << 2 | (word >> 29) & 3;
        // The sign of 21 bits.
        let distance = i64::from((distance << 11).cast_signed() >> 11);
        word & OPCODE == ADR && place.cast_signed() + distance == 0
    });
    let kind = EdgeKind::Aarch64(Aarch64Kind::Adr21);
    found.map(|(_, place)| (place, kind, 0)).collect()
}

#[cfg(test)]
mod tests {
    use super::{aarch64, x86_64};
    use crate::edge::{Aarch64Kind, DataKind, EdgeKind};
    use std::vec;

    #[test]
    fn a_function_that_takes_its_own_address_is_seen() {
        // nop; lea -8(%rip), %rax; lea 0(%rip), %rax; ret
        let code = [
            0x90, 0x48, 0x8d, 0x05, 0xf8, 0xff, 0xff, 0xff, 0x48, 0x8d, 0x05, 0, 0, 0, 0, 0xc3,
        ];
        let expected = vec![(4, EdgeKind::Data(DataKind::Delta32), -4)];
        assert_eq!(x86_64(&code), expected);
    }

    #[test]
    fn so_is_one_of_the_other_machine() {
        // nop; adr x0, .-4; adr x0, .+4
        let words: [u32; 3] = [0xd503_201f, 0x10ff_ffe0, 0x1000_0020];
        let code = words.map(u32::to_le_bytes).concat();
        let expected = vec![(4, EdgeKind::Aarch64(Aarch64Kind::Adr21), 0)];
        assert_eq!(aarch64(&code), expected);
    }
}
