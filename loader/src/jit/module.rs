//! The JIT module: what users do with it.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{Alignment, Machine, Name, TargetAddr, Text, fallible, int};
use crate::graph::{self, Scope, SymbolKind};
use crate::memory::MemoryManager;
use crate::pass::{Pipeline, Point, Purpose};
use crate::session::{
    AbsoluteSymbol, Dylib, Function, FunctionPointer, Input, LoadError, LoadOptions, Session,
    Tracker, TrackerId, Users,
};

use super::batch::{Batch, BatchId, Meaning, NewBatch, Placement, References};
use super::builder::{Imports, JitBuilder};
use super::declaration::{Body, DeclarationId, Declarations, Kind, Stage};
use super::definition::{self, Frame, Pending, PendingContent, PendingDefinitions};
use super::entries::{Entries, Place};
use super::epochs::Guards;
use super::held::Held;
use super::{Content, DataId, Declared, FuncId, JitError, Linkage, Relocation, Storage};

/// Functions and data made at run time, in a session with modules that were loaded.
///
/// What is declared may be defined; what is defined is linked when definitions are finalized, all of it together; what is finalized
/// can be called, and lies there until it is freed. Dropping the module leaves all of it in place, for nobody knows who runs
/// it; [`free`](Self::free) gives it back.
pub struct JitModule<'s, M: MemoryManager> {
    session: &'s Session<M>,
    dylib: Dylib<'s, M>,
    tracker: Tracker<'s, M>,
    name: Vec<u8>,
    imports: Imports,
    declarations: Declarations,
    pending: PendingDefinitions,
    batches: Vec<Option<Batch<'s, M>>>,
    free_batches: Vec<u32>,
    /// How many batches there ever were.
    batch_number: u64,
    /// Of a module with hot swap.
    entries: Option<Entries<'s, M>>,
    guards: Guards,
    /// Bodies that callers are led to no more.
    retired: Vec<Retired>,
}

/// A body that somebody may be in still.
#[derive(Clone, Copy)]
struct Retired {
    body: Body,
    epoch: u64,
}

impl<'s, M: MemoryManager> JitModule<'s, M> {
    pub(super) fn of(builder: JitBuilder<'s, M>) -> Result<Self, JitError> {
        let entries = builder
            .has_hot_swap
            .then(|| Entries::new(builder.protection));
        Ok(Self {
            session: builder.session,
            dylib: builder.dylib,
            tracker: builder.session.create_tracker(),
            name: builder.name,
            imports: builder.imports,
            declarations: Declarations::new(),
            pending: PendingDefinitions::default(),
            batches: Vec::new(),
            free_batches: Vec::new(),
            batch_number: 0,
            entries,
            guards: Guards::new()?,
            retired: Vec::new(),
        })
    }

    /// The machine that is linked for.
    pub const fn machine(&self) -> Machine {
        self.session.machine()
    }

    /// The session that all is linked in.
    pub const fn session(&self) -> &'s Session<M> {
        self.session
    }

    /// Who owns what this is made of, as modules of the session.
    pub const fn tracker(&self) -> TrackerId {
        self.tracker.id()
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
    /// room.
    pub fn define_function(
        &mut self,
        function: FuncId,
        code: &[u8],
        alignment: Alignment,
        relocations: &[Relocation],
    ) -> Result<(), JitError> {
        self.define(function.0, Content::Bytes(code), alignment, relocations)
    }

    /// Defines a function, and how its frames are unwound.
    pub(super) fn define_framed(
        &mut self,
        function: FuncId,
        code: &[u8],
        alignment: Alignment,
        relocations: &[Relocation],
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
        relocations: &[Relocation],
    ) -> Result<(), JitError> {
        self.define(data.0, content, alignment, relocations)
    }

    fn define(
        &mut self,
        id: DeclarationId,
        content: Content<'_>,
        alignment: Alignment,
        relocations: &[Relocation],
    ) -> Result<(), JitError> {
        let kind = self.check_open(id)?;
        let size_bytes = match content {
            Content::Bytes(bytes) => int::from_usize(bytes.len()),
            Content::Zeros(_) => 0,
        };
        let name = || self.declarations.text_of(id);
        definition::check(relocations, size_bytes, self.session.machine(), name)?;
        for target in relocations.iter().filter_map(|it| it.target.declaration()) {
            if !self.declarations.has(target) {
                let number = target.number();
                return Err(JitError::Unknown { number });
            }
        }
        let place = self
            .pending
            .add(id, kind, content, alignment, relocations)?;
        self.declarations.get_mut(id)?.stage = Stage::Pending(place);
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
        self.declarations.get_mut(alias)?.stage = Stage::Pending(place);
        Ok(())
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
            (Stage::Defined, Some(_)) => {
                known.stage = Stage::Open;
                Ok(())
            }
            _ => Err(JitError::NotFinalized { name }),
        }
    }

    /// Links all that was defined since the last call, and makes it callable; names that others may see are theirs from now
    /// on. If it fails, all stays defined as it was, to be finalized once what was missing is there.
    ///
    /// # Errors
    /// An import is missing, or what was referred to was never defined; a relocation doesn't reach; a name is defined twice
    /// in the dylib; or memory ran out.
    #[expect(unsafe_code, reason = "a link that nobody was told of is taken back")]
    pub fn finalize_definitions(&mut self) -> Result<(), JitError> {
        if self.pending.all.is_empty() {
            return Ok(());
        }
        fallible::reserve(&mut self.retired, self.pending.all.len())?;
        if self.free_batches.is_empty() {
            fallible::reserve(&mut self.batches, 1)?;
            // For each batch, so that giving it back needs no memory.
            let batches = self.batches.len().saturating_add(1);
            let missing = batches.saturating_sub(self.free_batches.len());
            fallible::reserve(&mut self.free_batches, missing)?;
        }
        self.give_entries()?;
        let (held, placement) = self.link()?;
        let batch = Batch::new(held, &placement, &self.pending);
        let batch = match batch {
            Ok(batch) => match self.publish() {
                Ok(()) => Ok(batch),
                Err(error) => Err((batch.held, error)),
            },
            Err((held, error)) => Err((held, error.into())),
        };
        match batch {
            Ok(batch) => {
                let id = self.add_batch(batch);
                self.commit(id, &placement);
                Ok(())
            }
            Err((mut held, error)) => {
                // SAFETY: nobody was told of what lies there.
                let _ = unsafe { held.unload() };
                Err(error.into())
            }
        }
    }

    /// Gives entries to the functions that are defined for the first time.
    fn give_entries(&mut self) -> Result<(), JitError> {
        let Some(entries) = &mut self.entries else {
            return Ok(());
        };
        let is_new = |declarations: &Declarations, pending: &Pending| {
            let known = declarations.get(pending.declaration);
            pending.kind == Kind::Function && known.is_ok_and(|known| known.entry.is_none())
        };
        let new = (self.pending.all.iter())
            .filter(|pending| is_new(&self.declarations, pending))
            .count();
        let count = u32::try_from(new).map_err(|_| crate::base::OutOfMemory)?;
        let name = Text::<64>::of(format_args!("{} entries", Name::new(&self.name)));
        let machine = self.session.machine();
        let place = Place {
            session: self.session,
            dylib: &self.dylib,
            tracker: self.tracker.id(),
        };
        entries.reserve(count, place, name.as_str())?;
        for pending in &self.pending.all {
            if is_new(&self.declarations, pending) {
                self.declarations.get_mut(pending.declaration)?.entry = entries.take(machine);
            }
        }
        Ok(())
    }

    /// Links a batch of all pending definitions.
    fn link(&mut self) -> Result<(Held<'s, M>, Placement), JitError> {
        self.batch_number = self.batch_number.saturating_add(1);
        let imports = &self.imports;
        let meaning_of = |declarations: &Declarations, id| meaning_of(declarations, imports, id);
        let number = self.batch_number;
        let references = References::of(&self.pending, &mut self.declarations, number, meaning_of)?;
        let source = NewBatch {
            declarations: &self.declarations,
            pending: &self.pending,
            symbols: references.symbols,
            targets: references.targets,
            has_entries: self.entries.is_some(),
        };
        let mut placement = Placement::of(self.pending.all.len())?;
        let mut pipeline = Pipeline::standard(Purpose::Run)?;
        pipeline.push_owned(Point::PostAllocation, "jit placement", &mut placement)?;
        let options = LoadOptions {
            tracker: Some(self.tracker.id()),
            pipeline: Some(pipeline),
        };
        let name = Text::<64>::of(format_args!("{} #{number}", Name::new(&self.name)));
        let input = Input::built(name.as_str(), &source);
        let held = Held::load(self.session, &self.dylib, input, options)?;
        Ok((held, placement))
    }

    /// Gives the names of functions that were defined for the first time to others: those of their entries.
    fn publish(&mut self) -> Result<(), LoadError> {
        let published = self.publish_each();
        if published.is_err() {
            for pending in &self.pending.all {
                withdraw(
                    &mut self.declarations,
                    self.entries.as_ref(),
                    pending.declaration,
                );
            }
        }
        published
    }

    fn publish_each(&mut self) -> Result<(), LoadError> {
        let Some(entries) = &self.entries else {
            return Ok(());
        };
        for pending in &self.pending.all {
            let id = pending.declaration;
            let Ok(known) = self.declarations.get(id) else {
                continue;
            };
            let scope = match known.linkage {
                Linkage::Export | Linkage::Preemptible => Scope::Default,
                Linkage::Hidden => Scope::Hidden,
                Linkage::Import | Linkage::Local => continue,
            };
            let Some(entry) = known.entry.filter(|_| !known.is_published) else {
                continue;
            };
            let row = AbsoluteSymbol {
                name: self.declarations.name_of(id),
                address: entry.stub,
                size_bytes: 0,
                kind: SymbolKind::Function,
                linkage: match known.linkage {
                    Linkage::Preemptible => graph::Linkage::Weak,
                    _ => graph::Linkage::Strong,
                },
                is_protected: false,
            };
            if let Some(module) = entries.module_of(entry) {
                module.define(&[row], scope)?;
            }
            if let Ok(known) = self.declarations.get_mut(id) {
                known.is_published = true;
            }
        }
        Ok(())
    }

    fn add_batch(&mut self, batch: Batch<'s, M>) -> BatchId {
        let place = self.free_batches.pop();
        let slot = place.and_then(|place| self.batches.get_mut(int::usize_from_u32(place)));
        if let (Some(place), Some(slot)) = (place, slot) {
            *slot = Some(batch);
            return BatchId(place);
        }
        let place = int::low_u32(int::from_usize(self.batches.len()));
        // There is room.
        let _ = fallible::push(&mut self.batches, Some(batch));
        BatchId(place)
    }

    /// Notes where all came to lie, and leads callers there. Nothing here can fail.
    fn commit(&mut self, batch: BatchId, placement: &Placement) {
        let epoch = self.guards.now();
        for (pending, &(address, is_own)) in self.pending.all.iter().zip(&placement.addresses) {
            let id = pending.declaration;
            let size_bytes = pending.size_bytes();
            let mut body = Body {
                address,
                size_bytes,
                batch: is_own.then_some(batch),
            };
            if let PendingContent::Alias { target, .. } = pending.content
                && !is_own
                && self.entries.is_none()
                && let Some(of) = self.declarations.get(target).ok().and_then(|it| it.body)
            {
                body.batch = of.batch;
                if let Some(Some(batch)) = of.batch.and_then(|id| batch_mut(&mut self.batches, id))
                {
                    batch.hold(address, size_bytes);
                }
            }
            let Ok(known) = self.declarations.get_mut(id) else {
                continue;
            };
            let old = known.body.replace(body);
            known.stage = Stage::Defined;
            if let Some(entry) = known.entry {
                entry.slot.store(address);
            }
            if let Some(body) = old {
                // There is room.
                let _ = fallible::push(&mut self.retired, Retired { body, epoch });
            }
        }
        self.pending.clear();
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
        let machine = self.session.machine();
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
    /// The module has no hot swap, or the function was never in memory.
    pub fn read_got_entry(&self, function: FuncId) -> Result<TargetAddr, JitError> {
        if !self.has_hot_swap() {
            let name = self.declarations.text_of(function.0);
            return Err(JitError::NoHotSwap { name });
        }
        let entry = self.declarations.get(function.0)?.entry;
        let entry = entry.ok_or_else(|| self.not_finalized(function.0))?;
        Ok(entry.slot.load())
    }

    /// Where an imported name is: as the builder was told, or the dylib has it.
    #[cfg(feature = "cranelift-module")]
    pub(super) fn import_address(&self, name: &str) -> Option<TargetAddr> {
        let told = self.imports.find(name);
        told.or_else(|| self.dylib.address(name))
    }

    #[cold]
    fn not_finalized(&self, id: DeclarationId) -> JitError {
        JitError::NotFinalized {
            name: self.declarations.text_of(id),
        }
    }

    /// Guards, by which is known who may be in code that was replaced.
    pub fn guards(&self) -> Guards {
        self.guards.clone()
    }

    /// Frees the bodies that were replaced and that no [`Guard`](super::Guard) keeps; gives the number of those that are left.
    /// Takes no memory, and waits for nobody.
    ///
    /// # Safety
    /// Whoever may run code of this module holds one of its guards since before that code was entered.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn free_replaced(&mut self) -> usize {
        self.guards.advance();
        let mut place = 0_usize;
        while let Some(&Retired { body, epoch }) = self.retired.get(place) {
            if self.guards.is_over(epoch) {
                self.retired.swap_remove(place);
                // SAFETY: callers were led elsewhere, and who was in it has let its guard go.
                let _ = unsafe { self.release(body) };
            } else {
                place = place.saturating_add(1);
            }
        }
        if self.retired.is_empty() {
            self.retired = Vec::new();
        }
        self.retired.len()
    }

    /// Frees a function: its memory goes back as soon as nothing else lies on its pages, and is not used for anything before.
    /// Its name can't be found any more; it may be defined anew. With hot swap, who calls it meanwhile traps.
    ///
    /// # Errors
    /// It is not in memory; or it is all that is left of what was finalized together, and a module that was loaded is linked
    /// to that.
    ///
    /// # Safety
    /// Nobody is in its code, and nobody will call it, but by an entry.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn free_function(&mut self, function: FuncId) -> Result<(), JitError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.free_one(function.0) }
    }

    /// Frees data, as [`free_function`](Self::free_function) does functions.
    ///
    /// # Errors
    /// As of [`free_function`](Self::free_function).
    ///
    /// # Safety
    /// Nobody refers to it any more.
    #[expect(
        unsafe_code,
        reason = "memory that code may still refer to is given back"
    )]
    pub unsafe fn free_data(&mut self, data: DataId) -> Result<(), JitError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.free_one(data.0) }
    }

    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    unsafe fn free_one(&mut self, id: DeclarationId) -> Result<(), JitError> {
        let known = *self.declarations.get(id)?;
        let (Stage::Open | Stage::Defined, Some(body)) = (known.stage, known.body) else {
            return Err(self.not_finalized(id));
        };
        self.trap(FuncId(id));
        // SAFETY: the caller answers for callers by the body's address, and the entry leads elsewhere.
        if let Err(error) = unsafe { self.release(body) } {
            if let Some(entry) = known.entry {
                entry.slot.store(body.address);
            }
            return Err(error);
        }
        if let Some(Some(batch)) = body.batch.and_then(|id| batch_mut(&mut self.batches, id))
            && let Some(module) = batch.held.module()
        {
            module.withdraw(self.declarations.name_of(id));
        }
        withdraw(&mut self.declarations, self.entries.as_ref(), id);
        let known = self.declarations.get_mut(id)?;
        known.body = None;
        known.stage = Stage::Open;
        Ok(())
    }

    /// Gives back what a body took, or nothing.
    ///
    /// # Safety
    /// Nobody uses it any more.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    unsafe fn release(&mut self, body: Body) -> Result<(), JitError> {
        let Some(id) = body.batch else {
            return Ok(());
        };
        let Some(slot) = batch_mut(&mut self.batches, id) else {
            return Ok(());
        };
        let Some(batch) = slot.as_mut() else {
            return Ok(());
        };
        if batch.live > 1 {
            // SAFETY: the caller answers for it.
            unsafe { batch.release(body.address, body.size_bytes) };
            return Ok(());
        }
        // SAFETY: this is all that is left of it.
        unsafe { batch.held.unload() }?;
        *slot = None;
        // There is room: it was made with the batch.
        let _ = fallible::push(&mut self.free_batches, id.0);
        Ok(())
    }

    /// How many definitions wait to be linked.
    pub(super) const fn pending_count(&self) -> usize {
        self.pending.all.len()
    }

    /// Forgets all definitions that wait to be linked, for instance since that failed. What was to be redefined stays as it
    /// is.
    pub fn discard_definitions(&mut self) {
        for pending in &self.pending.all {
            if let Ok(known) = self.declarations.get_mut(pending.declaration) {
                known.stage = match known.body {
                    Some(_) => Stage::Defined,
                    None => Stage::Open,
                };
            }
        }
        self.pending.clear();
    }

    /// Forgets the definitions that wait to be linked, but for the first so many.
    pub(super) fn discard_definitions_after(&mut self, count: usize) {
        for pending in self.pending.all.get(count..).unwrap_or(&[]) {
            if let Ok(known) = self.declarations.get_mut(pending.declaration) {
                known.stage = Stage::Open;
            }
        }
        self.pending.truncate(count);
    }

    /// Lets all who call a function by its entry trap, until it is redefined.
    pub(super) fn trap(&self, function: FuncId) {
        let entry = self.declarations.get(function.0).ok();
        if let (Some(entry), Some(entries)) = (entry.and_then(|it| it.entry), &self.entries)
            && let Some(trap) = entries.trap_of(entry)
        {
            entry.slot.store(trap);
        }
    }

    /// Frees everything, entries included.
    ///
    /// # Errors
    /// A module that was loaded is linked to something of this: everything stays then, and the module is given back.
    ///
    /// # Safety
    /// Nobody is in code of this module, nor will call it, nor refers to its data.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    #[expect(
        clippy::result_large_err,
        reason = "the module is given back, and no heap is needed for that"
    )]
    pub unsafe fn free(self) -> Result<(), (Self, JitError)> {
        // SAFETY: the caller answers for the same.
        unsafe { self.remove(Users::Refuse) }
    }

    /// Frees everything, and unloads all modules that are linked to anything of this, and all that are linked to those.
    ///
    /// # Errors
    /// Somebody holds one of these modules: everything stays then, and the module is given back. Or a finalizer of one failed.
    ///
    /// # Safety
    /// As of [`free`](Self::free), for each of the modules, too.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    #[expect(
        clippy::result_large_err,
        reason = "the module is given back, and no heap is needed for that"
    )]
    pub unsafe fn free_with_users(self) -> Result<(), (Self, JitError)> {
        // SAFETY: the caller answers for the same.
        unsafe { self.remove(Users::TakeAlong) }
    }

    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    #[expect(
        clippy::result_large_err,
        reason = "the module is given back, and no heap is needed for that"
    )]
    unsafe fn remove(mut self, users: Users) -> Result<(), (Self, JitError)> {
        self.held().for_each(Held::let_go);
        // SAFETY: the caller answers for it.
        match unsafe { self.tracker.remove(users) } {
            Ok(()) => Ok(()),
            Err(error) => {
                self.held().for_each(Held::hold_again);
                Err((self, error.into()))
            }
        }
    }

    /// All modules of the session that this is made of.
    fn held(&mut self) -> impl Iterator<Item = &mut Held<'s, M>> {
        let batches = self.batches.iter_mut().flatten();
        let entries = self.entries.iter_mut().flat_map(Entries::held_mut);
        batches.map(|batch| &mut batch.held).chain(entries)
    }
}

/// A batch by its id.
fn batch_mut<'b, 's, M: MemoryManager>(
    batches: &'b mut [Option<Batch<'s, M>>],
    id: BatchId,
) -> Option<&'b mut Option<Batch<'s, M>>> {
    batches.get_mut(int::usize_from_u32(id.0))
}

/// What a reference to a declaration means that the batch does not define, or that is reached by an entry.
fn meaning_of(declarations: &Declarations, imports: &Imports, id: DeclarationId) -> Meaning {
    let Ok(known) = declarations.get(id) else {
        return Meaning::Nothing;
    };
    if let Some(entry) = known.entry {
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

/// Lets nobody find a function by its name any more.
fn withdraw<M: MemoryManager>(
    declarations: &mut Declarations,
    entries: Option<&Entries<'_, M>>,
    id: DeclarationId,
) {
    let Ok(known) = declarations.get(id) else {
        return;
    };
    if let (true, Some(entry)) = (known.is_published, known.entry)
        && let Some(module) = entries.and_then(|entries| entries.module_of(entry))
    {
        module.withdraw(declarations.name_of(id));
    }
    if let Ok(known) = declarations.get_mut(id) {
        known.is_published = false;
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
