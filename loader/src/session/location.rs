//! What an address is: the module, symbol and offset that a fault report names.

use core::fmt;

use crate::base::Text;

/// A place in a module's memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Location {
    /// The module's name.
    pub module: Text<64>,
    /// The nearest symbol at or below the address; empty if none is.
    pub symbol: Text<120>,
    /// The distance from that symbol in bytes, or from the segment's start if there is none.
    pub offset: u64,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.symbol.as_str().is_empty() {
            write!(formatter, "{}: +{:#x}", self.module, self.offset)
        } else {
            write!(
                formatter,
                "{}: {}+{:#x}",
                self.module, self.symbol, self.offset
            )
        }
    }
}
