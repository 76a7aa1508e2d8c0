//! A machine's registers, by name.

use core::fmt;

/// The most registers that any machine has here: aarch64's.
const MOST: usize = 34;

/// Registers' names and values, in the order in which people read them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registers {
    names: &'static [&'static str],
    values: [u64; MOST],
}

impl Registers {
    /// Registers with these names and values.
    pub fn new<const N: usize>(names: &'static [&'static str; N], values: [u64; N]) -> Self {
        const { assert!(N <= MOST) };
        let mut all = [0; MOST];
        all[..N].copy_from_slice(&values);
        Self { names, values: all }
    }

    /// Each register's name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.names.iter().copied().zip(self.values)
    }
}

/// Four registers a line, each line indented.
impl fmt::Display for Registers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.iter().enumerate() {
            let gap = if index % 4 == 0 { "\n   " } else { "" };
            write!(formatter, "{gap} {name:>6} {value:016x}")?;
        }
        Ok(())
    }
}
