//! What host tests share.

pub(crate) mod corpus;
pub(crate) mod foreign_memory;
