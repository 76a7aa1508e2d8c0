//! Compiled functions as part of an ELF object.
//!
//! The object is one of the `object` crate's: who calls adds data and whatever else belongs there. Functions go to `.text`,
//! how to unwind them to `.eh_frame`, and each has a symbol; what refers to something else gets a relocation against the
//! symbol that the caller names. That crate's allocations can't report a full heap.

use alloc::vec::Vec;

use object::elf;
use object::write::{
    self, Relocation as WrittenRelocation, SectionId, StandardSection, Symbol, SymbolFlags,
    SymbolId, SymbolSection,
};
use object::{Architecture, BinaryFormat, Endianness, RelocationFlags, SymbolKind, SymbolScope};

use crate::base::{Alignment, Machine, Name, OutOfMemory, Text, fallible, int, sort};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};

use super::{Callee, CompileError, CompileFault, CompiledFunction, Relocation, RelocationFault};

pub use object::write::Object;

/// A function to be appended.
#[derive(Clone, Copy, Debug)]
pub struct NamedFunction<'a> {
    /// Its number in the unit.
    pub number: u32,
    /// The name of its symbol.
    pub name: Name<'a>,
    /// Whether other objects see the symbol.
    pub is_global: bool,
    /// Its code.
    pub code: &'a CompiledFunction,
}

/// Where a function came to stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlacedFunction {
    /// Its symbol.
    pub symbol: SymbolId,
    /// The offset of its first byte in `.text`.
    pub start: u64,
    /// Its size.
    pub length_bytes: u64,
}

/// How functions are appended.
#[derive(Clone, Copy, Debug)]
pub struct AppendOptions<'a> {
    /// The machine.
    pub machine: Machine,
    /// The record of `.eh_frame` that the functions' own go on from.
    pub common_frame: &'a [u8],
    /// What the first function is aligned by, and the text behind the last: pages, if they are to have some of their own.
    pub alignment: Alignment,
}

/// An object for `machine` that has nothing in it yet.
pub fn new_object(machine: Machine) -> Object<'static> {
    let architecture = match machine {
        Machine::X86_64 => Architecture::X86_64,
        Machine::Aarch64 => Architecture::Aarch64,
    };
    Object::new(BinaryFormat::Elf, architecture, Endianness::Little)
}

/// The symbol `name` of `object`, which is made if there is none, for another object to define.
///
/// # Errors
/// The heap has no room.
pub fn symbol(object: &mut Object<'_>, name: Name<'_>) -> Result<SymbolId, OutOfMemory> {
    if let Some(symbol) = object.symbol_id(name.bytes()) {
        return Ok(symbol);
    }
    Ok(object.add_symbol(Symbol {
        name: fallible::copy_of(name.bytes())?,
        value: 0,
        size: 0,
        kind: SymbolKind::Text,
        scope: SymbolScope::Unknown,
        weak: false,
        section: SymbolSection::Undefined,
        flags: SymbolFlags::None,
    }))
}

/// Appends `functions` to `object`. What they refer to beside each other and themselves, `resolve` names: by [`symbol`], if
/// by nothing else; `None` if it doesn't know it.
///
/// # Errors
/// A name is defined twice; a callee isn't known; a relocation has no number in ELF. The object is of no use then.
pub fn append<'a>(
    object: &mut Object<'a>,
    options: &AppendOptions<'_>,
    functions: &[NamedFunction<'_>],
    resolve: &mut dyn FnMut(&mut Object<'a>, Callee) -> Option<SymbolId>,
) -> Result<Vec<PlacedFunction>, CompileError> {
    let text = object.section_id(StandardSection::Text);
    object.append_section_data(text, &[], options.alignment.bytes());
    let mut placed = Vec::new();
    for function in functions {
        let place = place(object, text, function).map_err(|fault| in_function(function, fault))?;
        fallible::push(&mut placed, place).map_err(|error| in_function(function, error.into()))?;
    }
    object.append_section_data(text, &[], options.alignment.bytes());
    let by_number = by_number(functions, &placed)?;
    for (function, place) in functions.iter().zip(&placed) {
        let mut find = |object: &mut Object<'a>, callee| {
            let found = match callee {
                Callee::Function(number) => by_number.binary_search_by_key(&number, |it| it.0).ok(),
                _ => None,
            };
            match found.and_then(|place| by_number.get(place)) {
                Some(&(_, symbol)) => Some(symbol),
                None => resolve(object, callee),
            }
        };
        relocate(object, options.machine, text, (function, place), &mut find)
            .map_err(|fault| in_function(function, fault))?;
    }
    append_frames(object, options, text, functions, &placed)?;
    Ok(placed)
}

/// The functions' symbols, sorted by the functions' numbers.
fn by_number(
    functions: &[NamedFunction<'_>],
    placed: &[PlacedFunction],
) -> Result<Vec<(u32, SymbolId)>, CompileError> {
    let mut sorted = Vec::new();
    for (function, placed) in functions.iter().zip(placed) {
        fallible::push(&mut sorted, (function.number, placed.symbol))
            .map_err(|error| in_function(function, error.into()))?;
    }
    sort::sort_by_key(&mut sorted, |&(number, _)| number);
    Ok(sorted)
}

fn in_function(function: &NamedFunction<'_>, fault: CompileFault) -> CompileError {
    CompileError::new(function.name, fault)
}

/// Puts a function's bytes into `text`, and its symbol there.
fn place(
    object: &mut Object<'_>,
    text: SectionId,
    function: &NamedFunction<'_>,
) -> Result<PlacedFunction, CompileFault> {
    let symbol = symbol(object, function.name)?;
    if !object.symbol(symbol).is_undefined() {
        return Err(CompileFault::Twice);
    }
    let code = function.code;
    object.symbol_mut(symbol).scope = if function.is_global {
        SymbolScope::Dynamic
    } else {
        SymbolScope::Compilation
    };
    let start = object.add_symbol_data(symbol, text, &code.bytes, code.alignment.bytes());
    Ok(PlacedFunction {
        symbol,
        start,
        length_bytes: int::from_usize(code.bytes.len()),
    })
}

/// Writes down what is to be written into a function once addresses are known.
fn relocate<'a>(
    object: &mut Object<'a>,
    machine: Machine,
    text: SectionId,
    (function, place): (&NamedFunction<'_>, &PlacedFunction),
    find: &mut dyn FnMut(&mut Object<'a>, Callee) -> Option<SymbolId>,
) -> Result<(), CompileFault> {
    for relocation in &function.code.relocations {
        let r_type = number(machine, relocation.kind).ok_or_else(|| no_number(relocation))?;
        let symbol = match relocation.target {
            Callee::Itself => Some(place.symbol),
            callee => find(object, callee),
        };
        let symbol = symbol.ok_or_else(|| CompileFault::Callee {
            offset: relocation.offset,
            name: Text::display(relocation.target),
        })?;
        let written = WrittenRelocation {
            offset: place
                .start
                .saturating_add(int::widen_u32(relocation.offset)),
            symbol,
            addend: relocation.addend,
            flags: RelocationFlags::Elf { r_type },
        };
        object
            .add_relocation(text, written)
            .map_err(|error| CompileFault::Object(Text::display(error)))?;
    }
    Ok(())
}

fn no_number(relocation: &Relocation<Callee>) -> CompileFault {
    CompileFault::Relocation {
        offset: relocation.offset,
        kind: Text::of(relocation.kind.row().name),
        fault: RelocationFault::NoNumber,
    }
}

/// Puts how to unwind the functions into `.eh_frame`: a common record, and one for each function that has one.
fn append_frames(
    object: &mut Object<'_>,
    options: &AppendOptions<'_>,
    text: SectionId,
    functions: &[NamedFunction<'_>],
    placed: &[PlacedFunction],
) -> Result<(), CompileError> {
    let has_frame = |function: &&NamedFunction<'_>| !function.code.frame.is_empty();
    if options.common_frame.is_empty() || !functions.iter().any(|function| has_frame(&function)) {
        return Ok(());
    }
    let section = object.section_id(StandardSection::EhFrame);
    let text_symbol = object.section_symbol(text);
    let r_type = match options.machine {
        Machine::X86_64 => elf::R_X86_64_PC32,
        Machine::Aarch64 => elf::R_AARCH64_PREL32,
    };
    // Records follow each other without a gap: what fills one would be read as the end of all.
    if object.section(section).data().is_empty() {
        object.append_section_data(section, &[], Alignment::EIGHT.bytes());
    }
    let common = object.append_section_data(section, options.common_frame, 1);
    for (function, place) in functions.iter().zip(placed) {
        if !has_frame(&function) {
            continue;
        }
        let append = || {
            let mut record = fallible::copy_of(&function.code.frame)?;
            let start = int::from_usize(object.section(section).data().len());
            let distance = start.wrapping_add(4).wrapping_sub(common);
            let distance = u32::try_from(distance).map_err(|_| CompileFault::TooLarge)?;
            let field = record.get_mut(4..8);
            field
                .ok_or(CompileFault::Frame(Text::of("its record is cut off")))?
                .copy_from_slice(&distance.to_le_bytes());
            object.append_section_data(section, &record, 1);
            let written = WrittenRelocation {
                offset: start.wrapping_add(8),
                symbol: text_symbol,
                addend: place.start.cast_signed(),
                flags: RelocationFlags::Elf { r_type },
            };
            object
                .add_relocation(section, written)
                .map_err(|error: write::Error| CompileFault::Object(Text::display(error)))
        };
        let mut append = append;
        append().map_err(|fault| in_function(function, fault))?;
    }
    Ok(())
}

/// ELF's number for `kind` on `machine`; `None` if there is none that compilers' code has use for.
pub const fn number(machine: Machine, kind: EdgeKind) -> Option<elf::RelocationType> {
    match machine {
        Machine::X86_64 => number_x86_64(kind),
        Machine::Aarch64 => number_aarch64(kind),
    }
}

const fn number_x86_64(kind: EdgeKind) -> Option<elf::RelocationType> {
    Some(match kind {
        EdgeKind::Data(DataKind::Pointer64) => elf::R_X86_64_64,
        EdgeKind::Data(DataKind::Pointer32) => elf::R_X86_64_32,
        EdgeKind::Data(DataKind::Pointer32Signed) => elf::R_X86_64_32S,
        EdgeKind::Data(DataKind::Delta32) => elf::R_X86_64_PC32,
        EdgeKind::Data(DataKind::Delta64) => elf::R_X86_64_PC64,
        EdgeKind::X86_64(X86_64Kind::RequestBranch32) => elf::R_X86_64_PLT32,
        EdgeKind::X86_64(X86_64Kind::RequestGotDelta32) => elf::R_X86_64_GOTPCREL,
        EdgeKind::X86_64(X86_64Kind::RequestGotLoad32Relaxable) => elf::R_X86_64_GOTPCRELX,
        EdgeKind::X86_64(X86_64Kind::RequestGotLoad32RelaxableRex) => elf::R_X86_64_REX_GOTPCRELX,
        _ => return None,
    })
}

const fn number_aarch64(kind: EdgeKind) -> Option<elf::RelocationType> {
    Some(match kind {
        EdgeKind::Data(DataKind::Pointer64) => elf::R_AARCH64_ABS64,
        // ELF has one number for both readings.
        EdgeKind::Data(DataKind::Pointer32 | DataKind::Pointer32Either) => elf::R_AARCH64_ABS32,
        EdgeKind::Data(DataKind::Delta32 | DataKind::Delta32Either) => elf::R_AARCH64_PREL32,
        EdgeKind::Data(DataKind::Delta64) => elf::R_AARCH64_PREL64,
        EdgeKind::Aarch64(Aarch64Kind::RequestBranch26) => elf::R_AARCH64_CALL26,
        EdgeKind::Aarch64(Aarch64Kind::RequestGotPage21) => elf::R_AARCH64_ADR_GOT_PAGE,
        EdgeKind::Aarch64(Aarch64Kind::RequestGotPageOffset12) => elf::R_AARCH64_LD64_GOT_LO12_NC,
        EdgeKind::Aarch64(Aarch64Kind::Page21) => elf::R_AARCH64_ADR_PREL_PG_HI21,
        EdgeKind::Aarch64(Aarch64Kind::PageOffset12) => elf::R_AARCH64_ADD_ABS_LO12_NC,
        _ => return None,
    })
}
