//! The kernel's command line: one word that says what to do, and what belongs to it.

use core::fmt;

/// What the kernel is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode<'a> {
    /// Link all inputs as one program, and run it.
    Run,
    /// Link each object as a module of its own, run it, and show what was mapped.
    Tour,
    /// Serve a shell on the serial line.
    Shell,
    /// Compile lines as they are typed, on the serial line.
    Repl,
    /// Run the tests whose names contain the filter, or all.
    Test {
        /// What the names must contain.
        filter: &'a str,
        /// Whether what tests try in part, since all of it takes long, is tried as a whole.
        is_complete: bool,
    },
    /// Measure.
    Bench,
}

/// The command line begins with none of the known words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownMode<'a> {
    /// The word that it begins with.
    pub word: &'a str,
}

impl<'a> Mode<'a> {
    /// Reads the command line.
    ///
    /// # Errors
    /// It begins with no known word.
    pub fn parse(line: &'a str) -> Result<Self, UnknownMode<'a>> {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match word {
            "run" => Ok(Self::Run),
            "tour" => Ok(Self::Tour),
            "shell" => Ok(Self::Shell),
            "repl" => Ok(Self::Repl),
            "test" | "test-completely" => Ok(Self::Test {
                filter: rest.trim_start(),
                is_complete: word != "test",
            }),
            "bench" => Ok(Self::Bench),
            _ => Err(UnknownMode { word }),
        }
    }
}

impl fmt::Display for UnknownMode<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the kernel's command line begins with `{}`; this image takes run, tour, shell, repl, test, test-completely or bench",
            self.word
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, UnknownMode};

    fn test(filter: &str, is_complete: bool) -> Mode<'_> {
        Mode::Test {
            filter,
            is_complete,
        }
    }

    #[test]
    fn the_first_word_says_what_to_do() {
        assert_eq!(Mode::parse("run"), Ok(Mode::Run));
        assert_eq!(Mode::parse(" tour "), Ok(Mode::Tour));
        assert_eq!(Mode::parse("shell"), Ok(Mode::Shell));
        assert_eq!(Mode::parse("repl"), Ok(Mode::Repl));
        assert_eq!(Mode::parse("test"), Ok(test("", false)));
        assert_eq!(
            Mode::parse("test  slab large"),
            Ok(test("slab large", false))
        );
        assert_eq!(Mode::parse("test-completely f"), Ok(test("f", true)));
        assert_eq!(Mode::parse(""), Err(UnknownMode { word: "" }));
    }
}
