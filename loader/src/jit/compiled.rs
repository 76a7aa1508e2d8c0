//! What a compiler made, as definitions of a JIT module.

use crate::base::{Id, fallible};
use crate::compiler::{Callee, CompiledFunction, Compiler, Relocation};
use crate::memory::MemoryManager;

use super::definition::Frame;
use super::{DataId, FuncId, JitError, JitModule, Linkage, Target};

impl<M: MemoryManager> JitModule<'_, M> {
    /// Defines a function as what `compiler` made of it. Numbers of functions and data in the code are those of ids of this
    /// module ([`FuncId::number`]); routines that the compiler calls by itself are imported by their names. How to unwind the
    /// function's frames goes with it.
    ///
    /// # Errors
    /// As of [`define_function`](Self::define_function); or a number is none of this module's.
    pub fn define_compiled<C: Compiler>(
        &mut self,
        function: FuncId,
        compiler: &C,
        code: &CompiledFunction,
    ) -> Result<(), JitError> {
        let mut relocations = fallible::vec_with_capacity(code.relocations.len())?;
        for relocation in &code.relocations {
            let target = match relocation.target {
                Callee::Itself => Target::Itself,
                Callee::Function(number) => Target::Function(FuncId(Id::from_index(number))),
                Callee::Data(number) => Target::Data(DataId(Id::from_index(number))),
                Callee::Routine(routine) => {
                    Target::Function(self.declare_function(routine.symbol(), Linkage::Import)?)
                }
            };
            let relocation = Relocation {
                offset: relocation.offset,
                kind: relocation.kind,
                target,
                addend: relocation.addend,
            };
            fallible::push(&mut relocations, relocation)?;
        }
        let frame = Frame {
            common: compiler.common_frame(),
            own: &code.frame,
        };
        self.define_framed(function, &code.bytes, code.alignment, &relocations, frame)
    }
}
