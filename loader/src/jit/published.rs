//! Names of functions that have entries, as others find them: they are names of the entries, whichever bodies come and go.

use crate::graph::{self, Scope, SymbolKind};
use crate::memory::MemoryManager;
use crate::session::{AbsoluteSymbol, LoadError};

use super::Linkage;
use super::declaration::{DeclarationId, Declarations};
use super::definition::Pending;
use super::entries::Entries;
use super::placement::Placement;

impl<M: MemoryManager> Entries<'_, M> {
    /// Leads callers of functions that had no body until now to what they are defined as, and gives their names to others. All
    /// or none.
    pub(super) fn introduce(
        &self,
        declarations: &mut Declarations,
        definitions: &[Pending],
        placement: &Placement,
    ) -> Result<(), LoadError> {
        // Whoever finds one of the names may reach all of the functions.
        for (pending, placed) in definitions.iter().zip(&placement.definitions) {
            if let Some(entry) = declarations.entry_without_body(pending.declaration) {
                entry.slot.store(placed.address);
            }
        }
        let mut ids = definitions.iter().map(|pending| pending.declaration);
        let published = ids.try_for_each(|id| self.publish(declarations, id));
        if published.is_err() {
            for pending in definitions {
                if let Some(entry) = declarations.entry_without_body(pending.declaration) {
                    self.trap(entry);
                    self.withdraw(declarations, pending.declaration);
                }
            }
        }
        published
    }

    /// Gives a function's name to others, unless that was done.
    fn publish(&self, declarations: &mut Declarations, id: DeclarationId) -> Result<(), LoadError> {
        let Ok(known) = declarations.get(id) else {
            return Ok(());
        };
        let (scope, linkage) = match known.linkage {
            Linkage::Export => (Scope::Default, graph::Linkage::Strong),
            Linkage::Preemptible => (Scope::Default, graph::Linkage::Weak),
            Linkage::Hidden => (Scope::Hidden, graph::Linkage::Strong),
            Linkage::Import | Linkage::Local => return Ok(()),
        };
        let entry = known.entry.filter(|_| !known.is_published);
        if let Some(entry) = entry
            && let Some(module) = self.module_of(entry)
        {
            let row = AbsoluteSymbol {
                name: declarations.name_of(id),
                address: entry.stub,
                size_bytes: 0,
                kind: SymbolKind::Function,
                linkage,
                is_protected: false,
            };
            module.define(&[row], scope)?;
            declarations.set_published(id, true);
        }
        Ok(())
    }

    /// Lets nobody find a function any more.
    pub(super) fn withdraw(&self, declarations: &mut Declarations, id: DeclarationId) {
        let Ok(known) = declarations.get(id) else {
            return;
        };
        if let Some(entry) = known.entry.filter(|_| known.is_published)
            && let Some(module) = self.module_of(entry)
        {
            module.withdraw(declarations.name_of(id));
            declarations.set_published(id, false);
        }
    }
}
