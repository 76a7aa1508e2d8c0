//! The load: a transaction that enters a module into the session, or leaves nothing behind.
//!
//! A module stands in the books from its first step on, so that what it takes names of is held; nobody finds its own names
//! before its initializers have run. Whatever fails, [`Load::undo`] takes all of it back, also when a plugin, a generator or a
//! pass panics and the stack unwinds. No lock is held but for single steps.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{Name, OutOfMemory, Text, fallible};
use crate::format::ReadOptions;
use crate::graph::{LinkGraph, Object};
use crate::kit::{self, Description};
use crate::link::{self, Filled, Input, Linked, inputs};
use crate::memory::{InFlight, MemoryManager};
use crate::pass::{self, Pipeline, Purpose, Routine};

use super::books::ComparedAt;
use super::life::Beginning;
use super::plugin::{ModuleView, Plugin, PluginError, PluginSet};
use super::search::{Search, Sources, Surrounding};
use super::{About, DylibId, LoadError, Module, Session, TrackerId};

/// What else a load may be told.
pub struct LoadOptions<'p, M> {
    /// Who owns the module; [`TrackerId::DEFAULT`] unless it is said.
    pub tracker: Option<TrackerId>,
    /// The passes of its link: those of [`Pipeline::standard`], with others among them; just those, unless it is said.
    pub pipeline: Option<Pipeline<'p>>,
    /// The memory that the module lies in: that of [`Session::memory`], unless it is said. Modules that are loaded on its behalf
    /// lie in that in any case.
    pub memory: Option<&'p M>,
}

impl<M> Default for LoadOptions<'_, M> {
    fn default() -> Self {
        Self {
            tracker: None,
            pipeline: None,
            memory: None,
        }
    }
}

impl<M> fmt::Debug for LoadOptions<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = formatter.debug_struct("LoadOptions");
        options
            .field("tracker", &self.tracker)
            .field("pipeline", &self.pipeline)
            .field("has_memory", &self.memory.is_some())
            .finish()
    }
}

/// One load, as it is asked for.
pub(super) struct Request<'r, 'p, M> {
    pub(super) dylib: DylibId,
    pub(super) name: &'r str,
    pub(super) inputs: &'r [Input<'r>],
    /// An object that is linked beside the inputs: what a generator gave.
    pub(super) seed: Option<(Object<'r>, &'r [u8])>,
    pub(super) options: LoadOptions<'p, M>,
    pub(super) depth: Depth,
}

impl<'r, M> Request<'r, '_, M> {
    pub(super) fn new(dylib: DylibId, name: &'r str, inputs: &'r [Input<'r>]) -> Self {
        Self {
            dylib,
            name,
            inputs,
            seed: None,
            options: LoadOptions::default(),
            depth: Depth(0),
        }
    }
}

/// How many names are being looked for on behalf of each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Depth(u8);

impl Depth {
    /// More than any sound chain of aliases and archives has; few enough for a kernel's stack.
    const DEEPEST: u8 = 8;

    pub(super) fn deeper(self, symbol: Name<'_>) -> Result<Self, LoadError> {
        match self.0.checked_add(1) {
            Some(depth) if depth <= Self::DEEPEST => Ok(Self(depth)),
            _ => Err(LoadError::Circle {
                symbol: Text::of(symbol),
            }),
        }
    }
}

impl<M: MemoryManager> Session<M> {
    /// Loads what is asked for, or nothing.
    pub(super) fn perform(&self, request: Request<'_, '_, M>) -> Result<Module<'_, M>, LoadError> {
        self.perform_for(request, &mut Vec::new())
    }

    /// Loads what is asked for on behalf of another load, or nothing. What is loaded on behalf of this one is added to
    /// `pulled`, which has room for the module itself afterwards.
    pub(super) fn perform_for<'s>(
        &'s self,
        request: Request<'_, '_, M>,
        pulled: &mut Vec<Module<'s, M>>,
    ) -> Result<Module<'s, M>, LoadError> {
        let mut load = Load::begin(self, &request, pulled)?;
        match load.run(request) {
            Ok(()) => Ok(load.complete()),
            Err(error) => {
                load.undo(&error);
                Err(error)
            }
        }
    }
}

/// A load on its way. If it is dropped on its way, it is taken back.
struct Load<'s, 'l, M: MemoryManager> {
    session: &'s Session<M>,
    plugins: PluginSet<'s>,
    /// Whether it is decided: the module is there, or is taken back.
    is_over: bool,
    /// How many of the plugins know of the module.
    told: usize,
    /// What plugins are told.
    view: ModuleView,
    dylib: DylibId,
    /// What was loaded for this load, and before it for the one that this one is for. The handles keep it until the modules
    /// do that use it.
    pulled: &'l mut Vec<Module<'s, M>>,
    /// Where in that list what was loaded for this load begins.
    first_pulled: usize,
}

impl<'s, 'l, M: MemoryManager> Load<'s, 'l, M> {
    /// Enters the module into the books.
    fn begin(
        session: &'s Session<M>,
        request: &Request<'_, '_, M>,
        pulled: &'l mut Vec<Module<'s, M>>,
    ) -> Result<Self, OutOfMemory> {
        let tracker = request.options.tracker.unwrap_or(TrackerId::DEFAULT);
        let mut books = session.books.lock();
        let id = books.begin(request.name, request.dylib, tracker)?;
        if let Some(record) = books.modules.of_mut(id) {
            record.is_shared = request.seed.is_some();
        }
        let view = ModuleView::new(id, request.name, books.dylib_name(request.dylib), tracker);
        Ok(Self {
            session,
            plugins: session.plugins.now(),
            is_over: false,
            told: 0,
            view,
            dylib: request.dylib,
            first_pulled: pulled.len(),
            pulled,
        })
    }

    /// All steps of the load.
    fn run(&mut self, request: Request<'_, '_, M>) -> Result<(), LoadError> {
        let (session, dylib) = (self.session, self.dylib);
        let is_kept = |group: Name<'_>| session.books.lock().has_group(dylib, group);
        let sources = Sources::of(session, dylib)?;
        let mut graph = LinkGraph::with_groups_elsewhere(session.machine(), &is_kept);
        self.read(&mut graph, &sources, &request)?;
        let description = self.describe(&mut graph)?;
        let compared = session.books.lock().settle(dylib, &mut graph)?;
        let linked = self.link(&mut graph, request.options)?;
        // Names and addresses are still asked for: what is recorded of them may have the memory that edges had.
        graph.release_edges();
        fallible::reserve(self.pulled, 1)?;
        let initializers = self.enter(&graph, linked, compared, description.as_ref())?;
        self.tell(|plugin, view| plugin.emitted(view))?;
        let beginning = Beginning {
            session,
            plugins: self.plugins,
            view: &self.view,
            graph: &graph,
        };
        let init = description.and_then(|description| description.init?.address(&graph));
        beginning.run(&initializers, init)
    }

    fn read<'a>(
        &mut self,
        graph: &mut LinkGraph<'a>,
        sources: &'a Sources,
        request: &Request<'a, '_, M>,
    ) -> Result<(), LoadError> {
        let options = ReadOptions::default();
        if let Some((object, bytes)) = request.seed {
            inputs::read_object(graph, object, bytes, options)?;
        }
        let mut search = Search {
            session: self.session,
            id: self.view.id,
            name: self.view.name,
            dylib: self.dylib,
            sources,
            pulled: self.pulled,
            depth: request.depth,
        };
        inputs::read_among(graph, request.inputs, options, &mut search)
    }

    /// Reads what the module says of itself, and takes no module that was built against something else than what there is.
    fn describe<'a>(
        &self,
        graph: &mut LinkGraph<'a>,
    ) -> Result<Option<Description<'a>>, LoadError> {
        let module = self.view.name;
        let described = kit::prepare(graph);
        let described = described.map_err(|error| LoadError::Kit { module, error })?;
        if let Some(required) = described.and_then(|described| described.interface) {
            self.session.check_interface(module, &required)?;
        }
        Ok(described)
    }

    fn link(
        &mut self,
        graph: &mut LinkGraph<'_>,
        options: LoadOptions<'_, M>,
    ) -> Result<Linked<M::Finalized>, LoadError> {
        let mut pipeline = match options.pipeline {
            Some(pipeline) => pipeline.shortened()?,
            None => Pipeline::standard(Purpose::Run)?,
        };
        for plugin in self.plugins.iter() {
            self.told = self.told.saturating_add(1);
            let modified = plugin.modify_passes(&self.view, graph, &mut pipeline);
            modified.map_err(|error| self.refused(plugin, error))?;
        }
        let mut environment = Surrounding {
            session: self.session,
            id: self.view.id,
            dylib: self.dylib,
            fault: None,
            name: self.view.name,
        };
        let memory = options.memory.unwrap_or(self.session.memory());
        let filled = link::fill(graph, memory, &mut pipeline, &mut environment);
        drop(pipeline);
        if let Some(fault) = environment.fault {
            return Err(fault);
        }
        let filled = filled.map_err(|error| self.in_link(error))?;
        self.finalize(graph, filled, &mut environment)
    }

    fn finalize<I: InFlight>(
        &mut self,
        graph: &LinkGraph<'_>,
        filled: Filled<I>,
        environment: &mut Surrounding<'_, M>,
    ) -> Result<Linked<I::Finalized>, LoadError> {
        self.view.segments = filled.segments();
        self.view.statistics = filled.statistics();
        self.tell(|plugin, view| plugin.loaded(view, graph))?;
        filled
            .finalize(graph, environment)
            .map_err(|error| self.in_link(error))
    }

    /// Publishes the names, and hands what the link made over to the books, but for the initializers.
    fn enter(
        &mut self,
        graph: &LinkGraph<'_>,
        linked: Linked<M::Finalized>,
        compared: ComparedAt,
        description: Option<&Description<'_>>,
    ) -> Result<Vec<Routine>, LoadError> {
        let named_sections = pass::named_sections(graph)?;
        let mut books = self.session.books.lock();
        books.publish(self.view.id, graph, &named_sections, compared)?;
        if let Some(record) = books.modules.of_mut(self.view.id) {
            record.segments = linked.segments;
            record.statistics = linked.statistics;
            record.finalizers = linked.routines.finalizers;
            record.memory = Some(linked.memory);
            record.exit = description.and_then(|it| it.exit?.address(graph));
            record.about = description.map(About::of);
        }
        Ok(linked.routines.initializers)
    }

    /// The module is there: its names can be found, and what only its initializers needed is given back.
    fn complete(mut self) -> Module<'s, M> {
        let mut books = self.session.books.lock();
        if let Some(record) = books.become_ready(self.view.id) {
            record.handles = 1;
            record.release_finalize_segments();
            self.view.segments = record.segments;
            self.view.tracker = record.tracker;
        }
        drop(books);
        self.is_over = true;
        // A plugin that panics now costs this handle, and nothing else.
        let module = Module {
            session: self.session,
            id: self.view.id,
        };
        for plugin in self.plugins.iter() {
            plugin.ready(&self.view);
        }
        module
    }

    /// Takes back whatever was done, what was loaded for this load included.
    fn undo(&mut self, error: &LoadError) {
        self.is_over = true;
        let record = self.session.books.lock().remove(self.view.id);
        for plugin in self.plugins.first(self.told).latest_first() {
            plugin.failed(&self.view, error);
        }
        // With no lock held: the memory manager has its own.
        drop(record);
        for module in self.pulled.drain(self.first_pulled..).rev() {
            // Another load may use it by now: then it stays, as any module that is used does.
            let _ = self.session.remove(module.id, 1);
        }
    }

    /// Tells all plugins.
    fn tell(
        &self,
        tell: impl Fn(&dyn Plugin, &ModuleView) -> Result<(), PluginError>,
    ) -> Result<(), LoadError> {
        for plugin in self.plugins.iter() {
            tell(plugin, &self.view).map_err(|error| self.refused(plugin, error))?;
        }
        Ok(())
    }

    #[cold]
    fn refused(&self, plugin: &dyn Plugin, error: PluginError) -> LoadError {
        LoadError::Plugin {
            module: self.view.name,
            plugin: Text::of(plugin.name()),
            reason: error.reason,
        }
    }

    #[cold]
    fn in_link(&self, error: link::LinkError) -> LoadError {
        LoadError::Link {
            module: self.view.name,
            error,
        }
    }
}

impl<M: MemoryManager> Drop for Load<'_, '_, M> {
    fn drop(&mut self) {
        if !self.is_over {
            let module = self.view.name;
            self.undo(&LoadError::Panicked { module });
        }
    }
}
