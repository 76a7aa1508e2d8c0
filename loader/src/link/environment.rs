//! What a link asks of its surroundings: who defines a name outside of the graph, and what a resolver returns.

use crate::base::{Name, TargetAddr, Text};
use crate::graph::{Linkage, Scope};

/// A name that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The name.
    pub name: Name<'a>,
    /// Whether it may stay undefined.
    pub linkage: Linkage,
    /// Where its definition may stand.
    pub scope: Scope,
}

/// What is around a link. A closure that knows addresses of names is one; it calls no resolvers.
pub trait Environment {
    /// The address of what has this name; `None` if nothing does.
    fn resolve(&mut self, reference: Reference<'_>) -> Option<TargetAddr>;

    /// The address of what has this name and belongs to the same component: a reference that is hidden or protected means no
    /// other. Whatever is outside of the link belongs to another component, unless this says otherwise. Source: gABI,
    /// "Symbol Table", symbol visibility.
    fn resolve_within(&mut self, reference: Reference<'_>) -> Option<TargetAddr> {
        let _ = reference;
        None
    }

    /// Who has a definition of a name that nothing gave an address for, but keeps it from this link; empty if nobody has. An
    /// error tells it.
    fn kept_by(&self, name: Name<'_>) -> Text<120> {
        let _ = name;
        Text::new()
    }

    /// Calls the resolver of an indirect function, which lies in memory that is sealed, and returns the address that it
    /// returned; `None` if this program can't call it: the slot stays empty then, and the request listed in the graph.
    ///
    /// # Errors
    /// The resolver did not return.
    fn call_resolver(
        &mut self,
        function: TargetAddr,
    ) -> Result<Option<TargetAddr>, ResolverFailed> {
        let _ = function;
        Ok(None)
    }
}

impl<F: FnMut(Reference<'_>) -> Option<TargetAddr>> Environment for F {
    fn resolve(&mut self, reference: Reference<'_>) -> Option<TargetAddr> {
        self(reference)
    }
}

/// Why a resolver did not return: what its caller tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResolverFailed {
    /// Why.
    pub reason: Text<200>,
}
