//! One function through Cranelift.

use alloc::vec::Vec;
use core::fmt::Write;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{Function, Opcode, Signature, TrapCode, Type};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::verifier::{VerifierErrors, verify_function};
use cranelift_codegen::{
    CodegenError, CompiledCode, Context, FinalizedMachReloc, FinalizedRelocTarget,
};

use crate::base::{Alignment, Machine, Name, OutOfMemory, Text, fallible, int, sort};
use crate::compiler::{
    CacheKey, Callee, CompileError, CompileFault, CompiledFunction, Compiler, LiveReference,
    Relocation, RelocationFault, SettingError, SettingValue, SourceSpan, StackMap, Trap, TrapSite,
};
use crate::edge::EdgeKind;

use super::{builder, frame, key, relocation};

/// Cranelift, for one machine and with its settings fixed.
pub struct Cranelift {
    machine: Machine,
    isa: OwnedTargetIsa,
    common_frame: Vec<u8>,
}

/// Cranelift over `isa`, which is for `machine`.
pub(super) fn new(machine: Machine, isa: OwnedTargetIsa) -> Result<Cranelift, SettingError> {
    let is_on = |name| {
        let mut flags = isa.isa_flags().into_iter();
        flags.any(|flag| flag.name == name && flag.as_bool() == Some(true))
    };
    // Cranelift would panic when asked for the frame of such code.
    if is_on("sign_return_address") && is_on("sign_return_address_with_bkey") {
        return Err(SettingError::Conflict {
            reason: Text::of(
                "frames of code that signs return addresses with the B key can't be told; leave `sign_return_address_with_bkey` off",
            ),
        });
    }
    let common_frame = frame::common(&*isa).map_err(|fault| SettingError::Conflict {
        reason: Text::display(fault),
    })?;
    Ok(Cranelift {
        machine,
        isa,
        common_frame,
    })
}

impl Cranelift {
    /// Cranelift as the caller set it up, by Cranelift's own builders.
    ///
    /// # Errors
    /// It compiles for a machine that is not linked for, or its settings contradict each other.
    pub fn from_isa(isa: OwnedTargetIsa) -> Result<Self, SettingError> {
        new(builder::machine(isa.triple())?, isa)
    }

    /// Cranelift's own view of the machine, for those who build functions: pointer type, calling convention.
    pub fn isa(&self) -> &OwnedTargetIsa {
        &self.isa
    }

    /// Checks `function` without compiling it.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn verify(&self, function: &Function) -> Result<(), CompileFault> {
        check_for_panics(function)?;
        verify_function(function, &*self.isa).map_err(|errors| invalid(&errors))
    }

    /// All that is told of the function that `context` holds and has compiled, by this machine and these settings.
    ///
    /// # Errors
    /// Nothing was compiled, or the code refers to what it can't.
    pub fn gather(&self, context: &Context) -> Result<CompiledFunction, CompileFault> {
        let code = context.compiled_code();
        let code = code.ok_or(CompileFault::Internal(Text::of("no code was made")))?;
        self.gathered(&context.func, code)
    }

    /// The kind of edge that `reloc` is behind `before`: the code up to where it is written.
    ///
    /// # Errors
    /// It is for thread-local storage, for another object format, or for another machine.
    pub fn edge_kind(&self, reloc: Reloc, before: &[u8]) -> Result<EdgeKind, RelocationFault> {
        relocation::kind_behind(self.machine, reloc, before)
    }

    fn compiled(&self, function: Function) -> Result<CompiledFunction, CompileFault> {
        self.verify(&function)?;
        let mut context = Context::for_function(function);
        context
            .compile(&*self.isa, &mut ControlPlane::default())
            .map_err(|error| fault_of(error.inner))?;
        // What was compiled is moved out, so that its maps can be.
        let code = context
            .take_compiled_code()
            .ok_or(CompileFault::Internal(Text::of("no code was made")))?;
        self.gathered(&context.func, &code)
    }

    /// All that Cranelift tells of `code`, in our words.
    fn gathered(
        &self,
        function: &Function,
        code: &CompiledCode,
    ) -> Result<CompiledFunction, CompileFault> {
        let buffer = &code.buffer;
        let has_handlers = |site: &cranelift_codegen::FinalizedMachCallSite<'_>| {
            !site.exception_handlers.is_empty()
        };
        if buffer.call_sites().any(|site| has_handlers(&site)) {
            return Err(CompileFault::Unsupported(Text::of(
                "handlers of exceptions: nothing here would find them; test what calls return instead",
            )));
        }
        let minimum = self.isa.function_alignment().minimum.max(1);
        let alignment = u64::from(buffer.alignment.max(minimum));
        let mut relocations = fallible::vec_with_capacity(buffer.relocs().len())?;
        for reloc in buffer.relocs() {
            fallible::push(
                &mut relocations,
                self.relocation(function, buffer.data(), reloc)?,
            )?;
        }
        sort::sort_by_key(&mut relocations, |relocation: &Relocation<Callee>| {
            relocation.offset
        });
        Ok(CompiledFunction {
            bytes: fallible::copy_of(buffer.data())?,
            alignment: Alignment::new(alignment)
                .ok_or(CompileFault::Internal(Text::of("odd alignment of code")))?,
            relocations,
            positions: positions(code)?,
            traps: traps(code)?,
            stack_maps: stack_maps(code)?,
            frame: frame::of_function(&*self.isa, code)?,
        })
    }

    fn relocation(
        &self,
        function: &Function,
        code: &[u8],
        reloc: &FinalizedMachReloc,
    ) -> Result<Relocation<Callee>, CompileFault> {
        let offset = int::usize_from_u32(reloc.offset);
        let before = code.get(..offset).unwrap_or_default();
        let kind = relocation::kind_behind(self.machine, reloc.kind, before).map_err(|fault| {
            CompileFault::Relocation {
                offset: reloc.offset,
                kind: Text::display(reloc.kind),
                fault,
            }
        })?;
        let (target, addend) = match &reloc.target {
            FinalizedRelocTarget::Func(offset) => (
                Some(Callee::Itself),
                reloc.addend.checked_add(i64::from(*offset)),
            ),
            FinalizedRelocTarget::ExternalName(name) => (
                relocation::callee(name, &function.params),
                Some(reloc.addend),
            ),
        };
        let (Some(target), Some(addend)) = (target, addend) else {
            return Err(CompileFault::Callee {
                offset: reloc.offset,
                name: Text::display(reloc.target.display(Some(&function.params))),
            });
        };
        Ok(Relocation {
            offset: reloc.offset,
            kind,
            target,
            addend,
        })
    }
}

impl Compiler for Cranelift {
    type Function = Function;

    fn machine(&self) -> Machine {
        self.machine
    }

    fn settings(&self) -> Result<Vec<SettingValue>, OutOfMemory> {
        let mut values = Vec::new();
        for value in self.isa.flags().iter().chain(self.isa.isa_flags()) {
            let value = SettingValue {
                name: value.name,
                value: Text::display(value.value_string()),
            };
            fallible::push(&mut values, value)?;
        }
        Ok(values)
    }

    fn common_frame(&self) -> &[u8] {
        &self.common_frame
    }

    fn cache_key(&self, function: &Function) -> CacheKey {
        key::of(self.machine, &*self.isa, function)
    }

    fn compile(
        &self,
        name: Name<'_>,
        function: Function,
    ) -> Result<CompiledFunction, CompileError> {
        self.compiled(function)
            .map_err(|fault| CompileError::new(name, fault))
    }
}

/// The instruction that has results for dynamic vectors alone, though its types are said to be any.
pub(super) const FOR_DYNAMIC_VECTORS: Opcode = Opcode::ExtractVector;

/// Refuses what Cranelift's verifier and its compiler panic over, instead of telling it. Who calls either asks this first.
///
/// # Errors
/// Says what is wrong.
pub fn check_for_panics(function: &Function) -> Result<(), CompileFault> {
    let wrong = |what| {
        let messages = Text::of(what);
        CompileFault::Invalid { count: 1, messages }
    };
    // The verifier is silent about a function without instructions.
    if function.layout.entry_block().is_none() {
        return Err(wrong("it has no block"));
    }
    let mut called = function.dfg.signatures.values();
    let is_both = |signature: &Signature| {
        signature.uses_struct_return_param() && !signature.returns.is_empty()
    };
    if is_both(&function.signature) || called.any(is_both) {
        return Err(wrong(
            "it has results beside the structure whose address is a parameter (sret); store them there",
        ));
    }
    check_types(function)
}

/// Checks that what the types of an instruction depend on is one that it can have. The verifier says so, too, but then goes on
/// to compute types of it, and panics where there are none.
fn check_types(function: &Function) -> Result<(), CompileFault> {
    let dfg = &function.dfg;
    let blocks = function.layout.blocks();
    for inst in blocks.flat_map(|block| function.layout.block_insts(block)) {
        let data = &dfg.insts[inst];
        let opcode = data.opcode();
        let constraints = opcode.constraints();
        let Some(types) = constraints.ctrl_typeset() else {
            continue;
        };
        let value = if constraints.requires_typevar_operand() {
            data.typevar_operand(&dfg.value_lists)
        } else {
            dfg.inst_results(inst).first().copied()
        };
        // A value that isn't there, the verifier tells of.
        if value.is_some_and(|value| !dfg.value_is_valid(value)) {
            continue;
        }
        let can_have = |kind: Type| {
            types.contains(kind) && (opcode != FOR_DYNAMIC_VECTORS || kind.is_dynamic_vector())
        };
        if !value.is_some_and(|value| can_have(dfg.value_type(value))) {
            return Err(CompileFault::Invalid {
                count: 1,
                messages: Text::display(format_args!(
                    "{inst}: {opcode} of a type that it can't have"
                )),
            });
        }
    }
    Ok(())
}

fn positions(code: &CompiledCode) -> Result<Vec<SourceSpan>, OutOfMemory> {
    let spans = code.buffer.get_srclocs_sorted();
    let mut positions = fallible::vec_with_capacity(spans.len())?;
    for span in spans.iter().filter(|span| !span.loc.is_default()) {
        let span = SourceSpan {
            start: span.start,
            end: span.end,
            position: span.loc.bits(),
        };
        fallible::push(&mut positions, span)?;
    }
    Ok(positions)
}

fn traps(code: &CompiledCode) -> Result<Vec<TrapSite>, OutOfMemory> {
    let mut traps = fallible::vec_with_capacity(code.buffer.traps().len())?;
    for site in code.buffer.traps() {
        let trap = match site.code {
            TrapCode::STACK_OVERFLOW => Trap::StackOverflow,
            TrapCode::INTEGER_OVERFLOW => Trap::IntegerOverflow,
            TrapCode::HEAP_OUT_OF_BOUNDS => Trap::OutOfBounds,
            TrapCode::INTEGER_DIVISION_BY_ZERO => Trap::DivisionByZero,
            TrapCode::BAD_CONVERSION_TO_INTEGER => Trap::BadConversion,
            code => Trap::User(code.as_raw().get()),
        };
        let site = TrapSite {
            offset: site.offset,
            trap,
        };
        fallible::push(&mut traps, site)?;
    }
    Ok(traps)
}

fn stack_maps(code: &CompiledCode) -> Result<Vec<StackMap>, OutOfMemory> {
    let mut maps = Vec::new();
    for (offset, frame_size_bytes, map) in code.buffer.user_stack_maps() {
        let mut references = Vec::new();
        for (kind, stack_offset) in map.entries() {
            let reference = LiveReference {
                stack_offset,
                size_bytes: kind.bytes(),
            };
            fallible::push(&mut references, reference)?;
        }
        let map = StackMap {
            return_offset: *offset,
            frame_size_bytes: *frame_size_bytes,
            references,
        };
        fallible::push(&mut maps, map)?;
    }
    Ok(maps)
}

fn fault_of(error: CodegenError) -> CompileFault {
    match error {
        CodegenError::Verifier(errors) => invalid(&errors),
        CodegenError::ImplLimitExceeded | CodegenError::CodeTooLarge => CompileFault::TooLarge,
        CodegenError::Unsupported(what) => CompileFault::Unsupported(Text::display(what)),
        CodegenError::RegisterMappingError(error) => CompileFault::Frame(Text::display(error)),
        error @ CodegenError::Regalloc(_) => CompileFault::Internal(Text::display(error)),
    }
}

/// What the verifier found, as much of it as has room.
fn invalid(errors: &VerifierErrors) -> CompileFault {
    let mut messages = Text::new();
    for (number, error) in errors.0.iter().enumerate() {
        let before = if number == 0 { "" } else { "; " };
        // Writing into `Text` can't fail; what is too long is cut.
        let _ = write!(messages, "{before}{error}");
    }
    CompileFault::Invalid {
        count: errors.0.len(),
        messages,
    }
}
