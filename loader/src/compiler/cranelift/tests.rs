//! Cranelift as a compiler: what it makes of functions, for both machines.

mod offsets;

use std::string::{String, ToString};
use std::vec::Vec;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{
    AbiParam, ExtFuncData, ExternalName, FuncRef, Function, GlobalValueData, InstBuilder,
    InstructionData, LibCall, MemFlagsData, Opcode, Signature, TrapCode, UserFuncName, types,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

use super::relocation::kind;
use super::{Cranelift, CraneliftBuilder, data_name, function_in, function_name};
use crate::base::{Machine, Name};
use crate::compiler::{
    CacheKey, Callee, CompileCache, CompileError, CompileFault, CompiledFunction, Compiler,
    CompilerBuilder, RelocationFault, Routine, SettingError, SettingKind, Trap,
};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};

const MACHINES: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

fn compiler(machine: Machine, settings: &[(&str, &str)]) -> Cranelift {
    let mut builder = CraneliftBuilder::new(machine).unwrap();
    for (name, value) in settings {
        builder.set(name, value).unwrap();
    }
    builder.build().unwrap()
}

/// A function of one `i64` that gives one, as `body` builds it.
fn function(
    compiler: &Cranelift,
    body: impl FnOnce(&mut FunctionBuilder<'_>, cranelift_codegen::ir::Value),
) -> Function {
    let mut signature = Signature::new(compiler.isa().default_call_conv());
    signature.params.push(AbiParam::new(types::I64));
    signature.returns.push(AbiParam::new(types::I64));
    let name = UserFuncName::User(function_name(0));
    let mut function = Function::with_name_signature(name, signature);
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut context);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let parameter = builder.block_params(block)[0];
    body(&mut builder, parameter);
    builder.seal_all_blocks();
    builder.finalize(compiler.isa().frontend_config());
    function
}

fn compiled(compiler: &Cranelift, function: Function) -> Result<CompiledFunction, CompileError> {
    compiler.compile(Name::from("f"), function)
}

/// Function 7 of the unit, with the signature of the function that is built.
fn function_7(builder: &mut FunctionBuilder<'_>, colocated: bool) -> FuncRef {
    let signature = builder.func.signature.clone();
    function_in(builder.func, 7, signature, colocated)
}

/// A function that calls function 7 of its unit and reads data 3.
fn referring(compiler: &Cranelift, colocated: bool) -> Function {
    function(compiler, |builder, parameter| {
        let callee = function_7(builder, colocated);
        let call = builder.ins().call(callee, &[parameter]);
        let result = builder.inst_results(call)[0];
        let name = builder.func.declare_imported_user_function(data_name(3));
        let data = builder.func.create_global_value(GlobalValueData::Symbol {
            name: ExternalName::user(name),
            offset: 16.into(),
            colocated,
            tls: false,
        });
        let address = builder.ins().symbol_value(types::I64, data);
        let value = builder
            .ins()
            .load(types::I64, MemFlagsData::trusted(), address, 0);
        let sum = builder.ins().iadd(result, value);
        builder.ins().return_(&[sum]);
    })
}

/// The relocations of `code`, without their offsets.
fn relocations(code: &CompiledFunction) -> Vec<(EdgeKind, Callee, i64)> {
    let relocations = code.relocations.iter();
    relocations
        .map(|relocation| (relocation.kind, relocation.target, relocation.addend))
        .collect()
}

#[test]
fn what_is_near_is_reached_by_distances() {
    let (function, data) = (Callee::Function(7), Callee::Data(3));
    let compiler_of = compiler(Machine::X86_64, &[("is_pic", "false")]);
    let code = compiled(&compiler_of, referring(&compiler_of, true)).unwrap();
    let call = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    // An address that is read must not become a stub's.
    let distance = EdgeKind::Data(DataKind::Delta32);
    assert_eq!(
        relocations(&code),
        [(call, function, -4), (distance, data, 16 - 4)]
    );
    let compiler_of = compiler(Machine::Aarch64, &[("is_pic", "false")]);
    let code = compiled(&compiler_of, referring(&compiler_of, true)).unwrap();
    assert_eq!(
        relocations(&code),
        [
            (EdgeKind::Aarch64(Aarch64Kind::RequestBranch26), function, 0),
            (EdgeKind::Aarch64(Aarch64Kind::Page21), data, 16),
            (EdgeKind::Aarch64(Aarch64Kind::PageOffset12), data, 16),
        ]
    );
}

#[test]
fn what_is_near_is_called_directly_in_code_for_any_position() {
    let kinds = |machine| {
        let compiler = compiler(machine, &[]);
        let code = compiled(&compiler, referring(&compiler, true)).unwrap();
        let kinds: Vec<_> = relocations(&code)
            .into_iter()
            .map(|found| found.0)
            .collect();
        kinds
    };
    assert_eq!(
        kinds(Machine::X86_64),
        [
            EdgeKind::X86_64(X86_64Kind::RequestBranch32),
            EdgeKind::X86_64(X86_64Kind::RequestGotLoad32RelaxableRex)
        ]
    );
    assert_eq!(
        kinds(Machine::Aarch64),
        [
            EdgeKind::Aarch64(Aarch64Kind::RequestBranch26),
            EdgeKind::Aarch64(Aarch64Kind::RequestGotPage21),
            EdgeKind::Aarch64(Aarch64Kind::RequestGotPageOffset12)
        ]
    );
}

#[test]
fn what_is_far_is_reached_through_the_got() {
    let (function, data) = (Callee::Function(7), Callee::Data(3));
    let compiler_of = compiler(Machine::X86_64, &[]);
    let code = compiled(&compiler_of, referring(&compiler_of, false)).unwrap();
    let got = EdgeKind::X86_64(X86_64Kind::RequestGotLoad32RelaxableRex);
    assert_eq!(
        relocations(&code),
        [(got, function, -4), (got, data, -4)],
        "the offset in the data is added afterwards"
    );
    let compiler_of = compiler(Machine::Aarch64, &[]);
    let code = compiled(&compiler_of, referring(&compiler_of, false)).unwrap();
    let page = EdgeKind::Aarch64(Aarch64Kind::RequestGotPage21);
    let offset = EdgeKind::Aarch64(Aarch64Kind::RequestGotPageOffset12);
    assert_eq!(
        relocations(&code),
        [
            (page, function, 0),
            (offset, function, 0),
            (page, data, 0),
            (offset, data, 0)
        ]
    );
}

#[test]
fn code_that_depends_on_its_position_holds_addresses() {
    let whole = EdgeKind::Data(DataKind::Pointer64);
    for machine in MACHINES {
        let compiler = compiler(machine, &[("is_pic", "false")]);
        let code = compiled(&compiler, referring(&compiler, false)).unwrap();
        assert_eq!(
            relocations(&code),
            [
                (whole, Callee::Function(7), 0),
                (whole, Callee::Data(3), 16)
            ],
            "{machine}"
        );
    }
}

#[test]
fn what_a_machine_has_no_instruction_for_is_a_routine() {
    let compiler = compiler(Machine::X86_64, &[]);
    let ceil = function(&compiler, |builder, parameter| {
        let number = builder.ins().fcvt_from_sint(types::F64, parameter);
        let number = builder.ins().ceil(number);
        let result = builder.ins().fcvt_to_sint_sat(types::I64, number);
        builder.ins().return_(&[result]);
    });
    let code = compiled(&compiler, ceil).unwrap();
    let targets: Vec<_> = code.relocations.iter().map(|found| found.target).collect();
    assert_eq!(targets, [Callee::Routine(Routine::Ceil64)]);
    assert_eq!(Routine::Ceil64.symbol(), "ceil");
}

#[test]
fn every_call_of_cranelifts_is_a_routine_but_for_thread_local_storage() {
    let params = cranelift_codegen::ir::function::FunctionParameters::new();
    for &libcall in LibCall::all_libcalls() {
        let is_thread_local = libcall.to_string().contains("Tls");
        let callee = super::relocation::callee(&ExternalName::LibCall(libcall), &params);
        assert_eq!(callee.is_none(), is_thread_local, "{libcall}");
    }
}

#[test]
fn positions_traps_and_frames_are_told() {
    for machine in MACHINES {
        let compiler = compiler(machine, &[]);
        let division = function(&compiler, |builder, parameter| {
            builder.set_srcloc(cranelift_codegen::ir::SourceLoc::new(41));
            let zero = builder.ins().iconst(types::I64, 17);
            let result = builder.ins().udiv(zero, parameter);
            builder.set_srcloc(cranelift_codegen::ir::SourceLoc::new(42));
            builder.ins().trapz(parameter, TrapCode::unwrap_user(9));
            builder.ins().return_(&[result]);
        });
        let code = compiled(&compiler, division).unwrap();
        let traps: Vec<_> = code.traps.iter().map(|site| site.trap).collect();
        assert!(
            traps.contains(&Trap::DivisionByZero),
            "{machine}: {traps:?}"
        );
        assert!(traps.contains(&Trap::User(9)), "{machine}: {traps:?}");
        let positions: Vec<_> = code.positions.iter().map(|span| span.position).collect();
        assert!(
            positions.contains(&41) && positions.contains(&42),
            "{machine}"
        );
        let length = u32::from_le_bytes(code.frame[..4].try_into().unwrap());
        assert_eq!(length as usize + 4, code.frame.len(), "{machine}");
        assert_eq!(code.frame[4..12], [0; 8], "{machine}");
        let covered = u32::from_le_bytes(code.frame[12..16].try_into().unwrap());
        assert_eq!(covered as usize, code.bytes.len(), "{machine}");
        assert!(!compiler.common_frame().is_empty(), "{machine}");
    }
}

#[test]
fn no_frame_is_told_when_none_is_asked_for() {
    let compiler = compiler(Machine::X86_64, &[("unwind_info", "false")]);
    let code = compiled(&compiler, referring(&compiler, true)).unwrap();
    assert!(code.frame.is_empty());
}

#[test]
fn a_function_that_breaks_the_rules_is_refused_with_where() {
    let compiler = compiler(Machine::X86_64, &[]);
    let narrow = function(&compiler, |builder, parameter| {
        let narrow = builder.ins().ireduce(types::I32, parameter);
        builder.ins().return_(&[narrow]);
    });
    let error = compiled(&compiler, narrow).unwrap_err();
    let CompileFault::Invalid { count: 1, messages } = error.fault else {
        panic!("{error}");
    };
    assert!(messages.as_str().contains("inst1"), "{error}");
    assert!(messages.as_str().contains("return v1"), "{error}");
    assert!(error.to_string().starts_with("function `f`: "), "{error}");

    let empty = Function::new();
    let error = compiled(&compiler, empty).unwrap_err();
    assert!(error.to_string().contains("no block"), "{error}");
}

#[test]
fn a_type_that_an_instruction_has_no_results_for_is_refused() {
    for machine in MACHINES {
        let compiler = compiler(machine, &[]);
        for opcode in [Opcode::SwidenLow, Opcode::ExtractVector] {
            let mut widening = function(&compiler, |builder, parameter| {
                let negative = builder.ins().ineg(parameter);
                builder.ins().return_(&[negative]);
            });
            let block = widening.layout.entry_block().unwrap();
            let inst = widening.layout.first_inst(block).unwrap();
            let arg = widening.dfg.block_params(block)[0];
            widening.dfg.insts[inst] = match opcode {
                Opcode::ExtractVector => InstructionData::BinaryImm8 {
                    opcode,
                    arg,
                    imm: 0,
                },
                _ => InstructionData::Unary { opcode, arg },
            };
            let error = compiled(&compiler, widening).unwrap_err();
            assert!(error.to_string().contains("inst0"), "{error}");
        }
    }
}

#[test]
fn what_belongs_to_no_unit_is_refused_by_its_name() {
    let compiler = compiler(Machine::X86_64, &[]);
    let calling = |name: ExternalName| {
        function(&compiler, |builder, parameter| {
            let signature = builder.func.signature.clone();
            let signature = builder.import_signature(signature);
            let callee = builder.import_function(ExtFuncData {
                name,
                signature,
                colocated: true,
                patchable: false,
            });
            let call = builder.ins().call(callee, &[parameter]);
            let result = builder.inst_results(call)[0];
            builder.ins().return_(&[result]);
        })
    };
    let error = compiled(&compiler, calling(ExternalName::testcase("stray"))).unwrap_err();
    let CompileFault::Callee { name, .. } = error.fault else {
        panic!("{error}");
    };
    assert_eq!(name.as_str(), "%stray");
}

#[test]
fn thread_local_storage_is_refused_by_name() {
    for machine in MACHINES {
        let compiler = compiler(machine, &[("tls_model", "elf_gd")]);
        let reading = function(&compiler, |builder, _| {
            let name = builder.func.declare_imported_user_function(data_name(3));
            let data = builder.func.create_global_value(GlobalValueData::Symbol {
                name: ExternalName::user(name),
                offset: 0.into(),
                colocated: false,
                tls: true,
            });
            let address = builder.ins().tls_value(types::I64, data);
            builder.ins().return_(&[address]);
        });
        let error = compiled(&compiler, reading).unwrap_err();
        assert!(
            matches!(
                error.fault,
                CompileFault::Relocation {
                    fault: RelocationFault::ThreadLocal,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn a_relocation_of_another_machine_is_refused() {
    let refused = Err(RelocationFault::OtherMachine);
    assert_eq!(kind(Machine::Aarch64, Reloc::X86CallPCRel4), refused);
    assert_eq!(kind(Machine::X86_64, Reloc::Arm64Call), refused);
    assert_eq!(kind(Machine::X86_64, Reloc::RiscvCallPlt), refused);
}

#[test]
fn settings_are_listed_set_and_read_back() {
    for machine in MACHINES {
        let mut builder = CraneliftBuilder::new(machine).unwrap();
        let settings = builder.settings().unwrap();
        let find = |name| *settings.iter().find(|found| found.name == name).unwrap();
        assert_eq!(find("is_pic").kind, SettingKind::Bool);
        assert!(
            matches!(find("opt_level").kind, SettingKind::Enumeration(levels) if levels.contains(&"speed"))
        );
        assert_eq!(find("probestack_size_log2").kind, SettingKind::Number);
        let own = settings.iter().find(|found| found.is_of_machine).unwrap();
        assert!(!own.description.is_empty());
        builder.set("opt_level", "speed").unwrap();
        builder.enable("preserve_frame_pointers").unwrap();
        let values = builder.build().unwrap().settings().unwrap();
        let value = |name| {
            let found = values.iter().find(|found| found.name == name).unwrap();
            String::from(found.value.as_str())
        };
        assert_eq!(value("opt_level"), "speed");
        assert_eq!(value("preserve_frame_pointers"), "true");
        assert_eq!(value("is_pic"), "true");
        assert_eq!(builder.machine(), machine);
    }
}

#[test]
fn a_preset_is_enabled_and_not_set() {
    let mut builder = CraneliftBuilder::new(Machine::X86_64).unwrap();
    builder.enable("nehalem").unwrap();
    let values = builder.build().unwrap().settings().unwrap();
    let has = |name| {
        let mut values = values.iter();
        values.any(|value| value.name == name && value.value.as_str() == "true")
    };
    assert!(has("has_sse41"));
    let error = builder.set("nehalem", "true").unwrap_err().to_string();
    assert!(error.contains("only to be enabled"), "{error}");
}

#[test]
fn what_cannot_be_set_says_what_could_be() {
    let mut builder = CraneliftBuilder::new(Machine::X86_64).unwrap();
    let error = builder.set("opt_levle", "speed").unwrap_err();
    let SettingError::Unknown { name, accepted } = &error else {
        panic!("{error}");
    };
    assert_eq!(name.as_str(), "opt_levle");
    assert!(accepted.contains(&"opt_level") && accepted.contains(&"has_avx2"));
    assert!(error.to_string().contains("opt_level, "), "{error}");

    let error = builder.set("opt_level", "fast").unwrap_err().to_string();
    assert_eq!(
        error,
        "setting `opt_level` doesn't take `fast`, but one of none, speed, speed_and_size"
    );
    let error = builder.set("is_pic", "maybe").unwrap_err().to_string();
    assert_eq!(
        error,
        "setting `is_pic` doesn't take `maybe`, but true or false"
    );
    let error = builder.set("probestack_size_log2", "400").unwrap_err();
    assert!(
        error.to_string().contains("a number from 0 to 255"),
        "{error}"
    );
    let error = builder.enable("opt_level").unwrap_err().to_string();
    assert!(error.contains("can't be enabled"), "{error}");
}

#[test]
fn settings_that_cranelift_would_panic_over_are_refused() {
    let mut builder = CraneliftBuilder::new(Machine::Aarch64).unwrap();
    builder.enable("sign_return_address").unwrap();
    builder.enable("sign_return_address_with_bkey").unwrap();
    assert!(matches!(
        builder.build(),
        Err(SettingError::Conflict { .. })
    ));
}

#[test]
fn text_is_aligned_by_the_largest_page() {
    for machine in MACHINES {
        let compiler = compiler(machine, &[]);
        let theirs = compiler.isa().page_size_align_log2();
        assert_eq!(compiler.page_alignment().log2(), theirs, "{machine}");
    }
}

#[derive(Default)]
struct Memory(std::collections::BTreeMap<CacheKey, Vec<u8>>);

impl CompileCache for Memory {
    fn get(&self, key: &CacheKey) -> Option<std::borrow::Cow<'_, [u8]>> {
        Some(self.0.get(key)?.into())
    }

    fn insert(&mut self, key: &CacheKey, value: Vec<u8>) {
        self.0.insert(*key, value);
    }
}

#[test]
fn what_was_compiled_is_found_again_and_nothing_else() {
    for machine in MACHINES {
        let compiler_of = compiler(machine, &[]);
        let mut cache = Memory::default();
        let name = Name::from("f");
        let mut compile = |compiler: &Cranelift, function| {
            compiler.compile_cached(&mut cache, name, function).unwrap()
        };
        let (first, found) = compile(&compiler_of, referring(&compiler_of, true));
        assert!(!found);
        let (second, found) = compile(&compiler_of, referring(&compiler_of, true));
        assert!(found);
        assert_eq!(first, second);
        assert!(!compile(&compiler_of, referring(&compiler_of, false)).1);
        let mut other_name = referring(&compiler_of, true);
        let reference = other_name.params.user_named_funcs().keys().next().unwrap();
        other_name
            .params
            .reset_user_func_name(reference, function_name(8));
        let (other, found) = compile(&compiler_of, other_name);
        assert!(!found);
        assert_ne!(first, other);
        let faster = compiler(machine, &[("opt_level", "speed")]);
        assert!(!compile(&faster, referring(&faster, true)).1);
        let other_machine = compiler(MACHINES[usize::from(machine == MACHINES[0])], &[]);
        assert!(!compile(&other_machine, referring(&other_machine, true)).1);
    }
}

#[test]
fn a_damaged_entry_is_compiled_anew() {
    let compiler = compiler(Machine::X86_64, &[]);
    let mut cache = Memory::default();
    let name = Name::from("f");
    let function = referring(&compiler, true);
    let (first, _) = compiler
        .compile_cached(&mut cache, name, function.clone())
        .unwrap();
    cache.0.values_mut().next().unwrap()[12] ^= 1;
    let (second, found) = compiler.compile_cached(&mut cache, name, function).unwrap();
    assert!(!found);
    assert_eq!(first, second);
}
