//! What modules under test say, in the order in which they say it: a `puts` and a `printf` that keep what they are given.
//!
//! Nothing is locked or allocated: code that faults leaves it as it is, and heaps are the same before and after. All share one
//! list; tests that do so at the same time take turns.

use alloc::string::String;
use core::ffi::{CStr, c_char, c_int};
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use ironlink::base::TargetAddr;
use ironlink::session::AbsoluteSymbol;

/// More than any test's modules say.
const MOST_BYTES: usize = 1024;

static BYTES: [AtomicU8; MOST_BYTES] = [const { AtomicU8::new(0) }; MOST_BYTES];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The functions, to be defined in a dylib that modules are linked against before all others.
pub fn rows() -> [AbsoluteSymbol<'static>; 2] {
    let address = TargetAddr::new((note as *const ()).expose_provenance() as u64);
    ["puts", "printf"].map(|name| AbsoluteSymbol::function(name, address))
}

/// What was said since this was asked last: lines, or templates of lines, with spaces between them.
pub fn take() -> String {
    let count = COUNT.swap(0, Ordering::Relaxed).min(MOST_BYTES);
    let bytes = BYTES[..count].iter();
    let said = bytes.map(|byte| char::from(byte.load(Ordering::Relaxed)));
    said.collect::<String>().trim_end().into()
}

/// Keeps a line; as `printf`, the template of one, without what it asks for.
unsafe extern "C" fn note(line: *const c_char) -> c_int {
    // SAFETY: who calls `puts` or `printf` gives a string of C's.
    let line = unsafe { CStr::from_ptr(line) }.to_bytes();
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    for byte in line.iter().chain(b" ") {
        let place = COUNT.fetch_add(1, Ordering::Relaxed);
        if let Some(kept) = BYTES.get(place) {
            kept.store(*byte, Ordering::Relaxed);
        }
    }
    0
}
