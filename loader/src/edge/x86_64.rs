//! Kinds peculiar to x86-64.
//!
//! Peculiar: instructions hold whole little-endian words, so that only the tables that a relocation asks for tell these
//! kinds from data. A distance is counted from the end of the instruction; the addend, most often -4, makes up for it.
//! Source: System V ABI, AMD64 supplement, 4.4 "Relocation".

use super::kinds;

kinds! {
    /// A kind peculiar to x86-64.
    pub enum X86_64Kind as X86_64 {
        /// The distance of a call or jump, in four bytes.
        Branch32 => Relative, Word, Signed(32), ONE;
        /// The distance of a load of a GOT entry, in an instruction without REX prefix that may be rewritten.
        GotLoad32Relaxable => Relative, Word, Signed(32), ONE;
        /// The distance of a load of a GOT entry, in an instruction with REX prefix that may be rewritten.
        GotLoad32RelaxableRex => Relative, Word, Signed(32), ONE;
        /// The distance of a load of a GOT entry, in an instruction with REX2 prefix that may be rewritten.
        GotLoad32RelaxableRex2 => Relative, Word, Signed(32), ONE;
        /// The distance to what a GOT entry holds, in a load of the entry that becomes a load of the address.
        RelaxedAddress32 => Relative, Word, Signed(32), ONE rewriting Address;
        /// What a GOT entry holds, in an instruction without REX prefix that read the entry and takes an immediate.
        RelaxedImmediate32 => Absolute, Word, Unsigned(32), ONE rewriting Immediate(None);
        /// What a GOT entry holds, in an instruction with REX prefix that read the entry and takes an immediate.
        RelaxedImmediate32Rex => Absolute, Word, Unsigned(32), ONE rewriting Immediate(Rex);
        /// What a GOT entry holds, in an instruction with REX2 prefix that read the entry and takes an immediate.
        RelaxedImmediate32Rex2 => Absolute, Word, Unsigned(32), ONE rewriting Immediate(Rex2);
        /// What a GOT entry holds, in an instruction of 64 bits with REX prefix that read the entry and takes an immediate.
        RelaxedWideImmediate32Rex => Absolute, Word, Signed(32), ONE rewriting WideImmediate(Rex);
        /// What a GOT entry holds, in an instruction of 64 bits with REX2 prefix that read the entry and takes an immediate.
        RelaxedWideImmediate32Rex2 => Absolute, Word, Signed(32), ONE rewriting WideImmediate(Rex2);
        /// The distance to what a GOT entry holds, in a call to where the entry tells that becomes a direct one.
        RelaxedCall32 => Relative, Word, Signed(32), ONE rewriting Call;
        /// The distance to what a GOT entry holds, in a jump to where the entry tells that becomes a direct one.
        RelaxedJump32 => Relative, Word, Signed(32), ONE rewriting Jump;
        /// A call or jump that may go through a stub.
        RequestBranch32 => Relative, Word, Signed(32), ONE, Stub becomes X86_64(Branch32);
        /// The distance to the target's GOT entry, in four bytes.
        RequestGotDelta32 => Relative, Word, Signed(32), ONE, Got becomes Data(Delta32);
        /// The distance to the target's GOT entry, in an instruction without REX prefix that may be rewritten.
        RequestGotLoad32Relaxable => Relative, Word, Signed(32), ONE, Got becomes X86_64(GotLoad32Relaxable);
        /// The distance to the target's GOT entry, in an instruction with REX prefix that may be rewritten.
        RequestGotLoad32RelaxableRex => Relative, Word, Signed(32), ONE, Got becomes X86_64(GotLoad32RelaxableRex);
        /// The distance to the target's GOT entry, in an instruction with REX2 prefix that may be rewritten.
        RequestGotLoad32RelaxableRex2 => Relative, Word, Signed(32), ONE, Got becomes X86_64(GotLoad32RelaxableRex2);
        /// The distance to the target's GOT entry, in eight bytes.
        RequestGotDelta64 => Relative, Double, Any, ONE, Got becomes Data(Delta64);
        /// The offset of the target's GOT entry in the GOT, in eight bytes.
        RequestGotOffset64 => TableRelative, Double, Any, ONE, Got becomes Data(TableDelta64);
        /// The offset of the target's GOT entry in the GOT, in four bytes.
        RequestGotOffset32 => TableRelative, Word, Signed(32), ONE, Got becomes Data(TableDelta32);
        /// The distance from the GOT's start to a stub for the target, in eight bytes.
        RequestStubOffset64 => TableRelative, Double, Any, ONE, StubAlways becomes Data(TableDelta64);
        /// The distance to the GOT's start, in four bytes.
        RequestGotBaseDelta32 => Relative, Word, Signed(32), ONE, GotBase becomes Data(Delta32);
        /// The distance to the GOT's start, in eight bytes.
        RequestGotBaseDelta64 => Relative, Double, Any, ONE, GotBase becomes Data(Delta64);
        /// The distance to the target's module and offset, as `__tls_get_addr` takes them.
        RequestThreadPairDelta32 => Relative, Word, Signed(32), ONE, ThreadPair becomes Data(Delta32);
        /// The distance to the module and an offset of zero, as `__tls_get_addr` takes them.
        RequestThreadModuleDelta32 => Relative, Word, Signed(32), ONE, ThreadModule becomes Data(Delta32);
        /// The distance to the GOT entry of the target's offset from the thread pointer.
        RequestThreadOffsetDelta32 => Relative, Word, Signed(32), ONE, ThreadOffset becomes Data(Delta32);
        /// The distance to the target's descriptor.
        RequestThreadDescriptorDelta32 => Relative, Word, Signed(32), ONE, ThreadDescriptor becomes Data(Delta32);
    }
}
