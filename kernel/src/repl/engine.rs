//! Lines that are compiled, linked and called; what they define, and what they leave.
//!
//! All that is defined has a name in one JIT module: functions their own, texts their spelling, and variables what made them,
//! `let x`. So the module alone knows what is there, and what is there twice.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::{iter, ptr};

use ironlink::base::{Alignment, Name, TargetAddr};
use ironlink::compiler::cranelift::{Cranelift, CraneliftBuilder};
use ironlink::compiler::{Callee, CompiledFunction, Compiler, CompilerBuilder, Trap};
use ironlink::jit::{
    Content, DataId, Declared, FuncId, JitBuilder, JitError, JitModule, Linkage, Storage,
};

use super::Problem;
use super::parser::{Callable, Header, Line, Names, parse};
use crate::exports::{self, Signature};
use crate::fault::{Cause, Fault};
use crate::guard::{self, Outcome};
use crate::kernel::{Kernel, ModuleMemory};
use crate::report;

/// What a line is called as.
type RunLine = unsafe extern "C" fn() -> i64;

/// What the function is called that each line is in its turn. No other can be called so.
const LINE: &str = "(line)";

/// What the data of a variable is called, before its name.
const LET: &str = "let ";

/// What was defined so far, and what more is defined by.
pub(super) struct Engine {
    kernel: &'static Kernel,
    module: JitModule<'static, ModuleMemory>,
    compiler: Cranelift,
    functions: BTreeMap<FuncId, Function>,
    variables: BTreeSet<DataId>,
    /// Those of the variables that the line made which is being evaluated.
    new_variables: Vec<DataId>,
}

/// A function that was defined by a line.
struct Function {
    parameters: usize,
    /// The line.
    source: String,
    code: CompiledFunction,
}

impl Engine {
    /// Nothing but what the kernel's session knows.
    ///
    /// # Errors
    /// The heap has no room.
    pub(super) fn new(kernel: &'static Kernel) -> Result<Self, Problem> {
        let mut builder = JitBuilder::new(kernel.session(), "repl")?;
        builder.hot_swap(true);
        // SAFETY: the session's memory is this kernel's own, where it says that it lies.
        let module = unsafe { builder.build() }?;
        let mut compiler = CraneliftBuilder::new(module.machine())?;
        compiler.set("opt_level", "speed")?;
        Ok(Self {
            kernel,
            module,
            compiler: compiler.build()?,
            functions: BTreeMap::new(),
            variables: BTreeSet::new(),
            new_variables: Vec::new(),
        })
    }

    /// Does what a line says. Gives what is to be answered, if anything.
    ///
    /// # Errors
    /// Says why not; nothing of the line is left then, but what it had assigned before it was ended.
    pub(super) fn evaluate(&mut self, line: &str) -> Result<Option<String>, Problem> {
        self.new_variables.clear();
        let answer = self.try_evaluate(line);
        if answer.is_err() {
            self.module.discard_definitions();
            for variable in self.new_variables.drain(..) {
                self.variables.remove(&variable);
                // SAFETY: only the line that failed referred to it. One that was never linked is nowhere.
                let _ = unsafe { self.module.free_data(variable) };
            }
        }
        answer
    }

    /// The lines that defined functions, in the order in which those were first named.
    pub(super) fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.values().map(|it| it.source.as_str())
    }

    /// The variables, each behind `let`, and what they hold.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, i64)> {
        self.variables.iter().filter_map(|variable| {
            let (address, _) = self.module.finalized_data(*variable).ok()?;
            let word: *const i64 = ptr::with_exposed_provenance(address.value() as usize);
            // SAFETY: it is the variable's word, which is there as long as the module, and which nobody writes meanwhile.
            Some((self.module.data_name(*variable), unsafe {
                word.read_volatile()
            }))
        })
    }

    /// The names of all that was defined.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let functions = self
            .functions
            .keys()
            .map(|id| self.module.function_name(*id));
        let variables = self.variables.iter().map(|id| self.module.data_name(*id));
        functions.chain(variables.map(|name| name.trim_start_matches(LET)))
    }

    fn try_evaluate(&mut self, source: &str) -> Result<Option<String>, Problem> {
        let (line, code) = self.compile(source)?;
        let name = line.header.map_or(LINE, |header| header.name);
        let id = self.module.declare_function(name, Linkage::Local)?;
        let is_known = self.functions.contains_key(&id);
        let declared = line.header.filter(|header| !header.has_body);
        let declared = declared.map(|_| format!("{name}: declared"));
        if is_known && declared.is_some() {
            return Ok(declared);
        }
        if is_known {
            self.module.prepare_for_function_redefine(id)?;
        }
        self.module.define_compiled(id, &self.compiler, &code)?;
        self.module.finalize_definitions()?;
        let Some(header) = line.header else {
            let value = self.run(id, &code)?;
            return Ok(line.is_shown.then(|| format!("{value}")));
        };
        // SAFETY: no code of the module runs between lines.
        unsafe { self.module.free_replaced() };
        let defined = format!("{name}: {} bytes of code", code.bytes.len());
        let function = Function {
            parameters: header.parameters,
            source: source.into(),
            code,
        };
        self.functions.insert(id, function);
        Ok(declared.or(Some(defined)))
    }

    /// Guarded: what Cranelift can't allocate ends the line alone.
    fn compile<'l>(&mut self, source: &'l str) -> Result<(Line<'l>, CompiledFunction), Problem> {
        let compiled = guard::run(|| {
            let config = self.compiler.isa().frontend_config();
            let (line, function) = parse(source, config, self)?;
            let name = line.header.map_or(LINE, |header| header.name);
            let code = self.compiler.compile(Name::from(name), function)?;
            Ok((line, code))
        });
        compiled.unwrap_or_else(|outcome| {
            Err(Problem::new(format!("the compiler was ended: {outcome}")))
        })
    }

    /// Calls the line's function, and frees it.
    fn run(&mut self, line: FuncId, code: &CompiledFunction) -> Result<i64, Problem> {
        let function = *self.module.function::<RunLine>(line)?;
        // SAFETY: it was compiled with this signature, and is there until it has ended. What it calls, whoever typed it answers
        // for.
        let ended = guard::run(|| unsafe { function() });
        let ended = ended.map_err(|outcome| self.told(line, code, &outcome));
        // SAFETY: the call has ended.
        unsafe { self.module.free_function(line) }?;
        ended
    }

    /// How a line ended that didn't return, with the place in its own source or in that of the function where it was.
    fn told(&self, line: FuncId, code: &CompiledFunction, outcome: &Outcome) -> Problem {
        let fault = match outcome {
            Outcome::Fault(fault) => fault,
            Outcome::Exited(status) => {
                return Problem::new(format!("exit({status}) was called"));
            }
            Outcome::Returned(_) | Outcome::Aborted(_) | Outcome::Panicked(_) => {
                report::send(outcome);
                return Problem::new(outcome);
            }
        };
        let known = self.functions.iter();
        let known = known.map(|(id, function)| (*id, &function.code, Some(&function.source)));
        let mut all = iter::once((line, code, None)).chain(known);
        let trapped = all.find_map(|(id, code, source)| {
            let (message, column) = self.trap_at(id, code, fault.instruction)?;
            Some(Problem {
                source: source.cloned(),
                ..Problem::new(message).at(column)
            })
        });
        trapped.unwrap_or_else(|| told_of_fault(outcome, fault))
    }

    /// The trap that a function holds on purpose at an address, and its column.
    fn trap_at(
        &self,
        function: FuncId,
        code: &CompiledFunction,
        address: u64,
    ) -> Option<(String, usize)> {
        let start = self.module.read_got_entry(function).ok()?;
        let offset = TargetAddr::new(address).checked_distance_from(start)?;
        let offset = u32::try_from(offset).ok()?;
        let site = code.traps.iter().find(|site| site.offset == offset)?;
        let mut positions = code.positions.iter();
        let span = positions.find(|span| (span.start..span.end).contains(&offset))?;
        let message = match site.trap {
            Trap::User(_) => "this was called, and is only declared; define it".into(),
            trap => format!("{trap}"),
        };
        Some((message, usize::try_from(span.position).ok()?))
    }

    fn known(&self, name: &str) -> Option<(FuncId, &Function)> {
        match self.module.declared(name)? {
            Declared::Function(id) => Some((id, self.functions.get(&id)?)),
            Declared::Data(_) => None,
        }
    }

    /// The name of another function that calls this one.
    fn caller_of(&self, callee: FuncId) -> Option<&str> {
        let target = Callee::Function(callee.number());
        let mut others = self.functions.iter().filter(|(id, _)| **id != callee);
        let caller = others.find(|(_, function)| {
            let mut relocations = function.code.relocations.iter();
            relocations.any(|relocation| relocation.target == target)
        });
        caller.map(|(id, _)| self.module.function_name(*id))
    }

    fn define_data(
        &mut self,
        name: &str,
        storage: Storage,
        content: Content<'_>,
    ) -> Result<DataId, JitError> {
        let data = self.module.declare_data(name, Linkage::Local, storage)?;
        match self
            .module
            .define_data(data, content, Alignment::EIGHT, &[])
        {
            Ok(()) | Err(JitError::AlreadyDefined { .. }) => Ok(data),
            Err(error) => Err(error),
        }
    }
}

impl Names for Engine {
    fn variable(&self, name: &str) -> Option<u32> {
        match self.module.declared(&format!("{LET}{name}"))? {
            Declared::Data(data) => self.variables.contains(&data).then(|| data.number()),
            Declared::Function(_) => None,
        }
    }

    fn add_variable(&mut self, name: &str) -> Result<u32, Problem> {
        let name = format!("{LET}{name}");
        let data = self.define_data(&name, Storage::Writable, Content::Zeros(8))?;
        self.new_variables.push(data);
        self.variables.insert(data);
        Ok(data.number())
    }

    /// A text stays once it is linked, and is there once: nobody knows who holds its address.
    fn text(&mut self, spelling: &str, bytes: Vec<u8>) -> Result<u32, Problem> {
        let data = self.define_data(spelling, Storage::ReadOnly, Content::Bytes(&bytes))?;
        Ok(data.number())
    }

    fn function(&mut self, name: &str) -> Result<Option<Callable>, Problem> {
        if let Some((id, function)) = self.known(name) {
            return Ok(Some(Callable {
                number: id.number(),
                parameters: Some(function.parameters),
                result: "i64",
            }));
        }
        let Some(address) = self.kernel.session().main_dylib().address(name) else {
            return Ok(None);
        };
        let export = exports::all().find(|export| export.symbol().address == address);
        let (parameters, result) = match export.map(|export| export.signature) {
            Some(Signature::Function { parameters, result }) => (Some(parameters.len()), result),
            Some(Signature::Data { .. }) => return Ok(None),
            // They take any number of arguments, as `printf` does, and give what it gives.
            Some(Signature::Shim) => (None, "i32"),
            // Nothing is known of what modules define.
            None => (None, "i64"),
        };
        let id = self.module.declare_function(name, Linkage::Import)?;
        Ok(Some(Callable {
            number: id.number(),
            parameters,
            result,
        }))
    }

    fn declare(&mut self, header: &Header<'_>) -> Result<u32, Problem> {
        let name = header.name;
        let known = self.known(name);
        let is_same = known.is_some_and(|(_, known)| known.parameters == header.parameters);
        let caller = known.and_then(|(id, _)| self.caller_of(id));
        let problem = match (known, caller) {
            _ if is_same => None,
            (Some(_), _) if !header.has_body => Some(format!(
                "`{name}` is there with another number of parameters; define it anew"
            )),
            (Some(_), Some(caller)) => Some(format!(
                "`{caller}` calls `{name}` with another number of arguments; redefine `{caller}` first"
            )),
            // Who was linked to it wouldn't see another one.
            (None, _) if self.kernel.session().main_dylib().address(name).is_some() => Some(
                format!("`{name}` is the kernel's or a module's; choose another name"),
            ),
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(Problem::new(problem).at(header.column));
        }
        let id = self.module.declare_function(name, Linkage::Local)?;
        Ok(id.number())
    }
}

/// A fault that no trap stands for.
fn told_of_fault(outcome: &Outcome, fault: &Fault) -> Problem {
    let place = report::place_of(fault);
    if let Cause::Memory { address, .. } = fault.cause
        && guard::is_below_stack(address)
    {
        return Problem::new(format!(
            "the stack is full, as recursion without an end fills it ({place})"
        ));
    }
    report::send(outcome);
    Problem::new(format!("{} ({place})", fault.cause))
}
