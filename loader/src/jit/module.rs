//! The JIT module: what users do with it.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{Alignment, Machine, Name, Slots, TargetAddr, int};
use crate::compiler::Relocation;
use crate::memory::MemoryManager;
use crate::session::{Function, FunctionPointer, Session, TrackerId};

use super::batch::{Batch, BatchKey};
use super::builder::{Imports, JitBuilder};
use super::declaration::{Body, DeclarationId, Declarations, Kind, Stage};
use super::definition::{self, Frame, Pending, PendingDefinitions};
use super::entries::Entries;
use super::epochs::Guards;
use super::held::Home;
use super::relocations::Referred;
use super::{Content, DataId, Declared, FuncId, JitError, Linkage, Storage, Target};

/// Functions and data made at run time, in a session with modules that were loaded.
///
/// What is declared may be defined; what is defined is linked when definitions are finalized, all of it together; what is finalized
/// can be called, and lies there until it is freed. Dropping the module leaves all of it in place, for nobody knows who runs
/// it; [`free`](Self::free) gives it back.
pub struct JitModule<'s, M: MemoryManager> {
    pub(super) home: Home<'s, M>,
    pub(super) name: Vec<u8>,
    pub(super) imports: Imports,
    pub(super) declarations: Declarations,
    pub(super) pending: PendingDefinitions,
    pub(super) batches: Slots<BatchKey, Batch<'s, M>>,
    /// How many batches there ever were.
    pub(super) batch_number: u64,
    /// Of a module with hot swap.
    pub(super) entries: Option<Entries<'s, M>>,
    pub(super) guards: Guards,
    /// Bodies that callers are led to no more.
    pub(super) retired: Vec<Retired>,
}

/// A body that somebody may be in still.
#[derive(Clone, Copy)]
pub(super) struct Retired {
    pub(super) body: Body,
    pub(super) epoch: u64,
}

impl<'s, M: MemoryManager> JitModule<'s, M> {
    pub(super) fn of(builder: JitBuilder<'s, M>) -> Result<Self, JitError> {
        let entries = builder
            .has_hot_swap
            .then(|| Entries::new(builder.protection));
        Ok(Self {
            home: Home {
                session: builder.session,
                dylib: builder.dylib,
                tracker: builder.session.create_tracker(),
                memory: builder.memory,
            },
            name: builder.name,
            imports: builder.imports,
            declarations: Declarations::new(),
            pending: PendingDefinitions::default(),
            batches: Slots::new(),
            batch_number: 0,
            entries,
            guards: Guards::new()?,
            retired: Vec::new(),
        })
    }

    /// The machine that is linked for.
    pub const fn machine(&self) -> Machine {
        self.home.session.machine()
    }

    /// The session that all is linked in.
    pub const fn session(&self) -> &'s Session<M> {
        self.home.session
    }

    /// Who owns what this is made of, as modules of the session.
    pub const fn tracker(&self) -> TrackerId {
        self.home.tracker.id()
    }

    /// The memory that all lies in.
    pub const fn memory(&self) -> &'s M {
        self.home.memory
    }

    /// Whether functions can be redefined.
    pub const fn has_hot_swap(&self) -> bool {
        self.entries.is_some()
    }

    /// Declares a function. A name that is known keeps its id, and the wider linkage counts.
    ///
    /// # Errors
    /// The name is empty, or that of data, or it is defined and can't be seen by more any longer; or the heap has no room.
    pub fn declare_function(&mut self, name: &str, linkage: Linkage) -> Result<FuncId, JitError> {
        let id = self.declarations.declare(name, linkage, Kind::Function)?;
        Ok(FuncId(id))
    }

    /// Declares a function without a name, for this module alone.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn declare_anonymous_function(&mut self) -> Result<FuncId, JitError> {
        Ok(FuncId(self.declarations.declare_anonymous(Kind::Function)?))
    }

    /// Declares data. A name that is known keeps its id; the wider linkage counts, and data that anybody writes is writable.
    ///
    /// # Errors
    /// As of [`declare_function`](Self::declare_function); or the data is thread-local.
    pub fn declare_data(
        &mut self,
        name: &str,
        linkage: Linkage,
        storage: Storage,
    ) -> Result<DataId, JitError> {
        let kind = Kind::Data(storage);
        Ok(DataId(self.declarations.declare(name, linkage, kind)?))
    }

    /// Declares data without a name, for this module alone.
    ///
    /// # Errors
    /// The data is thread-local, or the heap has no room.
    pub fn declare_anonymous_data(&mut self, storage: Storage) -> Result<DataId, JitError> {
        let kind = Kind::Data(storage);
        Ok(DataId(self.declarations.declare_anonymous(kind)?))
    }

    /// What was declared under a name.
    pub fn declared(&self, name: &str) -> Option<Declared> {
        let id = self.declarations.find(name)?;
        let known = self.declarations.get(id).ok()?;
        Some(match known.kind {
            Kind::Function => Declared::Function(FuncId(id)),
            Kind::Data(_) => Declared::Data(DataId(id)),
        })
    }

    /// What is defined under a name, in memory or waiting to be linked.
    pub fn defined(&self, name: &str) -> Option<Declared> {
        let declared = self.declared(name)?;
        let (Declared::Function(FuncId(id)) | Declared::Data(DataId(id))) = declared;
        let known = self.declarations.get(id).ok()?;
        let is_defined = known.body.is_some() || matches!(known.stage, Stage::Pending(_));
        is_defined.then_some(declared)
    }

    /// The name of a function; empty if it has none.
    pub fn function_name(&self, function: FuncId) -> &str {
        self.declarations.name_of(function.0)
    }

    /// The name of data; empty if it has none.
    pub fn data_name(&self, data: DataId) -> &str {
        self.declarations.name_of(data.0)
    }

    /// Defines a function as machine code, of which this keeps a copy until it is finalized.
    ///
    /// # Errors
    /// It is imported or defined already; a relocation is another machine's, or lies outside of the code; or the heap has no
    /// room. All that waits to be finalized has at most 4 GiB, and as many relocations.
    pub fn define_function(
        &mut self,
        function: FuncId,
        code: &[u8],
        alignment: Alignment,
        relocations: &[Relocation<Target>],
    ) -> Result<(), JitError> {
        self.define(function.0, Content::Bytes(code), alignment, relocations)
    }

    /// Defines a function, and how its frames are unwound.
    pub(super) fn define_framed(
        &mut self,
        function: FuncId,
        code: &[u8],
        alignment: Alignment,
        relocations: &[Relocation<Target>],
        frame: Frame<'_>,
    ) -> Result<(), JitError> {
        let before = self.pending_count();
        self.define_function(function, code, alignment, relocations)?;
        let added = self.pending.add_frame(frame);
        if added.is_err() {
            self.discard_definitions_after(before);
        }
        Ok(added?)
    }

    /// Defines data.
    ///
    /// # Errors
    /// As of [`define_function`](Self::define_function). Zeros take no relocations.
    pub fn define_data(
        &mut self,
        data: DataId,
        content: Content<'_>,
        alignment: Alignment,
        relocations: &[Relocation<Target>],
    ) -> Result<(), JitError> {
        self.define(data.0, content, alignment, relocations)
    }

    fn define(
        &mut self,
        id: DeclarationId,
        content: Content<'_>,
        alignment: Alignment,
        relocations: &[Relocation<Target>],
    ) -> Result<(), JitError> {
        let kind = self.check_open(id)?;
        let size_bytes = match content {
            Content::Bytes(bytes) => int::from_usize(bytes.len()),
            Content::Zeros(_) => 0,
        };
        let name = || self.declarations.text_of(id);
        definition::check(relocations, size_bytes, self.home.session.machine(), name)?;
        for relocation in relocations {
            if let Referred::Declaration(target) = relocation.target.into()
                && !self.declarations.has(target)
            {
                let number = target.number();
                return Err(JitError::Unknown { number });
            }
        }
        let place = self
            .pending
            .add(id, kind, content, alignment, relocations)?;
        self.declarations.get_mut(id)?.become_pending(place);
        Ok(())
    }

    /// Lets a function be another name for one that is defined, here or in what was finalized before. With hot swap it follows
    /// when that one is redefined.
    ///
    /// # Errors
    /// As of [`define_function`](Self::define_function), or the other one is not defined.
    pub fn alias_function(&mut self, alias: FuncId, target: FuncId) -> Result<(), JitError> {
        self.alias(alias.0, target.0)
    }

    /// Lets data be another name for data that is defined, here or in what was finalized before.
    ///
    /// # Errors
    /// As of [`define_data`](Self::define_data), or the other one is not defined.
    pub fn alias_data(&mut self, alias: DataId, target: DataId) -> Result<(), JitError> {
        self.alias(alias.0, target.0)
    }

    fn alias(&mut self, alias: DeclarationId, target: DeclarationId) -> Result<(), JitError> {
        let kind = self.check_open(alias)?;
        if self.leads_to(target, alias) {
            return Err(JitError::AliasOfItself {
                name: self.declarations.text_of(alias),
            });
        }
        let known = self.declarations.get(target)?;
        let size_bytes = match (known.stage, known.body) {
            (Stage::Pending(place), _) => {
                let pending = self.pending.all.get(int::usize_from_u32(place));
                pending.map(Pending::size_bytes)
            }
            (_, body) => body.map(|body| body.size_bytes),
        };
        let size_bytes = size_bytes.ok_or_else(|| JitError::AliasOfNothing {
            name: self.declarations.text_of(alias),
            target: self.declarations.text_of(target),
        })?;
        let place = self.pending.add_alias(alias, kind, target, size_bytes)?;
        self.declarations.get_mut(alias)?.become_pending(place);
        Ok(())
    }

    /// Whether what a declaration stands for is another one in the end, directly or by aliases.
    fn leads_to(&self, from: DeclarationId, to: DeclarationId) -> bool {
        let next = |id: &DeclarationId| {
            let known = self.declarations.get(*id).ok()?;
            match known.stage {
                Stage::Pending(place) => {
                    let pending = self.pending.all.get(int::usize_from_u32(place))?;
                    pending.alias_of()
                }
                Stage::Open | Stage::Defined => known.body?.alias_of,
            }
        };
        // Aliases that are there form no circle.
        let mut aliases = core::iter::successors(Some(from), next);
        aliases.any(|id| id == to)
    }

    /// Refuses to define what can't be.
    pub(super) fn check_open(&self, id: DeclarationId) -> Result<Kind, JitError> {
        let known = self.declarations.get(id)?;
        let name = || self.declarations.text_of(id);
        if known.linkage == Linkage::Import {
            return Err(JitError::DefinesImport { name: name() });
        }
        match known.stage {
            Stage::Open => Ok(known.kind),
            Stage::Pending(_) | Stage::Defined => Err(JitError::AlreadyDefined { name: name() }),
        }
    }

    /// Lets a function that is finalized be defined once more. Until definitions are finalized next its callers see the old
    /// body, and then the new one.
    ///
    /// # Errors
    /// The module has no hot swap, or the function is not finalized.
    pub fn prepare_for_function_redefine(&mut self, function: FuncId) -> Result<(), JitError> {
        let name = self.declarations.text_of(function.0);
        if !self.has_hot_swap() {
            return Err(JitError::NoHotSwap { name });
        }
        let known = self.declarations.get_mut(function.0)?;
        match (known.stage, known.body) {
            (Stage::Open | Stage::Defined, Some(_)) => {
                known.stage = Stage::Open;
                Ok(())
            }
            _ => Err(JitError::NotFinalized { name }),
        }
    }

    /// How often a function was defined.
    pub(super) fn definitions_of(&self, function: FuncId) -> Result<u32, JitError> {
        Ok(self.declarations.get(function.0)?.definitions)
    }

    /// Whether a function is in memory as this definition of it.
    pub(super) fn is_in_memory(&self, function: FuncId, definition: u32) -> bool {
        let known = self.declarations.get(function.0);
        let body = known.ok().and_then(|known| known.body);
        body.is_some_and(|body| body.definition == definition)
    }

    /// Whether a definition of a function waits to be linked.
    pub(super) fn is_waiting(&self, function: FuncId) -> bool {
        let known = self.declarations.get(function.0);
        known.is_ok_and(|known| matches!(known.stage, Stage::Pending(_)))
    }

    /// Lets a function trap as soon as it is linked, if it waits for that as this definition of it.
    pub(super) fn trap_once_linked(&mut self, function: FuncId, definition: u32) {
        if let Ok(known) = self.declarations.get(function.0)
            && known.definitions == definition
            && let Stage::Pending(place) = known.stage
        {
            let trap = super::entries::trap(self.home.session.machine());
            self.pending.replace(place, trap);
        }
    }

    /// How many definitions wait to be linked.
    pub(super) const fn pending_count(&self) -> usize {
        self.pending.all.len()
    }

    /// Forgets all definitions that wait to be linked, for instance since that failed. What was to be redefined stays as it
    /// is.
    pub fn discard_definitions(&mut self) {
        self.discard_definitions_after(0);
    }

    /// Forgets the definitions that wait to be linked, but for the first so many.
    pub(super) fn discard_definitions_after(&mut self, count: usize) {
        for pending in self.pending.since(count) {
            if let Ok(known) = self.declarations.get_mut(pending.declaration) {
                known.stage = match known.body {
                    Some(_) => Stage::Defined,
                    None => Stage::Open,
                };
            }
        }
        self.pending.truncate(count);
    }

    /// The address at which a function is called: with hot swap that of its entry, which stays the same.
    ///
    /// # Errors
    /// It is not in memory.
    pub fn finalized_function(&self, function: FuncId) -> Result<TargetAddr, JitError> {
        let known = self.declarations.get(function.0)?;
        let address = match (known.entry, known.body) {
            (_, None) => None,
            (Some(entry), Some(_)) => Some(entry.stub),
            (None, Some(body)) => Some(body.address),
        };
        address.ok_or_else(|| self.not_finalized(function.0))
    }

    /// A function as a pointer of type `F`, for instance `unsafe extern "C" fn(i32) -> i32`.
    ///
    /// # Errors
    /// It is not in memory, or is code of another machine.
    pub fn function<F: FunctionPointer>(
        &self,
        function: FuncId,
    ) -> Result<Function<'_, F>, JitError> {
        let machine = self.home.session.machine();
        if Machine::HOST != Some(machine) {
            return Err(JitError::ForeignMachine { machine });
        }
        match self.finalized_function(function)? {
            TargetAddr::ZERO => Err(self.not_finalized(function.0)),
            address => Ok(Function::new(address)),
        }
    }

    /// The address and the size in bytes of data.
    ///
    /// # Errors
    /// It is not in memory.
    pub fn finalized_data(&self, data: DataId) -> Result<(TargetAddr, u64), JitError> {
        let body = self.declarations.get(data.0)?.body;
        let body = body.ok_or_else(|| self.not_finalized(data.0))?;
        Ok((body.address, body.size_bytes))
    }

    /// Where callers of a function are led at this moment: what the word of the global offset table holds that its entry
    /// jumps by.
    ///
    /// # Errors
    /// The module has no hot swap, or the function is not in memory.
    pub fn read_got_entry(&self, function: FuncId) -> Result<TargetAddr, JitError> {
        if !self.has_hot_swap() {
            let name = self.declarations.text_of(function.0);
            return Err(JitError::NoHotSwap { name });
        }
        let known = self.declarations.get(function.0)?;
        let entry = known.entry.filter(|_| known.body.is_some());
        let entry = entry.ok_or_else(|| self.not_finalized(function.0))?;
        Ok(entry.slot.load())
    }

    /// Where an imported name is: as the builder was told, or the dylib has it.
    #[cfg(feature = "cranelift-module")]
    pub(super) fn import_address(&self, name: &str) -> Option<TargetAddr> {
        let told = self.imports.find(name);
        told.or_else(|| self.home.dylib.address(name))
    }

    #[cold]
    pub(super) fn not_finalized(&self, id: DeclarationId) -> JitError {
        JitError::NotFinalized {
            name: self.declarations.text_of(id),
        }
    }
}

impl<M: MemoryManager> fmt::Debug for JitModule<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Name::new(&self.name);
        write!(
            formatter,
            "JitModule({name}, {} declarations)",
            self.declarations.len()
        )
    }
}
