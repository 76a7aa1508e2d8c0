//! Counts of tests: read from what test programs say, summed, and said as the last line of a command.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;

/// How many tests passed and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Counts {
    /// The counts in a line of Rust's test harness, if it is one that sums up a test program.
    #[must_use]
    pub fn in_harness_line(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |what| {
            let part = counts.split("; ").find(|part| part.ends_with(what))?;
            part.split(' ').next()?.parse().ok()
        };
        Some(Self {
            passed: count(" passed")?,
            failed: count(" failed")?,
        })
    }

    /// The counts of one test that was run here, of which standard error is told as Rust's test harness does.
    #[must_use]
    pub fn of_test(name: &str, result: anyhow::Result<()>) -> Self {
        let verdict = match &result {
            Ok(()) => String::from("ok"),
            Err(error) => format!("FAILED: {error:#}"),
        };
        eprintln!("test {name} ... {verdict}");
        Self {
            passed: result.is_ok().into(),
            failed: result.is_err().into(),
        }
    }

    /// Whether all passed, and at least one did: a suite that runs nothing has shown nothing.
    #[must_use]
    pub fn is_success(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |mut sum, counts| {
            sum += counts;
            sum
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn the_harness_says_its_counts_in_one_line() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.05s";
        assert_eq!(
            Counts::in_harness_line(line),
            Some(Counts {
                passed: 12,
                failed: 3
            })
        );
        let line = "test result: ok. 21 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.05s";
        assert_eq!(
            Counts::in_harness_line(line),
            Some(Counts {
                passed: 21,
                failed: 0
            })
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            Counts::in_harness_line("test counts::tests::passes ... ok"),
            None
        );
        assert_eq!(Counts::in_harness_line("running 21 tests"), None);
        assert_eq!(Counts::in_harness_line("test result: ok"), None);
    }

    #[test]
    fn counts_are_summed_and_said() {
        let counts = [
            Counts {
                passed: 1,
                failed: 0,
            },
            Counts {
                passed: 2,
                failed: 3,
            },
        ];
        assert_eq!(
            counts.into_iter().sum::<Counts>().to_string(),
            "3 passed, 3 failed"
        );
    }

    #[test]
    fn a_suite_without_a_test_is_no_success() {
        assert!(!Counts::default().is_success());
        assert!(
            !Counts {
                passed: 5,
                failed: 1
            }
            .is_success()
        );
        assert!(
            Counts {
                passed: 5,
                failed: 0
            }
            .is_success()
        );
    }
}
