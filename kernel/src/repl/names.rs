//! What a line may refer to.

use super::ast::Callee;

/// What a line may refer to: that which was defined by others before, and the session's names.
pub trait Names {
    /// The number of a variable.
    fn variable(&self, name: &str) -> Option<usize>;

    /// How many variables there are: the number of the next.
    fn variable_count(&self) -> usize;

    /// A function.
    fn function(&self, name: &str) -> Option<Known>;
}

/// A function that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// What is called.
    pub callee: Callee,
    /// How many arguments it takes; `None` if nobody knows: then it is the caller's word that counts.
    pub parameters: Option<usize>,
}
