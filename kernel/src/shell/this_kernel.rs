//! The kernel as the shell sees it: its line, its disk, its heap, and the modules.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use ironlink::memory::slab::SlabStatistics;
use ironlink::session::Input;

use super::actions::MOST_ARGUMENTS;
use super::modules::Modules;
use super::{Argument, Ended, File, MapRow, ModuleRow, Reason, Symbol, System, serve};
use crate::guard::{self, Outcome};
use crate::kernel::Kernel;
use crate::protocol::STATUS_KERNEL_FAILED;
use crate::reserve::Reserve;
use crate::{console, heap, image, panic, report};

/// Serves a shell until its user ends it. Gives the exit status.
pub fn run(kernel: &'static Kernel) -> u8 {
    serve(&mut ThisKernel {
        kernel,
        modules: Modules::new(kernel),
        reserve: Reserve::default(),
    })
}

struct ThisKernel {
    kernel: &'static Kernel,
    modules: Modules,
    reserve: Reserve,
}

impl ThisKernel {
    /// Does what runs modules' code.
    fn with_reserve<T>(&mut self, run: impl FnOnce(&Modules) -> T) -> T {
        self.reserve.during(|| run(&self.modules))
    }
}

impl System for ThisKernel {
    fn receive(&mut self) -> u8 {
        console::receive()
    }

    fn send(&mut self, text: fmt::Arguments<'_>) {
        console::write_text(text);
    }

    fn attempt(&mut self, work: &mut dyn FnMut(&mut dyn System)) -> Result<(), Reason> {
        let Err(outcome) = guard::run(|| work(self)) else {
            return Ok(());
        };
        self.reserve.free();
        match outcome {
            // Where the heap has no room for the shell's own work, the allocator's caller panics.
            Outcome::Panicked(_) => Err(Reason::display(&outcome)),
            outcome => {
                report::send(&outcome);
                panic::exit(STATUS_KERNEL_FAILED)
            }
        }
    }

    fn files(&self) -> Vec<File> {
        let file = |input: Input<'_>, is_archive| File {
            name: String::from(input.name),
            size_bytes: input.bytes.len(),
            is_archive,
        };
        let disk = self.kernel.initrd();
        let objects = disk.objects().map(|input| file(input, false));
        let archives = disk.archives().map(|input| file(input, true));
        objects.chain(archives).collect()
    }

    fn load(&mut self, module: &str, files: &[&str]) -> Result<(), String> {
        let disk = self.kernel.initrd();
        let named = |name: &&str| disk.objects().find(|input| input.name == *name);
        let objects = files.iter().filter_map(named).collect();
        self.with_reserve(|modules| modules.load(module, objects, disk.archives()))
    }

    fn unload(&mut self, module: &str, with_users: bool) -> Result<(), String> {
        self.with_reserve(|modules| modules.unload(module, with_users))
    }

    fn modules(&self) -> Vec<ModuleRow> {
        self.modules.rows()
    }

    fn symbols(&self, module: &str) -> Vec<Symbol> {
        self.modules.symbols(module)
    }

    fn map(&self, module: &str) -> Vec<MapRow> {
        self.modules.map(module)
    }

    fn kernel_map(&self) -> Vec<MapRow> {
        let segments = image::segments().into_iter();
        segments
            .map(|(range, protection)| MapRow {
                range,
                protection,
                part: String::new(),
            })
            .collect()
    }

    fn dependencies(&self, module: &str) -> Vec<String> {
        self.modules.dependencies(module)
    }

    fn call(&mut self, function: &str, arguments: &[Argument]) -> Result<Ended, String> {
        // As C has them: each ends in a zero, and a function may write to them.
        let mut texts: Vec<Vec<u8>> = Vec::new();
        let mut words = [0; MOST_ARGUMENTS];
        for (word, argument) in words.iter_mut().zip(arguments) {
            *word = match argument {
                Argument::Number(number) => *number as usize,
                Argument::Text(text) => {
                    let mut text = [text.as_bytes(), b"\0"].concat();
                    let address = text.as_mut_ptr().expose_provenance();
                    texts.push(text);
                    address
                }
            };
        }
        let outcome = self.with_reserve(|modules| modules.call(function, words));
        drop(texts);
        outcome.map(ended)
    }

    fn call_main(&mut self, arguments: &[&str]) -> Result<Ended, String> {
        self.with_reserve(|modules| modules.call_main(arguments))
            .map(ended)
    }

    fn audit(&mut self) -> usize {
        self.kernel.audit()
    }

    fn heap(&self) -> SlabStatistics {
        heap::statistics()
    }
}

/// Reports how a call ended if it didn't return, and says it.
fn ended(outcome: Outcome) -> Ended {
    match &outcome {
        Outcome::Returned(value) => Ended::Returned(*value as u64),
        Outcome::Exited(status) => Ended::Exited(*status),
        Outcome::Fault(_) | Outcome::Aborted(_) | Outcome::Panicked(_) => {
            Ended::Failed(report::told(&outcome).to_string())
        }
    }
}
