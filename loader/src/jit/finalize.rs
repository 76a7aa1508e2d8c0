//! Finalizing: all definitions that wait are linked together, and callers are led to them.
#![expect(unsafe_code, reason = "a link that nobody was told of is taken back")]

use crate::base::{Decimal, Name, OutOfMemory, Slots, Text, fallible};
use crate::graph::LinkGraph;
use crate::memory::MemoryManager;
use crate::pass::{Pipeline, Point, Purpose};
use crate::session::Input;

use super::batch::{Batch, BatchId, BatchKey};
use super::declaration::{Body, DeclarationId, Declarations, Kind, Stage};
use super::definition::{Pending, PendingContent};
use super::frames::Frames;
use super::held::Held;
use super::module::Retired;
use super::needed;
use super::new_batch::NewBatch;
use super::placement::Placement;
use super::references::References;
use super::{FuncId, JitError, JitModule};

impl<'s, M: MemoryManager> JitModule<'s, M> {
    /// Links all that was defined since the last call, and makes it callable; names that others may see are theirs from now
    /// on. If it fails, all stays defined as it was, to be finalized once what was missing is there.
    ///
    /// # Errors
    /// An import is missing, or what was referred to was never defined; a relocation doesn't reach; a name is defined twice
    /// in the dylib; or memory ran out.
    pub fn finalize_definitions(&mut self) -> Result<(), JitError> {
        self.finalize_since(0)
    }

    /// As [`finalize_definitions`](Self::finalize_definitions), but links only a function, what was defined after the first
    /// so many definitions, and of those what these need.
    pub(super) fn finalize_function(
        &mut self,
        function: FuncId,
        first: usize,
    ) -> Result<(), JitError> {
        let (pending, declarations) = (&mut self.pending, &mut self.declarations);
        let first = needed::gather(pending, declarations, function.0, first);
        self.finalize_since(first)
    }

    /// Links all definitions but for the first so many.
    fn finalize_since(&mut self, first: usize) -> Result<(), JitError> {
        let count = self.pending.since(first).len();
        if count == 0 {
            return Ok(());
        }
        fallible::reserve(&mut self.retired, count)?;
        self.batches.reserve_one()?;
        self.give_entries(first)?;
        let (held, placement) = self.link(first)?;
        let mut batch = Batch::new(held);
        if let Err(error) = self.make_known(&mut batch, first, &placement) {
            // SAFETY: nobody was told of what lies there.
            let _ = unsafe { batch.held.unload() };
            return Err(error);
        }
        // There is room.
        let id = self.batches.insert(batch)?;
        self.commit(id, first, &placement);
        Ok(())
    }

    /// Gives entries to the functions that are defined for the first time.
    fn give_entries(&mut self, first: usize) -> Result<(), JitError> {
        let Some(entries) = &mut self.entries else {
            return Ok(());
        };
        let is_new = |declarations: &Declarations, pending: &Pending| {
            let known = declarations.get(pending.declaration);
            pending.kind == Kind::Function && known.is_ok_and(|known| known.entry.is_none())
        };
        let definitions = self.pending.since(first);
        let new = (definitions.iter()).filter(|pending| is_new(&self.declarations, pending));
        let count = u32::try_from(new.count()).map_err(|_| OutOfMemory)?;
        let name = Text::<64>::of((Name::new(&self.name), " entries"));
        let machine = self.home.session.machine();
        entries.reserve(count, &self.home, name.as_str())?;
        for pending in definitions {
            if is_new(&self.declarations, pending) {
                self.declarations.get_mut(pending.declaration)?.entry = entries.take(machine);
            }
        }
        Ok(())
    }

    /// Links a batch of the definitions but for the first so many.
    fn link(&mut self, first: usize) -> Result<(Held<'s, M>, Placement), JitError> {
        self.batch_number = self.batch_number.saturating_add(1);
        let number = self.batch_number;
        let (declarations, imports) = (&mut self.declarations, &self.imports);
        let references = References::of(&self.pending, first, declarations, imports, number)?;
        let source = NewBatch {
            declarations: &self.declarations,
            pending: &self.pending,
            definitions: self.pending.since(first),
            references,
            frames: Frames::of(&self.pending, first)?,
            has_entries: self.entries.is_some(),
        };
        let mut placement = Placement::of(source.definitions.len())?;
        let mut pipeline = Pipeline::standard(Purpose::Run)?;
        let note = |graph: &LinkGraph<'_>| placement.note(graph);
        pipeline.push_observer(Point::PostAllocation, "jit placement", note)?;
        let name = Text::<64>::of((Name::new(&self.name), " #", Decimal(number)));
        let input = Input::built(name.as_str(), &source);
        let held = Held::load(&self.home, input, pipeline)?;
        Ok((held, placement))
    }

    /// Notes what lies in a batch, and lets functions be called and found that could not be before. All or nothing.
    fn make_known(
        &mut self,
        batch: &mut Batch<'s, M>,
        first: usize,
        placement: &Placement,
    ) -> Result<(), JitError> {
        let definitions = self.pending.since(first);
        batch.note(definitions, placement)?;
        if let Some(entries) = &self.entries {
            entries.introduce(&mut self.declarations, definitions, placement)?;
        }
        Ok(())
    }

    /// Notes where all came to lie, and leads callers there from what is replaced. Nothing here can fail.
    fn commit(&mut self, batch: BatchId, first: usize, placement: &Placement) {
        let epoch = self.guards.now();
        for (pending, placed) in (self.pending.since(first).iter()).zip(&placement.definitions) {
            let id = pending.declaration;
            let pages_of = match pending.content {
                _ if placed.is_own => Some(batch),
                PendingContent::Alias { target, .. } => {
                    hold_pages_of(target, &self.declarations, &mut self.batches)
                }
                _ => None,
            };
            let Ok(known) = self.declarations.get_mut(id) else {
                continue;
            };
            let body = Body {
                address: placed.address,
                size_bytes: pending.size_bytes(),
                batch,
                pages_of,
                definition: known.definitions,
                alias_of: pending.alias_of(),
            };
            known.stage = Stage::Defined;
            if let Some(old) = known.body.replace(body) {
                if let Some(entry) = known.entry {
                    entry.slot.store(body.address);
                }
                // There is room.
                let _ = fallible::push(&mut self.retired, Retired { body: old, epoch });
            }
        }
        self.pending.truncate(first);
    }
}

/// Lets the pages stay on which something lies that an alias stands for, and tells whose they are; nobody's, if the alias stands
/// for an entry or for what lies elsewhere.
fn hold_pages_of<M: MemoryManager>(
    target: DeclarationId,
    declarations: &Declarations,
    batches: &mut Slots<BatchKey, Batch<'_, M>>,
) -> Option<BatchId> {
    let known = declarations.get(target).ok()?;
    let body = known.body.filter(|_| known.entry.is_none())?;
    let batch = batches.get_mut(body.pages_of?)?;
    batch.hold(body.address, body.size_bytes);
    body.pages_of
}
