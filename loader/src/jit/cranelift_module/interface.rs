//! The interface: what Cranelift's users call, and what of it is translated for the module below.

use alloc::borrow::ToOwned;
use alloc::format;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::Signature;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenError, Context};
use cranelift_module::{
    DataDescription, FuncOrDataId, Init, Module, ModuleDeclarations, ModuleError, ModuleReloc,
    ModuleResult,
};

use crate::base::{Alignment, fallible, int};
use crate::jit::{Content, Linkage, Storage, Target};
use crate::memory::MemoryManager;

use super::error::{of_fault, of_heap, of_jit};
use super::{CraneliftJit, Failure};

/// What data is aligned by that doesn't say: its pointers are.
const DATA_ALIGNMENT: u64 = 8;

impl<M: MemoryManager> Module for CraneliftJit<'_, M> {
    fn isa(&self) -> &dyn TargetIsa {
        &**self.compiler.isa()
    }

    fn declarations(&self) -> &ModuleDeclarations {
        &self.declarations
    }

    fn declare_function(
        &mut self,
        name: &str,
        linkage: cranelift_module::Linkage,
        signature: &Signature,
    ) -> ModuleResult<cranelift_module::FuncId> {
        // What Cranelift's table would refuse, it is asked first: it would not take back what was widened.
        match self.declarations.get_name(name) {
            Some(FuncOrDataId::Data(_)) => {
                return Err(ModuleError::IncompatibleDeclaration(name.to_owned()));
            }
            Some(FuncOrDataId::Func(id)) => {
                let known = &self.declarations.get_function_decl(id).signature;
                if known != signature {
                    let (known, signature) = (known.clone(), signature.clone());
                    let name = name.to_owned();
                    return Err(ModuleError::IncompatibleSignature(name, known, signature));
                }
            }
            None => fallible::reserve(&mut self.functions, 1).map_err(of_heap)?,
        }
        let own = (self.module).declare_function(name, linkage_of(linkage));
        let own = own.map_err(of_jit)?;
        let (id, _) = (self.declarations).declare_function(name, linkage, signature)?;
        if int::usize_from_u32(id.as_u32()) == self.functions.len() {
            fallible::push(&mut self.functions, own).map_err(of_heap)?;
        }
        Ok(id)
    }

    fn declare_anonymous_function(
        &mut self,
        signature: &Signature,
    ) -> ModuleResult<cranelift_module::FuncId> {
        fallible::reserve(&mut self.functions, 1).map_err(of_heap)?;
        let own = self.module.declare_anonymous_function().map_err(of_jit)?;
        let id = self.declarations.declare_anonymous_function(signature)?;
        fallible::push(&mut self.functions, own).map_err(of_heap)?;
        Ok(id)
    }

    fn declare_data(
        &mut self,
        name: &str,
        linkage: cranelift_module::Linkage,
        writable: bool,
        tls: bool,
    ) -> ModuleResult<cranelift_module::DataId> {
        match self.declarations.get_name(name) {
            Some(FuncOrDataId::Func(_)) => {
                return Err(ModuleError::IncompatibleDeclaration(name.to_owned()));
            }
            Some(FuncOrDataId::Data(_)) => {}
            None => fallible::reserve(&mut self.data, 1).map_err(of_heap)?,
        }
        let storage = storage_of(writable, tls);
        let own = (self.module).declare_data(name, linkage_of(linkage), storage);
        let own = own.map_err(of_jit)?;
        let (id, _) = (self.declarations).declare_data(name, linkage, writable, tls)?;
        if int::usize_from_u32(id.as_u32()) == self.data.len() {
            fallible::push(&mut self.data, own).map_err(of_heap)?;
        }
        Ok(id)
    }

    fn declare_anonymous_data(
        &mut self,
        writable: bool,
        tls: bool,
    ) -> ModuleResult<cranelift_module::DataId> {
        fallible::reserve(&mut self.data, 1).map_err(of_heap)?;
        let own = (self.module).declare_anonymous_data(storage_of(writable, tls));
        let own = own.map_err(of_jit)?;
        let id = self.declarations.declare_anonymous_data(writable, tls)?;
        fallible::push(&mut self.data, own).map_err(of_heap)?;
        Ok(id)
    }

    fn define_function_with_control_plane(
        &mut self,
        function: cranelift_module::FuncId,
        context: &mut Context,
        control_plane: &mut ControlPlane,
    ) -> ModuleResult<()> {
        let id = self.function_id(function)?;
        self.module.check_open(id.0).map_err(of_jit)?;
        let compiled = self.compile(context, control_plane);
        let mut code = compiled.map_err(|failure| match failure {
            Failure::Codegen(error) => error.into(),
            Failure::Fault(fault) => of_fault(self.name_of(Target::Function(id)), fault),
        })?;
        self.renumber(&mut code)?;
        code.alignment = (self.code_alignment(code.alignment.bytes())).unwrap_or(code.alignment);
        (self.module.define_compiled(id, &self.compiler, &code)).map_err(of_jit)
    }

    fn define_function_bytes(
        &mut self,
        function: cranelift_module::FuncId,
        alignment: u64,
        bytes: &[u8],
        relocs: &[ModuleReloc],
    ) -> ModuleResult<()> {
        let id = self.function_id(function)?;
        self.module.check_open(id.0).map_err(of_jit)?;
        let alignment = self.code_alignment(alignment).ok_or_else(odd_alignment)?;
        let relocations = self.relocations(Target::Function(id), bytes, relocs.iter())?;
        let defined = (self.module).define_function(id, bytes, alignment, &relocations);
        self.room = relocations;
        defined.map_err(of_jit)
    }

    fn define_data(
        &mut self,
        data: cranelift_module::DataId,
        description: &DataDescription,
    ) -> ModuleResult<()> {
        let id = self.data_id(data)?;
        self.module.check_open(id.0).map_err(of_jit)?;
        let alignment = description.align.unwrap_or(DATA_ALIGNMENT);
        let alignment = Alignment::new(alignment).ok_or_else(odd_alignment)?;
        let has_relocations =
            !(description.function_relocs.is_empty() && description.data_relocs.is_empty());
        let zeros;
        // All data has an address of its own, and so a byte.
        let content = match &description.init {
            Init::Uninitialized => {
                let name = self.name_of(Target::Data(id));
                let what = format!("data `{name}` without content; define it, or its zeros");
                return Err(CodegenError::Unsupported(what).into());
            }
            Init::Zeros { size } if has_relocations => {
                zeros = fallible::zeros((*size).max(1)).map_err(of_heap)?;
                Content::Bytes(&zeros)
            }
            Init::Zeros { size } => Content::Zeros(int::from_usize((*size).max(1))),
            Init::Bytes { contents } if contents.is_empty() => Content::Bytes(&[0]),
            Init::Bytes { contents } => Content::Bytes(contents),
        };
        // There is no code before what is written in data.
        let relocs = description.all_relocs(Reloc::Abs8);
        let relocations = self.relocations(Target::Data(id), &[], relocs)?;
        (self
            .module
            .define_data(id, content, alignment, &relocations))
        .map_err(of_jit)
    }
}

#[cold]
fn odd_alignment() -> ModuleError {
    CodegenError::Unsupported("an alignment that is no power of two".to_owned()).into()
}

const fn linkage_of(linkage: cranelift_module::Linkage) -> Linkage {
    match linkage {
        cranelift_module::Linkage::Import => Linkage::Import,
        cranelift_module::Linkage::Local => Linkage::Local,
        cranelift_module::Linkage::Preemptible => Linkage::Preemptible,
        cranelift_module::Linkage::Hidden => Linkage::Hidden,
        cranelift_module::Linkage::Export => Linkage::Export,
    }
}

const fn storage_of(is_writable: bool, is_thread_local: bool) -> Storage {
    match (is_thread_local, is_writable) {
        (true, _) => Storage::ThreadLocal,
        (false, true) => Storage::Writable,
        (false, false) => Storage::ReadOnly,
    }
}
