//! Compilers: from functions of whichever intermediate representation to machine code with relocations.
//!
//! A [`CompilerBuilder`] is made for a machine and takes settings by name; the [`Compiler`] that it builds makes of each
//! function of a unit a [`CompiledFunction`]: bytes, and [`Relocation`]s whose kinds are the rows of `edge/` and whose targets
//! are a [`Callee`], a number of that unit. What units are, and where code goes, is for those above: it may be linked in
//! memory, or appended to an ELF object (`elf`, with the feature `elf-writer`). A [`CompileCache`] keeps what was compiled
//! before.
//!
//! One compiler is here: `cranelift`, behind the feature of that name. An embedder may bring its own.
//!
//! Nothing here knows graphs, sessions, or memory that code runs in.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

mod cache;
#[cfg(feature = "cranelift")]
pub mod cranelift;
#[cfg(feature = "elf-writer")]
pub mod elf;
mod error;
mod function;
mod settings;

pub use cache::{CacheKey, CompileCache};
pub use error::{CompileError, CompileFault, RelocationFault};
pub use function::{
    Callee, CompiledFunction, LiveReference, Relocation, Routine, SourceSpan, StackMap, Trap,
    TrapSite,
};
pub use settings::{Accepted, Setting, SettingError, SettingKind, SettingValue};

use alloc::vec::Vec;

use crate::base::{Alignment, Machine, Name, OutOfMemory, fallible};

/// Settings of a compiler to be, for one machine.
pub trait CompilerBuilder {
    /// What it builds.
    type Compiler: Compiler;

    /// The machine that is compiled for.
    fn machine(&self) -> Machine;

    /// Gives the setting `name` a value, as text.
    ///
    /// # Errors
    /// There is no such setting, or it takes no such value; the error lists what would be accepted.
    fn set(&mut self, name: &str, value: &str) -> Result<(), SettingError>;

    /// Switches the setting `name` on, or applies the preset of that name.
    ///
    /// # Errors
    /// There is no such setting, or it is none that can be switched on; the error lists what would be accepted.
    fn enable(&mut self, name: &str) -> Result<(), SettingError>;

    /// All settings that there are.
    ///
    /// # Errors
    /// The heap has no room.
    fn settings(&self) -> Result<Vec<Setting>, OutOfMemory>;

    /// A compiler with the settings so far.
    ///
    /// # Errors
    /// Settings contradict each other.
    fn build(&self) -> Result<Self::Compiler, SettingError>;
}

/// A compiler of functions, with its settings fixed. Several threads may use one at once.
pub trait Compiler: Send + Sync {
    /// A function as this compiler takes it.
    type Function;

    /// The machine that is compiled for.
    fn machine(&self) -> Machine;

    /// The settings that code is compiled with.
    ///
    /// # Errors
    /// The heap has no room.
    fn settings(&self) -> Result<Vec<SettingValue>, OutOfMemory>;

    /// The record of `.eh_frame` that the records of its functions ([`CompiledFunction::frame`]) go on from: a CIE as it
    /// stands in the section; empty if this compiler makes none. Addresses in records of functions are distances of four
    /// bytes.
    fn common_frame(&self) -> &[u8];

    /// Compiles `function`. `name` is for errors alone.
    ///
    /// # Errors
    /// Says what is wrong with the function, and where.
    fn compile(
        &self,
        name: Name<'_>,
        function: Self::Function,
    ) -> Result<CompiledFunction, CompileError>;

    /// Compiles the functions of a unit, in their order. A compiler that looks at several functions at once does so here; this
    /// takes one after the other.
    ///
    /// # Errors
    /// As those of [`Self::compile`], of the first function that can't be compiled.
    fn compile_unit(
        &self,
        functions: &mut dyn Iterator<Item = (Name<'_>, Self::Function)>,
    ) -> Result<Vec<CompiledFunction>, CompileError> {
        let mut unit = Vec::new();
        for (name, function) in functions {
            let code = self.compile(name, function)?;
            fallible::push(&mut unit, code)
                .map_err(|error| CompileError::new(name, error.into()))?;
        }
        Ok(unit)
    }

    /// What tells `function` from all others that this or any other compiler may be given.
    fn cache_key(&self, function: &Self::Function) -> CacheKey;

    /// Compiles `function`, unless `cache` has its code already; what isn't there is stored. Also says whether it was there.
    ///
    /// # Errors
    /// As those of [`Self::compile`].
    fn compile_cached(
        &self,
        cache: &mut dyn CompileCache,
        name: Name<'_>,
        function: Self::Function,
    ) -> Result<(CompiledFunction, bool), CompileError> {
        let key = self.cache_key(&function);
        let stored = cache.get(&key);
        if let Some(code) = stored.and_then(|bytes| CompiledFunction::from_bytes(&bytes)) {
            return Ok((code, true));
        }
        let code = self.compile(name, function)?;
        // A cache is an offer: code that there is no room to store is as good.
        if let Ok(bytes) = code.to_bytes() {
            cache.insert(&key, bytes);
        }
        Ok((code, false))
    }

    /// Appends `functions` to the ELF object `object`, in pages of their own if `own_pages`, by [`elf::append`].
    ///
    /// # Errors
    /// As those of [`elf::append`].
    #[cfg(feature = "elf-writer")]
    fn append<'a>(
        &self,
        object: &mut elf::Object<'a>,
        functions: &[elf::NamedFunction<'_>],
        own_pages: bool,
        resolve: &mut dyn FnMut(&mut elf::Object<'a>, Callee) -> Option<object::write::SymbolId>,
    ) -> Result<Vec<elf::PlacedFunction>, CompileError> {
        let options = elf::AppendOptions {
            machine: self.machine(),
            common_frame: self.common_frame(),
            alignment: if own_pages {
                self.page_alignment()
            } else {
                Alignment::ONE
            },
        };
        elf::append(object, &options, functions, resolve)
    }

    /// What text is aligned by that is to have pages of its own: the largest page size that the machine's ABI allows for.
    fn page_alignment(&self) -> Alignment {
        text_page_alignment(self.machine())
    }
}

/// What text is aligned by that is to have pages of its own, whatever page size `machine` was set up with. Source: the maximum
/// page size of the supplements to the System V ABI, less what linkers use where the machine has one size alone.
const fn text_page_alignment(machine: Machine) -> Alignment {
    match machine {
        Machine::X86_64 => Alignment::PAGE,
        Machine::Aarch64 => Alignment::PAGE_64K,
    }
}
