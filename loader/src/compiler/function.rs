//! A compiled function, and all that is told of it.

use alloc::vec::Vec;
use core::fmt;

use crate::base::Alignment;
use crate::edge::EdgeKind;

/// A function's machine code, and what is to be known to place it, link it and look at it. Offsets are those of its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompiledFunction {
    /// The code, with the constants that it reads behind it. What relocations write is zero yet.
    pub bytes: Vec<u8>,
    /// What the first byte's address is a multiple of.
    pub alignment: Alignment,
    /// What is to be written into the bytes once addresses are known, by rising offset.
    pub relocations: Vec<Relocation<Callee>>,
    /// Which bytes came from where in the source, by rising offset.
    pub positions: Vec<SourceSpan>,
    /// Where an instruction ends the program on purpose, or may.
    pub traps: Vec<TrapSite>,
    /// What references lie in the frame while a call is out.
    pub stack_maps: Vec<StackMap>,
    /// How to get back to the caller's frame from anywhere in it: its record of `.eh_frame`, an FDE whose bytes 4 to 7 name the
    /// common record ([`Compiler::common_frame`](super::Compiler::common_frame)), and bytes 8 to 11 the function, both by
    /// distance. Empty if there is none.
    pub frame: Vec<u8>,
}

/// Something to be written into code once addresses are known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Relocation<Target> {
    /// Where.
    pub offset: u32,
    /// What.
    pub kind: EdgeKind,
    /// Whose address it is made of.
    pub target: Target,
    /// What is added to that.
    pub addend: i64,
}

/// What code refers to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Callee {
    /// The function that the code is itself.
    Itself,
    /// A function of the unit, by its number there.
    Function(u32),
    /// Data of the unit, by its number there.
    Data(u32),
    /// A routine that the source didn't name: the compiler calls it where the machine lacks an instruction.
    Routine(Routine),
}

impl fmt::Display for Callee {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => formatter.write_str("the function itself"),
            Self::Function(number) => write!(formatter, "function {number}"),
            Self::Data(number) => write!(formatter, "data {number}"),
            Self::Routine(routine) => routine.fmt(formatter),
        }
    }
}

/// Declares the routines, each with the name of its symbol.
macro_rules! routines {
    ( $( $(#[$documentation:meta])* $routine:ident = $symbol:literal; )* ) => {
        /// A routine that compilers call by themselves. Each goes by the name that C's libraries have it under.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Routine {
            $( $(#[$documentation])* $routine, )*
        }

        impl Routine {
            /// All routines, in the order of their declaration.
            pub const ALL: &[Self] = &[$( Self::$routine, )*];

            /// The name of its symbol.
            pub const fn symbol(self) -> &'static str {
                match self {
                    $( Self::$routine => $symbol, )*
                }
            }
        }
    };
}

routines! {
    /// Touches the pages of a large frame, one by one.
    StackProbe = "__cranelift_probestack";
    /// The next integer above, of a single.
    Ceil32 = "ceilf";
    /// The next integer above, of a double.
    Ceil64 = "ceil";
    /// The next integer below, of a single.
    Floor32 = "floorf";
    /// The next integer below, of a double.
    Floor64 = "floor";
    /// The next integer towards zero, of a single.
    Trunc32 = "truncf";
    /// The next integer towards zero, of a double.
    Trunc64 = "trunc";
    /// The nearest integer, to even, of a single.
    Nearest32 = "nearbyintf";
    /// The nearest integer, to even, of a double.
    Nearest64 = "nearbyint";
    /// A product and a sum, rounded once, of singles.
    FusedMultiplyAdd32 = "fmaf";
    /// A product and a sum, rounded once, of doubles.
    FusedMultiplyAdd64 = "fma";
    /// Copies memory that doesn't overlap.
    CopyMemory = "memcpy";
    /// Fills memory.
    SetMemory = "memset";
    /// Copies memory that may overlap.
    MoveMemory = "memmove";
    /// Compares memory.
    CompareMemory = "memcmp";
    /// Chooses bytes of a vector by the bytes of another.
    ShuffleBytes = "__cranelift_x86_pshufb";
}

impl fmt::Display for Routine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.symbol())
    }
}

/// Bytes that came from one place in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceSpan {
    /// The first of them.
    pub start: u32,
    /// The one behind the last.
    pub end: u32,
    /// The place, in the numbers of who made the function.
    pub position: u32,
}

/// An instruction that ends the program on purpose, or may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrapSite {
    /// Where the instruction begins.
    pub offset: u32,
    /// What it means that it was reached.
    pub trap: Trap,
}

/// What a trap means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trap {
    /// The stack has no room.
    StackOverflow,
    /// An integer is out of its type's range.
    IntegerOverflow,
    /// Memory beside what was allocated is accessed.
    OutOfBounds,
    /// An integer is divided by zero.
    DivisionByZero,
    /// A floating-point number has no integer that stands for it.
    BadConversion,
    /// What its number means to who made the function; never 0.
    User(u8),
}

impl fmt::Display for Trap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StackOverflow => formatter.write_str("stack overflow"),
            Self::IntegerOverflow => formatter.write_str("integer overflow"),
            Self::OutOfBounds => formatter.write_str("access out of bounds"),
            Self::DivisionByZero => formatter.write_str("division by zero"),
            Self::BadConversion => formatter.write_str("conversion of a number out of range"),
            Self::User(code) => write!(formatter, "trap {code}"),
        }
    }
}

/// The references that lie in a frame while a call is out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StackMap {
    /// Where the call returns to.
    pub return_offset: u32,
    /// How much of the frame lies above the stack pointer then: all but what the function saved first to find it by, as its
    /// caller's frame pointer and return address.
    pub frame_size_bytes: u32,
    /// The references.
    pub references: Vec<LiveReference>,
}

/// A reference in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LiveReference {
    /// How far above the stack pointer it lies.
    pub stack_offset: u32,
    /// Its size.
    pub size_bytes: u32,
}
