//! What a terminal shows of a shell's output: lines, once what was typed over is gone.

/// A terminal that is endlessly wide and high.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    lines: Vec<Vec<char>>,
    column: usize,
}

impl Screen {
    /// What is shown of this output.
    #[must_use]
    pub fn of(output: &[u8]) -> Self {
        let text = String::from_utf8_lossy(output);
        let mut screen = Self {
            lines: vec![Vec::new()],
            column: 0,
        };
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '\n' => {
                    screen.lines.push(Vec::new());
                    screen.column = 0;
                }
                '\r' => screen.column = 0,
                '\x1b' => screen.obey(&mut characters),
                '\x07' => {}
                _ => screen.put(character),
            }
        }
        screen
    }

    /// The lines, from the first.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.lines.iter().map(|line| line.iter().collect())
    }

    fn put(&mut self, character: char) {
        let column = self.column;
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        match line.get_mut(column) {
            Some(place) => *place = character,
            None => line.push(character),
        }
        self.column += 1;
    }

    /// Takes a sequence after its escape, and does what the kernel's editor has terminals do: "left" and "erase to the end".
    fn obey(&mut self, characters: &mut impl Iterator<Item = char>) {
        let mut number = String::new();
        for character in characters.skip_while(|character| *character == '[') {
            match character {
                '0'..='9' | ';' => number.push(character),
                'D' => {
                    let columns = number.parse().unwrap_or(1);
                    self.column = self.column.saturating_sub(columns);
                    return;
                }
                'K' => {
                    let column = self.column;
                    if let Some(line) = self.lines.last_mut() {
                        line.truncate(column);
                    }
                    return;
                }
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;

    #[test]
    fn what_was_typed_over_is_gone() {
        for (output, shown) in [
            ("one\ntwo", &["one", "two"][..]),
            ("> abc\r> ab\x1b[K", &["> ab"]),
            ("> abc\x1b[2Dx", &["> axc"]),
            ("> ab\x1b[Dx\x07y\x1b[31mz", &["> axyz"]),
            ("", &[""]),
        ] {
            let lines: Vec<String> = Screen::of(output.as_bytes()).lines().collect();
            assert_eq!(lines, shown, "{output:?}");
        }
    }
}
