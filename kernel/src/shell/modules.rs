//! The modules of the session as the shell sees them: plain data.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::iter;

use ironlink::base::{OutOfMemory, fallible};
use ironlink::session::{
    Function, Input, LookupError, Module, ModuleId, ModuleSummary, UnloadError,
};

use super::actions::MOST_ARGUMENTS;
use super::{MapRow, ModuleRow, Symbol};
use crate::guard::{self, Outcome};
use crate::kernel::{Kernel, ModuleMemory};
use crate::program::{self, Arguments};

/// A function of a module as a call sees it: what it doesn't take of the six is in registers that it doesn't read, in both
/// machines' ABIs.
type Callee = unsafe extern "C" fn(usize, usize, usize, usize, usize, usize) -> usize;

/// A module of the kernel's session.
type OneModule = Module<'static, ModuleMemory>;

/// The modules, all in the session's main dylib, so that each name is defined once.
pub(super) struct Modules {
    kernel: &'static Kernel,
}

impl Modules {
    pub(super) const fn new(kernel: &'static Kernel) -> Self {
        Self { kernel }
    }

    /// Links objects, and what the archives must add to them, as one module.
    ///
    /// # Errors
    /// They can't be linked, or an initializer failed.
    pub(super) fn load(
        &self,
        name: &str,
        objects: Vec<Input<'static>>,
        archives: impl Iterator<Item = Input<'static>>,
    ) -> Result<(), String> {
        let mut inputs = objects;
        inputs.extend(archives);
        // SAFETY: whoever starts the machine with these objects trusts them as the kernel.
        let loaded = unsafe { self.kernel.session().load_all(name, &inputs) };
        // How an initializer ended is part of the error.
        let _ = program::take_unreturned();
        // Modules stay without a handle.
        loaded.map(drop).map_err(|error| error.to_string())
    }

    /// Ends a module and removes it; and all that use it, if that is asked for.
    ///
    /// # Errors
    /// There is none of this name, or others use it; or its end went wrong.
    pub(super) fn unload(&self, name: &str, with_users: bool) -> Result<(), String> {
        let module = self.kernel.session().module_named(name);
        let module = module.ok_or_else(|| format!("there is no module `{name}`"))?;
        let unloaded = match with_users {
            // SAFETY: nothing of it runs, as calls end before the next line is read.
            false => unsafe { module.unload() },
            // SAFETY: likewise.
            true => unsafe { module.unload_with_users() },
        };
        let _ = program::take_unreturned();
        unloaded.map_err(|error| match error {
            UnloadError::InUse { module, users } => format!(
                "{module} is used by {users}; unload them first, or type `unload {module} and users`"
            ),
            error => error.to_string(),
        })
    }

    /// What is loaded.
    pub(super) fn rows(&self) -> Vec<ModuleRow> {
        let all = self.all();
        let rows = all.iter().map(|summary| ModuleRow {
            name: summary.view.name.to_string(),
            content_bytes: summary.view.statistics.content_bytes,
            fixups: summary.view.statistics.fixups,
            users: self.names(all.iter().filter(|other| self.uses(other, summary.view.id))),
            about: summary.about.map(|about| format!("{about}")),
        });
        rows.collect()
    }

    /// What a module defines for others.
    pub(super) fn symbols(&self, name: &str) -> Vec<Symbol> {
        let mut symbols = Ok(Vec::new());
        if let Some(module) = self.kernel.session().module_named(name) {
            module.for_each_symbol(|symbol| {
                if symbol.is_exported {
                    let address = symbol.address;
                    add(&mut symbols, symbol.name, |name| Symbol { name, address });
                }
            });
        }
        symbols.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Where a module's sections lie.
    pub(super) fn map(&self, name: &str) -> Vec<MapRow> {
        let mut rows = Ok(Vec::new());
        if let Some(module) = self.kernel.session().module_named(name) {
            self.kernel
                .addresses()
                .for_each_section(module.id(), |section| {
                    add(&mut rows, section.name, |part| MapRow {
                        range: section.range,
                        protection: section.protection,
                        part,
                    });
                });
        }
        rows.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The modules whose names a module takes.
    pub(super) fn dependencies(&self, name: &str) -> Vec<String> {
        let all = self.all();
        let module = self.kernel.session().module_named(name);
        let id = module.map(|module| module.id());
        let of_it = all.iter().find(|summary| Some(summary.view.id) == id);
        let used = all
            .iter()
            .filter(|other| of_it.is_some_and(|it| self.uses(it, other.view.id)));
        self.names(used)
    }

    /// Calls a function of the last module that has it.
    ///
    /// # Errors
    /// No module has it, or it is data.
    pub(super) fn call(
        &self,
        function: &str,
        arguments: [usize; MOST_ARGUMENTS],
    ) -> Result<Outcome, String> {
        let module = self.owner_of(function)?;
        let callee = callee_of(&module, function)?;
        let [first, second, third, fourth, fifth, sixth] = arguments;
        let ended = guard::run(|| {
            // SAFETY: it is code of a module that is loaded and stays so during the call; whoever is at the shell answers for
            // the arguments. If it doesn't return, nothing of it runs on.
            unsafe { callee(first, second, third, fourth, fifth, sixth) }
        });
        Ok(ended.map_or_else(|outcome| outcome, Outcome::Returned))
    }

    /// Calls `main` of the last module that has it, with the module's name before `arguments`, and what it registered for its
    /// end.
    ///
    /// # Errors
    /// No module has a `main`.
    pub(super) fn call_main(&self, arguments: &[&str]) -> Result<Outcome, String> {
        let module = self.owner_of("main")?;
        let name = module.name();
        let words = iter::once(name.as_str()).chain(arguments.iter().copied());
        let arguments = Arguments::new(words.map(str::as_bytes));
        // SAFETY: the objects are trusted; if the call ends by a fault, nothing of it runs on.
        let ended = unsafe { program::call_main(&module, &arguments) };
        ended.map_err(|error| error.to_string())
    }

    /// The last module that has a function of this name.
    fn owner_of(&self, function: &str) -> Result<OneModule, String> {
        for summary in self.all().iter().rev() {
            let Some(module) = self.kernel.session().module(summary.view.id) else {
                continue;
            };
            match module.function::<Callee>(function) {
                Ok(_) => return Ok(module),
                Err(LookupError::Missing { .. }) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Err(format!(
            "no module has a function `{function}`; `symbols` shows what they define"
        ))
    }

    fn all(&self) -> Vec<ModuleSummary> {
        let all = self.kernel.session().modules();
        all.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Whether a module takes names of another one.
    fn uses(&self, module: &ModuleSummary, other: ModuleId) -> bool {
        let used = self.kernel.session().dependencies(module.view.id);
        used.is_ok_and(|used| used.contains(&other))
    }

    fn names<'m>(&self, modules: impl Iterator<Item = &'m ModuleSummary>) -> Vec<String> {
        modules.map(|it| it.view.name.to_string()).collect()
    }
}

/// Adds a row with a name to those that there are, unless the heap has no room for one. Rows are told of under a lock, which
/// would stay taken if the command were ended there.
fn add<T>(
    rows: &mut Result<Vec<T>, OutOfMemory>,
    name: impl fmt::Display,
    row: impl FnOnce(String) -> T,
) {
    struct Growing(String);
    impl Write for Growing {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.0.try_reserve(piece.len()).map_err(|_| fmt::Error)?;
            self.0.push_str(piece);
            Ok(())
        }
    }
    let Ok(known) = rows else { return };
    let mut text = Growing(String::new());
    let is_whole = write!(text, "{name}").is_ok();
    if !is_whole || fallible::push(known, row(text.0)).is_err() {
        *rows = Err(OutOfMemory);
    }
}

fn callee_of<'m>(module: &'m OneModule, name: &str) -> Result<Function<'m, Callee>, String> {
    module.function(name).map_err(|error| error.to_string())
}
