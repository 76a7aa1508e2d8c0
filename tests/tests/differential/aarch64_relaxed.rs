//! Sequences of AArch64 that a link may rewrite to others of the same effect: AAELF64, section "Relocation optimization".

use crate::aarch64::{ADR_GOT_PAGE, LD64_GOT_LO12_NC};
use crate::elf::{Relocation, u32_at};
use crate::formula::{Fault, Site};
use crate::instructions::{Registers, Step, bits};
use std::collections::HashSet;

const ADR_PREL_PG_HI21: u32 = 275;
const ADD_ABS_LO12_NC: u32 = 277;

/// Whether the instruction may be part of a sequence that is rewritten.
pub(crate) fn may_be_rewritten(number: u32) -> bool {
    matches!(
        number,
        ADR_GOT_PAGE | LD64_GOT_LO12_NC | ADR_PREL_PG_HI21 | ADD_ABS_LO12_NC
    )
}

/// Whether the instruction is one of two that together do what they would have done if each had been relocated.
///
/// # Errors
/// They were rewritten, and do something else or may not be.
pub(crate) fn is_rewritten(site: &Site<'_>, section: &Pairs<'_>) -> Result<bool, Fault> {
    let Some(pair) = Pair::of(site.relocation, section.relocations) else {
        return Ok(false);
    };
    if !pair.is_changed(site) {
        return Ok(false);
    }
    let fault = |what: &str| Fault {
        expected: format!("{:x?} in a register", pair.wanted(site)),
        got: what.to_owned(),
    };
    if pair.loads && section.unpaired.contains(&site.relocation.symbol) {
        return Err(fault(
            "a rewritten load, though not all of the symbol's are pairs",
        ));
    }
    match pair.result(site) {
        Some(result) if pair.wanted(site).contains(&result) => Ok(true),
        result => Err(fault(&format!("{result:x?}"))),
    }
}

/// The relocations of a section, and which of its symbols' table entries are loaded otherwise than by pairs: a page may
/// be computed in one place then and used in another.
#[derive(Debug)]
pub(crate) struct Pairs<'a> {
    relocations: &'a [Relocation],
    unpaired: HashSet<usize>,
}

impl<'a> Pairs<'a> {
    /// Finds them.
    pub(crate) fn of(relocations: &'a [Relocation]) -> Self {
        let is_load =
            |relocation: &&Relocation| matches!(relocation.number, ADR_GOT_PAGE | LD64_GOT_LO12_NC);
        let alone = |relocation: &&Relocation| Pair::of(relocation, relocations).is_none();
        let unpaired = relocations.iter().filter(is_load).filter(alone);
        Self {
            relocations,
            unpaired: unpaired.map(|relocation| relocation.symbol).collect(),
        }
    }
}

/// Two instructions in succession that make one symbol's address.
struct Pair {
    /// The offset of the first.
    start: usize,
    /// Whether they load it from the table; else they compute it.
    loads: bool,
}

impl Pair {
    /// The pair that the relocation is a half of.
    fn of(relocation: &Relocation, all: &[Relocation]) -> Option<Self> {
        let (loads, is_first) = match relocation.number {
            ADR_GOT_PAGE => (true, true),
            LD64_GOT_LO12_NC => (true, false),
            ADR_PREL_PG_HI21 => (false, true),
            ADD_ABS_LO12_NC => (false, false),
            _ => return None,
        };
        let (other, at) = match (loads, is_first) {
            (true, true) => (LD64_GOT_LO12_NC, relocation.offset + 4),
            (true, false) => (ADR_GOT_PAGE, relocation.offset.checked_sub(4)?),
            (false, true) => (ADD_ABS_LO12_NC, relocation.offset + 4),
            (false, false) => (ADR_PREL_PG_HI21, relocation.offset.checked_sub(4)?),
        };
        let is_other = |candidate: &&Relocation| {
            candidate.number == other
                && (candidate.symbol, candidate.addend) == (relocation.symbol, relocation.addend)
        };
        // Relocations are in the order of their places, or few.
        let start = all.partition_point(|earlier| earlier.offset < at);
        let same_place = all[start..].iter().take_while(|later| later.offset == at);
        same_place.into_iter().find(is_other)?;
        Some(Self {
            start: relocation.offset.min(at) as usize,
            loads,
        })
    }

    /// Whether other bits than those of their fields are different from what they were.
    fn is_changed(&self, site: &Site<'_>) -> bool {
        let differences = |offset| u32_at(site.original, offset) ^ u32_at(site.written, offset);
        differences(self.start) & !0x60ff_ffe0 != 0
            || differences(self.start + 4) & !0x003f_fc00 != 0
    }

    /// What they come to.
    fn wanted(&self, site: &Site<'_>) -> Vec<u64> {
        let addend = site.relocation.addend;
        let addresses = site.addresses().into_iter();
        addresses
            .map(|address| address.wrapping_add_signed(addend))
            .collect()
    }

    /// What is in the one register that both write, after what was written in their place.
    fn result(&self, site: &Site<'_>) -> Option<u64> {
        let old = [self.start, self.start + 4].map(|offset| u32_at(site.original, offset));
        let register = bits(old[0], 4, 0);
        // The first one's result must not be wanted by anybody else.
        if bits(old[1], 4, 0) != register || bits(old[1], 9, 5) != register {
            return None;
        }
        let section = site.place - site.relocation.offset;
        let mut registers = Registers::new();
        for offset in [self.start, self.start + 4] {
            let instruction = u32_at(site.written, offset);
            let step = registers.execute(site.linked, section + offset as u64, instruction)?;
            if step != Step::Next {
                return None;
            }
        }
        let is_alone = registers.changed().all(|changed| changed == register);
        let result = registers.get(register)?;
        is_alone.then_some(result.number)
    }
}
