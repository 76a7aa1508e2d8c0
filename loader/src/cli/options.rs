//! The options of the tool, with llvm-jitlink's names where it has them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::string::{String, ToString};
use std::vec::Vec;

use clap::Parser;

use super::check;

/// What is shown below the options.
const AFTER_HELP: &str = "\
Options take one dash or two, and their values after a blank or an equals sign.

Examples:
  ironlink hello.o -args one two            link, run main, exit with its status
  ironlink -noexec -map map.json a.o b.o    link for the objects' own machine, and tell where everything lies
  ironlink -noexec -image a.elf a.o         ...and write the linked memory for objdump and gdb";

/// Links object files in memory, as a kernel that has Ironlink would, and runs them or tells about them.
///
/// Objects and archives are ELF for x86-64 or AArch64; the first one tells for which machine is linked. Without -noexec,
/// main is called, and its status is the tool's; what the objects don't define is looked for in this process, its C library
/// included.
#[derive(Parser, Debug)]
#[command(
    name = "ironlink",
    version,
    after_help = AFTER_HELP,
    override_usage = "ironlink [OPTIONS] FILE... [-args ARGUMENT...]",
    max_term_width = 110
)]
pub(super) struct Options {
    /// Objects, linked as a whole together, and archives, of which the members that are missing are
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// Hands all words that follow to the program, as the arguments of main
    #[arg(long, value_name = "ARGUMENT", num_args = 0.., help_heading = "Running")]
    pub(super) args: Vec<OsString>,

    /// Calls this function instead of main
    #[arg(long, value_name = "NAME", help_heading = "Running")]
    pub(super) entry: Option<String>,

    /// Links without running: for the machine of the objects, whatever the host
    #[arg(long, help_heading = "Running")]
    pub(super) noexec: bool,

    /// Tells Linux's perf of the functions, by a dump below $JITDUMPDIR or $HOME
    #[arg(long, conflicts_with = "noexec", help_heading = "Running")]
    pub(super) perf_support: bool,

    /// Gives a name an address
    #[arg(long, value_name = "NAME=ADDRESS", value_parser = absolute, help_heading = "Names")]
    pub(super) abs: Vec<(String, u64)>,

    /// Gives a name that nothing defines the address 0, instead of failing
    #[arg(long, help_heading = "Names")]
    pub(super) phony_externals: bool,

    /// Takes all memory from one region of this size
    #[arg(long, value_name = "N[Kb|Mb|Gb]", value_parser = size, help_heading = "Memory")]
    pub(super) slab_allocate: Option<u64>,

    /// Links as if the memory began at this address (with -noexec)
    #[arg(long, value_name = "ADDRESS", value_parser = number, requires = "noexec", help_heading = "Memory")]
    pub(super) slab_address: Option<u64>,

    /// Links as if pages had this many bytes (with -noexec)
    #[arg(long, value_name = "BYTES", value_parser = page_size, requires = "noexec", help_heading = "Memory")]
    pub(super) slab_page_size: Option<u64>,

    /// Keeps sections that nothing reaches, as a static linker does
    #[arg(long, help_heading = "Names")]
    pub(super) no_gc_sections: bool,

    /// Checks what was linked by the rules in the comments of this file
    #[arg(long, value_name = "FILE", help_heading = "Checking")]
    pub(super) check: Vec<PathBuf>,

    /// The name of the rules: they begin with `# NAME:`
    #[arg(long, value_name = "NAME", default_value = check::USUAL_NAME, help_heading = "Checking")]
    pub(super) check_name: String,

    /// Writes where every section, symbol, GOT slot and stub lies, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Writing files")]
    pub(super) map: Option<PathBuf>,

    /// Writes the linked memory as an ELF executable, for objdump and gdb
    #[arg(long, value_name = "FILE", help_heading = "Writing files")]
    pub(super) image: Option<PathBuf>,
}

/// A name and its address.
fn absolute(text: &str) -> Result<(String, u64), String> {
    match text.split_once('=') {
        Some(("", _)) | None => Err("write NAME=ADDRESS".to_string()),
        Some((name, address)) => Ok((name.to_string(), number(address)?)),
    }
}

/// A number of 64 bits, decimal or after 0x.
fn number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let number = match digits {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| "write a number of at most 64 bits, decimal or after 0x".to_string())
}

/// A size with its unit; without one it counts Kb.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let units = [("Kb", 1 << 10), ("Mb", 1 << 20), ("Gb", 1 << 30)];
    let (count, unit) = units
        .into_iter()
        .find_map(|(name, bytes)| {
            let count = text.len().checked_sub(name.len())?;
            let (count, unit) = text.split_at_checked(count)?;
            unit.eq_ignore_ascii_case(name)
                .then(|| (count.trim_end(), bytes))
        })
        .unwrap_or((text, 1 << 10));
    let size = count
        .parse::<u64>()
        .ok()
        .and_then(|count| count.checked_mul(unit));
    size.ok_or_else(|| "write a number and Kb, Mb or Gb, as in 100Kb".to_string())
}

fn page_size(text: &str) -> Result<u64, String> {
    let size = number(text)?;
    match size.is_power_of_two() {
        true => Ok(size),
        false => Err("a page has a power of two of bytes".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, absolute, size};
    use clap::CommandFactory;
    use std::string::ToString;

    #[test]
    fn the_options_are_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("100Kb"), Ok(100 << 10));
        assert_eq!(size("3 mb"), Ok(3 << 20));
        assert_eq!(size("7"), Ok(7 << 10));
        assert!(size("Kb").is_err());
        assert!(size("99999999999999999Gb").is_err());
        assert!(size("é").is_err());
    }

    #[test]
    fn addresses_are_decimal_or_hexadecimal() {
        assert_eq!(absolute("a=0x10"), Ok(("a".to_string(), 16)));
        assert_eq!(absolute("a=10"), Ok(("a".to_string(), 10)));
        assert!(absolute("=10").is_err());
        assert!(absolute("a").is_err());
        assert!(absolute("a=0x10000000000000000").is_err());
    }
}
