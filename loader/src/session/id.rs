//! Names of what a session holds: plain numbers, which may be kept when what they name is gone.

use crate::base::Id;

/// Names the kind of what has a [`ModuleSlot`].
#[derive(Debug)]
pub(super) enum SlotKey {}

/// Where a module stands in the books. Once it is gone, another may stand there.
pub(super) type ModuleSlot = Id<SlotKey>;

/// Names a module of a session. No two modules of a session ever have the same; a later load has the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ModuleId {
    /// The number of the load.
    pub(super) serial: u64,
    /// Where the module stands in the books, as long as it is there.
    pub(super) slot: ModuleSlot,
}

/// Names a dylib of a session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DylibId {
    /// 0 is the main dylib; the others follow in the order of their creation.
    pub(super) place: usize,
}

impl DylibId {
    /// The dylib that modules are loaded into unless told otherwise.
    pub const MAIN: Self = Self { place: 0 };
}

/// Names an owner of modules, who may remove them together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TrackerId(pub(super) u64);

impl TrackerId {
    /// The owner of all modules that were loaded for no other, and of those that generators gave: whoever misses their names
    /// shares them.
    pub const DEFAULT: Self = Self(0);
}
