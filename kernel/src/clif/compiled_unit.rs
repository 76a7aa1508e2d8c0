//! A unit that is compiled: its code, and the object that it is for a link.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use ironlink::base::{Name, TargetAddr};
use ironlink::compiler::cranelift::{Cranelift, Unit};
use ironlink::compiler::elf::{self, NamedFunction};
use ironlink::compiler::{Callee, CompiledFunction, Compiler, Trap, TrapSite};
use ironlink::session::Module;

use crate::guard::{self, Outcome};
use crate::kernel::ModuleMemory;

/// A unit whose functions are compiled.
pub struct CompiledUnit {
    /// Its names. Of no function there is a body any more.
    pub unit: Unit,
    /// For each function of the unit its code; `None` for those that are defined elsewhere.
    pub code: Vec<Option<CompiledFunction>>,
}

impl CompiledUnit {
    /// Compiles the functions of a unit. What Cranelift can't allocate, or panics over, is an error, too.
    ///
    /// # Errors
    /// Says which function can't be compiled, and why; or data is defined, which belongs into other files.
    pub fn compile(compiler: &Cranelift, mut unit: Unit) -> Result<Self, String> {
        if let Some(data) = unit.data.iter().find(|data| data.content.is_some()) {
            return Err(format!(
                "the unit defines data, `{}`; bring it in an object",
                Name::new(&data.name)
            ));
        }
        let mut code = Vec::new();
        for function in &mut unit.functions {
            let name = Name::new(&function.name);
            let body = function.body.take();
            let compiled = guard::run(|| body.map(|body| compiler.compile(name, body)));
            let compiled = compiled.map_err(|outcome| ended(name, &outcome))?;
            code.push(compiled.transpose().map_err(|error| error.to_string())?);
        }
        Ok(Self { unit, code })
    }

    /// The functions that are defined: their numbers, names and code.
    pub fn functions(&self) -> impl Iterator<Item = (u32, Name<'_>, &CompiledFunction)> {
        let functions = (0..).zip(&self.unit.functions).zip(&self.code);
        functions.filter_map(|((number, function), code)| {
            Some((number, Name::new(&function.name), code.as_ref()?))
        })
    }

    /// The name of what code refers to.
    pub fn name_of(&self, callee: Callee) -> Option<Name<'_>> {
        let name = match callee {
            Callee::Function(number) => &self.unit.functions.get(number as usize)?.name,
            Callee::Data(number) => &self.unit.data.get(number as usize)?.name,
            Callee::Routine(routine) => return Some(Name::from(routine.symbol())),
            Callee::Itself => return None,
        };
        Some(Name::new(name))
    }

    /// An ELF object of the functions, all of which others see.
    ///
    /// # Errors
    /// Something in it can't be written, or the heap has no room.
    pub fn object(&self, compiler: &Cranelift) -> Result<Vec<u8>, String> {
        let functions = self.functions().map(|(number, name, code)| NamedFunction {
            number,
            name,
            is_global: true,
            code,
        });
        let functions: Vec<_> = functions.collect();
        let written = guard::run(|| {
            let mut object = elf::new_object(compiler.machine());
            let appended =
                compiler.append(&mut object, &functions, false, &mut |object, callee| {
                    elf::symbol(object, self.name_of(callee)?).ok()
                });
            appended.map_err(|error| error.to_string())?;
            object.write().map_err(|error| error.to_string())
        });
        written.map_err(|outcome| ended("its object", &outcome))?
    }

    /// The trap that a function holds at an address of the module which its object was linked as, and the function's name.
    pub fn trap_at(
        &self,
        module: &Module<'_, ModuleMemory>,
        address: u64,
    ) -> Option<(Name<'_>, Trap)> {
        self.functions().find_map(|(_, name, code)| {
            let start = module.address(str::from_utf8(name.bytes()).ok()?)?;
            let offset = TargetAddr::new(address).checked_distance_from(start)?;
            let is_there = |site: &&TrapSite| u64::from(site.offset) == offset;
            let site = code.traps.iter().find(is_there)?;
            Some((name, site.trap))
        })
    }
}

fn ended(what: impl ToString, outcome: &Outcome) -> String {
    format!("the compiler: {}: {outcome}", what.to_string())
}
