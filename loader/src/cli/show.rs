//! What is shown of a link on standard output: addresses, bytes, names.

use std::collections::HashMap;
use std::io::{self, Write};
use std::vec::Vec;

use super::picture::{Picture, PictureEntry, PictureSection};

/// Bytes on one line of a section's content.
const LINE_BYTES: u64 = 16;

/// Shows the addresses of symbols, and of the sections and table entries of each file.
pub(super) fn addresses(picture: &Picture, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "Symbols:")?;
    for symbol in &picture.symbols {
        write!(
            output,
            "  \"{}\" target addr = {:#018x}",
            symbol.name, symbol.address
        )?;
        match symbol.section.map(|place| &picture.sections[place]) {
            Some(section) if section.is_zero_fill => {
                writeln!(output, ", zero-fill: {} bytes", symbol.size)?;
            }
            Some(section) => writeln!(
                output,
                ", content: {} bytes in {} of {}",
                symbol.size, section.name, section.object
            )?,
            None if symbol.is_external => writeln!(output, ", defined outside of the link")?,
            None => writeln!(output, ", absolute")?,
        }
    }
    let mut object = None;
    for section in picture
        .sections
        .iter()
        .filter(|section| section.protection.is_some())
    {
        if object != Some(&section.object) {
            writeln!(output, "File \"{}\":", section.object)?;
            object = Some(&section.object);
        }
        let content = if section.is_zero_fill {
            "zero-fill"
        } else {
            "content"
        };
        writeln!(
            output,
            "  Section \"{}\": target addr = {:#018x}, {content}: {} bytes",
            section.name, section.address, section.size
        )?;
    }
    entries("GOT", &picture.got, output)?;
    entries("Stub", &picture.stubs, output)
}

fn entries(title: &str, entries: &[PictureEntry], output: &mut dyn Write) -> io::Result<()> {
    for entry in entries {
        writeln!(
            output,
            "  {title} \"{}\": target addr = {:#018x}, content: {} bytes for {:#018x}",
            entry.symbol, entry.address, entry.size, entry.target
        )?;
    }
    Ok(())
}

/// Shows the bytes of each section.
pub(super) fn contents(picture: &Picture, output: &mut dyn Write) -> io::Result<()> {
    for section in &picture.sections {
        writeln!(output, "{} of {} content:", section.name, section.object)?;
        if section.is_zero_fill || section.size == 0 {
            writeln!(
                output,
                "  {} bytes of zeros from {:#018x}",
                section.size, section.address
            )?;
            continue;
        }
        lines(section, output)?;
    }
    Ok(())
}

/// Shows bytes in lines that begin at multiples of their length.
fn lines(section: &PictureSection, output: &mut dyn Write) -> io::Result<()> {
    let mut address = section.address;
    let mut bytes = section.bytes.as_slice();
    while !bytes.is_empty() {
        let start = address - address % LINE_BYTES;
        write!(output, "  {start:#018x}:")?;
        for _ in start..address {
            write!(output, "   ")?;
        }
        let room = usize::try_from(start + LINE_BYTES - address).unwrap_or(1);
        let (line, rest) = bytes.split_at(room.min(bytes.len()));
        for byte in line {
            write!(output, " {byte:02x}")?;
        }
        writeln!(output)?;
        bytes = rest;
        address = start.wrapping_add(LINE_BYTES);
    }
    Ok(())
}

/// The symbols of each file, as llvm-jitlink writes them for its own use.
pub(super) fn symbol_table(picture: &Picture, output: &mut dyn Write) -> io::Result<()> {
    let mut symbols: Vec<_> = picture
        .symbols
        .iter()
        .filter(|symbol| symbol.section.is_some())
        .collect();
    // Of one file, in the order of addresses; files in the order of their objects.
    symbols.sort_by_key(|symbol| symbol.address);
    let mut objects: Vec<&str> = Vec::new();
    let mut of_object: HashMap<&str, Vec<(u64, &str)>> = HashMap::new();
    for symbol in symbols {
        let list = of_object.entry(&symbol.object).or_insert_with(|| {
            objects.push(&symbol.object);
            Vec::new()
        });
        list.push((symbol.address, &symbol.name));
    }
    for object in objects {
        writeln!(output, "\"{object}\"")?;
        for (address, name) in of_object.get(object).into_iter().flatten() {
            writeln!(output, "{address:#x} {name}")?;
        }
    }
    Ok(())
}
