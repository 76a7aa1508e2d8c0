//! Names and ids: what a JIT module knows of a function or of data before, and after, it is defined.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{
    Arena, Decimal, HashTable, Id, Mark, Name, OutOfMemory, TargetAddr, Text, fallible, int,
};

use super::JitError;
use super::batch::BatchId;
use super::entries::Entry;

/// The kind of id that names a declaration.
#[derive(Debug)]
pub(super) enum DeclarationKey {}

/// Names a declaration.
pub(super) type DeclarationId = Id<DeclarationKey>;

/// Names a function of the module that declared it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FuncId(pub(super) DeclarationId);

/// Names data of the module that declared it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DataId(pub(super) DeclarationId);

impl FuncId {
    /// The place among the module's declarations, for side tables.
    pub const fn number(self) -> u32 {
        self.0.number()
    }
}

impl DataId {
    /// The place among the module's declarations, for side tables.
    pub const fn number(self) -> u32 {
        self.0.number()
    }
}

/// A function or data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Declared {
    /// A function.
    Function(FuncId),
    /// Data.
    Data(DataId),
}

/// Who defines what was declared, and who sees it. Of two declarations of one name the wider counts, which is the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Linkage {
    /// Defined elsewhere: by the builder's symbols, or in the session.
    Import,
    /// Defined here, for this module alone.
    Local,
    /// Defined here, for the dylib's own modules.
    Hidden,
    /// Defined here or elsewhere: a strong definition elsewhere in the dylib counts before this one, and none at all is null.
    Preemptible,
    /// Defined here, for everybody.
    Export,
}

impl fmt::Display for Linkage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Import => "import",
            Self::Local => "local",
            Self::Hidden => "hidden",
            Self::Preemptible => "preemptible",
            Self::Export => "export",
        })
    }
}

/// How the memory of data is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Storage {
    /// It is only read.
    ReadOnly,
    /// It is read and written.
    Writable,
    /// Each thread has its own. Nothing gives such storage yet: it is refused.
    ThreadLocal,
}

/// What was declared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Function,
    Data(Storage),
}

/// A definition that lies in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Body {
    pub(super) address: TargetAddr,
    pub(super) size_bytes: u64,
    /// What it was linked with.
    pub(super) batch: BatchId,
    /// On whose pages it lies; `None` if what is meant lies elsewhere.
    pub(super) pages_of: Option<BatchId>,
    /// Which of the declaration's definitions it is, counted from 1.
    pub(super) definition: u32,
    /// What it is another name for, if it is one.
    pub(super) alias_of: Option<DeclarationId>,
}

/// Whether a function or data may be defined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// It may be; what was defined before, if anything, is to be replaced.
    Open,
    /// It was, and is linked when definitions are finalized next: the how-manieth of them.
    Pending(u32),
    /// It was.
    Defined,
}

/// What a module knows of a function or data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declaration {
    name_start: u32,
    /// 0 if it is anonymous.
    name_len: u32,
    pub(super) kind: Kind,
    pub(super) linkage: Linkage,
    pub(super) stage: Stage,
    pub(super) body: Option<Body>,
    /// How often it was defined: tells one definition from the next.
    pub(super) definitions: u32,
    /// Where it is entered, whichever body it has; only functions of modules with hot swap have one.
    pub(super) entry: Option<Entry>,
    /// Whether others may find the entry by name.
    pub(super) is_published: bool,
    /// What it is in the last batch that referred to it.
    pub(super) last_symbol: BatchSymbol,
}

/// The symbol of a declaration in a batch.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct BatchSymbol {
    /// The number of the batch, counted from 1.
    pub(super) batch: u64,
    /// The place among the symbols of that.
    pub(super) place: u32,
}

impl Declaration {
    /// Notes that a definition waits to be linked: the how-manieth of them.
    pub(super) const fn become_pending(&mut self, place: u32) {
        self.stage = Stage::Pending(place);
        self.definitions = self.definitions.wrapping_add(1);
    }

    /// The entry by which a function is referred to. It keeps it when a finalization fails or its body is freed, but counts as
    /// defined only while there is a body, or one is being linked.
    pub(super) fn entry_in_use(&self) -> Option<Entry> {
        let has_body = self.body.is_some() || matches!(self.stage, Stage::Pending(_));
        self.entry.filter(|_| has_body)
    }
}

/// All declarations of a module, found by id or by name.
#[derive(Debug)]
pub(super) struct Declarations {
    all: Arena<DeclarationKey, Declaration>,
    /// The names, one after the other.
    names: Vec<u8>,
    by_name: HashTable<DeclarationId>,
}

impl Declarations {
    pub(super) const fn new() -> Self {
        Self {
            all: Arena::new(),
            names: Vec::new(),
            by_name: HashTable::new(),
        }
    }

    /// Declares a name, or widens the linkage of one that is known.
    pub(super) fn declare(
        &mut self,
        name: &str,
        linkage: Linkage,
        kind: Kind,
    ) -> Result<DeclarationId, JitError> {
        if name.is_empty() {
            return Err(JitError::Unnamed);
        }
        if let Some(id) = self.find(name) {
            self.declare_again(id, linkage, kind)?;
            return Ok(id);
        }
        self.by_name.try_reserve(1)?;
        let id = self.add(name, linkage, kind)?;
        self.by_name.insert(Mark::of(name.into()), id)?;
        Ok(id)
    }

    /// Declares what has no name, and so is the module's own.
    pub(super) fn declare_anonymous(&mut self, kind: Kind) -> Result<DeclarationId, JitError> {
        self.add("", Linkage::Local, kind)
    }

    fn add(&mut self, name: &str, linkage: Linkage, kind: Kind) -> Result<DeclarationId, JitError> {
        if kind == Kind::Data(Storage::ThreadLocal) {
            return Err(JitError::ThreadLocal {
                name: Text::of(name),
            });
        }
        let name_start = u32::try_from(self.names.len()).map_err(|_| OutOfMemory)?;
        let name_len = u32::try_from(name.len()).map_err(|_| OutOfMemory)?;
        fallible::extend(&mut self.names, name.as_bytes())?;
        // Nobody counted them: they come one by one.
        self.all.try_reserve(1)?;
        Ok(self.all.try_push(Declaration {
            name_start,
            name_len,
            kind,
            linkage,
            stage: Stage::Open,
            body: None,
            definitions: 0,
            entry: None,
            is_published: false,
            last_symbol: BatchSymbol::default(),
        })?)
    }

    fn declare_again(
        &mut self,
        id: DeclarationId,
        linkage: Linkage,
        kind: Kind,
    ) -> Result<(), JitError> {
        let name = self.text_of(id);
        let known = self.all.at_mut(id);
        let kind = match (known.kind, kind) {
            (_, Kind::Data(Storage::ThreadLocal)) => return Err(JitError::ThreadLocal { name }),
            (Kind::Function, Kind::Function) => Kind::Function,
            (Kind::Data(one), Kind::Data(other)) => Kind::Data(one.max(other)),
            _ => return Err(JitError::OtherKind { name }),
        };
        let is_wider = linkage > known.linkage || kind != known.kind;
        if is_wider && (known.stage != Stage::Open || known.body.is_some()) {
            return Err(JitError::DeclaredTooLate { name, linkage });
        }
        known.linkage = known.linkage.max(linkage);
        known.kind = kind;
        Ok(())
    }

    /// What has this name.
    pub(super) fn find(&self, name: &str) -> Option<DeclarationId> {
        let found = self.by_name.find(Mark::of(name.into()), |id| {
            name_of(&self.all, &self.names, *id) == name.as_bytes()
        });
        found.copied()
    }

    /// Whether this id names something here.
    pub(super) fn has(&self, id: DeclarationId) -> bool {
        self.all.get(id).is_some()
    }

    /// What this id names; an error if another module gave it.
    pub(super) fn get(&self, id: DeclarationId) -> Result<&Declaration, JitError> {
        self.all.get(id).ok_or(JitError::Unknown {
            number: id.number(),
        })
    }

    pub(super) fn get_mut(&mut self, id: DeclarationId) -> Result<&mut Declaration, JitError> {
        self.all.get_mut(id).ok_or(JitError::Unknown {
            number: id.number(),
        })
    }

    /// The entry of a function that has no body yet, or none any more.
    pub(super) fn entry_without_body(&self, id: DeclarationId) -> Option<Entry> {
        let known = self.all.get(id)?;
        known.entry.filter(|_| known.body.is_none())
    }

    /// Notes whether others may find a function's entry by name.
    pub(super) fn set_published(&mut self, id: DeclarationId, is_published: bool) {
        if let Some(known) = self.all.get_mut(id) {
            known.is_published = is_published;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The name; empty if it has none.
    pub(super) fn name_of(&self, id: DeclarationId) -> &str {
        // Names were strings, and are cut where they were put together.
        core::str::from_utf8(name_of(&self.all, &self.names, id)).unwrap_or("")
    }

    /// The name as a symbol has it.
    pub(super) fn symbol_name(&self, id: DeclarationId) -> Name<'_> {
        Name::new(name_of(&self.all, &self.names, id))
    }

    /// The name as errors show it.
    pub(super) fn text_of(&self, id: DeclarationId) -> Text<120> {
        match self.name_of(id) {
            "" => Text::of(("(anonymous #", Decimal(id.number().into()), ")")),
            name => Text::of(name),
        }
    }
}

fn name_of<'n>(
    all: &Arena<DeclarationKey, Declaration>,
    names: &'n [u8],
    id: DeclarationId,
) -> &'n [u8] {
    let name = all.get(id).and_then(|known| {
        let start = int::usize_from_u32(known.name_start);
        names.get(start..start.checked_add(int::usize_from_u32(known.name_len))?)
    });
    name.unwrap_or(&[])
}
