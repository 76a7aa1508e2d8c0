//! Finalizing: all definitions that wait are linked together, and callers are led to them.
#![expect(unsafe_code, reason = "a link that nobody was told of is taken back")]

use crate::base::{Name, OutOfMemory, Slots, Text, fallible};
use crate::graph::{self, Scope, SymbolKind};
use crate::memory::MemoryManager;
use crate::pass::{Pipeline, Point, Purpose};
use crate::session::{AbsoluteSymbol, Input, LoadError, LoadOptions};

use super::batch::{Batch, BatchId, BatchKey};
use super::builder::Imports;
use super::declaration::{Body, DeclarationId, Declarations, Kind, Stage};
use super::definition::{Pending, PendingContent};
use super::entries::{Entry, Place};
use super::held::Held;
use super::module::Retired;
use super::new_batch::{Meaning, NewBatch, Placement, References};
use super::{FuncId, JitError, JitModule, Linkage};

impl<'s, M: MemoryManager> JitModule<'s, M> {
    /// Links all that was defined since the last call, and makes it callable; names that others may see are theirs from now
    /// on. If it fails, all stays defined as it was, to be finalized once what was missing is there.
    ///
    /// # Errors
    /// An import is missing, or what was referred to was never defined; a relocation doesn't reach; a name is defined twice
    /// in the dylib; or memory ran out.
    pub fn finalize_definitions(&mut self) -> Result<(), JitError> {
        if self.pending.all.is_empty() {
            return Ok(());
        }
        fallible::reserve(&mut self.retired, self.pending.all.len())?;
        self.batches.reserve_one()?;
        self.give_entries()?;
        let (held, placement) = self.link()?;
        let batch = match Batch::new(held, &placement, &self.pending) {
            Ok(batch) => match self.publish(&placement) {
                Ok(()) => Ok(batch),
                Err(error) => Err((batch.held, error)),
            },
            Err((held, error)) => Err((held, error.into())),
        };
        match batch {
            Ok(batch) => {
                // There is room.
                let id = self.batches.insert(batch)?;
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
        let count = u32::try_from(new).map_err(|_| OutOfMemory)?;
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

    /// Gives the names of functions that had no body before to others: those of their entries, which lead to the bodies from
    /// then on. All or none.
    fn publish(&mut self, placement: &Placement) -> Result<(), LoadError> {
        for (pending, &(address, _)) in self.pending.all.iter().zip(&placement.addresses) {
            if let Some(entry) = self.entry_without_body(pending.declaration) {
                entry.slot.store(address);
            }
        }
        let published = self.publish_each();
        if published.is_err() {
            for place in 0..self.pending.all.len() {
                let pending = self.pending.all.get(place).map(|it| it.declaration);
                if let Some(id) = pending
                    && self.entry_without_body(id).is_some()
                {
                    self.trap(FuncId(id));
                    self.withdraw(id);
                }
            }
        }
        published
    }

    /// The entry of a function that has no body yet, or none any more.
    fn entry_without_body(&self, id: DeclarationId) -> Option<Entry> {
        let known = self.declarations.get(id).ok()?;
        known.entry.filter(|_| known.body.is_none())
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

    /// Notes where all came to lie, and leads callers there. Nothing here can fail.
    fn commit(&mut self, batch: BatchId, placement: &Placement) {
        let epoch = self.guards.now();
        for (pending, &(address, is_own)) in self.pending.all.iter().zip(&placement.addresses) {
            let id = pending.declaration;
            let size_bytes = pending.size_bytes();
            let pages_of = match pending.content {
                _ if is_own => Some(batch),
                PendingContent::Alias { target, .. } => {
                    hold_pages_of(target, &self.declarations, &mut self.batches)
                }
                _ => None,
            };
            let Ok(known) = self.declarations.get_mut(id) else {
                continue;
            };
            let body = Body {
                address,
                size_bytes,
                batch,
                pages_of,
                definition: known.definitions,
                alias_of: pending.alias_of(),
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
