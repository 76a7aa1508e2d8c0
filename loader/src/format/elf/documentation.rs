//! The documentation's table of relocations, printed from the rows so that it can't say anything else.

use core::fmt;

use crate::base::Machine;
use crate::edge::{Field, KindRow};

use super::{Meaning, relocations_of};

/// The relocations of all machines as a page in Markdown.
#[derive(Clone, Copy, Debug)]
pub struct RelocationPage;

impl fmt::Display for RelocationPage {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        page.write_str(INTRODUCTION)?;
        for machine in [Machine::X86_64, Machine::Aarch64] {
            write!(page, "\n## {machine}\n\n")?;
            page.write_str(
                "| number | relocation | kind | value | written to | range | asks for |\n",
            )?;
            page.write_str("|---:|---|---|---|---|---|---|\n")?;
            for relocation in relocations_of(machine) {
                let (number, name) = (relocation.number, relocation.name);
                match relocation.meaning {
                    Meaning::Edge(kind) => {
                        write!(page, "| {number} | {name} | ")?;
                        write_kind(page, kind.row())?;
                    }
                    Meaning::Nothing => {
                        writeln!(page, "| {number} | {name} | - | - | - | - | - |")?
                    }
                    Meaning::Refused => {}
                }
            }
            write_refused(page, machine)?;
        }
        Ok(())
    }
}

const INTRODUCTION: &str = "\
# Relocations that Ironlink takes

Printed from the rows in `loader/src/edge/`; a test fails when this page says anything else.
S is the address of the symbol, A the addend, P the address of the relocated bytes, Z the symbol's size, GOT the start
of the global offset table, TP the thread pointer, TLS the start of the block of thread-local storage. Where an entry or a
stub is asked for, S is its address. A value outside of the range is an error, and so is another instruction than that which
the value is written to. Programs with thread-local storage are linked to be looked at; running them is refused by name.
";

fn write_kind(page: &mut fmt::Formatter<'_>, row: &KindRow) -> fmt::Result {
    let (formula, range) = (row.formula.text(), row.range);
    write!(page, "{} | {formula} | ", row.name)?;
    match row.field {
        Field::Empty => page.write_str("-")?,
        Field::Byte => page.write_str("1 byte")?,
        Field::SecondDouble => page.write_str("second 8 of 16 bytes")?,
        Field::Instruction(instruction) => page.write_str(instruction.name)?,
        whole => write!(page, "{} bytes", whole.size_bytes())?,
    }
    write!(page, " | {range} | ")?;
    match row.request {
        Some(request) => writeln!(page, "{} |", request.table),
        None => page.write_str("- |\n"),
    }
}

fn write_refused(page: &mut fmt::Formatter<'_>, machine: Machine) -> fmt::Result {
    let rows = relocations_of(machine).iter();
    let mut separator = "\nKnown and not taken, refused by name: ";
    let mut end = "";
    for row in rows.filter(|row| row.meaning == Meaning::Refused) {
        write!(page, "{separator}{}", row.name)?;
        (separator, end) = (", ", ".\n");
    }
    page.write_str(end)
}

#[cfg(test)]
mod tests {
    use super::RelocationPage;
    use std::string::ToString;

    /// Set `IRONLINK_BLESS=1` to write the page anew.
    #[test]
    fn the_page_of_relocations_is_what_the_rows_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/relocations.md");
        let fresh = RelocationPage.to_string();
        if std::env::var_os("IRONLINK_BLESS").is_some() {
            std::fs::write(path, &fresh).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap();
        assert!(
            stored == fresh,
            "{path} is stale: run `IRONLINK_BLESS=1 cargo test -p ironlink`"
        );
    }
}
