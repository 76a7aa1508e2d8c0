//! Our errors as Cranelift's interface knows them.

use alloc::string::ToString;
use core::fmt;

use cranelift_codegen::CodegenError;
use cranelift_module::ModuleError;
use std::io;

use crate::base::OutOfMemory;
use crate::compiler::{CompileError, CompileFault};
use crate::jit::JitError;

/// What Cranelift has a word for is told by that; all else by our own error, as a backend's.
pub(super) fn of_jit(error: JitError) -> ModuleError {
    match error {
        JitError::Heap(error) => of_heap(error),
        JitError::OtherKind { name } => ModuleError::IncompatibleDeclaration(name.to_string()),
        JitError::DefinesImport { name } => ModuleError::InvalidImportDefinition(name.to_string()),
        JitError::AlreadyDefined { name } => ModuleError::DuplicateDefinition(name.to_string()),
        JitError::Memory(error) => ModuleError::Allocation {
            err: io::Error::other(error),
        },
        error => ModuleError::Backend(error.into()),
    }
}

pub(super) fn of_heap(error: OutOfMemory) -> ModuleError {
    ModuleError::Allocation {
        err: io::Error::new(io::ErrorKind::OutOfMemory, error),
    }
}

/// What is wrong with the code of the function `name`.
pub(super) fn of_fault(name: impl fmt::Display, fault: CompileFault) -> ModuleError {
    match fault {
        CompileFault::Heap(error) => of_heap(error),
        CompileFault::TooLarge => CodegenError::CodeTooLarge.into(),
        CompileFault::Unsupported(what) => CodegenError::Unsupported(what.to_string()).into(),
        fault => ModuleError::Backend(CompileError::new(name, fault).into()),
    }
}

/// `id` is none of this module's.
#[cold]
pub(super) fn undeclared(id: impl fmt::Display) -> ModuleError {
    ModuleError::Undeclared(id.to_string())
}
