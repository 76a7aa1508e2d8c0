//! What can be wrong with a file, and where.

use core::fmt;

use crate::base::{Machine, Name, OutOfMemory, Text};
use crate::graph::{GraphError, Site};

/// What is wrong with a file, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FormatError {
    /// Where.
    pub site: Site,
    /// What.
    pub fault: FormatFault,
}

/// What can be wrong with a file.
///
/// Who is told of it gets text: that is what the parameters are unless others are given. The reader of ELF gives others while it
/// reads, since a text takes room in each call that it passes: borrowed names for `Named` (symbols and paths), what is damaged for
/// `What`, and two ids for `Graph` (names that clash).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormatFault<Named = Text<120>, What = Text<80>, Graph = GraphError> {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// The object doesn't go together with the others.
    Graph(Graph),
    /// The first bytes are no known format's.
    NotAnObject,
    /// It is for machines with 32-bit addresses.
    Not64Bit,
    /// It is for machines that store the highest byte first.
    BigEndian,
    /// It is an executable, a shared object or a core dump.
    NotRelocatable {
        /// The file's `e_type`.
        file_type: u16,
    },
    /// It is for another machine.
    WrongMachine {
        /// The file's `e_machine`.
        found: u16,
        /// The machine that is linked for.
        expected: Machine,
    },
    /// A table or a string doesn't lie within the file, or contradicts another one.
    Damaged {
        /// What is damaged.
        what: What,
    },
    /// A symbol's index is past the end of the symbol table.
    SymbolIndex {
        /// The index.
        index: u32,
        /// How many symbols there are.
        count: usize,
    },
    /// A section's index is past the end of the section table.
    SectionIndex {
        /// The index.
        index: u64,
        /// How many sections there are.
        count: usize,
    },
    /// A symbol lies in a section past the end of the section table.
    SymbolSection {
        /// The symbol.
        symbol: Named,
        /// The section's index.
        index: u64,
        /// How many sections there are.
        count: usize,
    },
    /// The name of a symbol lies outside of the string table.
    SymbolName {
        /// The symbol's index.
        index: usize,
    },
    /// A section's alignment is no power of two.
    BadAlignment {
        /// The alignment.
        value: u64,
    },
    /// A section's alignment is larger than any machine's pages.
    LargeAlignment {
        /// The alignment.
        value: u64,
        /// The largest that is taken.
        largest: u64,
    },
    /// A section is larger than an address space; or if a file holds its bytes, than blocks may be that hold bytes.
    LargeSection {
        /// Its size in bytes.
        size_bytes: u64,
        /// The largest that is taken.
        largest: u64,
    },
    /// Common memory is [as large as no symbol tells](crate::graph::Symbol::LARGEST_SIZE).
    LargeCommon {
        /// The symbol.
        symbol: Named,
        /// Its size in bytes.
        size_bytes: u64,
    },
    /// A section wants to be writable and executable.
    WritableExecutable,
    /// A relocation needs what an earlier object's section group took the place of.
    DiscardedSymbol {
        /// The symbol, or the section that it stands for.
        symbol: Named,
    },
    /// A relocation needs what is no part of memory: a comment, or debug information.
    NotLoaded {
        /// The relocation's name.
        name: &'static str,
        /// The symbol, or the section that it stands for.
        symbol: Named,
    },
    /// A section is compressed, and the decoders were left out when the loader was built.
    CompressionLeftOut,
    /// A section is compressed in a way that is not known.
    UnknownCompression {
        /// The number of the way.
        number: u32,
    },
    /// No relocation has this number.
    UnknownRelocation {
        /// The number.
        number: u32,
        /// The machine whose numbers count.
        machine: Machine,
        /// The symbol that it is against.
        symbol: Named,
    },
    /// The relocation is known, and nothing that a relocatable object should hold.
    UnsupportedRelocation {
        /// Its name.
        name: &'static str,
        /// The symbol that it is against.
        symbol: Named,
    },
    /// A relocation writes past the end of its section.
    RelocationOffset {
        /// Its name.
        name: &'static str,
        /// The symbol that it is against.
        symbol: Named,
        /// The section's size in bytes.
        size_bytes: u64,
    },
    /// A relocation of an instruction stands at no instruction's address.
    RelocationAlignment {
        /// Its name.
        name: &'static str,
        /// The symbol that it is against.
        symbol: Named,
    },
    /// A thin archive only names its members, one of them is needed, and nothing was given that has the files.
    ThinArchive {
        /// The member's path, as the archive has it.
        path: Named,
    },
    /// A member of a thin archive is not where the archive says.
    NoMemberFile {
        /// The member's path, as the archive has it.
        path: Named,
    },
}

impl FormatError {
    /// `fault`, which concerns a file as a whole.
    #[cold]
    pub fn of_object(object: Name<'_>, fault: impl Into<FormatFault>) -> Self {
        Self {
            site: Site::object(object),
            fault: fault.into(),
        }
    }

    /// `fault`, which concerns a member of an archive as a whole.
    pub(super) fn of_member(
        archive: Name<'_>,
        member: Name<'_>,
        fault: impl Into<FormatFault>,
    ) -> Self {
        Self::of_object(member, fault).in_archive(archive)
    }

    /// Shows the archive's name before the member's.
    pub(crate) fn in_archive(mut self, archive: Name<'_>) -> Self {
        let both = Text::of((archive, "(", self.site.object, ")"));
        self.site.object = both;
        self
    }
}

impl<Named, What, Graph> From<OutOfMemory> for FormatFault<Named, What, Graph> {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl<Named, What: From<object::read::Error>, Graph> From<object::read::Error>
    for FormatFault<Named, What, Graph>
{
    fn from(error: object::read::Error) -> Self {
        Self::Damaged { what: error.into() }
    }
}

impl From<GraphError> for FormatFault {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::Heap(error) => Self::Heap(error),
            error => Self::Graph(error),
        }
    }
}

impl From<object::read::Error> for Text<80> {
    fn from(error: object::read::Error) -> Self {
        Self::display(error)
    }
}

impl<Named, What: From<&'static str>, Graph> FormatFault<Named, What, Graph> {
    /// A contradiction in the file.
    pub(super) fn damaged(what: &'static str) -> Self {
        Self::Damaged { what: what.into() }
    }
}

impl<Named, What, Graph> FormatFault<Named, What, Graph> {
    /// The same with the texts that these functions make.
    pub(super) fn map<N, W, G>(
        self,
        named: impl FnOnce(Named) -> N,
        what: impl FnOnce(What) -> W,
        graph: impl FnOnce(Graph) -> G,
    ) -> FormatFault<N, W, G> {
        use FormatFault as To;
        match self {
            Self::Heap(error) => To::Heap(error),
            Self::Graph(error) => To::Graph(graph(error)),
            Self::NotAnObject => To::NotAnObject,
            Self::Not64Bit => To::Not64Bit,
            Self::BigEndian => To::BigEndian,
            Self::NotRelocatable { file_type } => To::NotRelocatable { file_type },
            Self::WrongMachine { found, expected } => To::WrongMachine { found, expected },
            Self::Damaged { what: of } => To::Damaged { what: what(of) },
            Self::SymbolIndex { index, count } => To::SymbolIndex { index, count },
            Self::SectionIndex { index, count } => To::SectionIndex { index, count },
            Self::SymbolSection {
                symbol: of,
                index,
                count,
            } => To::SymbolSection {
                symbol: named(of),
                index,
                count,
            },
            Self::SymbolName { index } => To::SymbolName { index },
            Self::BadAlignment { value } => To::BadAlignment { value },
            Self::LargeAlignment { value, largest } => To::LargeAlignment { value, largest },
            Self::LargeSection {
                size_bytes,
                largest,
            } => To::LargeSection {
                size_bytes,
                largest,
            },
            Self::LargeCommon {
                symbol: of,
                size_bytes,
            } => To::LargeCommon {
                symbol: named(of),
                size_bytes,
            },
            Self::WritableExecutable => To::WritableExecutable,
            Self::DiscardedSymbol { symbol: of } => To::DiscardedSymbol { symbol: named(of) },
            Self::NotLoaded { name, symbol: of } => To::NotLoaded {
                name,
                symbol: named(of),
            },
            Self::CompressionLeftOut => To::CompressionLeftOut,
            Self::UnknownCompression { number } => To::UnknownCompression { number },
            Self::UnknownRelocation {
                number,
                machine,
                symbol: of,
            } => To::UnknownRelocation {
                number,
                machine,
                symbol: named(of),
            },
            Self::UnsupportedRelocation { name, symbol: of } => To::UnsupportedRelocation {
                name,
                symbol: named(of),
            },
            Self::RelocationOffset {
                name,
                symbol: of,
                size_bytes,
            } => To::RelocationOffset {
                name,
                symbol: named(of),
                size_bytes,
            },
            Self::RelocationAlignment { name, symbol: of } => To::RelocationAlignment {
                name,
                symbol: named(of),
            },
            Self::ThinArchive { path } => To::ThinArchive { path: named(path) },
            Self::NoMemberFile { path } => To::NoMemberFile { path: named(path) },
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a graph says names its place itself.
        if let FormatFault::Graph(error) = &self.fault {
            return error.fmt(formatter);
        }
        write!(formatter, "{}: {}", self.site, self.fault)
    }
}

impl fmt::Display for FormatFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Graph(error) => error.fmt(formatter),
            Self::NotAnObject => formatter.write_str(
                "neither an ELF object nor an archive; give the output of `cc -c` or `ar`",
            ),
            Self::Not64Bit => {
                formatter.write_str("a 32-bit object; compile for a 64-bit machine (-m64)")
            }
            Self::BigEndian => {
                formatter.write_str("a big-endian object; compile for a little-endian machine")
            }
            Self::NotRelocatable { file_type } => write!(
                formatter,
                "ELF file type {file_type} is not relocatable; give the object that `cc -c` wrote, not what was linked"
            ),
            Self::WrongMachine { found, expected } => write!(
                formatter,
                "an object for ELF machine {found}{}, but {expected} is linked for; compile for {expected}",
                machine_name(*found)
            ),
            Self::Damaged { what } => {
                write!(formatter, "damaged: {what}; write the file again")
            }
            Self::SymbolIndex { index, count } => write!(
                formatter,
                "damaged: symbol {index} of {count}; write the file again"
            ),
            Self::SectionIndex { index, count } => write!(
                formatter,
                "damaged: section {index} of {count}; write the file again"
            ),
            Self::SymbolSection {
                symbol,
                index,
                count,
            } => write!(
                formatter,
                "damaged: `{symbol}` lies in section {index} of {count}; write the file again"
            ),
            Self::SymbolName { index } => write!(
                formatter,
                "damaged: the name of symbol {index} lies outside of the string table; write the file again"
            ),
            Self::BadAlignment { value } => write!(
                formatter,
                "alignment {value} is no power of two; write the file again"
            ),
            Self::LargeAlignment { value, largest } => write!(
                formatter,
                "alignment {value:#x} is larger than {largest:#x}, the most that is taken; lower it in the source"
            ),
            Self::LargeSection { size_bytes, largest } => write!(
                formatter,
                "{size_bytes:#x} bytes are more than {largest:#x}, the most that such a section may have; make it smaller"
            ),
            Self::LargeCommon { symbol, size_bytes } => write!(
                formatter,
                "`{symbol}` asks for {size_bytes:#x} bytes of common memory, which are more than 0xfffffffe; define it in `.bss`"
            ),
            Self::WritableExecutable => formatter.write_str(
                "the section is writable and executable; separate code from data in the source",
            ),
            Self::DiscardedSymbol { symbol } => write!(
                formatter,
                "local `{symbol}` was left out with its section group, of which an earlier object's copy counts; compile both objects alike"
            ),
            Self::NotLoaded { name, symbol } => write!(
                formatter,
                "{name} against `{symbol}`, whose section is no part of memory; refer to what is, or give that section the flag `a`"
            ),
            Self::CompressionLeftOut => formatter.write_str(
                "a compressed section, and decompression was left out; compile with -gz=none, or build the loader with its feature `compressed`",
            ),
            Self::UnknownCompression { number } => write!(
                formatter,
                "compression of kind {number} is not supported; compile with -gz=none, -gz=zlib or -gz=zstd"
            ),
            Self::UnknownRelocation { number, machine, symbol } => write!(
                formatter,
                "relocation number {number} against `{symbol}` is unknown for {machine}; compile with other code-model options or report it"
            ),
            Self::UnsupportedRelocation { name, symbol } => write!(
                formatter,
                "{name} against `{symbol}` is not supported in a relocatable object; compile with -fPIC or other code-model options"
            ),
            Self::RelocationOffset { name, symbol, size_bytes } => write!(
                formatter,
                "damaged: {name} against `{symbol}` writes past the section's {size_bytes:#x} bytes; write the file again"
            ),
            Self::RelocationAlignment { name, symbol } => write!(
                formatter,
                "damaged: {name} against `{symbol}` stands at no instruction's address; write the file again"
            ),
            Self::ThinArchive { path } => write!(
                formatter,
                "a thin archive, which only names its member `{path}`, and no files are read here; make one that holds its members (`ar rc` without T)"
            ),
            Self::NoMemberFile { path } => write!(
                formatter,
                "a thin archive, and its member `{path}` can't be read; write that file again, or make an archive that holds its members (`ar rc` without T)"
            ),
        }
    }
}

/// The name of an ELF machine that people have objects for, in brackets; nothing for others. Source: gABI, "ELF Header",
/// `e_machine`.
const fn machine_name(number: u16) -> &'static str {
    match number {
        3 => " (i386)",
        40 => " (arm)",
        62 => " (x86_64)",
        183 => " (aarch64)",
        243 => " (riscv)",
        _ => "",
    }
}

impl core::error::Error for FormatError {}
