//! What a module says of itself, as it is kept once its object is gone.

use core::fmt;

use crate::base::Text;
use crate::kit::Description;

/// What a module says of itself, by the kit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct About {
    /// What it is called.
    pub name: Text<64>,
    /// Its version, in words of its own.
    pub version: Text<32>,
    /// Its licence.
    pub licence: Text<32>,
}

impl About {
    pub(super) const fn of(description: &Description<'_>) -> Self {
        Self {
            name: description.name,
            version: description.version,
            licence: description.licence,
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(formatter)?;
        for part in [&self.version, &self.licence] {
            if !part.as_str().is_empty() {
                write!(formatter, " {part}")?;
            }
        }
        Ok(())
    }
}
