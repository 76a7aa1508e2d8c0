//! A call with what must come of it, and the line that it is sent as: `fib 30 == 832040`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// A call of a function, of which somebody says what it gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The function's name.
    pub function: String,
    /// What it is given.
    pub arguments: Vec<i128>,
    /// Whether it gives [`result`](Self::result); else, anything but that.
    pub is_equal: bool,
    /// A number.
    pub result: i128,
}

/// A line is no call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotACall;

impl FromStr for Call {
    type Err = NotACall;

    fn from_str(line: &str) -> Result<Self, NotACall> {
        let number = |word: &str| word.parse().map_err(|_| NotACall);
        let words: Vec<&str> = line.split(' ').collect();
        let [function, arguments @ .., comparison, result] = words.as_slice() else {
            return Err(NotACall);
        };
        Ok(Self {
            function: String::from(*function),
            arguments: arguments
                .iter()
                .map(|word| number(word))
                .collect::<Result<_, _>>()?,
            is_equal: match *comparison {
                "==" => true,
                "!=" => false,
                _ => return Err(NotACall),
            },
            result: number(result)?,
        })
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.function)?;
        for argument in &self.arguments {
            write!(formatter, " {argument}")?;
        }
        let comparison = if self.is_equal { "==" } else { "!=" };
        write!(formatter, " {comparison} {}", self.result)
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, NotACall};

    #[test]
    fn a_line_is_read_as_what_was_written() {
        for (arguments, is_equal) in [(&[][..], true), (&[-1, i128::MAX], false)] {
            let call = Call {
                function: "f".into(),
                arguments: arguments.to_vec(),
                is_equal,
                result: i128::MIN,
            };
            assert_eq!(call.to_string().parse(), Ok(call));
        }
        for line in ["", "f 1", "f 1 < 2", "f x == 1", "f == 1.5"] {
            assert_eq!(line.parse::<Call>(), Err(NotACall), "{line}");
        }
    }
}
