//! Cranelift's own interface to modules over a JIT module: what is written for cranelift-jit runs here by a change of type.
//!
//! [`CraneliftJit`] is a [`cranelift_module::Module`], and has the methods of cranelift-jit's `JITModule` under the same names.
//! What panics there is an error here: imports that nobody defines, data without content, thread-local data. What is exported,
//! other modules of the dylib may use; two modules that export one name belong in different dylibs.
//!
//! Cranelift's interface numbers functions and data apart, and a JIT module together: ids are translated here, and nowhere else.
//! Both the interface and Cranelift allocate without being able to fail, which is for hosts.

mod error;
mod interface;

use alloc::format;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::{fmt, mem};

use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::{CodegenError, Context};
use cranelift_module::{
    ModuleDeclarations, ModuleError, ModuleReloc, ModuleRelocTarget, ModuleResult,
};

use crate::base::{Alignment, Decimal, Hex, TargetAddr, Text, fallible, int};
use crate::compiler::cranelift::{self, Cranelift};
use crate::compiler::{Callee, CompileFault, CompiledFunction, Compiler, Relocation, SettingError};
use crate::memory::MemoryManager;

use super::{DataId, FuncId, JitModule, Linkage, Target};

use error::{of_fault, of_heap, of_jit, undeclared};

/// A JIT module that takes functions as Cranelift's users make them, and compiles them.
///
/// Dropping it leaves all that was finalized in place; [`free_memory`](Self::free_memory) gives it back.
pub struct CraneliftJit<'s, M: MemoryManager> {
    module: JitModule<'s, M>,
    compiler: Cranelift,
    declarations: ModuleDeclarations,
    /// The module's own id of each function, by Cranelift's number.
    functions: Vec<FuncId>,
    /// The module's own id of data, by Cranelift's number.
    data: Vec<DataId>,
    /// Room for the relocations of one definition.
    room: Vec<Relocation<Target>>,
}

impl<'s, M: MemoryManager> CraneliftJit<'s, M> {
    /// Lets `module` be defined by what `compiler` makes. Imports, and the routines that Cranelift calls by itself, are those of
    /// the module's builder and session.
    ///
    /// # Errors
    /// The two are for different machines.
    pub fn new(module: JitModule<'s, M>, compiler: Cranelift) -> ModuleResult<Self> {
        if module.machine() != compiler.machine() {
            let error = SettingError::Conflict {
                reason: Text::display(format_args!(
                    "code for {} can't be linked for {}",
                    compiler.machine(),
                    module.machine()
                )),
            };
            return Err(ModuleError::Backend(error.into()));
        }
        Ok(Self {
            module,
            compiler,
            declarations: ModuleDeclarations::default(),
            functions: Vec::new(),
            data: Vec::new(),
            room: Vec::new(),
        })
    }

    /// The module below, which finds functions by [`function_id`](Self::function_id).
    pub const fn module(&self) -> &JitModule<'s, M> {
        &self.module
    }

    /// The module below, to free single functions and what was replaced. What is declared there has no number of Cranelift's.
    pub const fn module_mut(&mut self) -> &mut JitModule<'s, M> {
        &mut self.module
    }

    /// The id that the module below has for a function.
    ///
    /// # Errors
    /// Another module declared it.
    pub fn function_id(&self, function: cranelift_module::FuncId) -> ModuleResult<FuncId> {
        let id = self.functions.get(int::usize_from_u32(function.as_u32()));
        id.copied().ok_or_else(|| undeclared(function))
    }

    /// The id that the module below has for data.
    ///
    /// # Errors
    /// Another module declared it.
    pub fn data_id(&self, data: cranelift_module::DataId) -> ModuleResult<DataId> {
        let id = self.data.get(int::usize_from_u32(data.as_u32()));
        id.copied().ok_or_else(|| undeclared(data))
    }

    /// Links all that was defined since the last call, and makes it callable. If it fails, all stays defined as it was, to be
    /// finalized once what was missing is there.
    ///
    /// # Errors
    /// An import is missing, or what was referred to was never defined; a relocation doesn't reach; or memory ran out.
    pub fn finalize_definitions(&mut self) -> ModuleResult<()> {
        self.module.finalize_definitions().map_err(of_jit)
    }

    /// The address at which a function is called; null if it is not finalized. With hot swap it stays the same.
    pub fn get_finalized_function(&self, function: cranelift_module::FuncId) -> *const u8 {
        let id = self.function_id(function).ok();
        let address = id.and_then(|id| self.module.finalized_function(id).ok());
        pointer(address)
    }

    /// The address and the size in bytes of data; null and nothing if it is not finalized.
    pub fn get_finalized_data(&self, data: cranelift_module::DataId) -> (*const u8, usize) {
        let id = self.data_id(data).ok();
        match id.and_then(|id| self.module.finalized_data(id).ok()) {
            Some((address, size_bytes)) => (pointer(Some(address)), int::to_usize(size_bytes)),
            None => (pointer(None), 0),
        }
    }

    /// The address that a relocation to `target` is given: of what is finalized here, else of what is imported; null if there is
    /// none.
    pub fn get_address(&self, target: &ModuleRelocTarget) -> *const u8 {
        pointer(self.address(target))
    }

    fn address(&self, target: &ModuleRelocTarget) -> Option<TargetAddr> {
        let known = match *target {
            ModuleRelocTarget::LibCall(libcall) => {
                let routine = cranelift::routine(libcall)?;
                return self.module.import_address(routine.symbol());
            }
            ModuleRelocTarget::FunctionOffset(function, offset) => {
                let start = self.get_finalized_function(function);
                let start = TargetAddr::new(int::from_usize(start.expose_provenance()));
                return match start {
                    TargetAddr::ZERO => None,
                    start => start.checked_add(int::widen_u32(offset)),
                };
            }
            ref target => self.target(target).ok()?.0,
        };
        let (address, name) = match known {
            Target::Function(id) => (
                self.module.finalized_function(id).ok(),
                self.module.function_name(id),
            ),
            Target::Data(id) => (
                self.module.finalized_data(id).ok().map(|found| found.0),
                self.module.data_name(id),
            ),
            Target::Address(address) => return Some(address),
            Target::Itself => return None,
        };
        address.or_else(|| self.module.import_address(name))
    }

    /// Lets a function that is finalized be defined once more: its callers see the old body until definitions are finalized
    /// next, and then the new one. The module was built with hot swap.
    ///
    /// # Errors
    /// The module has no hot swap, or the function is not finalized.
    pub fn prepare_for_function_redefine(
        &mut self,
        function: cranelift_module::FuncId,
    ) -> ModuleResult<()> {
        let id = self.function_id(function)?;
        (self.module.prepare_for_function_redefine(id)).map_err(of_jit)
    }

    /// Where callers of a function are led at this moment; null without hot swap, or if it was never finalized.
    pub fn read_got_entry(&self, function: cranelift_module::FuncId) -> *const u8 {
        let id = self.function_id(function).ok();
        let address = id.and_then(|id| self.module.read_got_entry(id).ok());
        pointer(address)
    }

    /// Frees everything.
    ///
    /// # Errors
    /// A module that was loaded is linked to something of this: everything stays then, and this is given back.
    ///
    /// # Safety
    /// Nobody is in code of this module, nor will call it, nor refers to its data.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub unsafe fn free_memory(mut self) -> Result<(), (Self, ModuleError)> {
        // SAFETY: the caller answers for the same.
        match unsafe { self.module.free() } {
            Ok(()) => Ok(()),
            Err((module, error)) => {
                self.module = module;
                Err((self, of_jit(error)))
            }
        }
    }

    /// What a number of Cranelift's stands for; `None` if it is none that was given here.
    fn numbered(&self, namespace: u32, index: u32) -> Option<Target> {
        let index = int::usize_from_u32(index);
        match namespace {
            cranelift::FUNCTIONS => self.functions.get(index).map(|id| Target::Function(*id)),
            cranelift::DATA => self.data.get(index).map(|id| Target::Data(*id)),
            _ => None,
        }
    }

    /// What a name of Cranelift's refers to, and how far behind its beginning.
    fn target(&self, target: &ModuleRelocTarget) -> ModuleResult<(Target, u32)> {
        match *target {
            ModuleRelocTarget::User { namespace, index } => {
                let known = self.numbered(namespace, index);
                Ok((known.ok_or_else(|| undeclared(target))?, 0))
            }
            ModuleRelocTarget::FunctionOffset(function, offset) => {
                let id = self.function_id(function)?;
                // What callers are led to has no such place.
                if self.module.has_hot_swap() && offset != 0 {
                    let what = format!("{target} in a module with hot swap");
                    return Err(CodegenError::Unsupported(what).into());
                }
                Ok((Target::Function(id), offset))
            }
            ModuleRelocTarget::LibCall(_) | ModuleRelocTarget::KnownSymbol(_) => {
                Err(undeclared(target))
            }
        }
    }

    /// As [`target`](Self::target), with the routines that Cranelift calls by itself: those are imported.
    fn target_or_routine(&mut self, target: &ModuleRelocTarget) -> ModuleResult<(Target, u32)> {
        if let ModuleRelocTarget::LibCall(libcall) = target {
            let routine = cranelift::routine(*libcall).ok_or_else(|| undeclared(target))?;
            let id = (self.module).declare_function(routine.symbol(), Linkage::Import);
            return Ok((Target::Function(id.map_err(of_jit)?), 0));
        }
        self.target(target)
    }

    /// Relocations of `bytes`, which are what `of` is defined as, as the module below takes them; to be given back as the room
    /// for the next.
    fn relocations(
        &mut self,
        of: Target,
        bytes: &[u8],
        relocs: impl Iterator<Item: Borrow<ModuleReloc>>,
    ) -> ModuleResult<Vec<Relocation<Target>>> {
        let mut relocations = mem::take(&mut self.room);
        relocations.clear();
        for reloc in relocs {
            let reloc = reloc.borrow();
            let before = bytes.get(..int::usize_from_u32(reloc.offset));
            let kind = self.compiler.edge_kind(reloc.kind, before.unwrap_or(&[]));
            let kind = kind.map_err(|fault| {
                let fault = CompileFault::Relocation {
                    offset: reloc.offset,
                    kind: Text::display(reloc.kind),
                    fault,
                };
                of_fault(self.name_of(of), fault)
            })?;
            let known = match reloc.name {
                ModuleRelocTarget::User { namespace, index } => {
                    self.numbered(namespace, index).map(|target| (target, 0))
                }
                ModuleRelocTarget::FunctionOffset(function, offset)
                    if of == Target::Function(self.function_id(function)?) =>
                {
                    Some((Target::Itself, offset))
                }
                _ => None,
            };
            let (target, within) = match known {
                Some(known) => known,
                None => self.target_or_routine(&reloc.name)?,
            };
            let relocation = Relocation {
                offset: reloc.offset,
                kind,
                target,
                addend: reloc.addend.wrapping_add(i64::from(within)),
            };
            fallible::push(&mut relocations, relocation).map_err(of_heap)?;
        }
        Ok(relocations)
    }

    /// Has what `context` holds compiled, and leaves the code there, too.
    fn compile(
        &self,
        context: &mut Context,
        control_plane: &mut ControlPlane,
    ) -> Result<CompiledFunction, Failure> {
        let isa = &**self.compiler.isa();
        cranelift::check_for_panics(&context.func)?;
        if !isa.flags().enable_verifier() {
            context.verify(isa).map_err(CodegenError::Verifier)?;
        }
        if let Err(error) = context.compile(isa, control_plane) {
            return Err(error.inner.into());
        }
        Ok(self.compiler.gather(context)?)
    }

    /// Translates the numbers in code, which are Cranelift's, to those of the module below.
    fn renumber(&self, code: &mut CompiledFunction) -> ModuleResult<()> {
        for relocation in &mut code.relocations {
            relocation.target = match relocation.target {
                Callee::Function(number) => {
                    let id = cranelift_module::FuncId::from_u32(number);
                    Callee::Function(self.function_id(id)?.number())
                }
                Callee::Data(number) => {
                    let id = cranelift_module::DataId::from_u32(number);
                    Callee::Data(self.data_id(id)?.number())
                }
                same @ (Callee::Itself | Callee::Routine(_)) => same,
            };
        }
        Ok(())
    }

    /// A name as errors show it.
    fn name_of(&self, target: Target) -> Text<96> {
        let (name, number) = match target {
            Target::Function(id) => (self.module.function_name(id), id.number()),
            Target::Data(id) => (self.module.data_name(id), id.number()),
            Target::Address(address) => return Text::of(Hex(address.value())),
            Target::Itself => return Text::of("(itself)"),
        };
        match name {
            "" => Text::of(("(anonymous #", Decimal(number.into()), ")")),
            name => Text::of(name),
        }
    }

    /// What code is aligned by that asks for this alignment.
    fn code_alignment(&self, bytes: u64) -> Option<Alignment> {
        let isa = self.compiler.isa();
        let minimum = u64::from(isa.function_alignment().minimum);
        Alignment::new(bytes.max(minimum).max(isa.symbol_alignment()).max(1))
    }
}

/// Why a function could not be compiled.
enum Failure {
    /// In Cranelift's own words.
    Codegen(CodegenError),
    /// In ours.
    Fault(CompileFault),
}

impl From<CodegenError> for Failure {
    fn from(error: CodegenError) -> Self {
        Self::Codegen(error)
    }
}

impl From<CompileFault> for Failure {
    fn from(fault: CompileFault) -> Self {
        Self::Fault(fault)
    }
}

fn pointer(address: Option<TargetAddr>) -> *const u8 {
    let address = address.unwrap_or(TargetAddr::ZERO);
    core::ptr::with_exposed_provenance(int::to_usize(address.value()))
}

impl<M: MemoryManager> fmt::Debug for CraneliftJit<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.module.fmt(formatter)
    }
}
