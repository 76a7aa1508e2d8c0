//! How much was looked at, over all tests.

use crate::compare::Comparison;
use crate::verify::Report;
use std::fmt;
use std::sync::Mutex;

/// Sums of all links.
#[derive(Clone, Copy, Default)]
pub(crate) struct Figures {
    links: usize,
    objects: usize,
    relocations: usize,
    bytes: usize,
    compared: Comparison,
}

static SUM: Mutex<Figures> = Mutex::new(Figures {
    links: 0,
    objects: 0,
    relocations: 0,
    bytes: 0,
    compared: Comparison {
        bytes: 0,
        chosen: 0,
    },
});

/// Counts a link that was verified.
pub(crate) fn count_link(report: &Report) {
    let mut sum = SUM.lock().unwrap();
    sum.links += 1;
    sum.objects += report.objects;
    sum.relocations += report.relocations;
    sum.bytes += report.bytes;
}

/// Counts a comparison.
pub(crate) fn count_comparison(comparison: Comparison) {
    let mut sum = SUM.lock().unwrap();
    sum.compared.bytes += comparison.bytes;
    sum.compared.chosen += comparison.chosen;
}

/// What was counted so far.
pub(crate) fn sum() -> Figures {
    *SUM.lock().unwrap()
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} objects, {} relocations verified, in {} links of {} bytes; {} bytes compared with ld.lld's, of which {} \
             differ where linkers may choose",
            self.objects,
            self.relocations,
            self.links,
            self.bytes,
            self.compared.bytes,
            self.compared.chosen
        )
    }
}
