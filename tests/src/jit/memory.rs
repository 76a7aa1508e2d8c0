//! What lies in memory of what was made at run time: where calls lead, and records that tell how frames are unwound.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use ironlink::base::{Alignment, Machine, Name, OutOfMemory, TargetAddr};
use ironlink::compiler::{
    CacheKey, Callee, CompileError, CompiledFunction, Compiler, Relocation, SettingValue,
};
use ironlink::edge::{DataKind, EdgeKind};
use ironlink::graph::LinkGraph;
use ironlink::jit::{FuncId, JitModule, LazyJit, Linkage, Target};
use ironlink::memory::MemoryManager;
use ironlink::session::{ModuleView, Plugin, PluginError};

use super::{Number, Place, build, call, code, define, export, fine, free};

/// Bytes that are mapped, and that nobody writes meanwhile.
fn bytes_at<'m>(address: TargetAddr, count: u64) -> &'m [u8] {
    let start = core::ptr::with_exposed_provenance(address.value() as usize);
    // SAFETY: these cases ask for what was linked, and is freed later.
    unsafe { core::slice::from_raw_parts(start, count as usize) }
}

fn word_at(bytes: &[u8], offset: usize) -> u32 {
    let word: [u8; 4] = bytes[offset..offset + 4].try_into().unwrap_or_default();
    u32::from_le_bytes(word)
}

/// Where the branch leads that stands in a function as that relocation says.
fn target_of_branch(start: TargetAddr, relocation: &Relocation<Target>) -> TargetAddr {
    let place = start.wrapping_offset(i64::from(relocation.offset));
    let word = word_at(bytes_at(place, 4), 0);
    let distance = match cfg!(target_arch = "x86_64") {
        true => i64::from(word.cast_signed()) + 4,
        false => i64::from((word << 6).cast_signed() >> 6) * 4,
    };
    place.wrapping_offset(distance)
}

/// Where the stub leads that lies there: what the word holds that it jumps by.
fn target_of_stub(stub: TargetAddr) -> u64 {
    let bytes = bytes_at(stub, 8);
    let word = match cfg!(target_arch = "x86_64") {
        // jmp *word(%rip)
        true => stub.wrapping_offset(6 + i64::from(word_at(bytes, 2).cast_signed())),
        // adrp x16, word; ldr x16, [x16, word]
        false => {
            let (adrp, ldr) = (word_at(bytes, 0), word_at(bytes, 4));
            let pages = (adrp >> 5 & 0x7_ffff) << 2 | adrp >> 29 & 3;
            let page = stub.align_down(Alignment::PAGE);
            let page = page.wrapping_offset(i64::from((pages << 11).cast_signed() >> 11) << 12);
            page.wrapping_offset(i64::from(ldr >> 10 & 0xfff) * 8)
        }
    };
    let held = bytes_at(word, 8);
    u64::from(word_at(held, 4)) << 32 | u64::from(word_at(held, 0))
}

/// A call goes straight to what it can reach, of its own module or of another, and by a stub to nothing else.
pub fn a_call_that_reaches_goes_straight<M: MemoryManager>(place: Place<'_, M>) {
    /// Near nothing.
    const FAR: TargetAddr = TargetAddr::new(0x4000_0000_0000);
    let mut giver = place.module(false);
    let given = export(&mut giver, "given", code::returns(1));
    fine(giver.finalize_definitions());
    for has_hot_swap in [false, true] {
        let mut builder = place.builder();
        builder.hot_swap(has_hot_swap);
        fine(builder.symbol("far", FAR).map(drop));
        let mut module = build(builder);
        let own = fine(module.declare_function("own", Linkage::Local));
        let [near, far] =
            ["given", "far"].map(|name| fine(module.declare_function(name, Linkage::Import)));
        let callers = [own, near, far].map(|callee| {
            let function = fine(module.declare_anonymous_function());
            let code = code::calls(callee, 2);
            let branch = code.1[0];
            define(&mut module, function, code);
            (function, branch)
        });
        define(&mut module, own, code::returns(3));
        fine(module.finalize_definitions());
        let targets = callers.map(|(caller, branch)| {
            let body = match has_hot_swap {
                true => module.read_got_entry(caller),
                false => module.finalized_function(caller),
            };
            target_of_branch(fine(body), &branch)
        });
        // With hot swap that is the entry.
        assert_eq!(targets[0], fine(module.finalized_function(own)));
        assert_eq!(targets[1], fine(giver.finalized_function(given)));
        assert_ne!(targets[2], FAR);
        assert_eq!(target_of_stub(targets[2]), FAR.value());
        free(module);
    }
    free(giver);
}

/// What compiles nothing: its functions are made by hand.
struct ByHand;

/// A CIE: version 1, `zR`, factors 1 and -8, a column for return addresses, and distances of four bytes. Source: Linux Standard
/// Base, Core, "Exception Frames".
const COMMON: [u8; 24] = [
    20, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b, 0, 0, 0, 0, 0, 0, 0,
];

impl Compiler for ByHand {
    type Function = ();

    fn machine(&self) -> Machine {
        Machine::X86_64
    }

    fn settings(&self) -> Result<Vec<SettingValue>, OutOfMemory> {
        Ok(Vec::new())
    }

    fn common_frame(&self) -> &[u8] {
        &COMMON
    }

    fn compile(&self, _: Name<'_>, (): ()) -> Result<CompiledFunction, CompileError> {
        Ok(returning())
    }

    fn cache_key(&self, (): &()) -> CacheKey {
        CacheKey([0; 32])
    }
}

/// A function, and an FDE that says of how many bytes it is.
fn returning() -> CompiledFunction {
    let (bytes, _) = code::returns(7);
    let mut frame = [0; 24];
    frame[0] = 20;
    frame[12..16].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
    CompiledFunction {
        bytes,
        alignment: Alignment::SIXTEEN,
        relocations: Vec::new(),
        positions: Vec::new(),
        traps: Vec::new(),
        stack_maps: Vec::new(),
        frame: frame.to_vec(),
    }
}

/// What refers to its own function leads into that body, not to the entry that leads to whichever comes later.
pub fn what_refers_to_itself_leads_into_its_own_body<M: MemoryManager>(place: Place<'_, M>) {
    for has_hot_swap in [false, true] {
        let mut module = place.module(has_hot_swap);
        let function = fine(module.declare_function("function", Linkage::Export));
        let mut code = returning();
        code.bytes.resize(24, 0);
        code.relocations = [Relocation {
            offset: 16,
            kind: EdgeKind::Data(DataKind::Pointer64),
            target: Callee::Itself,
            addend: 4,
        }]
        .to_vec();
        for _ in 0..2 {
            fine(module.define_compiled(function, &ByHand, &code));
            fine(module.finalize_definitions());
            let body = match has_hot_swap {
                true => fine(module.read_got_entry(function)),
                false => fine(module.finalized_function(function)),
            };
            let place = body.wrapping_offset(16);
            let word = [0, 4].map(|offset| word_at(bytes_at(place, 8), offset));
            let found = u64::from(word[1]) << 32 | u64::from(word[0]);
            assert_eq!(found, body.value() + 4);
            if !has_hot_swap {
                break;
            }
            fine(module.prepare_for_function_redefine(function));
        }
        free(module);
    }
}

/// Hears where the records of the module lie that was linked last: who unwinds would be told of these.
#[derive(Clone, Default)]
struct Records {
    bounds: Arc<[AtomicU64; 2]>,
}

impl Plugin for Records {
    fn name(&self) -> &str {
        "records"
    }

    fn loaded(&self, _: &ModuleView, graph: &LinkGraph<'_>) -> Result<(), PluginError> {
        let range = graph.unwind_records;
        let [first, end] = range.map_or([0; 2], |it| [it.first().value(), it.last().value() + 1]);
        self.bounds[0].store(first, Ordering::Relaxed);
        self.bounds[1].store(end, Ordering::Relaxed);
        Ok(())
    }
}

impl Records {
    /// The functions that the records tell of: where each starts, and its size.
    fn functions(&self) -> Vec<(TargetAddr, u64)> {
        let [first, end] = [0, 1].map(|place: usize| self.bounds[place].load(Ordering::Relaxed));
        let records = bytes_at(TargetAddr::new(first), end - first);
        let (mut functions, mut place) = (Vec::new(), 0);
        loop {
            let (length, back) = match word_at(records, place) {
                0 => break,
                length => (length as usize, word_at(records, place + 4) as usize),
            };
            match back {
                0 => assert_eq!(&records[place..place + COMMON.len()], &COMMON),
                back => {
                    assert_eq!(
                        word_at(records, place + 4 - back + 4),
                        0,
                        "it leads to a CIE"
                    );
                    let field = TargetAddr::new(first + place as u64 + 8);
                    let distance = word_at(records, place + 8).cast_signed();
                    let size_bytes = word_at(records, place + 12);
                    let start = field.wrapping_offset(i64::from(distance));
                    functions.push((start, u64::from(size_bytes)));
                }
            }
            place += length + 4;
        }
        assert_eq!(
            first + place as u64 + 4,
            end,
            "the word that ends them is the last"
        );
        functions
    }
}

/// The records of what is linked together are of its own functions that have some, cover each from its first byte to its last,
/// and are of nothing else: neither of what was discarded, nor of what still waits.
pub fn unwind_records_cover_their_functions<M: MemoryManager<Finalized: Send> + Sync>(
    place: Place<'_, M>,
) {
    let records = Records::default();
    let added = place.session.add_plugin(records.clone());
    added.unwrap_or_else(|error| panic!("{error}"));
    let mut module = place.module(true);
    let declare =
        |module: &mut JitModule<'_, M>, name| fine(module.declare_function(name, Linkage::Local));
    let [one, two, three] = ["one", "two", "three"].map(|name| declare(&mut module, name));
    let body = |module: &JitModule<'_, M>, function: FuncId| {
        let size_bytes = code::returns(7).0.len() as u64;
        (fine(module.read_got_entry(function)), size_bytes)
    };
    fine(module.define_compiled(two, &ByHand, &returning()));
    module.discard_definitions();
    fine(module.define_compiled(one, &ByHand, &returning()));
    define(&mut module, two, code::returns(8));
    fine(module.define_compiled(three, &ByHand, &returning()));
    fine(module.finalize_definitions());
    assert_eq!(
        records.functions(),
        [one, three].map(|it| body(&module, it))
    );
    let [stuck, needed] = ["stuck", "needed"].map(|name| declare(&mut module, name));
    let lazy = LazyJit::new(module).unwrap_or_else(|(_, error)| panic!("{error}"));
    let function = declare(&mut lazy.lock(), "function");
    let compiler = move |module: &mut JitModule<'_, M>, function| {
        define(module, function, code::calls(needed, 1));
        Ok(())
    };
    fine(lazy.define_lazily(function, compiler));
    let mut module = lazy.lock();
    fine(module.finalize_definitions());
    fine(module.define_compiled(needed, &ByHand, &returning()));
    fine(module.define_compiled(stuck, &ByHand, &returning()));
    let entry = fine(module.finalized_function(function));
    drop(module);
    // SAFETY: it is an entry of a function that takes nothing, which stays.
    let called: Number = unsafe { core::mem::transmute(entry.value() as usize) };
    // SAFETY: as above.
    assert_eq!(unsafe { called() }, 8);
    let mut module = lazy.into_module();
    assert_eq!(records.functions(), [body(&module, needed)]);
    let error = module.function::<Number>(stuck).unwrap_err().to_string();
    assert!(error.contains("`stuck`"), "{error}");
    fine(module.finalize_definitions());
    assert_eq!(records.functions(), [body(&module, stuck)]);
    assert_eq!(call(&module, stuck), 7);
    free(module);
}
