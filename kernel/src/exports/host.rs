//! What the exports need of the kernel they stand in: six functions behind one trait, installed once.

use core::fmt;

use ironlink::base::Text;
use spin::Once;

/// The kernel below the exports. A test on a host installs one that keeps what it is given.
pub trait Host: Sync {
    /// Writes the bytes to the program's standard output (`descriptor` 1) or standard error (2).
    fn write(&self, descriptor: i32, bytes: &[u8]);

    /// Ends the running program with this status. Its exit handlers have run.
    fn exit(&self, status: i32) -> !;

    /// Ends the call into the running program as a failure whose cause is `reason`: one line, no newline at its end.
    fn abort(&self, reason: &str) -> !;

    /// Nanoseconds since the machine was started; never runs backwards.
    fn now_nanoseconds(&self) -> u64;

    /// Whether a module that is loaded has code at this address.
    fn is_module_code(&self, address: usize) -> bool;

    /// A number that a program can't foresee; the stack protector's canary is made of it.
    fn entropy(&self) -> u64;
}

static HOST: Once<&'static dyn Host> = Once::new();

/// The most bytes of a named error that are reported.
const REASON_BYTES: usize = 200;

/// Gives the exports the kernel they stand in, and seeds the stack protector. The first call counts; it must come before
/// any module runs.
pub fn install(host: &'static dyn Host) {
    HOST.call_once(|| {
        super::compiler::stack_protector::seed(host.entropy());
        host
    });
}

/// The installed kernel.
pub(super) fn host() -> &'static dyn Host {
    *HOST
        .get()
        .expect("exports::install comes before the first module")
}

/// Ends the call into the running program with a named error.
pub(super) fn end_call(reason: fmt::Arguments<'_>) -> ! {
    host().abort(Text::<REASON_BYTES>::display(reason).as_str())
}

/// Ends the call into the running program with a named error, in the manner of `format!`.
macro_rules! abort {
    ($($argument:tt)*) => { $crate::exports::host::end_call(format_args!($($argument)*)) };
}
pub(super) use abort;
