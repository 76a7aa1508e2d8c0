//! What a function costs from its definition to the moment at which it can be called, here and on cranelift-jit.
//!
//! Functions come as bytes with five relocations each, calls of functions that were defined before: so Cranelift compiles
//! nothing, and linking is all that is measured, by the same code on both. The two are measured in one run, in turn.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{
    FuncId, Linkage, Module, ModuleReloc, ModuleRelocTarget, default_libcall_names,
};
use ironlink::base::Machine;
use ironlink::compiler::cranelift::Cranelift;
use ironlink::jit::{CraneliftJit, JitBuilder};
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::Session;

/// How many functions, and how many rounds of each kind.
const SIZES: [(usize, usize); 3] = [(1_000, 60), (10_000, 20), (100_000, 8)];

/// Relocations of each function.
const CALLS: usize = 5;

/// The code of a function: calls, and a return. Offsets of the calls' operands, and what is added to their targets.
struct Shape {
    code: Vec<u8>,
    operands: Vec<u32>,
    kind: Reloc,
    addend: i64,
}

impl Shape {
    fn of(machine: Machine) -> Self {
        let (call, end, operand, kind, addend): (&[u8], &[u8], u32, _, _) = match machine {
            Machine::X86_64 => (&[0xe8, 0, 0, 0, 0], &[0xc3], 1, Reloc::X86CallPCRel4, -4),
            Machine::Aarch64 => (
                &[0, 0, 0, 0x94],
                &[0xc0, 0x03, 0x5f, 0xd6],
                0,
                Reloc::Arm64Call,
                0,
            ),
        };
        let mut shape = Self {
            code: call.repeat(CALLS),
            operands: Vec::new(),
            kind,
            addend,
        };
        shape.code.extend(end);
        for place in 0..CALLS {
            let start = u32::try_from(place * call.len()).expect("it is small");
            shape.operands.push(start + operand);
        }
        shape
    }
}

/// The functions of one round: names, and relocations, whose targets are numbers that both modules give alike.
struct Input {
    names: Vec<String>,
    relocations: Vec<[ModuleReloc; CALLS]>,
}

impl Input {
    fn of(shape: &Shape, count: usize) -> Self {
        let names = (0..count).map(|number| format!("function_{number}"));
        // Steps of a few sizes back, as calls in real code go near and far.
        let relocations = (0..count).map(|number| {
            std::array::from_fn(|place| {
                let back = [1, 2, 7, 60, 977][place];
                let target = u32::try_from(number.saturating_sub(back)).expect("it is small");
                ModuleReloc {
                    offset: shape.operands[place],
                    kind: shape.kind,
                    name: ModuleRelocTarget::user(0, target),
                    addend: shape.addend,
                }
            })
        });
        Self {
            names: names.collect(),
            relocations: relocations.collect(),
        }
    }
}

/// Times of one round.
#[derive(Clone, Copy)]
struct Times {
    declare: Duration,
    define: Duration,
    finalize: Duration,
}

impl Times {
    /// What is compared: definition and finalization.
    fn sum(&self) -> Duration {
        self.define + self.finalize
    }
}

/// Declares, defines and finalizes all; the same code for both.
fn link<M: Module>(
    module: &mut M,
    shape: &Shape,
    input: &Input,
    finalize: impl FnOnce(&mut M),
) -> Times {
    let signature = module.make_signature();
    let start = Instant::now();
    let ids: Vec<FuncId> = (input.names.iter())
        .map(|name| {
            let declared = module.declare_function(name, Linkage::Local, &signature);
            declared.expect("each name is declared once")
        })
        .collect();
    let declare = start.elapsed();
    let start = Instant::now();
    for (id, relocations) in ids.iter().zip(&input.relocations) {
        let defined = module.define_function_bytes(*id, 16, &shape.code, relocations);
        defined.expect("each function is defined once");
    }
    let define = start.elapsed();
    let start = Instant::now();
    finalize(module);
    let finalize = start.elapsed();
    Times {
        declare,
        define,
        finalize,
    }
}

fn on_ironlink(
    session: &Session<HostedMemory>,
    isa: &OwnedTargetIsa,
    shape: &Shape,
    input: &Input,
) -> Times {
    let builder = JitBuilder::new(session, "bench").expect("the heap has room");
    // SAFETY: there is no hot swap.
    let module = unsafe { builder.build() }.expect("the heap has room");
    let compiler = Cranelift::from_isa(isa.clone()).expect("the machine is linked for");
    let mut module = CraneliftJit::new(module, compiler).expect("both are for this machine");
    let times = link(&mut module, shape, input, |module| {
        let finalized = module.finalize_definitions();
        finalized.expect("all that is called is defined");
    });
    black_box(module.get_finalized_function(FuncId::from_u32(0)));
    // SAFETY: nothing of it was called.
    let freed = unsafe { module.free_memory() };
    freed.map_err(|(_, error)| error).expect("nobody uses it");
    times
}

fn on_cranelift_jit(isa: &OwnedTargetIsa, shape: &Shape, input: &Input) -> Times {
    let builder = JITBuilder::with_isa(isa.clone(), default_libcall_names());
    let mut module = JITModule::new(builder);
    let times = link(&mut module, shape, input, |module| {
        let finalized = module.finalize_definitions();
        finalized.expect("memory can be protected");
    });
    black_box(module.get_finalized_function(FuncId::from_u32(0)));
    // SAFETY: nothing of it was called.
    unsafe { module.free_memory() };
    times
}

/// The least and the median of what is measured of each round, in nanoseconds for each function.
fn figures(rounds: &[Times], count: usize, of: impl Fn(&Times) -> Duration) -> (f64, f64) {
    let mut all: Vec<Duration> = rounds.iter().map(of).collect();
    all.sort_unstable();
    let each = |time: Duration| time.as_secs_f64() * 1e9 / count as f64;
    (each(all[0]), each(all[all.len() / 2]))
}

fn main() {
    let Some(machine) = Machine::HOST else {
        return println!("Ironlink doesn't link for this machine");
    };
    let mut flags = settings::builder();
    let set = flags.set("is_pic", "false");
    set.expect("there is such a setting");
    let isa = cranelift_native::builder().expect("Cranelift compiles for this machine");
    let isa = isa.finish(Flags::new(flags)).expect("settings agree");
    let shape = Shape::of(machine);
    let session = Session::new(HostedMemory::new().expect("the host gives memory"));
    let only = only_ours();
    println!("define and finalize, nanoseconds for each function of {CALLS} relocations");
    println!(
        "{:>9} {:>24} {:>24} {:>13}",
        "functions", "ironlink", "cranelift-jit", "ratio"
    );
    println!(
        "{:>9} {:>12}{:>12} {:>12}{:>12}",
        "", "least", "median", "least", "median"
    );
    let mut parts = String::new();
    for (count, rounds) in SIZES {
        if only.is_some_and(|only| only != count) {
            continue;
        }
        let input = Input::of(&shape, count);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..if only.is_some() { 1 } else { rounds } {
            ours.push(on_ironlink(&session, &isa, &shape, &input));
            if only.is_none() {
                theirs.push(on_cranelift_jit(&isa, &shape, &input));
            }
        }
        if only.is_some() {
            continue;
        }
        let sums = [&ours, &theirs].map(|rounds| figures(rounds, count, Times::sum));
        let [(our_least, our_median), (their_least, their_median)] = sums;
        println!(
            "{count:>9} {our_least:>12.0}{our_median:>12.0} {their_least:>12.0}{their_median:>12.0} {:>6.2}{:>7.2}",
            our_least / their_least,
            our_median / their_median,
        );
        for (name, of) in PARTS {
            let [ours, theirs] = [&ours, &theirs].map(|rounds| figures(rounds, count, of).0);
            let _ = writeln!(parts, "{count:>9} {name:>12}{ours:>12.0}{theirs:>25.0}");
        }
    }
    println!("\nthe least of each part\n{parts}");
}

/// A part of a round.
type Part = fn(&Times) -> Duration;

/// The parts of a round.
const PARTS: [(&str, Part); 3] = [
    ("declare", |times| times.declare),
    ("define", |times| times.define),
    ("finalize", |times| times.finalize),
];

/// With `--only <functions>`, for profilers: one round of ours, of so many functions, and nothing else.
fn only_ours() -> Option<usize> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--only");
    arguments.nth(1)?.parse().ok()
}
