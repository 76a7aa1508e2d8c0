//! How long the steps of a run took.

use std::io::Write;
use std::time::{Duration, Instant};
use std::vec::Vec;

/// The times of steps, in their order, if they are asked for.
pub(super) struct Times {
    are_wanted: bool,
    steps: Vec<(&'static str, Duration)>,
}

impl Times {
    pub(super) const fn new(are_wanted: bool) -> Self {
        Self {
            are_wanted,
            steps: Vec::new(),
        }
    }

    /// Does a step, and keeps how long it took.
    pub(super) fn measure<T>(&mut self, name: &'static str, step: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = step();
        self.steps.push((name, start.elapsed()));
        result
    }

    /// Shows the times of the steps that were done.
    pub(super) fn show(&self, errors: &mut dyn Write) {
        if !self.are_wanted {
            return;
        }
        for (name, time) in &self.steps {
            let milliseconds = time.as_secs_f64() * 1e3;
            // A closed standard error is nobody's to be told of.
            let _ = writeln!(errors, "{name:>6} {milliseconds:>12.3} ms");
        }
    }
}
