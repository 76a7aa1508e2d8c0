//! Lines that are compiled, linked and called.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use ironlink::base::Text;
use ironlink::compiler::TrapSite;
use ironlink::compiler::cranelift::Cranelift;
use ironlink::jit::{FuncId, JitBuilder, JitModule};

use super::Problem;
use super::parser::{LINE, Line, compile};
use crate::guard::{self, Outcome};
use crate::kernel::{Kernel, ModuleMemory};
use crate::reserve::Reserve;
use crate::{clif, report};

/// What was defined so far, and what more is defined by.
pub struct Engine {
    module: JitModule<'static, ModuleMemory>,
    compiler: Cranelift,
    /// The traps of each function, by as much of its name as places tell: how a division without a result is told.
    traps: BTreeMap<String, Vec<TrapSite>>,
    reserve: Reserve,
}

impl Engine {
    /// Nothing is defined but what the kernel's session knows.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn new(kernel: &'static Kernel) -> Result<Self, Problem> {
        let mut builder = JitBuilder::new(kernel.session(), "repl")?;
        builder.hot_swap(true);
        // SAFETY: the session's memory is this kernel's own, where it says that it lies.
        let module = unsafe { builder.build() }?;
        let compiler = clif::compiler(module.machine())?;
        Ok(Self {
            module,
            compiler,
            traps: BTreeMap::new(),
            reserve: Reserve::default(),
        })
    }

    /// Does what a line says. Gives what is to be answered.
    ///
    /// # Errors
    /// Says why not; nothing of the line is left then, but what it had assigned before it was ended.
    pub fn evaluate(&mut self, line: &str) -> Result<Text<200>, Problem> {
        // Guarded: what can't be allocated ends the line alone. What is told of it needs no heap.
        let linked = guard::run(|| self.link(line));
        let linked = linked.unwrap_or_else(|outcome| Err(outcome.into()));
        let line = linked.inspect_err(|_| self.module.discard_definitions())?;
        let name = self.module.function_name(line.function);
        if name != LINE {
            let size = line.code.bytes.len();
            return Ok(Text::display(format_args!("{name}: {size} bytes of code")));
        }
        let value = self.run(line.function);
        if value.is_err() {
            for variable in line.new_variables {
                // What was wrong with the line is told, whatever becomes of this.
                // SAFETY: only the line that failed referred to it.
                let _ = unsafe { self.module.free_data(variable) };
            }
        }
        Ok(Text::display(value?))
    }

    fn link(&mut self, line: &str) -> Result<Line, Problem> {
        let (module, compiler) = (&mut self.module, &self.compiler);
        let line = compile(line, compiler, module)?;
        if module.finalized_function(line.function).is_ok() {
            module.prepare_for_function_redefine(line.function)?;
        }
        module.define_compiled(line.function, compiler, &line.code)?;
        module.finalize_definitions()?;
        // SAFETY: no code of the module runs between lines.
        unsafe { module.free_replaced() };
        let name = Text::<120>::of(module.function_name(line.function));
        self.traps
            .insert(name.as_str().to_string(), line.code.traps.clone());
        Ok(line)
    }

    /// Calls a line that defines no function, and frees it.
    fn run(&mut self, line: FuncId) -> Result<i64, Problem> {
        let function = *self
            .module
            .function::<unsafe extern "C" fn() -> i64>(line)?;
        // SAFETY: it was compiled with this signature, and is there until it has ended. What it calls, whoever typed it answers
        // for.
        let ended = self.reserve.during(|| guard::run(|| unsafe { function() }));
        // Before it goes, it is told where it was.
        let ended = ended.map_err(|outcome| self.trap(&outcome).unwrap_or_else(|| outcome.into()));
        // SAFETY: the call has ended.
        let freed = unsafe { self.module.free_function(line) };
        let value = ended?;
        Ok(freed.map(|()| value)?)
    }

    /// What a trap that the compiler placed means, and where it was reached; `None` if code was ended by something else.
    fn trap(&self, outcome: &Outcome) -> Option<Problem> {
        let Outcome::Fault(fault) = outcome else {
            return None;
        };
        let location = report::locate(fault.instruction)?;
        let mut traps = self.traps.get(location.symbol.as_str())?.iter();
        let site = traps.find(|site| u64::from(site.offset) == location.offset)?;
        Some(Problem {
            message: Text::display(format_args!("{} in `{}`", site.trap, location.symbol)),
            place: None,
        })
    }
}

impl From<Outcome> for Problem {
    /// How code was ended.
    fn from(outcome: Outcome) -> Self {
        Self {
            message: report::told(&outcome),
            place: None,
        }
    }
}
