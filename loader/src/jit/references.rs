//! What a batch refers to: its symbols, numbered.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, TargetAddr, fallible, int};

use super::builder::Imports;
use super::declaration::{BatchSymbol, DeclarationId, Declarations};
use super::definition::PendingDefinitions;
use super::relocations::Referred;
use super::{JitError, Linkage};

/// What a symbol of a batch stands for that is none of its definitions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// A place that is known.
    At(TargetAddr),
    /// What the session knows by the name of this declaration; null, if it knows none and that may be.
    Import { may_be_null: bool },
    /// Something that was never defined: the link tells who misses it.
    Nothing,
}

/// The symbols of a batch, numbered: first those of its definitions, in their order, and then others.
#[derive(Debug)]
pub(super) struct References {
    /// How many definitions there are.
    definitions: u32,
    /// The others: declarations, each once, and addresses, which are `None`.
    pub(super) others: Vec<(Option<DeclarationId>, Meaning)>,
    /// For each relocation of each definition, in their order, the number of its symbol.
    pub(super) targets: Vec<u32>,
}

impl References {
    /// Numbers the definitions but for the first so many, and all that they refer to: each declaration once, by noting in it that
    /// batch `number` has it.
    pub(super) fn of(
        pending: &PendingDefinitions,
        first: usize,
        declarations: &mut Declarations,
        imports: &Imports,
        number: u64,
    ) -> Result<Self, JitError> {
        let definitions = pending.since(first);
        for (place, definition) in (0..).zip(definitions) {
            let known = declarations.get_mut(definition.declaration)?;
            // Functions with entries are referred to by these, not by their bodies.
            if known.entry.is_none() {
                known.last_symbol = BatchSymbol {
                    batch: number,
                    place,
                };
            }
        }
        let relocations = definitions
            .iter()
            .map(|definition| definition.relocations.len);
        let count = relocations.fold(0, u32::saturating_add);
        let mut references = Self {
            definitions: u32::try_from(definitions.len()).map_err(|_| OutOfMemory)?,
            others: Vec::new(),
            targets: fallible::vec_with_capacity(int::usize_from_u32(count))?,
        };
        for (itself, definition) in (0..).zip(definitions) {
            for relocation in pending.relocations.of(definition.relocations) {
                let place = match relocation.target {
                    Referred::Itself => itself,
                    Referred::Address(address) => references.add(None, Meaning::At(address))?,
                    Referred::Declaration(id) => {
                        references.number_of(id, declarations, imports, number)?
                    }
                };
                fallible::push(&mut references.targets, place)?;
            }
        }
        Ok(references)
    }

    /// The number of the symbol that a declaration has in batch `number`.
    fn number_of(
        &mut self,
        id: DeclarationId,
        declarations: &mut Declarations,
        imports: &Imports,
        number: u64,
    ) -> Result<u32, JitError> {
        let BatchSymbol { batch, place } = declarations.get(id)?.last_symbol;
        if batch == number {
            return Ok(place);
        }
        let place = self.add(Some(id), meaning_of(declarations, imports, id))?;
        declarations.get_mut(id)?.last_symbol = BatchSymbol {
            batch: number,
            place,
        };
        Ok(place)
    }

    fn add(&mut self, id: Option<DeclarationId>, meaning: Meaning) -> Result<u32, OutOfMemory> {
        let place = u32::try_from(self.others.len()).ok();
        let place = place.and_then(|place| place.checked_add(self.definitions));
        fallible::push(&mut self.others, (id, meaning))?;
        place.ok_or(OutOfMemory)
    }
}

/// What a reference to a declaration means that the batch does not define, or that is reached by an entry.
fn meaning_of(declarations: &Declarations, imports: &Imports, id: DeclarationId) -> Meaning {
    let Ok(known) = declarations.get(id) else {
        return Meaning::Nothing;
    };
    if let Some(entry) = known.entry_in_use() {
        return Meaning::At(entry.stub);
    }
    if let Some(body) = known.body {
        return Meaning::At(body.address);
    }
    let may_be_null = match known.linkage {
        Linkage::Import => false,
        Linkage::Preemptible => true,
        Linkage::Local | Linkage::Hidden | Linkage::Export => return Meaning::Nothing,
    };
    match imports.find(declarations.name_of(id)) {
        Some(address) => Meaning::At(address),
        None => Meaning::Import { may_be_null },
    }
}
