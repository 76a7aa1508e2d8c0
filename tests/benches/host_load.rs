//! What loads cost on the host: nanoseconds for each relocation, against a bare copy of the bytes that a load copies.
//!
//! Machines are noisy: each figure is the least of many rounds, and the two are measured in one run, in turn.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ironlink::base::{Machine, TargetAddr};
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::{AbsoluteSymbol, Session};
use ironlink_tests::program::Program;
use object::{Object, ObjectSymbol};
use xtask::figures::Figures;
use xtask::machines;
use xtask::toolchain::corpus;

const ROUNDS: usize = 200;
/// Where every name lies that the objects miss: they are linked, not called, and 32 bits reach it.
const ELSEWHERE: TargetAddr = TargetAddr::new(0x1_0000);

fn main() {
    let facts = match Machine::HOST {
        Some(Machine::X86_64) => &machines::X86_64,
        Some(Machine::Aarch64) => &machines::AARCH64,
        None => return println!("Ironlink doesn't link for this machine"),
    };
    let members = corpus::bench_objects(facts).expect("the objects are compiled");
    let files: Vec<(String, Vec<u8>)> = members
        .into_iter()
        .map(|member| {
            (
                member.name,
                fs::read(member.path).expect("an object was written"),
            )
        })
        .collect();
    let inputs: Vec<_> = files
        .iter()
        .map(|(name, bytes)| ironlink::session::Input::new(name, bytes))
        .collect();
    let mut figures = Figures::new();
    figures.begin_column("host");
    for program in Program::all_in(&inputs) {
        measure(&program, &mut figures);
    }
    println!("{figures}");
}

fn measure(program: &Program<'_>, figures: &mut Figures) {
    let session = Session::new(HostedMemory::new().expect("the host gives memory"));
    let names = missing_names(program);
    let rows: Vec<_> = names
        .iter()
        .map(|name| AbsoluteSymbol::function(name, ELSEWHERE))
        .collect();
    let dylib = session
        .create_dylib("elsewhere")
        .expect("the heap has room");
    dylib.define(&rows).expect("each name is defined once");
    let (mut load, mut copy) = (Duration::MAX, Duration::MAX);
    let mut statistics = Default::default();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        // SAFETY: C objects without constructors run nothing.
        let module = unsafe { session.load_all(program.program, &program.inputs) }
            .unwrap_or_else(|error| panic!("{error}"));
        load = load.min(start.elapsed());
        statistics = module.statistics();
        // SAFETY: nothing of it was called or linked to.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
        copy = copy.min(bare_copy(statistics.content_bytes));
    }
    let fixups = statistics.fixups.max(1);
    let mut tell =
        |what: &str, value: u64| figures.add(&format!("{}: {what}", program.program), value);
    tell("nanoseconds to load", nanoseconds(load));
    tell(
        "nanoseconds for each relocation",
        nanoseconds(load) / fixups,
    );
    tell(
        "nanoseconds for a bare copy of the bytes",
        nanoseconds(copy),
    );
    tell(
        "loads take as long as so many copies",
        nanoseconds(load) / nanoseconds(copy).max(1),
    );
}

/// The names that the program's objects don't define.
fn missing_names(program: &Program<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for input in &program.inputs {
        let Ok(file) = object::File::parse(input.bytes) else {
            continue;
        };
        let undefined = file.symbols().filter(|symbol| symbol.is_undefined());
        names.extend(undefined.filter_map(|symbol| symbol.name().ok().map(str::to_owned)));
    }
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

fn bare_copy(bytes: u64) -> Duration {
    let bytes = usize::try_from(bytes).expect("a load fits memory");
    let source = vec![1_u8; bytes];
    let mut target = vec![0_u8; bytes];
    let start = Instant::now();
    black_box(&mut target).copy_from_slice(black_box(&source));
    let taken = start.elapsed();
    black_box(&target);
    taken
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
