//! The modules that the shell has loaded: all that it asks of the session, as plain data.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::iter;
use core::ops::Range;

use ironlink::session::{Function, Input, LookupError, Module};
use object::{Object, ObjectSymbol};

use super::actions::MOST_ARGUMENTS;
use super::{MapRow, ModuleRow, Symbol};
use crate::exports::{self, ExitHandlersAside};
use crate::guard::{self, Outcome};
use crate::kernel::{Kernel, ModuleMemory};
use crate::program::{self, Arguments};
use crate::report;

/// A function of a module as a call sees it: what it doesn't take of the six is in registers that it doesn't read, in both
/// machines' ABIs.
type Callee = unsafe extern "C" fn(usize, usize, usize, usize, usize, usize) -> usize;

/// The modules, in the order in which they were loaded: all in the session's main dylib, so that each name is defined once.
pub(super) struct Modules {
    kernel: &'static Kernel,
    loaded: Vec<Loaded>,
}

struct Loaded {
    name: String,
    module: Module<'static, ModuleMemory>,
    /// The objects that were given, without the archives.
    objects: Vec<Input<'static>>,
}

impl Modules {
    /// No module yet.
    pub(super) fn new(kernel: &'static Kernel) -> Self {
        Self {
            kernel,
            loaded: Vec::new(),
        }
    }

    /// Links objects, and what the archives must add to them, as one module.
    ///
    /// # Errors
    /// They can't be linked, or an initializer failed.
    pub(super) fn load(
        &mut self,
        name: &str,
        objects: Vec<Input<'static>>,
        archives: impl Iterator<Item = Input<'static>>,
    ) -> Result<(), String> {
        let mut inputs = objects.clone();
        inputs.extend(archives);
        // SAFETY: whoever starts the machine with these objects trusts them as the kernel. What an initializer loads is
        // nothing, as there is no way to from a module.
        let loaded = unsafe { self.kernel.session().load_all(name, &inputs) };
        // How an initializer ended is part of the error.
        let _ = program::take_unreturned();
        let module = loaded.map_err(|error| error.to_string())?;
        self.loaded.push(Loaded {
            name: String::from(name),
            module,
            objects,
        });
        Ok(())
    }

    /// Runs what a module registered for its end, and removes it.
    ///
    /// # Errors
    /// There is none of this name.
    pub(super) fn unload(&mut self, name: &str) -> Result<(), String> {
        let place = self.loaded.iter().position(|loaded| loaded.name == name);
        let place = place.ok_or_else(|| format!("there is no module `{name}`"))?;
        let loaded = self.loaded.remove(place);
        for range in addresses(&loaded.module) {
            // SAFETY: the module is mapped, and so are those that it was linked to, if whoever is at the shell unloads them
            // after it.
            let ended = guard::run(|| unsafe {
                exports::run_exit_handlers_within(range.clone());
            });
            if let Err(outcome) = ended {
                report::send(&outcome);
                exports::forget_exit_handlers(range);
            }
        }
        // SAFETY: nothing of it runs, as calls end before the next line is read; whoever is at the shell answers for what
        // was linked to it.
        unsafe { loaded.module.unload() };
        Ok(())
    }

    /// What is loaded.
    pub(super) fn rows(&self) -> Vec<ModuleRow> {
        let rows = self.loaded.iter().map(|loaded| {
            let statistics = loaded.module.statistics();
            ModuleRow {
                name: loaded.name.clone(),
                content_bytes: statistics.content_bytes,
                fixups: statistics.fixups,
                users: not_known(),
            }
        });
        rows.collect()
    }

    /// What a module defines for others. The session doesn't list it, so it is asked for each name that the objects define.
    pub(super) fn symbols(&self, name: &str) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        let Some(loaded) = self.find(name) else {
            return symbols;
        };
        for object in &loaded.objects {
            // It was linked, so that it can be read.
            let Ok(file) = object::File::parse(object.bytes) else {
                continue;
            };
            let defined = file
                .symbols()
                .filter(|symbol| symbol.is_global() && !symbol.is_undefined());
            for name in defined.filter_map(|symbol| symbol.name().ok()) {
                symbols.extend(loaded.module.address(name).map(|address| Symbol {
                    name: String::from(name),
                    address,
                }));
            }
        }
        symbols
    }

    /// Where a module lies.
    pub(super) fn map(&self, name: &str) -> Vec<MapRow> {
        let segments = self.find(name).map(|loaded| loaded.module.segments());
        let rows = segments.into_iter().flatten();
        rows.map(|(range, protection)| MapRow {
            range,
            protection,
            part: String::new(),
        })
        .collect()
    }

    /// The modules that a module was linked against: the session doesn't tell.
    pub(super) fn dependencies(&self, _name: &str) -> Vec<String> {
        not_known()
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
        let (loaded, callee) = self.owner_of(function)?;
        let _others = keep_others_from_ending(&loaded.module);
        let [first, second, third, fourth, fifth, sixth] = arguments;
        let ended = guard::run(|| {
            // SAFETY: it is code of a module that is loaded and stays so during the call; whoever is at the shell answers for
            // the arguments. If it doesn't return, nothing of it runs on.
            unsafe { callee(first, second, third, fourth, fifth, sixth) }
        });
        let outcome = ended.map_or_else(|outcome| outcome, Outcome::Returned);
        if !matches!(outcome, Outcome::Returned(_) | Outcome::Exited(_)) {
            addresses(&loaded.module).for_each(exports::forget_exit_handlers);
        }
        Ok(outcome)
    }

    /// Calls `main` of the last module that has it, with the module's name before `arguments`, and what programs registered
    /// for their end.
    ///
    /// # Errors
    /// No module has a `main`.
    pub(super) fn call_main(&self, arguments: &[&str]) -> Result<Outcome, String> {
        let (loaded, _) = self.owner_of("main")?;
        let words = iter::once(loaded.name.as_str()).chain(arguments.iter().copied());
        let arguments = Arguments::new(words.map(str::as_bytes));
        let _others = keep_others_from_ending(&loaded.module);
        // SAFETY: the objects are trusted; if the call ends by a fault, nothing of it runs on.
        let ended = unsafe { program::call_main(&loaded.module, &arguments) };
        ended.map_err(|error| error.to_string())
    }

    fn find(&self, name: &str) -> Option<&Loaded> {
        self.loaded.iter().find(|loaded| loaded.name == name)
    }

    /// The last module that has a function of this name, and the function.
    fn owner_of(&self, function: &str) -> Result<(&Loaded, Function<'_, Callee>), String> {
        for loaded in self.loaded.iter().rev() {
            match loaded.module.function::<Callee>(function) {
                Ok(callee) => return Ok((loaded, callee)),
                Err(LookupError::Missing { .. }) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Err(format!(
            "no module has a function `{function}`; `symbols` shows what they define"
        ))
    }
}

/// What stands for the names of modules that the session doesn't tell.
fn not_known() -> Vec<String> {
    Vec::from([String::from("not known yet")])
}

/// Keeps from running what other modules than this one registered for their end: the end of a call is not theirs.
fn keep_others_from_ending(module: &Module<'static, ModuleMemory>) -> ExitHandlersAside {
    let own: Vec<Range<usize>> = addresses(module).collect();
    exports::set_exit_handlers_aside(|address| !own.iter().any(|range| range.contains(&address)))
}

/// Where a module lies.
fn addresses(module: &Module<'static, ModuleMemory>) -> impl Iterator<Item = Range<usize>> {
    module.segments().map(|(range, _)| {
        let (first, last) = (range.first().value(), range.last().value());
        first as usize..last as usize + 1
    })
}
