//! Modules that change once they are loaded: names that come and go, memory that goes before the rest.

use crate::base::{AddressRange, Name, Text};
use crate::graph::{Linkage, ObjectId, Scope};
use crate::memory::{Finalized, MemoryManager};

use super::books::Books;
use super::names::Owner;
use super::symbols::{SymbolRecord, Visibility};
use super::{AbsoluteSymbol, LoadError, Module, ModuleId};

impl<M: MemoryManager> Module<'_, M> {
    /// Gives more names to others: addresses of what the module holds, or stands for. They are withdrawn with the module at
    /// the latest, and who takes one uses the module. `scope` says who finds them: all who are linked against the dylib, or
    /// the dylib's own modules, if it is [`Scope::Hidden`]; narrower ones, nobody.
    ///
    /// # Errors
    /// A name is defined twice, or missing, or no module may define it; or the heap has no room. None is defined then.
    pub fn define(&self, rows: &[AbsoluteSymbol<'_>], scope: Scope) -> Result<(), LoadError> {
        let visibility = match scope {
            Scope::Default | Scope::Protected => Visibility::Exported,
            Scope::Hidden => Visibility::Hidden,
            Scope::Link | Scope::Local => return Ok(()),
        };
        let mut books = self.session.books.lock();
        books.add_names(self.id, rows, visibility)
    }

    /// Takes a name back, so that nothing is linked to it any more; says whether the module had it. What was linked to it
    /// stays so.
    pub fn withdraw(&self, name: &str) -> bool {
        let mut books = self.session.books.lock();
        let Some(module) = books.modules.of(self.id) else {
            return false;
        };
        let dylib = module.dylib;
        let names = books.names_mut(dylib);
        names.is_some_and(|(names, modules)| {
            names.withdraw_name(modules, Owner::Module(self.id.slot), Name::from(name))
        })
    }

    /// Gives back the memory of the whole pages in `range`, as far as they are the module's. Their addresses stay taken until
    /// the module goes: nothing else comes to lie there meanwhile. Names and finalizers stay, too.
    ///
    /// # Safety
    /// Nothing runs what lies on these pages, or refers to it, any more: neither the module's finalizers nor what was linked
    /// to it.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn release_pages(&self, range: AddressRange) {
        let mut books = self.session.books.lock();
        let module = books.modules.of_mut(self.id);
        if let Some(memory) = module.and_then(|module| module.memory.as_mut()) {
            memory.release_pages(range);
        }
    }
}

impl<F> Books<F> {
    /// Adds names to those that a module gives to others: all or none.
    fn add_names(
        &mut self,
        id: ModuleId,
        rows: &[AbsoluteSymbol<'_>],
        visibility: Visibility,
    ) -> Result<(), LoadError> {
        let Some(first) = self.modules.of(id).map(|module| module.symbols().len()) else {
            return Ok(());
        };
        let added = self.add_each_name(id, rows, visibility);
        if added.is_err() {
            self.withdraw_names_from(id, first);
        }
        added
    }

    fn add_each_name(
        &mut self,
        id: ModuleId,
        rows: &[AbsoluteSymbol<'_>],
        visibility: Visibility,
    ) -> Result<(), LoadError> {
        let owner = Owner::Module(id.slot);
        for row in rows {
            let name = Name::from(row.name);
            if name.is_empty() {
                return Err(LoadError::Unnamed {
                    address: row.address,
                });
            }
            let Some(module) = self.modules.of(id) else {
                return Ok(());
            };
            let (dylib, second) = (module.dylib, Text::of(module.name()));
            if visibility == Visibility::Exported {
                self.refuse_protected(name, || second)?;
            }
            if row.linkage == Linkage::Strong
                && let Some(own) = self.dylib(dylib)
            {
                own.names.check_unique(&self.modules, name, || second)?;
            }
            let Some(module) = self.modules.of_mut(id) else {
                return Ok(());
            };
            let symbol = module.symbols_mut().try_push(name, |name| SymbolRecord {
                name,
                address: row.address,
                size_bytes: row.size_bytes,
                // Of no object: errors name the module alone.
                object: ObjectId::from_index(u32::MAX),
                kind: row.kind,
                linkage: row.linkage,
                visibility,
                is_protected: row.is_protected,
                is_group: false,
            })?;
            if let Some((names, modules)) = self.names_mut(dylib) {
                names.publish(modules, owner, symbol)?;
            }
        }
        Ok(())
    }

    /// Forgets the names of a module that were added after the first so many, the last of which may not have been published:
    /// entries are compared whole, so that it takes nobody else's.
    fn withdraw_names_from(&mut self, id: ModuleId, first: usize) {
        let Some(dylib) = self.modules.of(id).map(|module| module.dylib) else {
            return;
        };
        if let Some((names, modules)) = self.names_mut(dylib)
            && let Some(module) = modules.of(id)
        {
            for symbol in module.symbols().ids().skip(first) {
                names.withdraw(modules, Owner::Module(id.slot), symbol);
            }
        }
        if let Some(module) = self.modules.of_mut(id) {
            module.symbols_mut().truncate(first);
        }
    }
}
