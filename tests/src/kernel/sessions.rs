//! Sessions of a test's own, over the kernel's memory: what is added to them goes with them.

use ironlink::session::{Input, LoadError, Module, Session};
use ironlink_kernel::Kernel;
use ironlink_kernel::guard::Outcome;
use ironlink_kernel::kernel::ModuleMemory;
use ironlink_kernel::program::{self, Arguments};
use ironlink_tests::{lives, notes};

use super::snapshot::Snapshot;

/// A session of a test's own.
pub(crate) type OwnSession = Session<ModuleMemory>;

/// A module of such a session.
pub(crate) type OwnModule<'s> = Module<'s, ModuleMemory>;

/// Does twice, at most, what must leave no trace. The space's own tables grow by the most modules that were ever there: so the
/// heap alone may grow, and the first time alone.
#[track_caller]
pub(crate) fn leaves_no_trace(kernel: &'static Kernel, act: impl Fn()) {
    let before = Snapshot::of(kernel);
    act();
    let after = Snapshot::of(kernel);
    before.assert_same_but_heap_now(kernel);
    if after != before {
        act();
        after.assert_same_now(kernel);
    }
}

/// A session that offers what the kernel's own does.
pub(crate) fn open(kernel: &'static Kernel) -> OwnSession {
    let opened = kernel.open_session();
    opened.unwrap_or_else(|error| panic!("{error}")).0
}

/// A session in which what modules say is noted.
pub(crate) fn open_noting(kernel: &'static Kernel) -> OwnSession {
    let session = open(kernel);
    let defined = session.main_dylib().define(&notes::rows());
    defined.unwrap_or_else(|error| panic!("{error}"));
    let _ = notes::take();
    session
}

/// Loads an object of the disk, without `.o` in its name, as a module called by what stands before the flavour.
pub(crate) fn load_file<'s>(
    kernel: &'static Kernel,
    session: &'s OwnSession,
    object: &str,
) -> Result<OwnModule<'s>, LoadError> {
    let file = file(kernel, &alloc::format!("{object}.o"));
    let name = object.split('.').next().unwrap_or(object);
    load(session, name, &[file])
}

/// Loads what the disk holds, or what a test wrote.
pub(crate) fn load<'s>(
    session: &'s OwnSession,
    name: &str,
    inputs: &[Input<'_>],
) -> Result<OwnModule<'s>, LoadError> {
    // SAFETY: the corpus, and what tests write, is part of this project.
    unsafe { session.load_all(name, inputs) }
}

/// The file of this name on the disk.
pub(crate) fn file(kernel: &'static Kernel, name: &str) -> Input<'static> {
    lives::file(&kernel.initrd().inputs, name)
}

/// Calls a program's `main`.
pub(crate) fn call_main(module: &OwnModule<'_>) -> Outcome {
    let arguments = Arguments::new([&b"program"[..]]);
    // SAFETY: it is C's `main`, of the corpus.
    let called = unsafe { program::call_main(module, &arguments) };
    called.unwrap_or_else(|error| panic!("{error}"))
}

/// Calls a program's `main`, which must end well.
#[track_caller]
pub(crate) fn expect_success(module: &OwnModule<'_>) {
    let outcome = call_main(module);
    assert!(matches!(outcome, Outcome::Exited(0)), "{outcome}");
}

/// Unloads a module that no test calls any more.
#[track_caller]
pub(crate) fn unload(module: OwnModule<'_>) {
    // SAFETY: no call into it is on its way.
    unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
}
