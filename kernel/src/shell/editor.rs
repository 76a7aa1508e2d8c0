//! One line, as it is being written: takes a terminal's bytes one by one, and says what to send back.
//!
//! The line is shown by what every terminal understands: a carriage return, "erase to the end of the line", "left". Nothing is
//! asked of it. A line that is wider than the terminal is shown wrongly once it is changed in its midst, but is right.
//!
//! Why no crate: `noline` waits for the terminal to tell its size, and loses what is typed meanwhile; `embedded-cli` knows
//! neither home, end, delete nor ctrl-c; `editline` leaves it to its user to read keys, counts columns in bytes, and can't
//! be told of completion. What is hard about it, to take a terminal's bytes apart, is done by `anstyle-parse` in [`Keys`].

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::history::History;
use super::{Key, Keys};

/// How many bytes a line may have.
const MOST_BYTES: usize = 1000;
/// What is said of a line that would have more.
pub const TOO_LONG: &str = "a line has up to 1000 bytes; nothing of this one was done";
/// Rings the terminal's bell: nothing can be done.
const BELL: char = '\x07';

/// What a line ended in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entered {
    /// The line.
    Line(String),
    /// A line that would be longer than may be: what is left of it means something else.
    TooLong,
    /// It was given up.
    Interrupted,
    /// There is no further line.
    EndOfInput,
}

/// A line that is being written, and those before it.
#[derive(Clone, Debug)]
pub struct Editor {
    prompt: &'static str,
    keys: Keys,
    line: String,
    /// Before which byte of the line the cursor stands: the beginning of a character, or the end.
    cursor: usize,
    /// Whether there was no room for a part of the line, and nothing was deleted since.
    is_cut: bool,
    history: History,
}

impl Editor {
    /// An editor whose lines begin with `prompt`.
    pub fn new(prompt: &'static str) -> Self {
        Self {
            prompt,
            keys: Keys::new(),
            line: String::new(),
            cursor: 0,
            is_cut: false,
            history: History::default(),
        }
    }

    /// Begins a line: what is to be sent.
    pub fn prompt(&self) -> &'static str {
        self.prompt
    }

    /// Takes the next byte, adds to `echo` what is to be sent back, and gives what the line ended in, if it did.
    ///
    /// `candidates` gives the words that could stand at the end of a beginning of a line.
    pub fn feed(
        &mut self,
        byte: u8,
        candidates: impl FnOnce(&str) -> Vec<String>,
        echo: &mut String,
    ) -> Option<Entered> {
        match self.keys.feed(byte)? {
            Key::Enter => {
                echo.push('\n');
                self.cursor = 0;
                let line = core::mem::take(&mut self.line);
                if core::mem::take(&mut self.is_cut) {
                    self.history.leave();
                    return Some(Entered::TooLong);
                }
                self.history.add(&line);
                return Some(Entered::Line(line));
            }
            Key::Interrupt => {
                echo.push_str("^C\n");
                self.replace_line("");
                self.history.leave();
                return Some(Entered::Interrupted);
            }
            Key::EndOfInput if self.line.is_empty() => {
                echo.push('\n');
                return Some(Entered::EndOfInput);
            }
            Key::Character(character) => self.insert(character, echo),
            Key::Complete => {
                let found = candidates(self.before_cursor());
                self.complete(found, echo);
            }
            Key::Up => self.look_back(echo),
            Key::Down => self.look_on(echo),
            Key::Clear => {
                echo.push_str("\x1b[H\x1b[2J");
                self.show(echo);
            }
            key => self.edit(key, echo),
        }
        None
    }

    /// Moves the cursor, or deletes.
    fn edit(&mut self, key: Key, echo: &mut String) {
        let (start, end) = (self.left_of_cursor(), self.right_of_cursor());
        match key {
            Key::Left => self.cursor = start,
            Key::Right => self.cursor = end,
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.line.len(),
            Key::Backspace => self.delete(start, self.cursor),
            Key::Delete | Key::EndOfInput => self.delete(self.cursor, end),
            Key::DeleteBefore => self.delete(0, self.cursor),
            Key::DeleteAfter => self.delete(self.cursor, self.line.len()),
            Key::DeleteWord => {
                let before = self.before_cursor().trim_end();
                let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
                self.delete(start, self.cursor);
            }
            _ => return,
        }
        self.show(echo);
    }

    fn insert(&mut self, character: char, echo: &mut String) {
        if self.line.len() + character.len_utf8() > MOST_BYTES {
            echo.push(BELL);
            self.is_cut = true;
            return;
        }
        self.history.leave();
        self.line.insert(self.cursor, character);
        self.cursor += character.len_utf8();
        // Most are written at the end, where nothing else moves: what a terminal shows then is what a file would hold.
        if self.cursor == self.line.len() {
            echo.push(character);
        } else {
            self.show(echo);
        }
    }

    fn delete(&mut self, start: usize, end: usize) {
        self.history.leave();
        self.is_cut = false;
        self.line.drain(start..end);
        self.cursor = start;
    }

    /// Writes on as far as all candidates agree, or shows them.
    fn complete(&mut self, mut found: Vec<String>, echo: &mut String) {
        let before = self.before_cursor();
        let word_start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let word = String::from(before.get(word_start..).unwrap_or(""));
        found.retain(|candidate| candidate.starts_with(&word));
        found.sort_unstable();
        found.dedup();
        let agreed = common_start(&found);
        let rest = agreed.get(word.len()..).unwrap_or("");
        for character in rest.chars() {
            self.insert(character, echo);
        }
        match (found.len(), rest.is_empty()) {
            (0, _) => echo.push(BELL),
            (1, _) => self.insert(' ', echo),
            (_, false) => {}
            (_, true) => {
                echo.push('\n');
                echo.push_str(&found.join("  "));
                echo.push('\n');
                self.show(echo);
            }
        }
    }

    fn look_back(&mut self, echo: &mut String) {
        let line = self.history.before(&self.line).map(String::from);
        self.take_line(line, echo);
    }

    fn look_on(&mut self, echo: &mut String) {
        let line = self.history.after().map(String::from);
        self.take_line(line, echo);
    }

    fn take_line(&mut self, line: Option<String>, echo: &mut String) {
        match line {
            Some(line) => {
                self.replace_line(&line);
                self.show(echo);
            }
            None => echo.push(BELL),
        }
    }

    fn replace_line(&mut self, line: &str) {
        self.is_cut = false;
        self.line.clear();
        self.line.push_str(line);
        self.cursor = self.line.len();
    }

    fn before_cursor(&self) -> &str {
        self.line.get(..self.cursor).unwrap_or("")
    }

    /// Where the character before the cursor begins.
    fn left_of_cursor(&self) -> usize {
        let last = self.before_cursor().char_indices().next_back();
        last.map_or(0, |(start, _)| start)
    }

    /// Where the character at the cursor ends.
    fn right_of_cursor(&self) -> usize {
        let after = self.line.get(self.cursor..).unwrap_or("");
        self.cursor + after.chars().next().map_or(0, char::len_utf8)
    }

    /// Shows the whole line anew, with the cursor where it is.
    fn show(&self, echo: &mut String) {
        // Writing to a string can't fail.
        let _ = write!(echo, "\r{}{}\x1b[K", self.prompt, self.line);
        let after = self.line.get(self.cursor..).unwrap_or("").chars().count();
        if after > 0 {
            let _ = write!(echo, "\x1b[{after}D");
        }
    }
}

/// What all texts begin with.
fn common_start(texts: &[String]) -> String {
    let Some((first, others)) = texts.split_first() else {
        return String::new();
    };
    let mut agreed = first.as_str();
    for other in others {
        let differing = agreed
            .char_indices()
            .zip(other.chars())
            .find(|((_, one), two)| one != two);
        let end = differing.map_or(agreed.len().min(other.len()), |((at, _), _)| at);
        agreed = agreed.get(..end).unwrap_or("");
    }
    String::from(agreed)
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::{Editor, Entered, MOST_BYTES, TOO_LONG};

    fn candidates(_: &str) -> Vec<String> {
        ["load", "list", "linger", "häuser"]
            .map(String::from)
            .to_vec()
    }

    /// Feeds all bytes; gives what lines ended in, and what was echoed.
    fn feed(editor: &mut Editor, bytes: &[u8]) -> (Vec<Entered>, String) {
        let mut echo = String::new();
        let entered = bytes
            .iter()
            .filter_map(|&byte| editor.feed(byte, candidates, &mut echo))
            .collect();
        (entered, echo)
    }

    /// The lines that these bytes enter.
    fn lines(bytes: &[u8]) -> Vec<String> {
        let (entered, _) = feed(&mut Editor::new("> "), bytes);
        let line = |entered| match entered {
            Entered::Line(line) => line,
            other => std::format!("{other:?}"),
        };
        entered.into_iter().map(line).collect()
    }

    #[test]
    fn what_is_written_at_the_end_is_echoed_as_it_is() {
        let (entered, echo) = feed(&mut Editor::new("> "), "list ä\n".as_bytes());
        assert_eq!(entered, [Entered::Line("list ä".to_string())]);
        assert_eq!(echo, "list ä\n");
    }

    #[test]
    fn the_cursor_moves_and_what_is_around_it_goes() {
        for (bytes, line) in [
            (&b"ab\x1b[Dx\n"[..], "axb"),
            (b"ab\x1b[D\x1b[Cx\n", "abx"),
            (b"bc\x1b[Ha\x1b[Fd\n", "abcd"),
            (b"abc\x7f\x08d\n", "ad"),
            (b"abc\x1b[D\x1b[D\x1b[3~\n", "ac"),
            (b"abc\x01\x04\n", "bc"),
            (b"one two\x1b[D\x15\n", "o"),
            (b"one two\x1b[D\x0b\n", "one tw"),
            (b"one two  \x17x\n", "one x"),
            (b"\x7f\x1b[3~\x1b[D\x1b[C\x17a\n", "a"),
            (b"\xc3\xa4\xc3\xb6\x1b[D\x7fo\n", "oö"),
        ] {
            assert_eq!(lines(bytes), [line], "{bytes:?}");
        }
    }

    #[test]
    fn a_changed_line_is_shown_anew_with_the_cursor_in_its_place() {
        let (_, echo) = feed(&mut Editor::new("> "), b"abc\x1b[D\x1b[Dx");
        assert_eq!(
            echo,
            "abc\r> abc\x1b[K\x1b[1D\r> abc\x1b[K\x1b[2D\r> axbc\x1b[K\x1b[2D"
        );
    }

    #[test]
    fn lines_come_back_by_up_and_down() {
        assert_eq!(
            lines(b"one\ntwo\n\x1b[A\x1b[A\n\x1b[A\x1b[A!\nx\x1b[A\x1b[By\n"),
            ["one", "two", "one", "two!", "xy"]
        );
    }

    #[test]
    fn ctrl_c_gives_a_line_up_and_ctrl_d_ends_an_empty_one() {
        let (entered, echo) = feed(&mut Editor::new("> "), b"abc\x03d\n\x04");
        assert_eq!(
            entered,
            [
                Entered::Interrupted,
                Entered::Line("d".to_string()),
                Entered::EndOfInput
            ]
        );
        assert_eq!(echo, "abc^C\nd\n\n");
    }

    #[test]
    fn a_word_is_completed_as_far_as_it_is_clear() {
        assert_eq!(lines(b"lo\t\n"), ["load "]);
        assert_eq!(lines(b"call li\t\n"), ["call li"]);
        assert_eq!(lines(b"call lis\tx\n"), ["call list x"]);
        assert_eq!(lines("h\t\n".as_bytes()), ["häuser "]);
        assert_eq!(lines(b"zz\t\n"), ["zz"]);
        let (_, echo) = feed(&mut Editor::new("> "), b"li\t");
        assert_eq!(echo, "li\nlinger  list\n\r> li\x1b[K");
    }

    #[test]
    fn a_line_that_is_cut_is_none_until_something_is_deleted() {
        assert!(TOO_LONG.contains(&MOST_BYTES.to_string()));
        let mut editor = Editor::new("> ");
        let whole = Entered::Line("a".repeat(MOST_BYTES));
        for (more, end) in [
            ("", whole.clone()),
            ("a", Entered::TooLong),
            ("aaa\x08\x08aa", whole),
            ("a\x03\n", Entered::Interrupted),
            ("\x1b[A\x1b[Ab", Entered::TooLong),
        ] {
            let line = "a".repeat(MOST_BYTES) + more + "\n";
            let (entered, echo) = feed(&mut editor, line.as_bytes());
            assert_eq!(entered[0], end, "{more}");
            assert_eq!(echo.contains('\x07'), !more.is_empty());
        }
    }

    #[test]
    fn no_bytes_are_too_much() {
        let mut editor = Editor::new("> ");
        let mut state = 1_u32;
        for _ in 0..200_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [_, _, _, random] = state.to_le_bytes();
            // Escape sequences more often than chance would have them.
            let byte = if random % 5 == 0 { 0x1b } else { random };
            editor.feed(byte, candidates, &mut String::new());
        }
    }
}
