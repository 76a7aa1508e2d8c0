//! Cranelift's account of frames, as records of `.eh_frame`.

use alloc::vec::Vec;

use cranelift_codegen::CompiledCode;
use cranelift_codegen::gimli::constants::{DW_EH_PE_pcrel, DW_EH_PE_sdata4};
use cranelift_codegen::gimli::write::{
    Address, CommonInformationEntry, EhFrame, EndianVec, FrameDescriptionEntry, FrameTable,
};
use cranelift_codegen::gimli::{DwEhPe, LittleEndian};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::isa::unwind::UnwindInfo;

use crate::base::{Text, fallible, int};
use crate::compiler::CompileFault;

/// The common record of what `isa` compiles; empty if it has none.
pub(super) fn common(isa: &dyn TargetIsa) -> Result<Vec<u8>, CompileFault> {
    let Some(common) = common_entry(isa) else {
        return Ok(Vec::new());
    };
    // A table writes the common records that its functions need.
    let function = FrameDescriptionEntry::new(Address::Constant(0), 0);
    let table = table(common, function)?;
    Ok(fallible::copy_of(records(&table)?.0)?)
}

/// The record of a function; empty if there is none.
pub(super) fn of_function(
    isa: &dyn TargetIsa,
    code: &CompiledCode,
) -> Result<Vec<u8>, CompileFault> {
    if !isa.flags().unwind_info() {
        return Ok(Vec::new());
    }
    let Some(common) = common_entry(isa) else {
        return Ok(Vec::new());
    };
    let unwind = code
        .create_unwind_info(isa)
        .map_err(|error| CompileFault::Frame(Text::display(error)))?;
    let Some(UnwindInfo::SystemV(unwind)) = unwind else {
        return Ok(Vec::new());
    };
    let table = table(common, unwind.to_fde(Address::Constant(0)))?;
    let mut record = fallible::copy_of(records(&table)?.1)?;
    // The distances to the common record and to the function are for who places the record.
    if let Some(distances) = record.get_mut(4..12) {
        distances.fill(0);
    }
    Ok(record)
}

fn common_entry(isa: &dyn TargetIsa) -> Option<CommonInformationEntry> {
    let mut common = isa.create_systemv_cie()?;
    common.fde_address_encoding = DwEhPe(DW_EH_PE_pcrel.0 | DW_EH_PE_sdata4.0);
    Some(common)
}

/// The bytes of a table of both records.
fn table(
    common: CommonInformationEntry,
    function: FrameDescriptionEntry,
) -> Result<Vec<u8>, CompileFault> {
    let mut table = FrameTable::default();
    let common = table.add_cie(common);
    table.add_fde(common, function);
    let mut section = EhFrame(EndianVec::new(LittleEndian));
    table
        .write_eh_frame(&mut section)
        .map_err(|error| CompileFault::Frame(Text::display(error)))?;
    Ok(section.0.into_vec())
}

/// The two records that `table` begins with: each goes on for as many bytes as its first four say.
fn records(table: &[u8]) -> Result<(&[u8], &[u8]), CompileFault> {
    let record = |bytes: &'_ [u8]| {
        let (length, _) = bytes.split_first_chunk::<4>()?;
        let length = int::usize_from_u32(u32::from_le_bytes(*length));
        length.checked_add(4).filter(|&end| end <= bytes.len())
    };
    let two = || {
        let (common, rest) = table.split_at_checked(record(table)?)?;
        let (function, _) = rest.split_at_checked(record(rest)?)?;
        Some((common, function))
    };
    two().ok_or(CompileFault::Frame(Text::of("its record is cut off")))
}
