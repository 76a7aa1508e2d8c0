//! The passes that the loader brings, as rows: where in a link each runs, under which name, and what for.
//!
//! [`Pipeline::standard`](super::Pipeline::standard) runs them all. A program that has no room for those that it needs not
//! names some, by [`Pipeline::of`](super::Pipeline::of): the code of the others isn't linked into it then.

use super::pipeline::{PassFunction, Point, Purpose};
use super::{
    common, eh_frame, init_only, linker_symbols, prune, relax, section_bounds, tables, thread_local,
};

/// A pass that the loader brings.
#[derive(Clone, Copy, Debug)]
pub struct StandardPass {
    pub(super) point: Point,
    pub(super) name: &'static str,
    pub(super) function: PassFunction,
    /// For which purpose, if not for both.
    only: Option<Purpose>,
}

impl StandardPass {
    const fn new(point: Point, name: &'static str, function: PassFunction) -> Self {
        Self {
            point,
            name,
            function,
            only: None,
        }
    }

    const fn only_for(mut self, purpose: Purpose) -> Self {
        self.only = Some(purpose);
        self
    }

    /// Its name, as [`Pipeline::without`](super::Pipeline::without) takes it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether links of a purpose have it.
    pub(super) fn is_for(&self, purpose: Purpose) -> bool {
        self.only.is_none_or(|only| only == purpose)
    }
}

/// Gives memory to common symbols. Without it a link that has one fails.
pub const COMMON: StandardPass = StandardPass::new(Point::PrePrune, "common", common::allocate);

/// Defines the linker's own symbols, such as `__dso_handle`. Without it these are names like others, which may be missing.
pub const LINKER_SYMBOLS: StandardPass =
    StandardPass::new(Point::PrePrune, "linker symbols", linker_symbols::define);

/// Defines the bounds of sections, `__start_x` and `__stop_x`. Without it these are names like others.
pub const SECTION_BOUNDS: StandardPass =
    StandardPass::new(Point::PrePrune, "section bounds", section_bounds::define);

/// Puts the records of unwind information together, those of live functions alone, and ends them. Without it they are bytes
/// like others, which no unwinder finds.
pub const EH_FRAME: StandardPass = StandardPass::new(Point::PrePrune, "eh-frame", eh_frame::split);

/// Tells where the records of unwind information lie, once they have addresses: the other half of [`EH_FRAME`].
pub const EH_FRAME_BOUNDS: StandardPass =
    StandardPass::new(Point::PostAllocation, "eh-frame", eh_frame::locate);

/// Marks what is linked whatever refers to it. Without it nothing is.
pub const MARK_LIVE: StandardPass =
    StandardPass::new(Point::PrePrune, "mark live", prune::mark_live);

/// Refuses thread-local storage, which can't run yet. Without it such code is linked, and doesn't do what it should.
pub const THREAD_LOCAL_REFUSAL: StandardPass = StandardPass::new(
    Point::PostPrune,
    "thread-local refusal",
    thread_local::refuse,
)
.only_for(Purpose::Run);

/// Finds what goes once initializers have run, and what has to stay. Without it all of a module stays. It is run before
/// [`TABLES`], which stay and refer to all that code of any lifetime asks for.
pub const INIT_ONLY: StandardPass =
    StandardPass::new(Point::PostPrune, "init-only", init_only::settle);

/// Makes entries of the GOT and stubs for edges that ask for them. Without it a link that needs one fails.
pub const TABLES: StandardPass = StandardPass::new(Point::PostPrune, "tables", tables::build);

/// Goes past the tables where their targets are in reach, and turns loads that no computation replaces into immediates where
/// they fit: a module never moves.
pub const RELAX_ALL: StandardPass =
    StandardPass::new(Point::PreFixUp, "relax", relax::relax_all).only_for(Purpose::Run);

/// Goes past the tables where their targets are in reach, and leaves other loads as static linkers do, for who compares.
pub const RELAX: StandardPass =
    StandardPass::new(Point::PreFixUp, "relax", relax::relax).only_for(Purpose::Inspect);

/// All of them, in the order in which they build on each other.
pub const ALL: &[StandardPass] = &[
    COMMON,
    LINKER_SYMBOLS,
    SECTION_BOUNDS,
    EH_FRAME,
    MARK_LIVE,
    THREAD_LOCAL_REFUSAL,
    INIT_ONLY,
    TABLES,
    EH_FRAME_BOUNDS,
    RELAX_ALL,
    RELAX,
];

/// Those without which an object can't be linked: for programs that have no room for others.
pub const NEEDED: &[StandardPass] = &[COMMON, MARK_LIVE, THREAD_LOCAL_REFUSAL, TABLES];
