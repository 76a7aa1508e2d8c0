//! What code made at run time costs, in instructions.

use alloc::vec::Vec;

use ironlink::base::Alignment;
use ironlink::compiler::Relocation;
use ironlink::jit::{CodeBuffer, FuncId, JitBuilder, JitError, JitModule, Linkage, Target};
use ironlink::session::Session;
use ironlink_kernel::kernel::ModuleMemory;
use ironlink_kernel::selftest::figure;
use ironlink_kernel::{Kernel, clock};
use ironlink_tests::jit::{Number, code};

/// Measures a buffer of code from end to end, and one redefinition.
pub(super) fn run(kernel: &'static Kernel) -> Result<(), JitError> {
    let memory = kernel.space();
    // The first takes page tables that stay.
    round_trip(memory);
    let taken = measured(|| round_trip(memory));
    figure(
        "a buffer of code: reserved, filled, sealed, called, freed",
        taken,
    );
    let session = Session::new(memory.clone());
    let mut builder = JitBuilder::new(&session, "jit")?;
    builder.hot_swap(true);
    // SAFETY: the kernel's memory is this program's.
    let mut module = unsafe { builder.build() }?;
    let function = module.declare_function("function", Linkage::Export)?;
    define(&mut module, function, code::returns(1))?;
    module.finalize_definitions()?;
    redefine(&mut module, function, 2)?;
    let mut result = Ok(());
    let taken = measured(|| result = redefine(&mut module, function, 3));
    result?;
    figure("a function: redefined, called, its old body freed", taken);
    // SAFETY: no call of it is on its way.
    unsafe { module.free() }.map_err(|(_, error)| error)
}

fn measured(work: impl FnOnce()) -> u64 {
    let start = clock::instructions();
    work();
    clock::instructions() - start
}

fn round_trip(memory: &ModuleMemory) {
    let buffer = CodeBuffer::new(memory, 64);
    let mut buffer = buffer.unwrap_or_else(|error| panic!("{error}"));
    let emitted = buffer.emit(&code::returns(42).0);
    emitted.unwrap_or_else(|error| panic!("{error}"));
    let sealed = buffer.seal().unwrap_or_else(|error| panic!("{error}"));
    let function = sealed.function::<Number>(0);
    let function = function.unwrap_or_else(|error| panic!("{error}"));
    // SAFETY: the code is a function without arguments.
    assert_eq!(unsafe { function() }, 42);
}

fn redefine(
    module: &mut JitModule<'_, ModuleMemory>,
    function: FuncId,
    number: u8,
) -> Result<(), JitError> {
    module.prepare_for_function_redefine(function)?;
    define(module, function, code::returns(number))?;
    module.finalize_definitions()?;
    let pointer = module.function::<Number>(function)?;
    // SAFETY: the code is a function without arguments.
    assert_eq!(unsafe { pointer() }, i32::from(number));
    // SAFETY: no call of it is on its way.
    assert_eq!(unsafe { module.free_replaced() }, 0);
    Ok(())
}

fn define(
    module: &mut JitModule<'_, ModuleMemory>,
    function: FuncId,
    (bytes, relocations): (Vec<u8>, Vec<Relocation<Target>>),
) -> Result<(), JitError> {
    module.define_function(function, &bytes, Alignment::SIXTEEN, &relocations)
}
