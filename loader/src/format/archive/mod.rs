//! Static archives: members found by the names that they define, or taken all.
//!
//! [`Archive`] is an archive with its index, [`Members`] a walk over one that asks for none, [`MemberSource`] what gives the
//! files that a thin archive only names. The forms of GNU and BSD are read alike. What members hold is not looked at here,
//! but for the names that an index would tell of those that are objects.
//!
//! The index is read once into a hash table, so that each missing name costs one look-up however many members there are.

mod container;
mod header;
mod index;
mod members;
mod source;
mod taken;
#[cfg(test)]
pub(crate) mod tests;

pub use members::{Member, Members};
pub use source::MemberSource;
pub use taken::Taken;

use crate::base::Name;

use super::FormatError;
use container::Container;
use index::Index;

/// An archive with its index.
#[derive(Debug)]
pub struct Archive<'a> {
    container: Container<'a>,
    index: Index<'a>,
}

impl<'a> Archive<'a> {
    /// Reads the archive's index, or makes one of what its members define.
    ///
    /// # Errors
    /// The archive is damaged, or the heap has no room. Without an index: the archive is thin, or a member is damaged.
    pub fn parse(name: Name<'a>, bytes: &'a [u8]) -> Result<Self, FormatError> {
        Self::parse_with(name, bytes, None)
    }

    /// As [`parse`](Self::parse); if the archive is thin, `source` gives its members.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse). Without an index: a member of a thin archive can't be had.
    pub fn parse_with(
        name: Name<'a>,
        bytes: &'a [u8],
        source: Option<&'a dyn MemberSource>,
    ) -> Result<Self, FormatError> {
        let container = Container::parse(name, bytes, source)?;
        let index = Index::of(container)?;
        Ok(Self { container, index })
    }

    /// The place of the member that defines `symbol`; of several, that of the first.
    pub fn find(&self, symbol: Name<'_>) -> Option<u64> {
        self.index.find(symbol)
    }

    /// The member at the place that [`find`](Self::find) told.
    ///
    /// # Errors
    /// The archive is damaged there, or is thin and the member can't be had.
    pub fn member(&self, offset: u64) -> Result<Member<'a>, FormatError> {
        members::read(&self.container, offset)
    }

    /// All members in order, be they objects or not.
    pub fn members(&self) -> Members<'a> {
        Members::in_container(self.container)
    }
}
