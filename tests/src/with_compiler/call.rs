//! Calls that texts tell of, with what must come of them.

use core::str;

use alloc::vec::Vec;

use ironlink_kernel::clif::{Call, Entry, EntryFunction};
use ironlink_kernel::initrd::Initrd;

/// The calls of the disk that are of the unit of this name.
pub(super) fn all_of(disk: &Initrd<'_>, unit: &str) -> Vec<Call> {
    let lines = disk.arguments.iter().map(|line| {
        str::from_utf8(line).unwrap_or_else(|error| panic!("a call is no text: {error}"))
    });
    let own = lines.filter_map(|line| line.strip_prefix(unit)?.strip_prefix(' '));
    let call = |line: &str| {
        line.parse()
            .unwrap_or_else(|_| panic!("`{line}` is no call"))
    };
    own.map(call).collect()
}

/// Makes a call by its entry, which is linked.
///
/// # Panics
/// Something else comes of it.
pub(super) fn check(call: &Call, entry: &Entry, function: EntryFunction) {
    assert_eq!(call.arguments.len(), entry.parameters(), "{call}");
    // SAFETY: it is the entry, with its arguments; the texts are trusted as the kernel's own code.
    let found = unsafe { entry.call(function, &call.arguments) };
    assert_eq!(
        found == call.result,
        call.is_equal,
        "{call}: it gave {found}"
    );
}
