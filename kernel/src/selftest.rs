//! Tests that run in the kernel: how an image has some, and how they are run.
//!
//! A test is a function that [`kernel_test!`](crate::kernel_test!) puts into the linker section `ironlink_tests`. It fails by a
//! panic or a fault, which ends it alone: the run goes on. After each test the auditor looks at all that is mapped.

use ironlink::base::Text;

use crate::console;
use crate::guard;
use crate::kernel::Kernel;
use crate::log;
use crate::protocol::Record;
use crate::report;

/// A test.
#[derive(Clone, Copy, Debug)]
pub struct KernelTest {
    /// The module that it stands in, and its name.
    pub name: &'static str,
    /// What it does. It panics where it doesn't find what it expects.
    pub run: fn(&'static Kernel),
}

/// Defines a test: a function that is given the [`Kernel`] and panics where it doesn't find what it expects.
///
/// ```ignore
/// kernel_test! {
///     /// What it is about.
///     fn a_frame_that_comes_back_is_free(kernel) {
///         assert_eq!(kernel.frames().statistics().pages, 0);
///     }
/// }
/// ```
#[macro_export]
macro_rules! kernel_test {
    ($($(#[$attribute:meta])* fn $name:ident($kernel:pat) $body:block)+) => {$(
        $(#[$attribute])*
        fn $name($kernel: &'static $crate::Kernel) $body

        const _: () = {
            // SAFETY: the linker scripts give the section to the test runner, as an array of this type.
            #[unsafe(link_section = "ironlink_tests")]
            #[used]
            static TEST: $crate::selftest::KernelTest = $crate::selftest::KernelTest {
                name: concat!(module_path!(), "::", stringify!($name)),
                run: $name,
            };
        };
    )+};
}

unsafe extern "C" {
    static ironlink_tests_start: u8;
    static ironlink_tests_end: u8;
}

/// The image's tests, in the order of the linker.
pub fn tests() -> &'static [KernelTest] {
    let first = &raw const ironlink_tests_start;
    let size_bytes = (&raw const ironlink_tests_end).addr() - first.addr();
    let count = size_bytes / size_of::<KernelTest>();
    // SAFETY: the linker script puts the section's bounds there, and only `kernel_test!` puts anything into it.
    unsafe { core::slice::from_raw_parts(first.cast(), count) }
}

/// A run of tests, which counts how they end.
pub struct Run<'a> {
    kernel: &'static Kernel,
    /// What the names of tests must contain.
    filter: &'a str,
    passed: u32,
    failed: u32,
}

impl<'a> Run<'a> {
    /// A run of the tests whose names contain `filter`.
    pub fn new(kernel: &'static Kernel, filter: &'a str) -> Self {
        Self {
            kernel,
            filter,
            passed: 0,
            failed: 0,
        }
    }

    /// Runs the image's tests.
    pub fn image_tests(&mut self) {
        let kernel = self.kernel;
        for test in tests() {
            self.test(short_name(test.name), || (test.run)(kernel));
        }
    }

    /// Runs one test, if the filter takes its name. It fails if its code doesn't return, or leaves a place where W^X is
    /// broken.
    pub fn test(&mut self, name: &str, code: impl FnOnce()) {
        if !name.contains(self.filter) {
            return;
        }
        console::send(&Record::Test(format_args!("{name}")));
        match judged(self.kernel, code) {
            Ok(()) => {
                self.passed += 1;
                console::send(&Record::Pass(format_args!("{name}")));
            }
            Err(reason) => {
                self.failed += 1;
                console::send(&Record::Fail {
                    name: format_args!("{name}"),
                    reason: format_args!("{reason}"),
                });
            }
        }
    }

    /// The exit status: 0 if all tests passed.
    pub fn conclude(self) -> u8 {
        log!("{} passed, {} failed", self.passed, self.failed);
        u8::from(self.failed != 0)
    }
}

/// A measurement, for the runner.
pub fn figure(name: &str, value: u64) {
    console::send(&Record::Figure {
        name: format_args!("{name}"),
        value,
    });
}

fn judged(kernel: &'static Kernel, code: impl FnOnce()) -> Result<(), Text<300>> {
    guard::run(code).map_err(|outcome| {
        report::send(&outcome);
        Text::display(outcome)
    })?;
    match guard::run(|| kernel.audit()) {
        Ok(0) => Ok(()),
        Ok(violations) => Err(Text::display(format_args!(
            "W^X is broken in {violations} places after it"
        ))),
        Err(outcome) => Err(Text::display(format_args!("the audit after it: {outcome}"))),
    }
}

/// The test's own name, after that of the file that it stands in.
fn short_name(path: &'static str) -> &'static str {
    let file_start = path.rmatch_indices("::").nth(1).map_or(0, |(at, _)| at + 2);
    &path[file_start..]
}
