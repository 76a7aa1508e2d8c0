//! Functions that are compiled when they are first called.
//!
//! Until it is compiled, a function's body is a trampoline: it keeps the arguments, has the function compiled, and enters it
//! anew by its entry, which leads to the code by then. The next call goes straight there.
#![expect(
    unsafe_code,
    reason = "code calls back by the address of what it is to compile"
)]

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit};

use spin::{Mutex, MutexGuard};

use crate::arch;
use crate::base::{Alignment, TargetAddr, Text, fallible, int};
use crate::compiler::Relocation;
use crate::edge::{DataKind, EdgeKind};
use crate::memory::MemoryManager;

use super::{FuncId, JitError, JitModule, Target};

#[cfg(test)]
mod tests;

/// Compiles a function: defines it in the module. It is linked afterwards, with what was defined beside it and what these need of
/// all that waits; what else waits goes on to.
pub trait Compile<'s, M: MemoryManager>: Send {
    /// Defines `function`, which may be done with any other functions and data.
    ///
    /// # Errors
    /// It can't be compiled: its callers trap from then on.
    fn compile(&mut self, module: &mut JitModule<'s, M>, function: FuncId) -> Result<(), JitError>;
}

impl<'s, M: MemoryManager, F> Compile<'s, M> for F
where
    F: FnMut(&mut JitModule<'s, M>, FuncId) -> Result<(), JitError> + Send,
{
    fn compile(&mut self, module: &mut JitModule<'s, M>, function: FuncId) -> Result<(), JitError> {
        self(module, function)
    }
}

/// A JIT module of which functions may be compiled when they are first called, by whichever thread.
///
/// A lock guards the module. It is held while a function is compiled: what compiles must not call lazy functions of the same
/// module itself. Who calls a function that may still be lazy answers for this value being there until the call has returned, as
/// for the function's own code: [`into_module`](Self::into_module), or dropping it, frees what such a call works with.
pub struct LazyJit<'s, M: MemoryManager> {
    /// Taken out at the end alone.
    state: ManuallyDrop<Box<State<'s, M>>>,
}

/// What trampolines refer to, at an address that stays.
struct State<'s, M: MemoryManager> {
    module: Mutex<JitModule<'s, M>>,
    #[expect(clippy::vec_box, reason = "trampolines hold their addresses")]
    waiting: Mutex<Vec<Box<Waiting<'s, M>>>>,
    /// Why functions could not be compiled, the last first.
    failure: Mutex<Option<JitError>>,
}

/// A function that is not compiled yet, or was, at an address that stays.
struct Waiting<'s, M: MemoryManager> {
    state: *const State<'s, M>,
    function: FuncId,
    /// Which definition of the function the trampoline is. Once there is another, nothing is to be compiled.
    definition: u32,
    /// `None` once it was called for.
    compiler: Mutex<Option<Box<dyn Compile<'s, M> + 's>>>,
}

// SAFETY: the pointer leads to what owns this, and is only used to share that: it is locked part by part, and only made of modules
// that any thread may have.
unsafe impl<M: MemoryManager> Send for Waiting<'_, M> {}
// SAFETY: as above.
unsafe impl<M: MemoryManager> Sync for Waiting<'_, M> {}

impl<'s, M: MemoryManager> Waiting<'s, M> {
    /// Whether callers of the function are led to this trampoline.
    fn is_called(&self, module: &JitModule<'s, M>) -> bool {
        module.is_in_memory(self.function, self.definition)
    }
}

impl<'s, M: MemoryManager> LazyJit<'s, M> {
    /// A module of which functions may be lazy.
    ///
    /// # Errors
    /// The module was built without hot swap, or the heap has no room; the module is given back.
    #[expect(
        clippy::result_large_err,
        reason = "the module is given back, and no heap is needed for that"
    )]
    pub fn new(module: JitModule<'s, M>) -> Result<Self, (JitModule<'s, M>, JitError)>
    where
        // Whichever thread calls a lazy function first, compiles it.
        JitModule<'s, M>: Send,
    {
        if !module.has_hot_swap() {
            let name = Text::of("lazy functions");
            return Err((module, JitError::NoHotSwap { name }));
        }
        let room = match fallible::boxed(MaybeUninit::uninit()) {
            Ok(room) => room,
            Err(error) => return Err((module, error.into())),
        };
        let state = State {
            module: Mutex::new(module),
            waiting: Mutex::new(Vec::new()),
            failure: Mutex::new(None),
        };
        Ok(Self {
            state: ManuallyDrop::new(Box::write(room, state)),
        })
    }

    /// The module. Lazy functions wait to be compiled meanwhile.
    pub fn lock(&self) -> MutexGuard<'_, JitModule<'s, M>> {
        self.state.module.lock()
    }

    /// Defines a declared function as what `compiler` will make of it when it is first called. It can be called, and found by
    /// its name, once definitions are finalized.
    ///
    /// # Errors
    /// As of [`JitModule::define_function`].
    pub fn define_lazily(
        &self,
        function: FuncId,
        compiler: impl Compile<'s, M> + 's,
    ) -> Result<(), JitError> {
        let compiler: Box<dyn Compile<'s, M> + 's> = fallible::boxed(compiler)?;
        let mut module = self.state.module.lock();
        let waiting = fallible::boxed(Waiting {
            state: &raw const **self.state,
            function,
            definition: module.definitions_of(function)?.wrapping_add(1),
            compiler: Mutex::new(Some(compiler)),
        })?;
        let mut all = self.state.waiting.lock();
        fallible::reserve(&mut all, 1)?;
        define_trampoline(&mut module, &waiting)?;
        fallible::push(&mut all, waiting)?;
        Ok(())
    }

    /// Why the last function that could not be compiled could not, told once.
    pub fn take_failure(&self) -> Option<JitError> {
        self.state.failure.lock().take()
    }

    /// The module alone. Functions that were not compiled until now trap; those that wait to be linked do once they are.
    pub fn into_module(self) -> JitModule<'s, M> {
        self.trap_waiting();
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used any more, nor dropped.
        let state = unsafe { ManuallyDrop::take(&mut this.state) };
        state.module.into_inner()
    }

    /// Lets functions trap that were not compiled: their trampolines refer to what goes.
    fn trap_waiting(&self) {
        let mut module = self.state.module.lock();
        for waiting in self.state.waiting.lock().iter() {
            if waiting.is_called(&module) {
                module.trap(waiting.function);
            }
            module.trap_once_linked(waiting.function, waiting.definition);
        }
    }
}

/// Lets a function be a trampoline that asks for its compiler.
fn define_trampoline<'s, M: MemoryManager>(
    module: &mut JitModule<'s, M>,
    waiting: &Waiting<'s, M>,
) -> Result<(), JitError> {
    let shape = arch::trampoline_shape(module.machine());
    let mut bytes = fallible::copy_of(shape.bytes)?;
    let number = int::from_usize((&raw const *waiting).expose_provenance());
    let start = int::usize_from_u32(shape.number_offset);
    let place = bytes.get_mut(start..);
    if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
        *place = number.to_le_bytes();
    }
    let hook: extern "C" fn(usize) = compile::<M>;
    #[expect(clippy::as_conversions, reason = "the address of a function")]
    let hook = int::from_usize((hook as *const ()).expose_provenance());
    let pointer = |offset, target| Relocation {
        offset,
        kind: EdgeKind::Data(DataKind::Pointer64),
        target,
        addend: 0,
    };
    let relocations = [
        pointer(shape.hook_offset, Target::Address(TargetAddr::new(hook))),
        pointer(shape.function_offset, Target::Function(waiting.function)),
    ];
    module.define_function(waiting.function, &bytes, Alignment::SIXTEEN, &relocations)
}

/// What trampolines call: compiles the function of which `number` is what waits.
extern "C" fn compile<M: MemoryManager>(number: usize) {
    let waiting = core::ptr::with_exposed_provenance::<Waiting<'_, M>>(number);
    // SAFETY: a trampoline of this manager's modules is called, of which `number` is the word: what it names is there as long
    // as the trampoline can be reached, as `LazyJit` sees to.
    let waiting = unsafe { &*waiting };
    // SAFETY: the same holds for what owns it.
    let state = unsafe { &*waiting.state };
    let mut module = state.module.lock();
    // Whoever comes second finds it compiled, or defined otherwise.
    if !waiting.is_called(&module) {
        return;
    }
    let Some(mut compiler) = waiting.compiler.lock().take() else {
        return;
    };
    let function = waiting.function;
    let before = module.pending_count();
    let compiled = match module.is_waiting(function) {
        // It was defined otherwise, and that was not linked yet.
        true => Ok(()),
        false => module
            .prepare_for_function_redefine(function)
            .and_then(|()| compiler.compile(&mut module, function)),
    };
    let linked = compiled.and_then(|()| module.finalize_function(function, before));
    let linked = linked.and_then(|()| match waiting.is_called(&module) {
        true => Err(JitError::not_compiled(
            module.declarations.text_of(function.0),
            "its compiler did not define it",
        )),
        false => Ok(()),
    });
    if let Err(error) = linked {
        module.trap(function);
        module.discard_definitions_after(before);
        *state.failure.lock() = Some(error);
    }
}

impl<M: MemoryManager> Drop for LazyJit<'_, M> {
    fn drop(&mut self) {
        self.trap_waiting();
        // SAFETY: nothing uses it after this.
        unsafe { ManuallyDrop::drop(&mut self.state) };
    }
}

impl<M: MemoryManager> fmt::Debug for LazyJit<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LazyJit")
    }
}
