//! How a JIT module is set up.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::base::{HashTable, Machine, Mark, Name, OutOfMemory, TargetAddr, fallible, int};
use crate::memory::MemoryManager;
use crate::session::{Dylib, Session};

use super::entries::BranchProtection;
use super::{JitError, JitModule};

/// Finds the address of a name that a module imports.
pub trait SymbolLookup: Send {
    /// The address; `None` if it knows no such name.
    fn find(&self, name: &str) -> Option<TargetAddr>;
}

impl<F: Fn(&str) -> Option<TargetAddr> + Send> SymbolLookup for F {
    fn find(&self, name: &str) -> Option<TargetAddr> {
        self(name)
    }
}

/// Sets up a [`JitModule`].
pub struct JitBuilder<'s, M: MemoryManager> {
    pub(super) session: &'s Session<M>,
    pub(super) dylib: Dylib<'s, M>,
    pub(super) memory: &'s M,
    pub(super) name: Vec<u8>,
    pub(super) imports: Imports,
    pub(super) has_hot_swap: bool,
    pub(super) protection: BranchProtection,
}

impl<'s, M: MemoryManager> JitBuilder<'s, M> {
    /// A module of this name, whose definitions are linked against the session's main dylib and those that this is linked
    /// against, and lie in the session's memory.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn new(session: &'s Session<M>, name: &str) -> Result<Self, JitError> {
        Self::in_dylib(session, session.main_dylib(), name)
    }

    /// As [`new`](Self::new), in another dylib of the session.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn in_dylib(
        session: &'s Session<M>,
        dylib: Dylib<'s, M>,
        name: &str,
    ) -> Result<Self, JitError> {
        Ok(Self {
            session,
            dylib,
            memory: session.memory(),
            name: fallible::copy_of(name.as_bytes())?,
            imports: Imports::default(),
            has_hot_swap: false,
            protection: BranchProtection::None,
        })
    }

    /// Gives an imported name an address, before anything in the session does. The last address that a name was given counts.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn symbol(&mut self, name: &str, address: TargetAddr) -> Result<&mut Self, JitError> {
        self.imports.add(name, address)?;
        Ok(self)
    }

    /// Gives imported names addresses, as [`symbol`](Self::symbol) does.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn symbols<'n>(
        &mut self,
        symbols: impl IntoIterator<Item = (&'n str, TargetAddr)>,
    ) -> Result<&mut Self, JitError> {
        for (name, address) in symbols {
            self.imports.add(name, address)?;
        }
        Ok(self)
    }

    /// Asks for imported names that were given no address, before the session is asked: the last that was added first.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn symbol_lookup_fn(
        &mut self,
        lookup: impl SymbolLookup + 'static,
    ) -> Result<&mut Self, JitError> {
        let lookup: Box<dyn SymbolLookup> = fallible::boxed(lookup)?;
        fallible::push(&mut self.imports.lookups, lookup)?;
        Ok(self)
    }

    /// Lets definitions, and the entries of hot swap, lie in other memory than the session's: of the same kind, such as a window
    /// of their own. Calls to what lies far away take a stub; data that code reads by a distance must be in its reach.
    pub const fn memory(&mut self, memory: &'s M) -> &mut Self {
        self.memory = memory;
        self
    }

    /// Whether functions can be redefined while they run. Each is entered by a stub then, and a call costs a jump more.
    pub const fn hot_swap(&mut self, is_on: bool) -> &mut Self {
        self.has_hot_swap = is_on;
        self
    }

    /// What the stubs of functions begin with, if there is hot swap.
    pub const fn branch_protection(&mut self, protection: BranchProtection) -> &mut Self {
        self.protection = protection;
        self
    }

    /// The module.
    ///
    /// # Safety
    /// With hot swap, the memory manager must give memory of this program, where it says that it lies: the module
    /// writes there when a function gets another body.
    ///
    /// # Errors
    /// Hot swap is on, and the session links for another machine; or the heap has no room.
    #[expect(unsafe_code, reason = "hot swap writes to memory that was linked")]
    pub unsafe fn build(self) -> Result<JitModule<'s, M>, JitError> {
        let machine = self.session.machine();
        if self.has_hot_swap && Machine::HOST != Some(machine) {
            return Err(JitError::ForeignMachine { machine });
        }
        JitModule::of(self)
    }
}

impl<M: MemoryManager> fmt::Debug for JitBuilder<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JitBuilder({})", Name::new(&self.name))
    }
}

/// What a builder was told of names that are imported.
#[derive(Default)]
pub(super) struct Imports {
    names: Vec<u8>,
    symbols: Vec<Import>,
    by_name: HashTable<u32>,
    lookups: Vec<Box<dyn SymbolLookup>>,
}

struct Import {
    start: u32,
    len: u32,
    address: TargetAddr,
}

impl Imports {
    fn add(&mut self, name: &str, address: TargetAddr) -> Result<(), OutOfMemory> {
        if let Some(place) = self.place_of(name) {
            if let Some(known) = self.symbols.get_mut(place) {
                known.address = address;
            }
            return Ok(());
        }
        let place = u32::try_from(self.symbols.len()).map_err(|_| OutOfMemory)?;
        let start = u32::try_from(self.names.len()).map_err(|_| OutOfMemory)?;
        let len = u32::try_from(name.len()).map_err(|_| OutOfMemory)?;
        let Self {
            names,
            symbols,
            by_name,
            ..
        } = self;
        by_name.try_reserve(1)?;
        fallible::reserve(symbols, 1)?;
        fallible::extend(names, name.as_bytes())?;
        let import = Import {
            start,
            len,
            address,
        };
        fallible::push(symbols, import)?;
        by_name.insert(Mark::of(name.into()), place)
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        let found = self.by_name.find(Mark::of(name.into()), |place| {
            let known = self.symbols.get(int::usize_from_u32(*place));
            known.is_some_and(|known| name_in(&self.names, known) == name.as_bytes())
        });
        found.map(|place| int::usize_from_u32(*place))
    }

    /// The address of a name, if the builder was told one.
    pub(super) fn find(&self, name: &str) -> Option<TargetAddr> {
        let known = self
            .place_of(name)
            .and_then(|place| self.symbols.get(place));
        known.map(|known| known.address).or_else(|| {
            let mut lookups = self.lookups.iter().rev();
            lookups.find_map(|lookup| lookup.find(name))
        })
    }
}

fn name_in<'n>(names: &'n [u8], import: &Import) -> &'n [u8] {
    let start = int::usize_from_u32(import.start);
    let end = start.saturating_add(int::usize_from_u32(import.len));
    names.get(start..end).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::Imports;
    use crate::base::{TargetAddr, failing_heap};

    #[test]
    fn a_name_that_there_is_no_heap_for_leaves_nothing() {
        let mut imports = Imports::default();
        for (name, address) in [("first", 1), ("second", 2), ("third", 3)] {
            let address = TargetAddr::new(address);
            for failures in 0.. {
                let added = failing_heap::fail_after(failures, || imports.add(name, address));
                assert_eq!(imports.by_name.len(), imports.symbols.len(), "{name}");
                if added.is_ok() {
                    break;
                }
                assert_eq!(imports.find(name), None);
            }
            assert_eq!(imports.find(name), Some(address));
        }
    }
}
