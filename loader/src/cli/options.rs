//! The options of the tool, with llvm-jitlink's names where it has them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::string::String;
use std::vec::Vec;

use clap::Parser;
use regex_lite::Regex;

use super::check;
use super::values::{self, Absolute, Alias, SectionFile};

/// What is shown below the options.
const AFTER_HELP: &str = "\
Options take one dash or two; a value follows after a blank or an equals sign. Files that are
written may be named `-`, for standard output.

Examples:
  ironlink hello.o -args one two             link, call main, exit with its status
  ironlink -explain a.o libb.a               say whether these would load, and if not, why
  ironlink -noexec -map map.json a.o b.o     link for the objects' machine; tell where all lies
  ironlink -noexec -image a.elf a.o          link; write the memory for objdump and gdb
  ironlink -noexec -check a.s a.o            link; check the equations in a.s's comments";

/// What is shown above the options.
const ABOUT: &str = "\
Links object files in memory, as a kernel that has Ironlink does, and runs them or tells about them.

Files are ELF objects for x86-64 or AArch64, and archives of them; the first object tells for which
machine is linked. Names that the files don't define are looked for in this process and its C
library, if it is for the same machine.

The exit status is that of main; 0 with -noexec; 1 after an error, which one line on standard error
tells.";

/// The command line.
#[derive(Parser, Debug)]
#[command(
    name = "ironlink",
    version,
    about = ABOUT,
    disable_help_flag = true,
    disable_version_flag = true,
    after_help = AFTER_HELP,
    override_usage = "ironlink [OPTIONS] FILE... [-args ARGUMENT...]",
    term_width = 100
)]
pub(super) struct Options {
    /// Objects, linked together; archives, whose members are linked where something needs them; shared libraries (.so),
    /// loaded into this process
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// Hands all that follows to the program: the arguments of its main
    #[arg(long, value_name = "ARGUMENT", num_args = 0.., help_heading = "Running")]
    pub(super) args: Vec<OsString>,

    /// Calls the function NAME instead of main
    #[arg(long, value_name = "NAME", help_heading = "Running")]
    pub(super) entry: Option<String>,

    /// Links and doesn't run; for the machine of the objects, whatever this one is
    #[arg(long, help_heading = "Running")]
    pub(super) noexec: bool,

    /// Doesn't link: says of each file whether it would load, and why not
    #[arg(long, help_heading = "Running")]
    pub(super) explain: bool,

    /// Writes what `perf inject` needs to $JITDUMPDIR (else $HOME)/.debug/jit
    #[arg(long, conflicts_with = "noexec", help_heading = "Running")]
    pub(super) perf_support: bool,

    /// Without effect: a link has one thread
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub(super) num_threads: Option<usize>,

    /// Looks for libraries in DIRECTORY, too
    #[arg(short = 'L', value_name = "DIRECTORY", help_heading = "Libraries")]
    pub(super) library_directories: Vec<PathBuf>,

    /// Links with libNAME.a, or libNAME.so where this process can load it
    #[arg(short = 'l', value_name = "NAME", help_heading = "Libraries")]
    pub(super) libraries: Vec<String>,

    /// As -lNAME, and no name of the library is seen outside of the link
    #[arg(long = "hidden-l", value_name = "NAME", help_heading = "Libraries")]
    pub(super) hidden_libraries: Vec<String>,

    /// As the archive FILE, and none of its names is seen outside of the link
    #[arg(long = "load_hidden", value_name = "FILE", help_heading = "Libraries")]
    pub(super) load_hidden: Vec<PathBuf>,

    /// Links all objects in archives, needed or not
    #[arg(long = "all_load", help_heading = "Libraries")]
    pub(super) all_load: bool,

    /// Gives NAME this address
    #[arg(long, value_name = "NAME=ADDRESS", value_parser = values::absolute, help_heading = "Names")]
    pub(super) abs: Vec<Absolute>,

    /// Lets ALIAS stand for what NAME stands for
    #[arg(long, value_name = "ALIAS=NAME", value_parser = values::alias, help_heading = "Names")]
    pub(super) alias: Vec<Alias>,

    /// Gives the address 0 to names that nothing defines, and looks for none in this process
    #[arg(long, help_heading = "Names")]
    pub(super) phony_externals: bool,

    /// Looks for no names in this process
    #[arg(long, help_heading = "Names")]
    pub(super) no_process_syms: bool,

    /// Links FILEs as the harness of a test: they see the other files' local names, and their own definitions count
    /// instead of the other files'
    #[arg(long, value_name = "FILE", num_args = 0.., help_heading = "What is linked")]
    pub(super) harness: Vec<PathBuf>,

    /// Adds a section that holds FILE, with names for offsets into it
    #[arg(long, value_name = "SECTION,FILE[@NAME=N,...]", value_parser = values::section_file, help_heading = "What is linked")]
    pub(super) sectcreate: Vec<SectionFile>,

    /// Links addresses of functions, taken by instructions within them, as if they had relocations
    #[arg(long, help_heading = "What is linked")]
    pub(super) add_self_relocations: bool,

    /// Keeps what nothing reaches, as a static linker does
    #[arg(long, help_heading = "What is linked")]
    pub(super) no_gc_sections: bool,

    /// Links debug information, too; -image does by itself
    #[arg(long, help_heading = "What is linked")]
    pub(super) debug_info: bool,

    /// Leaves instructions as they are where shorter ways would reach
    #[arg(long, help_heading = "What is linked")]
    pub(super) no_relax: bool,

    /// Lets a load become an immediate where nothing else reaches, as links that run do anyway
    #[arg(long, conflicts_with = "no_relax", help_heading = "What is linked")]
    pub(super) relax_to_immediates: bool,

    /// Takes all memory from one region of this size; without a unit, of so many Kb
    #[arg(long, value_name = "N[Kb|Mb|Gb]", value_parser = values::size, help_heading = "Memory")]
    pub(super) slab_allocate: Option<u64>,

    /// Links as if the memory began at ADDRESS; needs -noexec
    #[arg(long, value_name = "ADDRESS", value_parser = values::number, requires = "noexec", help_heading = "Memory")]
    pub(super) slab_address: Option<u64>,

    /// Links as if pages had this many bytes; needs -noexec
    #[arg(long, value_name = "BYTES", value_parser = values::page_size, requires = "noexec", help_heading = "Memory")]
    pub(super) slab_page_size: Option<u64>,

    /// Checks what was linked against the rules in FILE's comments
    #[arg(long, value_name = "FILE", help_heading = "Looking at the link")]
    pub(super) check: Vec<PathBuf>,

    /// What begins a rule: the comment `# NAME:`
    #[arg(long, value_name = "NAME", default_value = check::USUAL_NAME, help_heading = "Looking at the link")]
    pub(super) check_name: String,

    /// Shows the addresses of symbols, sections, GOT entries and stubs
    #[arg(long, help_heading = "Looking at the link")]
    pub(super) show_addrs: bool,

    /// Shows what was linked of the files whose names REGEX matches: blocks, symbols and edges
    #[arg(long, value_name = "REGEX", value_parser = values::regex, help_heading = "Looking at the link")]
    pub(super) show_graphs: Option<Regex>,

    /// Shows the name of each object that is linked
    #[arg(long, help_heading = "Looking at the link")]
    pub(super) show_linked_files: bool,

    /// Shows the bytes of each section as they were linked
    #[arg(long, help_heading = "Looking at the link")]
    pub(super) show_relocated_section_contents: bool,

    /// Shows on standard error how long reading, linking and running took
    #[arg(long, help_heading = "Looking at the link")]
    pub(super) show_times: bool,

    /// Writes where each section, symbol, GOT entry and stub lies, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Looking at the link")]
    pub(super) map: Option<PathBuf>,

    /// Writes the linked memory as an ELF executable, which objdump and gdb read, with debug information
    #[arg(long, value_name = "FILE", help_heading = "Looking at the link")]
    pub(super) image: Option<PathBuf>,

    /// Writes the graph of the link, which Graphviz draws
    #[arg(long, value_name = "FILE", help_heading = "Looking at the link")]
    pub(super) dot: Option<PathBuf>,

    /// Writes the address of each symbol, one line each
    #[arg(long, value_name = "FILE", help_heading = "Looking at the link")]
    pub(super) write_symtab: Option<PathBuf>,

    /// Shows this text
    #[arg(long, short, action = clap::ArgAction::HelpShort, help_heading = "Help")]
    help: Option<bool>,

    /// Shows the version
    #[arg(long, action = clap::ArgAction::Version, help_heading = "Help")]
    version: Option<bool>,
}

/// Options of llvm-jitlink that are not there yet, and what can be done instead.
pub(super) const NOT_YET: &[(&str, &str)] = &[
    ("jd", "all files are linked together, as one"),
    ("lazy", "all files are linked before anything runs"),
    ("orc-runtime", "initializers run without a runtime"),
    ("oop-executor", "link with -noexec for another machine"),
    (
        "oop-executor-connect",
        "link with -noexec for another machine",
    ),
    ("debugger-support", "write an -image for gdb instead"),
    (
        "show-init-es",
        "-show-linked-files and -show-addrs tell what there is",
    ),
    (
        "show-entry-es",
        "-show-linked-files and -show-addrs tell what there is",
    ),
];

#[cfg(test)]
mod tests {
    use super::Options;
    use clap::CommandFactory;

    #[test]
    fn the_options_are_consistent() {
        Options::command().debug_assert();
    }
}
