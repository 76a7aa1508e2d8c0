//! What symbols stand for, by the rules of the gABI: which definition of a name counts, and what becomes of names that
//! nothing defines.

use crate::elf::{Binding, File, Place, Symbol};
use crate::linked::Linked;
use std::collections::HashMap;

/// What a symbol stands for.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// What messages call it.
    pub(crate) name: String,
    /// The ABI's S.
    pub(crate) address: u64,
    /// The ABI's Z.
    pub(crate) size: u64,
    pub(crate) nature: Nature,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Nature {
    Ordinary,
    /// Its address is that of a resolver.
    Indirect,
    /// Nothing defines it, and nothing must.
    WeakUndefined,
    /// Nothing defines it; the linker was told to give it an address all the same.
    Phony,
    /// Its section was left out, or the linker tells no address.
    Nowhere,
}

/// What a linker's names for a section's start and its end begin with.
const BOUNDS: [&str; 2] = ["__start_", "__stop_"];

/// Whether a linker defines the name as the start or the end of a section.
pub(crate) fn is_bound(name: &str) -> bool {
    BOUNDS.iter().any(|beginning| name.starts_with(beginning))
}

/// The names that all objects see.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    objects: &'a [File],
    linked: &'a Linked,
    definitions: HashMap<&'a str, Definition>,
    /// Of sections by name, where the first starts and the last ends.
    bounds: HashMap<&'a str, (u64, u64)>,
}

/// Where a name is defined, by the places of object and symbol.
#[derive(Clone, Copy, Debug)]
struct Definition {
    strength: Strength,
    object: usize,
    symbol: usize,
}

/// Which of two definitions counts: the greater, and of equals the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Strength {
    Weak,
    Common,
    Strong,
}

impl<'a> Names<'a> {
    /// Decides which definitions count.
    pub(crate) fn of(objects: &'a [File], linked: &'a Linked) -> Self {
        let mut names = Self {
            objects,
            linked,
            definitions: HashMap::new(),
            bounds: HashMap::new(),
        };
        for (object, file) in objects.iter().enumerate() {
            for (symbol, facts) in file.symbols.iter().enumerate() {
                names.offer(object, symbol, facts);
            }
            for (index, section) in file.sections.iter().enumerate() {
                for piece in linked.sections.get(&(object, index)).into_iter().flatten() {
                    let bounds = names.bounds.entry(&section.name);
                    let bounds = bounds.or_insert((piece.address, piece.address));
                    bounds.0 = bounds.0.min(piece.address);
                    bounds.1 = bounds.1.max(piece.address + piece.size);
                }
            }
        }
        names
    }

    fn offer(&mut self, object: usize, symbol: usize, facts: &'a Symbol) {
        let strength = match (facts.place, facts.binding) {
            (Place::Undefined, _) | (_, Binding::Local) => return,
            // What was left out defines nothing.
            (Place::Section(section), _)
                if !self.linked.sections.contains_key(&(object, section)) =>
            {
                return;
            }
            (Place::Common, _) => Strength::Common,
            (_, Binding::Weak) => Strength::Weak,
            (_, Binding::Global) => Strength::Strong,
        };
        let new = Definition {
            strength,
            object,
            symbol,
        };
        let known = self.definitions.entry(&facts.name).or_insert(new);
        let size = |definition: &Definition| {
            self.objects[definition.object].symbols[definition.symbol].size
        };
        let is_larger_common = strength == Strength::Common
            && known.strength == Strength::Common
            && size(&new) > size(known);
        if strength > known.strength || is_larger_common {
            *known = new;
        }
    }

    /// What the symbol at that place of the object's table stands for.
    pub(crate) fn target(&self, object: usize, symbol: usize) -> Target {
        let facts = &self.objects[object].symbols[symbol];
        if facts.binding == Binding::Local {
            return self.defined(object, facts);
        }
        if let Some(definition) = self.definitions.get(facts.name.as_str()) {
            let facts = &self.objects[definition.object].symbols[definition.symbol];
            return self.defined(definition.object, facts);
        }
        let undefined = |address: Option<u64>, nature| Target {
            name: facts.name.clone(),
            address: address.unwrap_or(0),
            size: facts.size,
            nature: address.map_or(Nature::Nowhere, |_| nature),
        };
        if let Some(address) = self.made_by_linker(&facts.name) {
            return undefined(address, Nature::Ordinary);
        }
        match (self.linked.names.get(&facts.name), facts.binding) {
            (None | Some(0), Binding::Weak) => undefined(Some(0), Nature::WeakUndefined),
            (address, _) => undefined(address.copied(), Nature::Phony),
        }
    }

    /// Whether the definition of a name that counts is a wish for memory.
    pub(crate) fn is_common(&self, name: &str) -> bool {
        let definition = self.definitions.get(name);
        definition.is_some_and(|definition| definition.strength == Strength::Common)
    }

    /// All names with the definitions that count.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = (&'a str, Target)> {
        self.definitions.iter().map(|(name, definition)| {
            let facts = &self.objects[definition.object].symbols[definition.symbol];
            (*name, self.defined(definition.object, facts))
        })
    }

    fn defined(&self, object: usize, facts: &Symbol) -> Target {
        let address = match facts.place {
            // Symbol 0 stands for nothing: its value is 0.
            Place::Undefined | Place::Absolute => Some(facts.value),
            Place::Common => self.linked.names.get(&facts.name).copied(),
            Place::Section(section) => self.linked.address(object, section, facts.value),
        };
        let name = match facts.place {
            Place::Section(section) if facts.is_section => {
                &self.objects[object].sections[section].name
            }
            _ => &facts.name,
        };
        Target {
            name: name.clone(),
            address: address.unwrap_or(0),
            size: facts.size,
            nature: match address {
                None => Nature::Nowhere,
                Some(_) if facts.is_indirect => Nature::Indirect,
                Some(_) => Nature::Ordinary,
            },
        }
    }

    /// Names that a linker defines when objects want them; the address is missing if the linker doesn't tell it.
    fn made_by_linker(&self, name: &str) -> Option<Option<u64>> {
        if name == "_GLOBAL_OFFSET_TABLE_" {
            return Some(self.linked.got_base);
        }
        let [start, stop] = BOUNDS.map(|beginning| name.strip_prefix(beginning));
        let (first, end) = self.bounds.get(start.or(stop)?)?;
        Some(Some(if start.is_some() { *first } else { *end }))
    }
}
