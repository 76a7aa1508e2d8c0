//! The log of loads: how long each took, how much it linked, and how it stands.

use alloc::vec::Vec;
use core::fmt;

use spin::Mutex;

use crate::base::{OutOfMemory, Shared, Text, fallible};
use crate::graph::LinkGraph;
use crate::link::Statistics;
use crate::pass::Pipeline;
use crate::session::{LoadError, ModuleId, ModuleView, Plugin, PluginError};

/// A plugin that notes each load. Clones are the same log; it serves one session.
///
/// It takes its memory when it is made, and none later: no load fails for its sake. If it is full, the oldest load that is over
/// makes room, failed or unloaded; else the oldest of a module that is there; else the oldest.
#[derive(Clone, Debug)]
pub struct LoadLog {
    shared: Shared<Mutex<Entries>>,
    clock: fn() -> u64,
}

/// One load. Times are in what the log's clock counts.
#[derive(Clone, Copy, Debug)]
pub struct LogEntry {
    /// Which module it is.
    pub id: ModuleId,
    /// Its name.
    pub name: Text<64>,
    /// What linking it did; nothing before it is linked.
    pub statistics: Statistics,
    /// When it began to be linked: all that it consists of was read then.
    pub began: u64,
    /// How long it took until it was written to its memory; `None` if it never was.
    pub until_loaded: Option<u64>,
    /// How long it took until its protections held; `None` if they never did.
    pub until_emitted: Option<u64>,
    /// How long it took until its initializers had run; `None` if they never had.
    pub until_ready: Option<u64>,
    /// How it stands.
    pub standing: Standing,
}

/// How a load stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is on its way.
    Loading,
    /// It failed.
    Failed {
        /// Why.
        reason: Text<200>,
    },
    /// The module is there.
    Ready,
    /// The module was there.
    Unloaded,
}

impl LoadLog {
    /// A log with room for so many loads. The clock never goes back; it may count what it likes, nanoseconds or instructions.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn new(capacity: usize, clock: fn() -> u64) -> Result<Self, OutOfMemory> {
        let entries = Entries {
            entries: fallible::vec_with_capacity(capacity)?,
            capacity,
        };
        let shared = Shared::new(Mutex::new(entries))?;
        Ok(Self { shared, clock })
    }

    /// Shows the loads that are noted, the oldest first. The log is locked meanwhile: `show` must not ask it.
    pub fn for_each(&self, show: impl FnMut(&LogEntry)) {
        self.shared.lock().entries.iter().for_each(show);
    }

    /// Changes what is noted of a module, if it is still; it is told what its clock shows.
    fn note(&self, module: &ModuleView, change: impl FnOnce(&mut LogEntry, u64)) {
        let now = (self.clock)();
        let mut log = self.shared.lock();
        // Most often it is the last.
        let mut entries = log.entries.iter_mut().rev();
        if let Some(entry) = entries.find(|entry| entry.id == module.id) {
            change(entry, now);
        }
    }
}

impl Plugin for LoadLog {
    fn name(&self) -> &str {
        "load log"
    }

    fn modify_passes<'p>(
        &'p self,
        module: &ModuleView,
        _graph: &LinkGraph<'_>,
        _pipeline: &mut Pipeline<'p>,
    ) -> Result<(), PluginError> {
        let began = (self.clock)();
        self.shared.lock().add(LogEntry::new(module, began));
        Ok(())
    }

    fn loaded(&self, module: &ModuleView, _graph: &LinkGraph<'_>) -> Result<(), PluginError> {
        self.note(module, |entry, now| {
            entry.statistics = module.statistics;
            entry.until_loaded = Some(entry.until(now));
        });
        Ok(())
    }

    fn emitted(&self, module: &ModuleView) -> Result<(), PluginError> {
        self.note(module, |entry, now| {
            entry.until_emitted = Some(entry.until(now));
        });
        Ok(())
    }

    fn ready(&self, module: &ModuleView) {
        self.note(module, |entry, now| {
            entry.until_ready = Some(entry.until(now));
            entry.standing = Standing::Ready;
        });
    }

    fn failed(&self, module: &ModuleView, error: &LoadError) {
        let reason = Text::display(error);
        self.note(module, |entry, _| {
            entry.standing = Standing::Failed { reason };
        });
    }

    fn removing(&self, module: &ModuleView) {
        self.note(module, |entry, _| entry.standing = Standing::Unloaded);
    }
}

impl LogEntry {
    fn new(module: &ModuleView, began: u64) -> Self {
        Self {
            id: module.id,
            name: module.name,
            statistics: Statistics::default(),
            began,
            until_loaded: None,
            until_emitted: None,
            until_ready: None,
            standing: Standing::Loading,
        }
    }

    const fn until(&self, now: u64) -> u64 {
        now.saturating_sub(self.began)
    }
}

/// One line: how the load stands, how much it linked, and how long it took until each step, as far as it came.
impl fmt::Display for LogEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, self.standing)?;
        let steps = [
            ("loaded", self.until_loaded),
            ("emitted", self.until_emitted),
            ("ready", self.until_ready),
        ];
        if self.until_loaded.is_some() {
            let Statistics {
                blocks,
                fixups,
                content_bytes,
                zero_fill_bytes,
            } = self.statistics;
            write!(
                formatter,
                "; {content_bytes} bytes and {zero_fill_bytes} of zeros, {blocks} blocks, {fixups} fixups"
            )?;
        }
        for (step, time) in steps {
            if let Some(time) = time {
                write!(formatter, "; {step} after {time}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loading => formatter.write_str("loading"),
            Self::Failed { reason } => write!(formatter, "failed: {reason}"),
            Self::Ready => formatter.write_str("ready"),
            Self::Unloaded => formatter.write_str("unloaded"),
        }
    }
}

impl Standing {
    /// Whose entry makes room first: the least.
    const fn worth(&self) -> u8 {
        match self {
            Self::Failed { .. } | Self::Unloaded => 0,
            Self::Ready => 1,
            Self::Loading => 2,
        }
    }
}

/// The loads that are noted.
#[derive(Debug)]
struct Entries {
    /// The oldest first. All the memory that it will ever need is there.
    entries: Vec<LogEntry>,
    /// How many there are at most.
    capacity: usize,
}

impl Entries {
    fn add(&mut self, entry: LogEntry) {
        if self.entries.len() < self.capacity {
            // There is room, since it was reserved.
            let _ = fallible::push(&mut self.entries, entry);
            return;
        }
        // Of several that are worth the same, the first that is found: the oldest.
        let mut entries = self.entries.iter().enumerate();
        let Some((place, _)) = entries
            .by_ref()
            .min_by_key(|(_, entry)| entry.standing.worth())
        else {
            return;
        };
        let moved = self.entries.get_mut(place..).unwrap_or(&mut []);
        moved.rotate_left(usize::from(moved.len() > 1));
        if let Some(last) = moved.last_mut() {
            *last = entry;
        }
    }
}
