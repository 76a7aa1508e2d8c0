//! Plugins: who is told of every load and unload of a session, and may take part in it.

use alloc::boxed::Box;
use core::fmt;

use spin::Once;

use crate::base::{AddressRange, OutOfMemory, Protection, Text, Words, fallible};
use crate::graph::LinkGraph;
use crate::link::{Segments, Statistics};
use crate::pass::Pipeline;

use super::{LoadError, ModuleId, TrackerId};

/// A module as plugins see it.
#[derive(Clone, Copy, Debug)]
pub struct ModuleView {
    /// Which it is.
    pub id: ModuleId,
    /// Its name.
    pub name: Text<64>,
    /// The dylib that it belongs to.
    pub dylib: Text<64>,
    /// Who may remove it.
    pub tracker: TrackerId,
    /// What linking it did; nothing before it is linked.
    pub statistics: Statistics,
    pub(super) segments: Segments,
}

impl ModuleView {
    /// A module that is not linked yet.
    pub(super) fn new(id: ModuleId, name: impl Words, dylib: Text<64>, tracker: TrackerId) -> Self {
        Self {
            id,
            name: Text::of(name),
            dylib,
            tracker,
            statistics: Statistics::default(),
            segments: Segments::default(),
        }
    }

    /// Where the module lies, and what each part may be used for. It lies nowhere before it is linked.
    pub fn segments(&self) -> impl Iterator<Item = (AddressRange, Protection)> {
        let segments = self.segments.iter().flatten();
        segments.map(|segment| (segment.range, segment.protection))
    }
}

/// Why a plugin lets a load fail, and what to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PluginError {
    /// Why.
    pub reason: Text<200>,
}

impl PluginError {
    /// What is wrong, in one line.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self {
            reason: Text::display(reason),
        }
    }
}

impl<E: core::error::Error> From<E> for PluginError {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// Somebody who is told of each load and unload. All methods do nothing unless they are written; the session may be asked
/// from each, since none of its locks is held.
///
/// Plugins are told in the order in which they were added; of ends and failures the last comes first. Of a module, each is told in this order: [`modify_passes`](Self::modify_passes), [`loaded`](Self::loaded),
/// [`emitted`](Self::emitted), [`ready`](Self::ready), [`transferring`](Self::transferring) any number of times,
/// [`finalizing`](Self::finalizing), [`removing`](Self::removing). Wherever a load fails on that way,
/// [`failed`](Self::failed) comes instead of what is left, and comes to all who were told of the module; if its initializers
/// had begun, `finalizing` comes before.
pub trait Plugin: Send + Sync {
    /// How errors call it.
    fn name(&self) -> &str;

    /// A module is about to be linked by these passes, to which it may add its own. `graph` is what was read.
    ///
    /// # Errors
    /// Why the load must fail.
    fn modify_passes<'p>(
        &'p self,
        module: &ModuleView,
        graph: &LinkGraph<'_>,
        pipeline: &mut Pipeline<'p>,
    ) -> Result<(), PluginError> {
        let _ = (module, graph, pipeline);
        Ok(())
    }

    /// All of a module is written to its memory, but nothing of it can run yet. The graph has all addresses.
    ///
    /// # Errors
    /// Why the load must fail.
    fn loaded(&self, module: &ModuleView, graph: &LinkGraph<'_>) -> Result<(), PluginError> {
        let _ = (module, graph);
        Ok(())
    }

    /// A module's protections hold; its initializers run next.
    ///
    /// # Errors
    /// Why the load must fail.
    fn emitted(&self, module: &ModuleView) -> Result<(), PluginError> {
        let _ = module;
        Ok(())
    }

    /// A module's initializers have run, what only they needed is given back, and its names can be found.
    fn ready(&self, module: &ModuleView) {
        let _ = module;
    }

    /// A load failed: nobody finds its names, and its memory goes next.
    fn failed(&self, module: &ModuleView, error: &LoadError) {
        let _ = (module, error);
    }

    /// A module's end begins: what it registered to be called then is to be called now, its finalizers run next.
    fn finalizing(&self, module: &ModuleView) {
        let _ = module;
    }

    /// Nothing of a module runs any more; its names and its memory go next.
    fn removing(&self, module: &ModuleView) {
        let _ = module;
    }

    /// A module gets another owner; `module` has the old one still.
    fn transferring(&self, module: &ModuleView, to: TrackerId) {
        let _ = (module, to);
    }
}

impl<P: Plugin + ?Sized> Plugin for &P {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn modify_passes<'p>(
        &'p self,
        module: &ModuleView,
        graph: &LinkGraph<'_>,
        pipeline: &mut Pipeline<'p>,
    ) -> Result<(), PluginError> {
        (**self).modify_passes(module, graph, pipeline)
    }

    fn loaded(&self, module: &ModuleView, graph: &LinkGraph<'_>) -> Result<(), PluginError> {
        (**self).loaded(module, graph)
    }

    fn emitted(&self, module: &ModuleView) -> Result<(), PluginError> {
        (**self).emitted(module)
    }

    fn ready(&self, module: &ModuleView) {
        (**self).ready(module);
    }

    fn failed(&self, module: &ModuleView, error: &LoadError) {
        (**self).failed(module, error);
    }

    fn finalizing(&self, module: &ModuleView) {
        (**self).finalizing(module);
    }

    fn removing(&self, module: &ModuleView) {
        (**self).removing(module);
    }

    fn transferring(&self, module: &ModuleView, to: TrackerId) {
        (**self).transferring(module, to);
    }
}

/// The plugins of a session. They come one after the other, and stay: so each can be used with no lock held, and nothing has
/// to be allocated for it.
pub(super) struct Plugins {
    first: Once<Box<Node>>,
}

struct Node {
    plugin: Box<dyn Plugin>,
    next: Once<Box<Node>>,
}

impl Plugins {
    pub(super) const fn new() -> Self {
        Self { first: Once::new() }
    }

    /// Adds one after all others.
    pub(super) fn add(&self, plugin: impl Plugin + 'static) -> Result<(), OutOfMemory> {
        let plugin: Box<dyn Plugin> = fallible::boxed(plugin)?;
        let node = Node {
            plugin,
            next: Once::new(),
        };
        let mut node = Some(fallible::boxed(node)?);
        let mut end = &self.first;
        // Whoever comes second to an end goes on to the next.
        while let Ok(known) = end.try_call_once(|| node.take().ok_or(OutOfMemory)) {
            if node.is_none() {
                break;
            }
            end = &known.next;
        }
        Ok(())
    }

    fn iter(&self) -> impl Iterator<Item = &dyn Plugin> {
        let nodes = core::iter::successors(self.first.get(), |node| node.next.get());
        nodes.map(|node| &*node.plugin)
    }

    /// Those that are there now.
    pub(super) fn now(&self) -> PluginSet<'_> {
        PluginSet {
            plugins: self,
            count: self.iter().count(),
        }
    }
}

/// The plugins that were there when something began: others that come meanwhile hear nothing of it.
#[derive(Clone, Copy)]
pub(super) struct PluginSet<'s> {
    plugins: &'s Plugins,
    count: usize,
}

impl<'s> PluginSet<'s> {
    /// Those of them that were there first.
    pub(super) fn first(self, count: usize) -> Self {
        Self { count, ..self }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'s dyn Plugin> {
        self.plugins.iter().take(self.count)
    }

    /// The last first: for what undoes what others did before. There are few, so that each is counted up to.
    pub(super) fn latest_first(self) -> impl Iterator<Item = &'s dyn Plugin> {
        (0..self.count)
            .rev()
            .filter_map(move |place| self.plugins.iter().nth(place))
    }
}
