//! Lines that are compiled, linked and called; what they define, and what they leave.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ptr;

use ironlink::base::{Alignment, Name, TargetAddr};
use ironlink::compiler::cranelift::{Cranelift, CraneliftBuilder};
use ironlink::compiler::{CompiledFunction, Compiler, CompilerBuilder, SourceSpan, Trap, TrapSite};
use ironlink::jit::{Content, DataId, FuncId, JitBuilder, JitError, JitModule, Linkage, Storage};

use super::ast::{Callee, Definition, Line, ResultWidth, Statements, Unit};
use super::translate::{self, NOT_DEFINED, Numbers};
use super::{Known, Names, Problem, parse};
use crate::exports::{self, Signature};
use crate::fault::{Cause, Fault};
use crate::guard::{self, Outcome};
use crate::kernel::{Kernel, ModuleMemory};
use crate::{heap, report};

/// What a line is called as.
type RunLine = unsafe extern "C" fn() -> i64;

/// What lines are called in reports of faults. No function can be called so.
const LINE: &str = "(line)";

/// What was defined so far, and what more is defined by.
pub(super) struct Engine {
    kernel: &'static Kernel,
    module: JitModule<'static, ModuleMemory>,
    compiler: Cranelift,
    /// The function that each line is in its turn.
    line: FuncId,
    functions: Vec<Function>,
    variables: Vec<Variable>,
    /// Texts stay, each once: nobody knows who holds their addresses.
    texts: BTreeMap<Vec<u8>, DataId>,
    /// Declared, and nothing any more.
    spare: Vec<(Storage, DataId)>,
}

/// A function that was defined by a line.
pub(super) struct Function {
    name: String,
    id: FuncId,
    parameters: usize,
    /// The line.
    pub(super) source: String,
    /// The numbers of the functions that it calls.
    calls: Vec<usize>,
    code: Code,
}

/// A variable of all lines.
struct Variable {
    name: String,
    data: DataId,
}

/// What is known of code once it is linked.
struct Code {
    size_bytes: usize,
    traps: Vec<TrapSite>,
    positions: Vec<SourceSpan>,
}

/// What became of a line.
pub(super) enum Answer {
    /// There is nothing to say.
    Nothing,
    /// The value of the expression that it was.
    Value(i64),
    /// A function has a body of so many bytes.
    Defined { name: String, size_bytes: usize },
    /// A function is to be defined later.
    Declared { name: String },
}

/// Why a line failed.
pub(super) enum Failure {
    /// Something is wrong in it.
    Line(Problem),
    /// Something went wrong in a function that it called, whose source this is.
    Function { source: String, problem: Problem },
    /// For this reason.
    Because(String),
}

/// What is counted to see whether memory stays level.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) modules: usize,
    pub(super) page_frames: u64,
    pub(super) heap_bytes: usize,
    /// The most bytes of the heap that were in use at once.
    pub(super) most_heap_bytes: usize,
}

/// Data that a line brings: it stays if the line does well.
#[derive(Default)]
struct Brought {
    texts: Vec<(Vec<u8>, DataId)>,
    variables: Vec<Variable>,
}

impl Engine {
    /// Nothing but what the kernel's session knows.
    ///
    /// # Errors
    /// The heap has no room.
    pub(super) fn new(kernel: &'static Kernel) -> Result<Self, String> {
        let mut builder = JitBuilder::new(kernel.session(), "repl").map_err(shown)?;
        builder.hot_swap(true);
        // SAFETY: the session's memory is this kernel's own, where it says that it lies.
        let mut module = unsafe { builder.build() }.map_err(shown)?;
        let mut compiler = CraneliftBuilder::new(module.machine()).map_err(shown)?;
        compiler.set("opt_level", "speed").map_err(shown)?;
        Ok(Self {
            kernel,
            line: module
                .declare_function(LINE, Linkage::Local)
                .map_err(shown)?,
            module,
            compiler: compiler.build().map_err(shown)?,
            functions: Vec::new(),
            variables: Vec::new(),
            texts: BTreeMap::new(),
            spare: Vec::new(),
        })
    }

    /// Does what a line says.
    ///
    /// # Errors
    /// Says why not; nothing of the line is left then, but what it had assigned before it was ended.
    pub(super) fn evaluate(&mut self, line: &str) -> Result<Answer, Failure> {
        match parse(line, self).map_err(Failure::Line)? {
            Line::Function(definition) => self.define(line, &definition),
            Line::Statements(statements) => self.run(&statements),
        }
    }

    /// The functions, as the lines that defined them, in the order of their first definitions.
    pub(super) fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The variables, and what they hold.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, i64)> {
        self.variables.iter().filter_map(|variable| {
            let (address, _) = self.module.finalized_data(variable.data).ok()?;
            let word: *const i64 = ptr::with_exposed_provenance(address.value() as usize);
            // SAFETY: it is the variable's word, which is there as long as the module, and which nobody writes meanwhile.
            Some((variable.name.as_str(), unsafe { word.read_volatile() }))
        })
    }

    /// The names of all that was defined.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let functions = self.functions.iter().map(|it| it.name.as_str());
        functions.chain(self.variables.iter().map(|it| it.name.as_str()))
    }

    /// What is in use.
    pub(super) fn counts(&self) -> Counts {
        let heap = heap::statistics();
        Counts {
            modules: self.kernel.session().statistics().modules,
            page_frames: self.kernel.space().statistics().page_frames,
            heap_bytes: heap.used_bytes,
            most_heap_bytes: heap.peak_bytes,
        }
    }

    fn define(&mut self, line: &str, definition: &Definition) -> Result<Answer, Failure> {
        let (name, parameters) = (definition.name.as_str(), definition.parameters);
        let known = self.functions.iter().position(|it| it.name == name);
        if let Some(caller) = known.and_then(|number| self.caller_that_misses(number, parameters)) {
            let message = format!(
                "`{caller}` calls `{name}` with another number of arguments; redefine `{caller}` first"
            );
            return Err(Failure::Line(Problem::new(definition.column, message)));
        }
        let id = match known {
            Some(number) => self.functions[number].id,
            None => self
                .module
                .declare_function(name, Linkage::Local)
                .map_err(because)?,
        };
        let unit = definition.body.as_ref();
        let (code, brought) = self.link(name, id, parameters, unit, &[])?;
        self.texts.extend(brought.texts);
        // SAFETY: no code of the module runs between lines.
        unsafe { self.module.free_replaced() };
        let size_bytes = code.size_bytes;
        let function = Function {
            name: name.into(),
            id,
            parameters,
            source: line.trim().into(),
            calls: unit.map_or_else(Vec::new, called),
            code,
        };
        match known {
            Some(number) => self.functions[number] = function,
            None => self.functions.push(function),
        }
        let name = name.into();
        Ok(match unit {
            Some(_) => Answer::Defined { name, size_bytes },
            None => Answer::Declared { name },
        })
    }

    /// The name of another function that calls this one with a number of arguments that would no longer do.
    fn caller_that_misses(&self, number: usize, parameters: usize) -> Option<&str> {
        if self.functions[number].parameters == parameters {
            return None;
        }
        let mut others = self.functions.iter().enumerate();
        let caller = others.find(|(other, it)| *other != number && it.calls.contains(&number));
        caller.map(|(_, caller)| caller.name.as_str())
    }

    fn run(&mut self, statements: &Statements) -> Result<Answer, Failure> {
        let new = &statements.new_variables;
        let (code, brought) = self.link(LINE, self.line, 0, Some(&statements.body), new)?;
        self.texts.extend(brought.texts);
        let ended = self.call().map_err(|outcome| match outcome {
            Some(outcome) => self.told(&outcome, &code),
            None => Failure::Because("the line was not linked".into()),
        });
        // SAFETY: the call has ended.
        let freed = unsafe { self.module.free_function(self.line) };
        match &ended {
            Ok(_) => self.variables.extend(brought.variables),
            Err(_) => brought
                .variables
                .iter()
                .for_each(|variable| self.free(variable.data)),
        }
        freed.map_err(because)?;
        ended.map(|value| match statements.has_value {
            true => Answer::Value(value),
            false => Answer::Nothing,
        })
    }

    /// Calls the line. Gives how that ended, if it didn't return.
    fn call(&self) -> Result<i64, Option<Outcome>> {
        let function = self
            .module
            .function::<RunLine>(self.line)
            .map_err(|_| None)?;
        // SAFETY: it was compiled with this signature, and is there until it has ended. What it calls, whoever typed it answers
        // for.
        guard::run(|| unsafe { function() }).map_err(Some)
    }

    /// Frees data that nobody refers to.
    fn free(&mut self, data: DataId) {
        // SAFETY: only the line referred to it that has failed.
        if unsafe { self.module.free_data(data) }.is_ok() {
            self.spare.push((Storage::Writable, data));
        }
    }

    /// Compiles a unit as a function, or, without one, a function that traps, and links it. If it fails, nothing is left.
    fn link(
        &mut self,
        name: &str,
        id: FuncId,
        parameters: usize,
        unit: Option<&Unit>,
        new_variables: &[String],
    ) -> Result<(Code, Brought), Failure> {
        let mut brought = Brought::default();
        let linked = self.try_link(name, id, parameters, unit, new_variables, &mut brought);
        if linked.is_err() {
            self.module.discard_definitions();
            let texts = brought
                .texts
                .iter()
                .map(|(_, data)| (Storage::ReadOnly, *data));
            self.spare.extend(texts);
            let variables = brought
                .variables
                .iter()
                .map(|it| (Storage::Writable, it.data));
            self.spare.extend(variables);
        }
        Ok((linked?, brought))
    }

    fn try_link(
        &mut self,
        name: &str,
        id: FuncId,
        parameters: usize,
        unit: Option<&Unit>,
        new_variables: &[String],
        brought: &mut Brought,
    ) -> Result<Code, Failure> {
        for name in new_variables {
            let data = self
                .define_data(Storage::Writable, Content::Zeros(8))
                .map_err(because)?;
            let name = name.clone();
            brought.variables.push(Variable { name, data });
        }
        let code = match unit {
            Some(unit) => {
                let numbers = self.numbers(id, unit, brought).map_err(because)?;
                let compiler = &self.compiler;
                compiled(compiler, name, || {
                    translate::translate(unit, parameters, &numbers, compiler)
                })?
            }
            None => {
                let compiler = &self.compiler;
                compiled(compiler, name, || {
                    translate::not_defined(parameters, id.number(), compiler)
                })?
            }
        };
        // One that is new is open already.
        let _ = self.module.prepare_for_function_redefine(id);
        self.module
            .define_compiled(id, &self.compiler, &code)
            .map_err(because)?;
        self.module.finalize_definitions().map_err(because)?;
        Ok(Code {
            size_bytes: code.bytes.len(),
            traps: code.traps,
            positions: code.positions,
        })
    }

    /// What the numbers of a unit are in the module, where texts are defined that are new.
    fn numbers(
        &mut self,
        id: FuncId,
        unit: &Unit,
        brought: &mut Brought,
    ) -> Result<Numbers, JitError> {
        let mut callees = Vec::new();
        for callee in &unit.callees {
            let function = match callee {
                Callee::Itself => id,
                Callee::Function(number) => self.functions[*number].id,
                Callee::Session { name, .. } => {
                    self.module.declare_function(name, Linkage::Import)?
                }
            };
            callees.push(function.number());
        }
        let mut texts = Vec::new();
        for text in &unit.texts {
            let data = match self.texts.get(text) {
                Some(data) => *data,
                None => {
                    let in_memory = [text.as_slice(), b"\0"].concat();
                    let data = self.define_data(Storage::ReadOnly, Content::Bytes(&in_memory))?;
                    brought.texts.push((text.clone(), data));
                    data
                }
            };
            texts.push(data.number());
        }
        let variables = self.variables.iter().chain(&brought.variables);
        Ok(Numbers {
            itself: id.number(),
            callees,
            texts,
            variables: variables.map(|variable| variable.data.number()).collect(),
        })
    }

    fn define_data(&mut self, storage: Storage, content: Content<'_>) -> Result<DataId, JitError> {
        let spare = self.spare.iter().position(|(other, _)| *other == storage);
        let data = match spare {
            Some(place) => self.spare.swap_remove(place).1,
            None => self.module.declare_anonymous_data(storage)?,
        };
        self.module
            .define_data(data, content, Alignment::EIGHT, &[])?;
        Ok(data)
    }

    /// How a line ended that didn't return, with the place in its own source or in that of the function where it was.
    fn told(&self, outcome: &Outcome, code: &Code) -> Failure {
        match outcome {
            Outcome::Fault(fault) => {
                let own = self.code_of(self.line, code, fault.instruction);
                if let Some((trap, column)) = own {
                    return Failure::Line(Problem::new(column, trap));
                }
                self.told_of_function(fault)
                    .unwrap_or_else(|| told_of_fault(outcome, fault))
            }
            Outcome::Exited(status) => Failure::Because(format!("exit({status}) was called")),
            Outcome::Returned(_) | Outcome::Aborted(_) | Outcome::Panicked(_) => {
                report::send(outcome);
                Failure::Because(outcome.to_string())
            }
        }
    }

    /// A trap that a function holds on purpose.
    fn told_of_function(&self, fault: &Fault) -> Option<Failure> {
        self.functions.iter().find_map(|function| {
            let (trap, column) = self.code_of(function.id, &function.code, fault.instruction)?;
            Some(match trap {
                Trap::User(NOT_DEFINED) => Failure::Because(format!(
                    "`{}` was called, which is only declared; define it",
                    function.name
                )),
                trap => Failure::Function {
                    source: function.source.clone(),
                    problem: Problem::new(column, trap),
                },
            })
        })
    }

    /// The trap that a function holds at an address, and the column of what it is for.
    fn code_of(&self, id: FuncId, code: &Code, address: u64) -> Option<(Trap, usize)> {
        let start = self.module.read_got_entry(id).ok()?;
        let offset = TargetAddr::new(address).checked_distance_from(start)?;
        let offset = u32::try_from(offset).ok()?;
        let site = code.traps.iter().find(|site| site.offset == offset)?;
        let mut positions = code.positions.iter();
        let span = positions.find(|span| (span.start..span.end).contains(&offset));
        let column = span.and_then(|span| span.position.checked_sub(1));
        Some((site.trap, column.map_or(0, |column| column as usize)))
    }
}

impl Names for Engine {
    fn variable(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|it| it.name == name)
    }

    fn variable_count(&self) -> usize {
        self.variables.len()
    }

    fn function(&self, name: &str) -> Option<Known> {
        if let Some(number) = self.functions.iter().position(|it| it.name == name) {
            return Some(Known {
                callee: Callee::Function(number),
                parameters: Some(self.functions[number].parameters),
            });
        }
        let address = self.kernel.session().main_dylib().address(name)?;
        let export = exports::all().find(|export| export.symbol().address == address);
        let (parameters, result) = match export.map(|export| export.signature) {
            Some(Signature::Function { parameters, result }) => {
                (Some(parameters.len()), width_of(result))
            }
            Some(Signature::Data { .. }) => return None,
            // Of modules, and of what takes any number of arguments, nothing is known.
            Some(Signature::Shim) | None => (None, ResultWidth::Whole),
        };
        let name = name.into();
        Some(Known {
            callee: Callee::Session { name, result },
            parameters,
        })
    }
}

/// What the kernel's exports call a result.
fn width_of(result: &str) -> ResultWidth {
    match result {
        "()" | "!" => ResultWidth::Nothing,
        "bool" | "u8" => ResultWidth::Unsigned(8),
        "u16" => ResultWidth::Unsigned(16),
        "u32" => ResultWidth::Unsigned(32),
        "i8" => ResultWidth::Signed(8),
        "i16" => ResultWidth::Signed(16),
        "i32" => ResultWidth::Signed(32),
        _ => ResultWidth::Whole,
    }
}

/// The numbers of functions that a unit calls.
fn called(unit: &Unit) -> Vec<usize> {
    let number = |callee: &Callee| match callee {
        Callee::Function(number) => Some(*number),
        Callee::Itself | Callee::Session { .. } => None,
    };
    unit.callees.iter().filter_map(number).collect()
}

/// Compiles what `translated` gives, guarded: what Cranelift can't allocate ends the line alone.
fn compiled(
    compiler: &Cranelift,
    name: &str,
    translated: impl FnOnce() -> <Cranelift as Compiler>::Function,
) -> Result<CompiledFunction, Failure> {
    match guard::run(|| compiler.compile(Name::from(name), translated())) {
        Ok(Ok(code)) => Ok(code),
        Ok(Err(error)) => Err(Failure::Because(error.to_string())),
        Err(outcome) => Err(Failure::Because(format!(
            "the compiler was ended: {outcome}"
        ))),
    }
}

/// A fault that no trap stands for.
fn told_of_fault(outcome: &Outcome, fault: &Fault) -> Failure {
    let place = report::place_of(fault);
    if let Cause::Memory { address, .. } = fault.cause
        && guard::is_below_stack(address)
    {
        return Failure::Because(format!(
            "the stack is full, as recursion without an end fills it ({place})"
        ));
    }
    report::send(outcome);
    Failure::Because(format!("{} ({place})", fault.cause))
}

fn shown(error: impl ToString) -> String {
    error.to_string()
}

fn because(error: JitError) -> Failure {
    Failure::Because(error.to_string())
}
