//! A module's own code at its beginning and its end: initializers, and what undoes them.

use crate::base::{Hex, Machine, Signed, TargetAddr, Text};
use crate::graph::{Definition, LinkGraph};
use crate::memory::MemoryManager;
use crate::pass::Routine;

use super::callers::{CallFailed, CodeCaller, as_int};
use super::plugin::{ModuleView, PluginSet};
use super::{LoadError, Session};

impl<M: MemoryManager> Session<M> {
    /// How code of modules is called; `None` if this program can't call it: it is another machine's.
    pub(super) fn code_caller(&self) -> Option<CodeCaller> {
        (Machine::HOST == Some(self.machine())).then(|| self.books.lock().caller)
    }
}

/// A module whose initializers are to run: it is in the books, and no lock is held.
pub(super) struct Beginning<'l, 'a, M: MemoryManager> {
    pub(super) session: &'l Session<M>,
    pub(super) plugins: PluginSet<'l>,
    pub(super) view: &'l ModuleView,
    pub(super) graph: &'l LinkGraph<'a>,
}

impl<M: MemoryManager> Beginning<'_, '_, M> {
    /// Runs the initializers, and the module's own `init` after them. If one fails, what undoes those that ran is run.
    pub(super) fn run(
        &self,
        initializers: &[Routine],
        init: Option<TargetAddr>,
    ) -> Result<(), LoadError> {
        // Linked to be looked at: nobody will call into it either.
        let Some(call) = self.session.code_caller() else {
            return Ok(());
        };
        for routine in initializers {
            if let Err(failed) = call(routine.address) {
                self.undo(call, |finalizer| finalizer.priority < routine.priority);
                return Err(self.error(routine.address, failed));
            }
        }
        let Some(init) = init else { return Ok(()) };
        let failed = match call(init).map(as_int) {
            Ok(0) => return Ok(()),
            Ok(status) => CallFailed {
                reason: Text::of(("it returned ", Signed(status.into()))),
            },
            Err(failed) => failed,
        };
        self.undo(call, |_| true);
        Err(self.error(init, failed))
    }

    /// Runs the finalizers whose counterparts have run. What goes wrong there changes nothing any more.
    fn undo(&self, call: CodeCaller, is_due: impl Fn(&Routine) -> bool) {
        let end = End {
            plugins: self.plugins,
            view: self.view,
            exit: None,
        };
        let finalizers = (self.session.books.lock().modules)
            .of_mut(self.view.id)
            .map(|record| core::mem::take(&mut record.finalizers));
        let finalizers = finalizers.unwrap_or_default();
        let _ = end.run(call, finalizers.iter().filter(|routine| is_due(routine)));
    }

    #[cold]
    fn error(&self, function: TargetAddr, failed: CallFailed) -> LoadError {
        LoadError::Initializer {
            module: self.view.name,
            function: name_of(self.graph, function),
            reason: failed.reason,
        }
    }
}

/// A module that is about to go: it is in the books, nobody can take its names any more, and no lock is held.
pub(super) struct End<'l> {
    pub(super) plugins: PluginSet<'l>,
    pub(super) view: &'l ModuleView,
    /// The function that the module names for its end.
    pub(super) exit: Option<TargetAddr>,
}

impl End<'_> {
    /// Runs the module's own `exit`, what it registered to be called at its end, and its finalizers: all of them, whichever
    /// fails.
    ///
    /// # Errors
    /// The first that failed, and why.
    pub(super) fn run<'r>(
        &self,
        call: CodeCaller,
        finalizers: impl Iterator<Item = &'r Routine>,
    ) -> Result<(), (TargetAddr, CallFailed)> {
        let mut result = Ok(());
        let mut run = |function: TargetAddr| {
            if let Err(failed) = call(function)
                && result.is_ok()
            {
                result = Err((function, failed));
            }
        };
        if let Some(exit) = self.exit {
            run(exit);
        }
        for plugin in self.plugins.latest_first() {
            plugin.finalizing(self.view);
        }
        finalizers.for_each(|routine| run(routine.address));
        result
    }
}

/// What a function is called in its graph; its address, if it has no name.
#[cold]
fn name_of(graph: &LinkGraph<'_>, function: TargetAddr) -> Text<200> {
    let is_it = |id| graph.address(id) == Some(function);
    let mut symbols = graph.symbols.iter().filter(|(_, symbol)| {
        let is_placed = matches!(
            symbol.definition,
            Definition::Block { .. } | Definition::Resolved(_) | Definition::Absolute(_)
        );
        is_placed && symbol.is_callable() && !symbol.name.is_empty()
    });
    match symbols.find(|&(id, _)| is_it(id)) {
        Some((_, symbol)) => Text::of(symbol.name),
        None => Text::of(Hex(function.value())),
    }
}
