//! A call that a text tells of, with what must come of it.

use core::str;

use ironlink::compiler::cranelift::{Cranelift, Unit};
use ironlink_kernel::clif::{Entry, EntryFunction};
use ironlink_kernel::initrd::Initrd;

use alloc::vec::Vec;

/// A call, as words.
pub(super) struct Call<'a> {
    function: &'a str,
    arguments: Vec<&'a str>,
    /// Whether the result must be that number; else, any other.
    is_equal: bool,
    result: &'a str,
}

impl<'a> Call<'a> {
    /// The calls of the disk that are of the unit of this name.
    pub(super) fn all_of(disk: &Initrd<'a>, unit: &str) -> impl Iterator<Item = Self> {
        let lines = disk.arguments.iter().map(|line| {
            str::from_utf8(line).unwrap_or_else(|error| panic!("a call is no text: {error}"))
        });
        let own = lines.filter_map(move |line| line.strip_prefix(unit)?.strip_prefix(' '));
        own.map(Self::parse)
    }

    fn parse(line: &'a str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let [function, arguments @ .., comparison, result] = words.as_slice() else {
            panic!("`{line}` is no call");
        };
        Self {
            function,
            arguments: arguments.to_vec(),
            is_equal: *comparison == "==",
            result,
        }
    }

    /// Whether this entry is one to the function that is called.
    pub(super) fn is_by(&self, entry: &Entry) -> bool {
        entry.function == self.function
    }

    /// Adds to the unit an entry to the function that is called.
    pub(super) fn entry(&self, compiler: &Cranelift, unit: &mut Unit) -> Entry {
        Entry::add(compiler, unit, self.function).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Makes the call by its entry, which is linked.
    ///
    /// # Panics
    /// Something else comes of it.
    pub(super) fn check(&self, entry: &Entry, function: EntryFunction) {
        let arguments = entry.parse(self.arguments.iter().copied());
        let arguments = arguments.unwrap_or_else(|error| panic!("%{}: {error}", self.function));
        let expected = entry.parse_result(self.result);
        let expected = expected.unwrap_or_else(|error| panic!("%{}: {error}", self.function));
        // SAFETY: it is the entry, with its arguments; the texts are trusted as the kernel's own code.
        let found = unsafe { entry.call(function, &arguments) };
        assert_eq!(
            found == expected,
            self.is_equal,
            "%{}({}) gave {found}, not {}{expected}",
            self.function,
            self.arguments.join(", "),
            if self.is_equal { "" } else { "other than " }
        );
    }
}
