//! Modules: what one load made, as a handle for its user.

use core::fmt;

use crate::base::{AddressRange, Machine, Name, Protection, TargetAddr, Text};
use crate::graph::SymbolKind;
use crate::link::Statistics;
use crate::memory::MemoryManager;

use super::books::Books;
use super::names::Owner;
use super::record::ModuleRecord;
use super::symbols::{SymbolRecord, Visibility};
use super::{Function, FunctionPointer, LookupError, ModuleId, Session, UnloadError};

/// A handle to a loaded module, which keeps it loaded. Clones are handles to the same module. Once the last is dropped the
/// module stays, until [`unload`](Self::unload) of a handle that [`Session::module`] gives, or its tracker, removes it.
pub struct Module<'session, M: MemoryManager> {
    pub(super) session: &'session Session<M>,
    pub(super) id: ModuleId,
}

impl<M: MemoryManager> Module<'_, M> {
    /// Which it is.
    pub const fn id(&self) -> ModuleId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> Text<64> {
        self.look(|_, module| Text::of(module.name()))
            .unwrap_or_default()
    }

    /// The function of this name, as a pointer of type `F`, for instance `unsafe extern "C" fn(i32) -> i32`.
    ///
    /// # Errors
    /// The module exports no such name, it is no code, or it is code of another machine.
    pub fn function<F: FunctionPointer>(&self, name: &str) -> Result<Function<'_, F>, LookupError> {
        let symbol = Text::of(name);
        let machine = self.session.machine();
        if Machine::HOST != Some(machine) {
            return Err(LookupError::ForeignMachine { machine });
        }
        let found = self.look(|books, module| {
            let record = self.find(books, module, name)?;
            Some((record.address, module.is_callable(record)))
        });
        match found.flatten() {
            None => Err(LookupError::Missing { symbol }),
            Some((address, true)) => Ok(Function::new(address)),
            Some((address, false)) => Err(LookupError::NotCallable { symbol, address }),
        }
    }

    /// The address of what the module exports under this name.
    pub fn address(&self, name: &str) -> Option<TargetAddr> {
        self.look(|books, module| Some(self.find(books, module, name)?.address))?
    }

    /// Tells of all names that the module gives to others, in no order. `visit` must not use the session.
    pub fn for_each_symbol(&self, mut visit: impl FnMut(ModuleSymbol<'_>)) {
        self.look(|_, module| {
            for (name, record) in module.symbols().iter() {
                visit(ModuleSymbol {
                    name,
                    address: record.address,
                    size_bytes: record.size_bytes,
                    kind: record.kind,
                    is_exported: record.visibility == Visibility::Exported,
                });
            }
        });
    }

    /// The module's own definition of a name that it exports.
    fn find<'b, F>(
        &self,
        books: &'b Books<F>,
        module: &ModuleRecord<F>,
        name: &str,
    ) -> Option<&'b SymbolRecord> {
        let names = &books.dylib(module.dylib)?.names;
        let owner = Owner::Module(self.id.slot);
        let found = names.find(&books.modules, Name::from(name), |found| {
            found.owner == owner && found.symbol.visibility == Visibility::Exported
        });
        Some(found?.symbol)
    }

    /// Where the module lies, and what each part may be used for.
    pub fn segments(&self) -> impl Iterator<Item = (AddressRange, Protection)> + use<M> {
        let segments = self.look(|_, module| module.segments);
        let segments = segments.unwrap_or_default().into_iter().flatten();
        segments.map(|segment| (segment.range, segment.protection))
    }

    /// What linking it did, in numbers.
    pub fn statistics(&self) -> Statistics {
        self.look(|_, module| module.statistics).unwrap_or_default()
    }

    /// Looks at the module in the books.
    fn look<T>(
        &self,
        look: impl FnOnce(&Books<M::Finalized>, &ModuleRecord<M::Finalized>) -> T,
    ) -> Option<T> {
        let books = self.session.books.lock();
        let module = books.modules.of(self.id)?;
        Some(look(&books, module))
    }

    /// Unloads the module: its finalizers run, its names can't be found any more, and its memory is given back.
    ///
    /// # Errors
    /// Other modules use it, or there are other handles to it: it stays as it was then, and [`Session::module`] gives a new
    /// handle. Or a finalizer failed: it is unloaded all the same.
    ///
    /// # Safety
    /// Nothing runs the module's code, or refers to its memory, any more, but for modules that are linked to it; and its
    /// finalizers may run now.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn unload(self) -> Result<(), UnloadError> {
        // If it stays, this handle is dropped as any other.
        self.session.remove(self.id, 1)
    }

    /// Unloads the module, and all modules that use it, and all that use these: users before what they use.
    ///
    /// # Errors
    /// As of [`unload`](Self::unload), but that only handles keep a module.
    ///
    /// # Safety
    /// As of [`unload`](Self::unload), for each of the modules.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn unload_with_users(self) -> Result<(), UnloadError> {
        self.session.remove_with_users(self.id, 1)
    }
}

/// A name that a module gives to others.
#[derive(Clone, Copy, Debug)]
pub struct ModuleSymbol<'b> {
    /// The name.
    pub name: Name<'b>,
    /// The address.
    pub address: TargetAddr,
    /// The size in bytes; 0 if unknown.
    pub size_bytes: u64,
    /// Function or data.
    pub kind: SymbolKind,
    /// Whether all who are linked against the dylib find it, or the dylib's own modules alone.
    pub is_exported: bool,
}

impl<M: MemoryManager> Clone for Module<'_, M> {
    fn clone(&self) -> Self {
        if let Some(module) = self.session.books.lock().modules.of_mut(self.id) {
            module.handles = module.handles.saturating_add(1);
        }
        Self {
            session: self.session,
            id: self.id,
        }
    }
}

impl<M: MemoryManager> Drop for Module<'_, M> {
    fn drop(&mut self) {
        if let Some(module) = self.session.books.lock().modules.of_mut(self.id) {
            module.handles = module.handles.saturating_sub(1);
        }
    }
}

impl<M: MemoryManager> fmt::Debug for Module<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Module({})", self.name())
    }
}
