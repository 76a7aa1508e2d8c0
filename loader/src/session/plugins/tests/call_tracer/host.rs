//! Traced calls that are really made.
#![expect(unsafe_code, reason = "tests load and call what they wrote")]

use core::arch::{asm, naked_asm};
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};
use std::format;

use object::{SectionKind, elf};

use super::super::Source;
use crate::base::{Machine, TargetAddr, int};
use crate::memory::hosted::HostedMemory;
use crate::session::plugins::CallTracer;
use crate::session::{AbsoluteSymbol, Module, Session};

/// What a hook notes: its number is the address of this.
#[repr(C)]
#[derive(Default)]
struct Calls {
    count: AtomicU64,
    /// The stack pointer at the hook's entry.
    stack: AtomicU64,
}

impl Calls {
    /// How many calls there were since it was asked last.
    fn take(&self) -> u64 {
        self.count.swap(0, Ordering::Relaxed)
    }

    fn tracer(&self, function: &str) -> CallTracer {
        let number = ptr::from_ref(self).expose_provenance();
        let hook = address_of(hook as *const ());
        CallTracer::new(function, hook, int::from_usize(number)).unwrap()
    }
}

fn address_of(function: *const ()) -> TargetAddr {
    TargetAddr::new(int::from_usize(function.expose_provenance()))
}

/// Counts a call, and then changes every register that it may.
#[unsafe(naked)]
extern "C" fn hook(calls: usize) {
    naked_asm!(
        "lock inc qword ptr [rdi]",
        "mov [rdi + 8], rsp",
        "mov rax, -1",
        "mov rcx, rax",
        "mov rdx, rax",
        "mov rsi, rax",
        "mov rdi, rax",
        "mov r8, rax",
        "mov r9, rax",
        "mov r10, rax",
        "mov r11, rax",
        "pcmpeqd xmm0, xmm0",
        "movaps xmm1, xmm0",
        "movaps xmm2, xmm0",
        "movaps xmm3, xmm0",
        "movaps xmm4, xmm0",
        "movaps xmm5, xmm0",
        "movaps xmm6, xmm0",
        "movaps xmm7, xmm0",
        "ret",
    )
}

fn session(rows: &[AbsoluteSymbol<'_>]) -> Session<HostedMemory> {
    let session = Session::new(HostedMemory::new().unwrap());
    session.create_dylib("host").unwrap().define(rows).unwrap();
    session
}

fn load<'s>(session: &'s Session<HostedMemory>, source: &Source) -> Module<'s, HostedMemory> {
    // SAFETY: the objects here have no initializers.
    unsafe { session.load("program.o", &source.write()) }.unwrap()
}

/// A function `relay` that jumps to `outside`.
fn relay() -> Source {
    let mut source = Source::for_machine(Machine::X86_64);
    let outside = source.undefined("outside");
    let code = source.code(".text", &[0xe9, 0, 0, 0, 0]); // jmp outside
    source.relocation(code, 1, elf::R_X86_64_PLT32, outside, -4);
    source.global("relay", code, 0, 5);
    source
}

/// Six integers and eight floats in registers, two integers on the stack, each of which changes the result.
extern "C" fn mix(
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    e: u64,
    f: u64,
    floats: f64,
    g: f64,
    h: f64,
    i: f64,
    j: f64,
    k: f64,
    l: f64,
    m: f64,
    n: u64,
    o: u64,
) -> u64 {
    let floats = [floats, g, h, i, j, k, l, m].map(f64::to_bits);
    let integers = [a, b, c, d, e, f, n, o];
    let all = integers.iter().chain(&floats);
    all.fold(0, |mixed: u64, word| mixed.rotate_left(5) ^ word)
}

#[test]
fn all_arguments_arrive_behind_a_hook() {
    type Mix = extern "C" fn(
        u64,
        u64,
        u64,
        u64,
        u64,
        u64,
        f64,
        f64,
        f64,
        f64,
        f64,
        f64,
        f64,
        f64,
        u64,
        u64,
    ) -> u64;
    let calls = Calls::default();
    let session = session(&[AbsoluteSymbol::function(
        "outside",
        address_of(mix as *const ()),
    )]);
    session.add_plugin(calls.tracer("outside")).unwrap();
    let module = load(&session, &relay());
    let relay = int::to_usize(module.address("relay").unwrap().value());
    // SAFETY: the code there jumps to a function of this type.
    let relay = unsafe { core::mem::transmute::<usize, Mix>(relay) };
    let call = |mix: Mix| {
        mix(
            1, 2, 3, 4, 5, 6, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 7, 8,
        )
    };
    let expected = call(mix);
    assert_eq!(calls.take(), 0);
    assert_eq!(call(relay), expected);
    assert_eq!(calls.take(), 1);
    // Aligned before a call, which pushed eight bytes.
    assert_eq!(calls.stack.load(Ordering::Relaxed) % 16, 8);
}

/// The sum of what C passes in no order of its own: the count of vector registers, the static chain, and a scratch register.
#[unsafe(naked)]
extern "C" fn sum_of_others() {
    naked_asm!("add rax, r10", "add rax, r11", "ret")
}

#[test]
fn registers_beside_the_arguments_arrive_too() {
    let calls = Calls::default();
    let session = session(&[AbsoluteSymbol::function(
        "outside",
        address_of(sum_of_others as *const ()),
    )]);
    session.add_plugin(calls.tracer("outside")).unwrap();
    let module = load(&session, &relay());
    let relay = module.address("relay").unwrap().value();
    let mut sum = 3_u64;
    // SAFETY: the code there follows C's conventions.
    unsafe {
        asm!(
            "call r12",
            in("r12") relay,
            inout("rax") sum,
            inout("r10") 40_u64 => _,
            inout("r11") 500_u64 => _,
            clobber_abi("C"),
        );
    }
    assert_eq!((sum, calls.take()), (543, 1));
}

/// A function `inner`, of three times an integer, and others that come to it by every way that there is.
fn ways() -> Source {
    let mut source = Source::for_machine(Machine::X86_64);
    let bytes = [0x48, 0x8d, 0x04, 0x7f, 0xc3]; // lea (%rdi,%rdi,2), %rax; ret
    let code = source.code(".text.inner", &bytes);
    let inner = source.global("inner", code, 0, 5);
    let base = source.undefined("_GLOBAL_OFFSET_TABLE_");
    let mut way = |name: &str, bytes: &[u8], offset, r_type, addend| {
        let code = source.code(&format!(".text.{name}"), bytes);
        source.relocation(code, offset, r_type, inner, addend);
        source.global(name, code, 0, 0);
        code
    };
    let bytes = [
        0x48, 0x83, 0xec, 0x08, // sub $8, %rsp
        0xe8, 0, 0, 0, 0, // call inner
        0x48, 0x83, 0xc4, 0x08, // add $8, %rsp
        0xc3, // ret
    ];
    way("by_call", &bytes, 5, elf::R_X86_64_PLT32, -4);
    let bytes = [0xe9, 0, 0, 0, 0]; // jmp inner
    way("by_jump", &bytes, 1, elf::R_X86_64_PLT32, -4);
    way("by_old_jump", &bytes, 1, elf::R_X86_64_PC32, -4);
    let bytes = [0xff, 0x25, 0, 0, 0, 0]; // jmp *inner@GOTPCREL(%rip)
    way("by_entry", &bytes, 2, elf::R_X86_64_GOTPCRELX, -4);
    way("by_old_entry", &bytes, 2, elf::R_X86_64_GOTPCREL, -4);
    let bytes = [
        0x48, 0x8b, 0x05, 0, 0, 0, 0, // mov inner@GOTPCREL(%rip), %rax
        0xff, 0xe0, // jmp *%rax
    ];
    way("by_address", &bytes, 3, elf::R_X86_64_REX_GOTPCRELX, -4);
    let bytes = [
        0x48, 0x8d, 0x05, 0, 0, 0, 0, // lea inner(%rip), %rax
        0xff, 0xe0, // jmp *%rax
    ];
    way("by_distance", &bytes, 3, elf::R_X86_64_PC32, -4);
    let bytes = [
        0x48, 0x8d, 0x15, 0, 0, 0, 0, // lea _GLOBAL_OFFSET_TABLE_(%rip), %rdx
        0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, // movabs $inner@PLTOFF, %rax
        0x48, 0x01, 0xd0, // add %rdx, %rax
        0xff, 0xe0, // jmp *%rax
    ];
    let large = way("by_large_model", &bytes, 9, elf::R_X86_64_PLTOFF64, 0);
    source.relocation(large, 3, elf::R_X86_64_GOTPC32, base, -4);
    let data = source.section(".data", SectionKind::Data, &[0; 8]);
    source.relocation(data, 0, elf::R_X86_64_64, inner, 0);
    source.global("pointer", data, 0, 8);
    source
}

#[test]
fn calls_are_traced_by_whichever_way_and_taken_addresses_are_the_functions() {
    type Triple = unsafe extern "C" fn(u64) -> u64;
    let calls = Calls::default();
    let session = session(&[]);
    session.add_plugin(calls.tracer("inner")).unwrap();
    let module = load(&session, &ways());
    let traced = [
        ("by_call", 1),
        ("by_jump", 1),
        ("by_old_jump", 1),
        ("by_entry", 1),
        ("by_old_entry", 1),
        ("by_large_model", 1),
        ("by_address", 0),
        ("by_distance", 0),
        ("inner", 0),
    ];
    for (name, expected) in traced {
        let function = module.function::<Triple>(name).unwrap();
        // SAFETY: all take an integer and return one.
        let result = unsafe { function(14) };
        assert_eq!((result, calls.take()), (42, expected), "{name}");
    }
    let pointer = int::to_usize(module.address("pointer").unwrap().value());
    // SAFETY: eight aligned bytes of the module lie there.
    let pointer = unsafe { ptr::with_exposed_provenance::<u64>(pointer).read() };
    assert_eq!(pointer, module.address("inner").unwrap().value());
}

#[test]
fn each_tracer_sees_the_calls_of_its_function_from_all_modules_after_it() {
    type Add = unsafe extern "C" fn(f64, f64) -> f64;
    let [calls, others] = [(); 2].map(|()| Calls::default());
    let session = session(&[]);
    let mut source = Source::for_machine(Machine::X86_64);
    let bytes = [0xf2, 0x0f, 0x58, 0xc1, 0xc3]; // addsd %xmm1, %xmm0; ret
    let code = source.code(".text", &bytes);
    source.global("outside", code, 0, 5);
    source.global("other", code, 0, 5);
    let library = load(&session, &source);
    let before = load(&session, &renamed("before"));
    session.add_plugin(calls.tracer("outside")).unwrap();
    session.add_plugin(others.tracer("other")).unwrap();
    let after = load(&session, &renamed("after"));
    for (module, name, expected) in [
        (&library, "outside", 0),
        (&before, "before", 0),
        (&after, "after", 1),
    ] {
        let function = module.function::<Add>(name).unwrap();
        // SAFETY: all take two floats and return one.
        let result = unsafe { function(1.5, 2.25) };
        assert_eq!(result.to_bits(), 3.75_f64.to_bits());
        assert_eq!((calls.take(), others.take()), (expected, 0), "{name}");
    }
}

/// As [`relay`], by another name.
fn renamed(name: &str) -> Source {
    let mut source = relay();
    let relay = source.object.symbol_id(b"relay").unwrap();
    source.object.symbol_mut(relay).name = name.into();
    source
}
