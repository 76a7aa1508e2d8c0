//! cranelift-jit, which reads no objects: functions of an object are cut out beforehand, with their relocations in its form,
//! and are declared, defined and finalized.
//!
//! So it can take objects alone whose relocations lie in functions, and are calls or distances.

use super::{Linker, Loaded};
use crate::object_file::ObjectFile;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{
    DataDescription, FuncId, Linkage, Module, ModuleReloc, ModuleRelocTarget, default_libcall_names,
};
use ironlink::base::Machine;
use object::elf::{R_X86_64_PC32, R_X86_64_PLT32};
use object::{
    Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget, SectionKind,
    SymbolIndex,
};
use std::collections::HashMap;

pub(super) fn ready(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    if Machine::HOST != Some(object.machine) || object.machine != Machine::X86_64 {
        return Err(String::from("the object is for another machine"));
    }
    let input = Input::of(object)?;
    let mut flags = settings::builder();
    let set = flags.set("is_pic", "false");
    set.map_err(|error| error.to_string())?;
    let isa = cranelift_native::builder()?.finish(Flags::new(flags));
    let isa = isa.map_err(|error| error.to_string())?;
    Ok(Box::new(Ready { input, isa }))
}

/// What is defined.
struct Input {
    functions: Vec<Function>,
    data: Vec<u8>,
}

struct Function {
    name: String,
    code: Vec<u8>,
    relocations: Vec<ModuleReloc>,
}

/// Number of the names of data; those of functions are in another space.
const DATA: ModuleRelocTarget = ModuleRelocTarget::User {
    namespace: 1,
    index: 0,
};

impl Input {
    fn of(object: &ObjectFile) -> Result<Self, String> {
        let file = object::File::parse(&*object.bytes).map_err(|error| error.to_string())?;
        if !object.missing.is_empty() {
            return Err(String::from("it reads no objects; this one misses names"));
        }
        let mut functions = Vec::new();
        // By section and offset, and by symbol.
        let (mut places, mut numbers) = (Vec::new(), HashMap::<SymbolIndex, u32>::new());
        for symbol in file.symbols() {
            let Some(section) = symbol.section_index().filter(|_| symbol.size() > 0) else {
                continue;
            };
            let number = u32::try_from(functions.len()).map_err(|error| error.to_string())?;
            numbers.insert(symbol.index(), number);
            places.push((section.0, symbol.address(), number));
            let section = file.section_by_index(section);
            let section = section.map_err(|error| error.to_string())?;
            let code = section.data_range(symbol.address(), symbol.size());
            functions.push(Function {
                name: symbol.name().unwrap_or_default().to_owned(),
                code: code.ok().flatten().unwrap_or_default().to_vec(),
                relocations: Vec::new(),
            });
        }
        places.sort_unstable();
        let mut data = Vec::new();
        for section in file.sections() {
            if section.kind() == SectionKind::Data {
                data.extend_from_slice(section.data().unwrap_or_default());
            }
            for (offset, relocation) in section.relocations() {
                let kind = match relocation.flags() {
                    RelocationFlags::Elf { r_type } if r_type == R_X86_64_PLT32 => {
                        Reloc::X86CallPCRel4
                    }
                    RelocationFlags::Elf { r_type } if r_type == R_X86_64_PC32 => Reloc::X86PCRel4,
                    other => return Err(format!("it reads no objects, and knows no {other:?}")),
                };
                let place = (section.index().0, offset, u32::MAX);
                let before = places.partition_point(|known| *known <= place);
                let function = before.checked_sub(1).map(|before| places[before]);
                let function = function.filter(|(index, _, _)| *index == section.index().0);
                let Some((_, start, number)) = function else {
                    return Err(String::from("it reads no objects; here data is relocated"));
                };
                let RelocationTarget::Symbol(symbol) = relocation.target() else {
                    return Err(String::from("a relocation has no symbol"));
                };
                functions[number as usize].relocations.push(ModuleReloc {
                    offset: u32::try_from(offset - start).map_err(|error| error.to_string())?,
                    kind,
                    name: match numbers.get(&symbol) {
                        Some(number) => ModuleRelocTarget::user(0, *number),
                        None => DATA,
                    },
                    addend: relocation.addend(),
                });
            }
        }
        Ok(Self { functions, data })
    }
}

struct Ready {
    input: Input,
    isa: OwnedTargetIsa,
}

impl Linker for Ready {
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String> {
        let builder = JITBuilder::with_isa(self.isa.clone(), default_libcall_names());
        let mut module = Freeing(Some(JITModule::new(builder)));
        let linked = module.0.as_mut().map(|module| link(module, &self.input));
        match linked {
            Some(Err(error)) => Err(error.to_string()),
            _ => Ok(Box::new(module)),
        }
    }
}

fn link(module: &mut JITModule, input: &Input) -> cranelift_module::ModuleResult<()> {
    let signature = module.make_signature();
    let mut ids: Vec<FuncId> = Vec::with_capacity(input.functions.len());
    for function in &input.functions {
        ids.push(module.declare_function(&function.name, Linkage::Export, &signature)?);
    }
    let data = module.declare_anonymous_data(true, false)?;
    let mut description = DataDescription::new();
    description.define(input.data.clone().into_boxed_slice());
    module.define_data(data, &description)?;
    for (id, function) in ids.into_iter().zip(&input.functions) {
        module.define_function_bytes(id, 16, &function.code, &function.relocations)?;
    }
    module.finalize_definitions()
}

/// A module whose memory is freed when it is dropped.
struct Freeing(Option<JITModule>);

impl Drop for Freeing {
    fn drop(&mut self) {
        if let Some(module) = self.0.take() {
            // SAFETY: nothing of it was called.
            unsafe { module.free_memory() };
        }
    }
}
