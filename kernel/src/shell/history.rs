//! The lines that were entered before, and which of them is looked at.

use alloc::collections::VecDeque;
use alloc::string::String;

/// How many lines are kept.
const MOST_LINES: usize = 64;

/// Lines that were entered, the last at the end.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    lines: VecDeque<String>,
    /// How many lines back the one is that is looked at; 0 is the line that is being written.
    steps_back: usize,
    /// That line, kept while others are looked at.
    draft: String,
}

impl History {
    /// Keeps a line, unless it is blank or the same as the one before. None is looked at any more.
    pub(super) fn add(&mut self, line: &str) {
        self.steps_back = 0;
        self.draft.clear();
        if line.trim().is_empty() || self.lines.back().is_some_and(|last| last == line) {
            return;
        }
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(String::from(line));
    }

    /// The line before the one that is looked at. `current` is the line as it is being written.
    pub(super) fn before(&mut self, current: &str) -> Option<&str> {
        let steps = self.steps_back + 1;
        let place = self.lines.len().checked_sub(steps)?;
        if self.steps_back == 0 {
            self.draft = String::from(current);
        }
        self.steps_back = steps;
        self.lines.get(place).map(String::as_str)
    }

    /// The line after the one that is looked at; at the end, the one that was being written.
    pub(super) fn after(&mut self) -> Option<&str> {
        self.steps_back = self.steps_back.checked_sub(1)?;
        match self.steps_back {
            0 => Some(&self.draft),
            steps => {
                let place = self.lines.len().checked_sub(steps)?;
                self.lines.get(place).map(String::as_str)
            }
        }
    }

    /// Looks at none any more: the line is written on.
    pub(super) fn leave(&mut self) {
        self.steps_back = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{History, MOST_LINES};

    #[test]
    fn one_goes_back_and_comes_back_to_what_one_wrote() {
        let mut history = History::default();
        for line in ["one", "two", "two", "  "] {
            history.add(line);
        }
        assert_eq!(history.before("thr"), Some("two"));
        assert_eq!(history.before("two"), Some("one"));
        assert_eq!(history.before("one"), None);
        assert_eq!(history.after(), Some("two"));
        assert_eq!(history.after(), Some("thr"));
        assert_eq!(history.after(), None);
    }

    #[test]
    fn the_oldest_lines_go() {
        let mut history = History::default();
        for number in 0..MOST_LINES + 5 {
            history.add(&std::format!("{number}"));
        }
        let mut oldest = None;
        while let Some(line) = history.before("") {
            oldest = Some(std::string::String::from(line));
        }
        assert_eq!(oldest.as_deref(), Some("5"));
    }
}
