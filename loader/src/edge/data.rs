//! Kinds that write a whole word of data, alike on all machines.

use super::kinds;

kinds! {
    /// A kind that writes a whole word of data.
    pub enum DataKind as Data {
        /// Nothing: keeps its target alive, no more.
        KeepAlive => Nothing, Empty, Any, ONE;
        /// An address in eight bytes.
        Pointer64 => Absolute, Double, Any, ONE;
        /// An address in four bytes that its reader extends by zeros.
        Pointer32 => Absolute, Word, Unsigned(32), ONE;
        /// An address in four bytes that its reader extends by its sign.
        Pointer32Signed => Absolute, Word, Signed(32), ONE;
        /// An address in four bytes that may be read either way.
        Pointer32Either => Absolute, Word, Either(32), ONE;
        /// An address in two bytes.
        Pointer16 => Absolute, Half, Either(16), ONE;
        /// An address in one byte.
        Pointer8 => Absolute, Byte, Either(8), ONE;
        /// The distance to the target in eight bytes.
        Delta64 => Relative, Double, Any, ONE;
        /// The distance to the target in four bytes.
        Delta32 => Relative, Word, Signed(32), ONE;
        /// The distance to the target in four bytes that may be read as signed or unsigned.
        Delta32Either => Relative, Word, Either(32), ONE;
        /// The distance to the target in two bytes.
        Delta16 => Relative, Half, Signed(16), ONE;
        /// The distance to the target in two bytes that may be read as signed or unsigned.
        Delta16Either => Relative, Half, Either(16), ONE;
        /// The distance to the target in one byte.
        Delta8 => Relative, Byte, Signed(8), ONE;
        /// The distance back to the target in four bytes: a record of `.eh_frame` names its CIE so.
        NegativeDelta32 => NegativeRelative, Word, Signed(32), ONE;
        /// The distance from the GOT's start to the target in eight bytes.
        TableDelta64 => TableRelative, Double, Any, ONE;
        /// The distance from the GOT's start to the target in four bytes.
        TableDelta32 => TableRelative, Word, Signed(32), ONE;
        /// The target's size in eight bytes.
        Size64 => Size, Double, Any, ONE;
        /// The target's size in four bytes.
        Size32 => Size, Word, Unsigned(32), ONE;
        /// The offset from the thread pointer in eight bytes.
        ThreadOffset64 => ThreadOffset, Double, Any, ONE;
        /// The offset from the thread pointer in four bytes.
        ThreadOffset32 => ThreadOffset, Word, Signed(32), ONE;
        /// The offset in the module's block of thread-local storage in eight bytes.
        ThreadBlockOffset64 => ThreadBlockOffset, Double, Any, ONE;
        /// The offset in the module's block of thread-local storage in four bytes.
        ThreadBlockOffset32 => ThreadBlockOffset, Word, Signed(32), ONE;
        /// The number of the module in eight bytes.
        ThreadModule64 => ThreadModule, Double, Any, ONE;
        /// The second word of a descriptor: the offset from the thread pointer.
        ThreadDescriptor => ThreadOffset, SecondDouble, Any, ONE;
    }
}
