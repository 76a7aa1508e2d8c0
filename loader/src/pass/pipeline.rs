//! The pipeline: which passes a link runs at its five points, and how users add theirs.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::base::{OutOfMemory, Text, Words, fallible};
use crate::graph::{BlockId, GraphError, LinkGraph, Site};

use super::standard::{self, StandardPass};

/// Something that is done to a graph while it is linked: a type of one's own, or a closure.
pub trait Pass {
    /// Does it.
    ///
    /// # Errors
    /// Says why the link can't go on.
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError>;
}

impl<F: FnMut(&mut LinkGraph<'_>) -> Result<(), PassError>> Pass for F {
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        self(graph)
    }
}

/// Something that is done once all blocks are written. The graph can't be changed any more, but its bytes can.
pub trait PostFixUpPass {
    /// Does it.
    ///
    /// # Errors
    /// Says why the link can't go on.
    fn run(&mut self, graph: &LinkGraph<'_>, memory: &mut dyn BlockMemory)
    -> Result<(), PassError>;
}

/// The bytes of blocks that are written, and not yet protected.
pub trait BlockMemory {
    /// A block's bytes; `None` if it is not live or holds no bytes of its own.
    fn bytes(&mut self, block: BlockId) -> Option<&mut [u8]>;
}

/// Why a pass fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// The graph can't take what the pass made.
    Graph(GraphError),
    /// It can't go on with what stands there.
    Failed {
        /// Where.
        site: Site,
        /// Why, and what to try.
        reason: Text<200>,
    },
}

impl PassError {
    /// What is wrong at a place.
    pub fn at(site: Site, reason: impl Words) -> Self {
        Self::Failed {
            site,
            reason: Text::of(reason),
        }
    }
}

impl From<OutOfMemory> for PassError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<GraphError> for PassError {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::Heap(error) => Self::Heap(error),
            error => Self::Graph(error),
        }
    }
}

impl fmt::Display for PassError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Graph(error) => error.fmt(formatter),
            Self::Failed { site, reason } => write!(formatter, "{site}: {reason}"),
        }
    }
}

impl core::error::Error for PassError {}

/// When passes run that may change the graph, or only look at it. The fifth point, after fix-up, has passes of another kind:
/// [`PostFixUpPass`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Point {
    /// Before what is not live is left out: all that was read is there.
    PrePrune,
    /// What is live is known; addresses and externals are not.
    PostPrune,
    /// Every block and symbol has its address.
    PostAllocation,
    /// Just before blocks are copied and fixed up: the last chance to change edges.
    PreFixUp,
}

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To run: what can't run yet is refused by name.
    Run,
    /// To be looked at: all that can be computed is.
    Inspect,
}

pub(super) type PassFunction = fn(&mut LinkGraph<'_>) -> Result<(), PassError>;

enum Action<'p> {
    Function(PassFunction),
    Borrowed(&'p mut dyn Pass),
    Owned(Box<dyn Pass + 'p>),
    Observer(Box<Observer<'p>>),
}

/// Something that looks at a graph while it is linked, and changes nothing of it.
type Observer<'p> = dyn FnMut(&LinkGraph<'_>) -> Result<(), PassError> + 'p;

struct Step<'p> {
    point: Point,
    name: &'p str,
    action: Action<'p>,
}

/// The passes of a link, in their order.
pub struct Pipeline<'p> {
    steps: Vec<Step<'p>>,
    post_fix_up: Vec<(&'p str, &'p mut dyn PostFixUpPass)>,
}

impl<'p> Pipeline<'p> {
    /// All passes that the loader brings, but those for other purposes.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn standard(purpose: Purpose) -> Result<Self, OutOfMemory> {
        Self::of(standard::ALL, purpose)
    }

    /// Some of the passes that the loader brings, in this order at each point, but those for other purposes.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn of(passes: &[StandardPass], purpose: Purpose) -> Result<Self, OutOfMemory> {
        let mut pipeline = Self {
            steps: fallible::vec_with_capacity(passes.len())?,
            post_fix_up: Vec::new(),
        };
        for pass in passes.iter().filter(|pass| pass.is_for(purpose)) {
            let step = Step {
                point: pass.point,
                name: pass.name,
                action: Action::Function(pass.function),
            };
            fallible::push(&mut pipeline.steps, step)?;
        }
        Ok(pipeline)
    }

    /// Adds a pass after those that the point has. The name is shown if it fails.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn push(
        &mut self,
        point: Point,
        name: &'p str,
        pass: &'p mut dyn Pass,
    ) -> Result<(), OutOfMemory> {
        let action = Action::Borrowed(pass);
        self.insert(self.steps.len(), point, name, action)
    }

    /// Adds a pass after those that the point has, and keeps it as long as the pipeline.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn push_owned(
        &mut self,
        point: Point,
        name: &'p str,
        pass: impl Pass + 'p,
    ) -> Result<(), OutOfMemory> {
        let action = Action::Owned(fallible::boxed(pass)?);
        self.insert(self.steps.len(), point, name, action)
    }

    /// Adds a pass that looks at the graph alone, after those that the point has, and keeps it as long as the pipeline. Such a
    /// pass costs what it does itself; after one that may change the graph, each edge is looked at once more.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn push_observer(
        &mut self,
        point: Point,
        name: &'p str,
        observer: impl FnMut(&LinkGraph<'_>) -> Result<(), PassError> + 'p,
    ) -> Result<(), OutOfMemory> {
        let action = Action::Observer(fallible::boxed(observer)?);
        self.insert(self.steps.len(), point, name, action)
    }

    /// Adds a pass before those that the point has.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn push_first(
        &mut self,
        point: Point,
        name: &'p str,
        pass: &'p mut dyn Pass,
    ) -> Result<(), OutOfMemory> {
        self.insert(0, point, name, Action::Borrowed(pass))
    }

    fn insert(
        &mut self,
        place: usize,
        point: Point,
        name: &'p str,
        action: Action<'p>,
    ) -> Result<(), OutOfMemory> {
        let step = Step {
            point,
            name,
            action,
        };
        fallible::insert(&mut self.steps, place, step)
    }

    /// Adds a pass that sees what was written.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn push_post_fix_up(
        &mut self,
        name: &'p str,
        pass: &'p mut dyn PostFixUpPass,
    ) -> Result<(), OutOfMemory> {
        fallible::push(&mut self.post_fix_up, (name, pass))
    }

    /// Leaves out the passes of this name.
    pub fn without(&mut self, name: &str) {
        self.steps.retain(|step| step.name != name);
    }

    /// The same passes, to which others can be added that are there for less long.
    pub(crate) fn shortened<'q>(self) -> Result<Pipeline<'q>, OutOfMemory>
    where
        'p: 'q,
    {
        let mut steps: Vec<Step<'q>> = fallible::vec_with_capacity(self.steps.len())?;
        for Step {
            point,
            name,
            action,
        } in self.steps
        {
            #[expect(
                clippy::needless_match,
                reason = "each pass is put behind a reference or box of the shorter life"
            )]
            let action = match action {
                Action::Function(function) => Action::Function(function),
                Action::Borrowed(pass) => Action::Borrowed(pass),
                Action::Owned(pass) => Action::Owned(pass),
                Action::Observer(observer) => Action::Observer(observer),
            };
            let step = Step {
                point,
                name,
                action,
            };
            fallible::push(&mut steps, step)?;
        }
        let mut post_fix_up: Vec<(&'q str, &'q mut dyn PostFixUpPass)> =
            fallible::vec_with_capacity(self.post_fix_up.len())?;
        for (name, pass) in self.post_fix_up {
            fallible::push(&mut post_fix_up, (name, pass))?;
        }
        Ok(Pipeline { steps, post_fix_up })
    }

    /// The names of the passes at a point, in their order.
    pub fn names(&self, point: Point) -> impl Iterator<Item = &'p str> {
        let here = self.steps.iter().filter(move |step| step.point == point);
        here.map(|step| step.name)
    }

    /// Runs the passes of a point; the error goes with the name of the pass that failed, if it is no standard one.
    pub(crate) fn run(
        &mut self,
        point: Point,
        graph: &mut LinkGraph<'_>,
    ) -> Result<(), (Text<40>, PassError)> {
        for step in self.steps.iter_mut().filter(|step| step.point == point) {
            let (name, pass): (_, &mut dyn Pass) = match &mut step.action {
                Action::Function(function) => ("", function),
                Action::Borrowed(pass) => (step.name, &mut **pass),
                Action::Owned(pass) => (step.name, &mut **pass),
                Action::Observer(observer) => {
                    named(step.name, observer(graph))?;
                    continue;
                }
            };
            let result = pass.run(graph);
            // One that is no standard one may change what was settled.
            if !matches!(step.action, Action::Function(_)) {
                graph.unsettle();
            }
            named(name, result)?;
        }
        Ok(())
    }

    /// Runs the passes that see what was written.
    pub(crate) fn run_post_fix_up(
        &mut self,
        graph: &LinkGraph<'_>,
        memory: &mut dyn BlockMemory,
    ) -> Result<(), (Text<40>, PassError)> {
        for (name, pass) in &mut self.post_fix_up {
            named(name, pass.run(graph, memory))?;
        }
        Ok(())
    }
}

/// Adds the name of a pass to why it failed.
fn named(name: &str, result: Result<(), PassError>) -> Result<(), (Text<40>, PassError)> {
    result.map_err(|error| (Text::of(name), error))
}

impl fmt::Debug for Pipeline<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps.iter().map(|step| (step.point, step.name));
        formatter.debug_list().entries(steps).finish()
    }
}
