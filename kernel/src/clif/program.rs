//! A unit that is compiled, and linked as functions of a JIT module.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use ironlink::base::{Name, TargetAddr};
use ironlink::compiler::cranelift::{Cranelift, CraneliftBuilder, Unit};
use ironlink::compiler::{
    Callee, CompiledFunction, Compiler, CompilerBuilder, SettingError, Trap, TrapSite,
};
use ironlink::jit::{FuncId, JitError, JitModule, Linkage, Storage};

use crate::guard;
use crate::kernel::{Kernel, ModuleMemory};

/// A unit whose functions are compiled.
pub struct Program {
    unit: Unit,
    /// For each function of the unit its code; `None` for those that are defined elsewhere.
    code: Vec<Option<CompiledFunction>>,
}

/// What programs are compiled with. Cranelift compiles no 128-bit arguments, and no tail calls, without the last two.
const SETTINGS: [(&str, &str); 3] = [
    ("opt_level", "speed"),
    ("enable_llvm_abi_extensions", "true"),
    ("preserve_frame_pointers", "true"),
];

/// The compiler of programs: it optimizes, and takes all that texts may have.
///
/// # Errors
/// The heap has no room.
pub fn compiler(kernel: &Kernel) -> Result<Cranelift, SettingError> {
    let mut builder = CraneliftBuilder::new(kernel.session().machine())?;
    for (name, value) in SETTINGS {
        builder.set(name, value)?;
    }
    builder.build()
}

impl Program {
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
            let compiled =
                compiled.map_err(|outcome| format!("the compiler: {name}: {outcome}"))?;
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

    /// Links the functions in `module`. Gives what they are there, by their numbers; if it fails, nothing stays.
    ///
    /// # Errors
    /// Something that they refer to is defined nowhere, or the heap has no room.
    pub fn link(
        &self,
        compiler: &Cranelift,
        module: &mut JitModule<'_, ModuleMemory>,
    ) -> Result<Vec<FuncId>, JitError> {
        let linked = self.try_link(compiler, module);
        if linked.is_err() {
            module.discard_definitions();
        }
        linked
    }

    fn try_link(
        &self,
        compiler: &Cranelift,
        module: &mut JitModule<'_, ModuleMemory>,
    ) -> Result<Vec<FuncId>, JitError> {
        let mut functions = Vec::new();
        for (function, code) in self.unit.functions.iter().zip(&self.code) {
            let linkage = match code {
                Some(_) => Linkage::Local,
                None => Linkage::Import,
            };
            functions.push(module.declare_function(&text_of(&function.name), linkage)?);
        }
        let mut data = Vec::new();
        for one in &self.unit.data {
            let name = text_of(&one.name);
            data.push(module.declare_data(&name, Linkage::Import, Storage::Writable)?);
        }
        for (id, code) in functions.iter().zip(&self.code) {
            let Some(code) = code else { continue };
            let mut code = code.clone();
            for relocation in &mut code.relocations {
                relocation.target = match relocation.target {
                    Callee::Function(number) => {
                        Callee::Function(functions[number as usize].number())
                    }
                    Callee::Data(number) => Callee::Data(data[number as usize].number()),
                    other => other,
                };
            }
            module.define_compiled(*id, compiler, &code)?;
        }
        module.finalize_definitions()?;
        Ok(functions)
    }

    /// The trap that a function which was linked in `module` holds at an address, and the function's name.
    pub fn trap_at(
        &self,
        module: &JitModule<'_, ModuleMemory>,
        functions: &[FuncId],
        address: u64,
    ) -> Option<(Name<'_>, Trap)> {
        self.functions().find_map(|(number, name, code)| {
            let start = module.finalized_function(functions[number as usize]).ok()?;
            let offset = TargetAddr::new(address).checked_distance_from(start)?;
            let is_there = |site: &&TrapSite| u64::from(site.offset) == offset;
            let site = code.traps.iter().find(is_there)?;
            Some((name, site.trap))
        })
    }
}

/// A name as text. Those that came from a text are.
fn text_of(name: &[u8]) -> alloc::borrow::Cow<'_, str> {
    String::from_utf8_lossy(name)
}
