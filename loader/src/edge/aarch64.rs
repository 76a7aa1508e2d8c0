//! Kinds peculiar to AArch64.
//!
//! Peculiar: a value is cut in pieces that stand in several places of a four-byte instruction, scaled by what the
//! instruction loads; far addresses are built by two instructions, a page and an offset in it, or by four that each hold
//! sixteen bits. Each of these instructions has forms of its own for every model of thread-local storage. Source: ELF for
//! the Arm 64-bit Architecture (AAELF64), "Relocation operations".

mod fields;

use super::kinds;

kinds! {
    /// A kind peculiar to AArch64.
    pub enum Aarch64Kind as Aarch64 {
        /// The distance of a call or jump.
        Branch26 => Relative, BRANCH_26, Signed(28), FOUR;
        /// The distance of a conditional branch.
        CondBranch19 => Relative, COND_BRANCH_19, Signed(21), FOUR;
        /// The distance of a test-and-branch.
        TestBranch14 => Relative, TEST_BRANCH_14, Signed(16), FOUR;
        /// The distance of a literal load.
        LoadLiteral19 => Relative, LITERAL_19, Signed(21), FOUR;
        /// The distance that ADR adds.
        Adr21 => Relative, ADR_21, Signed(21), ONE;
        /// The distance in pages that ADRP adds.
        Page21 => PageRelative, ADRP_21, Signed(33), ONE;
        /// The distance in pages that ADRP adds, cut to the field.
        Page21Unchecked => PageRelative, ADRP_21, Any, ONE;
        /// The offset in its page that ADD adds.
        PageOffset12 => PageOffset, ADD_12, Any, ONE;
        /// The offset in its page of a load or store of 1 byte.
        PageOffset12By1 => PageOffset, ACCESS_12_BY_1, Any, ONE;
        /// The offset in its page of a load or store of 2 bytes.
        PageOffset12By2 => PageOffset, ACCESS_12_BY_2, Any, TWO;
        /// The offset in its page of a load or store of 4 bytes.
        PageOffset12By4 => PageOffset, ACCESS_12_BY_4, Any, FOUR;
        /// The offset in its page of a load or store of 8 bytes.
        PageOffset12By8 => PageOffset, ACCESS_12_BY_8, Any, EIGHT;
        /// The offset in its page of a load or store of 16 bytes.
        PageOffset12By16 => PageOffset, ACCESS_12_BY_16, Any, SIXTEEN;

        /// Bits 0 to 15 of an address that has no higher bits.
        MoveWide0 => Absolute, MOVE_0, Unsigned(16), ONE;
        /// Bits 0 to 15 of an address.
        MoveWide0Unchecked => Absolute, MOVE_0, Any, ONE;
        /// Bits 16 to 31 of an address that has no higher bits.
        MoveWide1 => Absolute, MOVE_1, Unsigned(32), ONE;
        /// Bits 16 to 31 of an address.
        MoveWide1Unchecked => Absolute, MOVE_1, Any, ONE;
        /// Bits 32 to 47 of an address that has no higher bits.
        MoveWide2 => Absolute, MOVE_2, Unsigned(48), ONE;
        /// Bits 32 to 47 of an address.
        MoveWide2Unchecked => Absolute, MOVE_2, Any, ONE;
        /// Bits 48 to 63 of an address.
        MoveWide3 => Absolute, MOVE_3, Any, ONE;
        /// Bits 0 to 15 of a number of sixteen bits and a sign.
        MoveWideSigned0 => Absolute, MOVE_SIGNED_0, Signed(17), ONE;
        /// Bits 16 to 31 of a number of 32 bits and a sign.
        MoveWideSigned1 => Absolute, MOVE_SIGNED_1, Signed(33), ONE;
        /// Bits 32 to 47 of a number of 48 bits and a sign.
        MoveWideSigned2 => Absolute, MOVE_SIGNED_2, Signed(49), ONE;
        /// Bits 0 to 15 of a distance that has no higher bits.
        DeltaMoveWide0 => Relative, MOVE_SIGNED_0, Signed(17), ONE;
        /// Bits 0 to 15 of a distance.
        DeltaMoveWide0Unchecked => Relative, MOVE_0, Any, ONE;
        /// Bits 16 to 31 of a distance that has no higher bits.
        DeltaMoveWide1 => Relative, MOVE_SIGNED_1, Signed(33), ONE;
        /// Bits 16 to 31 of a distance.
        DeltaMoveWide1Unchecked => Relative, MOVE_1, Any, ONE;
        /// Bits 32 to 47 of a distance that has no higher bits.
        DeltaMoveWide2 => Relative, MOVE_SIGNED_2, Signed(49), ONE;
        /// Bits 32 to 47 of a distance.
        DeltaMoveWide2Unchecked => Relative, MOVE_2, Any, ONE;
        /// Bits 48 to 63 of a distance.
        DeltaMoveWide3 => Relative, MOVE_SIGNED_3, Any, ONE;

        /// The distance in pages to a GOT entry, in an ADRP that may be rewritten.
        GotPage21 => PageRelative, ADRP_21, Signed(33), ONE;
        /// The offset in its page of a GOT entry, in a load that may be rewritten.
        GotPageOffset12 => PageOffset, ACCESS_12_BY_8, Any, EIGHT;
        /// Nothing: ADRP of a GOT entry that is not read any more.
        RelaxedNothing => Nothing, Empty, Any, ONE rewriting Nothing;
        /// The distance to what a GOT entry holds, in a load of the entry that becomes ADR.
        RelaxedAdr21 => Relative, ADR_21, Signed(21), ONE rewriting Adr;
        /// The offset in its page of what a GOT entry holds, in a load of the entry that becomes ADD.
        RelaxedPageOffset12 => PageOffset, ADD_12, Any, ONE rewriting Add;
        /// The distance of a GOT entry from the page of the GOT's start, in a load.
        GotTableOffset15 => TablePageRelative, ACCESS_15_BY_8, Unsigned(15), EIGHT;
        /// The offset of a GOT entry in the GOT, in a load.
        TableOffset15 => TableRelative, ACCESS_15_BY_8, Unsigned(15), EIGHT;
        /// Bits 0 to 15 of the offset of a GOT entry in the GOT; there are no higher bits.
        TableMoveWide0 => TableRelative, MOVE_SIGNED_0, Signed(17), ONE;
        /// Bits 0 to 15 of the offset of a GOT entry in the GOT.
        TableMoveWide0Unchecked => TableRelative, MOVE_0, Any, ONE;
        /// Bits 16 to 31 of the offset of a GOT entry in the GOT; there are no higher bits.
        TableMoveWide1 => TableRelative, MOVE_SIGNED_1, Signed(33), ONE;
        /// Bits 16 to 31 of the offset of a GOT entry in the GOT.
        TableMoveWide1Unchecked => TableRelative, MOVE_1, Any, ONE;
        /// Bits 32 to 47 of the offset of a GOT entry in the GOT; there are no higher bits.
        TableMoveWide2 => TableRelative, MOVE_SIGNED_2, Signed(49), ONE;
        /// Bits 32 to 47 of the offset of a GOT entry in the GOT.
        TableMoveWide2Unchecked => TableRelative, MOVE_2, Any, ONE;
        /// Bits 48 to 63 of the offset of a GOT entry in the GOT.
        TableMoveWide3 => TableRelative, MOVE_SIGNED_3, Any, ONE;

        /// A call or jump that may go through a stub.
        RequestBranch26 => Relative, BRANCH_26, Signed(28), FOUR, Stub becomes Aarch64(Branch26);
        /// The distance to the target or a stub for it, in four bytes of data.
        RequestBranchDelta32 => Relative, Word, Signed(32), ONE, Stub becomes Data(Delta32);
        /// The distance in pages to the target's GOT entry, in an ADRP.
        RequestGotPage21 => PageRelative, ADRP_21, Signed(33), ONE, Got becomes Aarch64(GotPage21);
        /// The offset in its page of the target's GOT entry, in a load.
        RequestGotPageOffset12 => PageOffset, ACCESS_12_BY_8, Any, EIGHT, Got becomes Aarch64(GotPageOffset12);
        /// The distance of the target's GOT entry from the page of the GOT's start, in a load.
        RequestGotTableOffset15 => TablePageRelative, ACCESS_15_BY_8, Unsigned(15), EIGHT, Got becomes Aarch64(GotTableOffset15);
        /// The offset of the target's GOT entry in the GOT, in a load.
        RequestGotOffset15 => TableRelative, ACCESS_15_BY_8, Unsigned(15), EIGHT, Got becomes Aarch64(TableOffset15);
        /// The distance to the target's GOT entry, in four bytes of data.
        RequestGotDelta32 => Relative, Word, Signed(32), ONE, Got becomes Data(Delta32);
        /// The distance to the target's GOT entry, in a literal load.
        RequestGotLoadLiteral19 => Relative, LITERAL_19, Signed(21), FOUR, Got becomes Aarch64(LoadLiteral19);
        /// Bits 0 to 15 of the offset of the target's GOT entry in the GOT; there are no higher bits.
        RequestGotMoveWide0 => TableRelative, MOVE_SIGNED_0, Signed(17), ONE, Got becomes Aarch64(TableMoveWide0);
        /// Bits 0 to 15 of the offset of the target's GOT entry in the GOT.
        RequestGotMoveWide0Unchecked => TableRelative, MOVE_0, Any, ONE, Got becomes Aarch64(TableMoveWide0Unchecked);
        /// Bits 16 to 31 of the offset of the target's GOT entry in the GOT; there are no higher bits.
        RequestGotMoveWide1 => TableRelative, MOVE_SIGNED_1, Signed(33), ONE, Got becomes Aarch64(TableMoveWide1);
        /// Bits 16 to 31 of the offset of the target's GOT entry in the GOT.
        RequestGotMoveWide1Unchecked => TableRelative, MOVE_1, Any, ONE, Got becomes Aarch64(TableMoveWide1Unchecked);
        /// Bits 32 to 47 of the offset of the target's GOT entry in the GOT; there are no higher bits.
        RequestGotMoveWide2 => TableRelative, MOVE_SIGNED_2, Signed(49), ONE, Got becomes Aarch64(TableMoveWide2);
        /// Bits 32 to 47 of the offset of the target's GOT entry in the GOT.
        RequestGotMoveWide2Unchecked => TableRelative, MOVE_2, Any, ONE, Got becomes Aarch64(TableMoveWide2Unchecked);
        /// Bits 48 to 63 of the offset of the target's GOT entry in the GOT.
        RequestGotMoveWide3 => TableRelative, MOVE_SIGNED_3, Any, ONE, Got becomes Aarch64(TableMoveWide3);

        /// Bits 0 to 15 of an offset from the thread pointer that has no higher bits.
        ThreadOffsetMoveWide0 => ThreadOffset, MOVE_SIGNED_0, Signed(17), ONE;
        /// Bits 0 to 15 of an offset from the thread pointer.
        ThreadOffsetMoveWide0Unchecked => ThreadOffset, MOVE_0, Any, ONE;
        /// Bits 16 to 31 of an offset from the thread pointer that has no higher bits.
        ThreadOffsetMoveWide1 => ThreadOffset, MOVE_SIGNED_1, Signed(33), ONE;
        /// Bits 16 to 31 of an offset from the thread pointer.
        ThreadOffsetMoveWide1Unchecked => ThreadOffset, MOVE_1, Any, ONE;
        /// Bits 32 to 47 of an offset from the thread pointer that has no higher bits.
        ThreadOffsetMoveWide2 => ThreadOffset, MOVE_SIGNED_2, Signed(49), ONE;
        /// Bits 12 to 23 of an offset from the thread pointer that has no higher bits, in ADD.
        ThreadOffsetAddHigh12 => ThreadOffset, ADD_HIGH_12, Unsigned(24), ONE;
        /// Bits 0 to 11 of an offset from the thread pointer that has no higher bits, in ADD.
        ThreadOffsetAdd12 => ThreadOffset, ADD_12, Unsigned(12), ONE;
        /// Bits 0 to 11 of an offset from the thread pointer, in ADD.
        ThreadOffsetAdd12Unchecked => ThreadOffset, ADD_12, Any, ONE;
        /// Bits 0 to 11 of an offset from the thread pointer that has no higher bits, in a load or store of 1 byte.
        ThreadOffset12By1 => ThreadOffset, ACCESS_12_BY_1, Unsigned(12), ONE;
        /// Bits 0 to 11 of an offset from the thread pointer, in a load or store of 1 byte.
        ThreadOffset12By1Unchecked => ThreadOffset, ACCESS_12_BY_1, Any, ONE;
        /// Bits 0 to 11 of an offset from the thread pointer that has no higher bits, in a load or store of 2 bytes.
        ThreadOffset12By2 => ThreadOffset, ACCESS_12_BY_2, Unsigned(12), TWO;
        /// Bits 0 to 11 of an offset from the thread pointer, in a load or store of 2 bytes.
        ThreadOffset12By2Unchecked => ThreadOffset, ACCESS_12_BY_2, Any, TWO;
        /// Bits 0 to 11 of an offset from the thread pointer that has no higher bits, in a load or store of 4 bytes.
        ThreadOffset12By4 => ThreadOffset, ACCESS_12_BY_4, Unsigned(12), FOUR;
        /// Bits 0 to 11 of an offset from the thread pointer, in a load or store of 4 bytes.
        ThreadOffset12By4Unchecked => ThreadOffset, ACCESS_12_BY_4, Any, FOUR;
        /// Bits 0 to 11 of an offset from the thread pointer that has no higher bits, in a load or store of 8 bytes.
        ThreadOffset12By8 => ThreadOffset, ACCESS_12_BY_8, Unsigned(12), EIGHT;
        /// Bits 0 to 11 of an offset from the thread pointer, in a load or store of 8 bytes.
        ThreadOffset12By8Unchecked => ThreadOffset, ACCESS_12_BY_8, Any, EIGHT;
        /// Bits 0 to 11 of an offset from the thread pointer that has no higher bits, in a load or store of 16 bytes.
        ThreadOffset12By16 => ThreadOffset, ACCESS_12_BY_16, Unsigned(12), SIXTEEN;
        /// Bits 0 to 11 of an offset from the thread pointer, in a load or store of 16 bytes.
        ThreadOffset12By16Unchecked => ThreadOffset, ACCESS_12_BY_16, Any, SIXTEEN;

        /// Bits 0 to 15 of an offset in the module's block of thread-local storage that has no higher bits.
        ThreadBlockOffsetMoveWide0 => ThreadBlockOffset, MOVE_SIGNED_0, Signed(17), ONE;
        /// Bits 0 to 15 of an offset in the module's block of thread-local storage.
        ThreadBlockOffsetMoveWide0Unchecked => ThreadBlockOffset, MOVE_0, Any, ONE;
        /// Bits 16 to 31 of an offset in the module's block of thread-local storage that has no higher bits.
        ThreadBlockOffsetMoveWide1 => ThreadBlockOffset, MOVE_SIGNED_1, Signed(33), ONE;
        /// Bits 16 to 31 of an offset in the module's block of thread-local storage.
        ThreadBlockOffsetMoveWide1Unchecked => ThreadBlockOffset, MOVE_1, Any, ONE;
        /// Bits 32 to 47 of an offset in the module's block of thread-local storage that has no higher bits.
        ThreadBlockOffsetMoveWide2 => ThreadBlockOffset, MOVE_SIGNED_2, Signed(49), ONE;
        /// Bits 12 to 23 of an offset in the module's block of thread-local storage that has no higher bits, in ADD.
        ThreadBlockOffsetAddHigh12 => ThreadBlockOffset, ADD_HIGH_12, Unsigned(24), ONE;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage that has no higher bits, in ADD.
        ThreadBlockOffsetAdd12 => ThreadBlockOffset, ADD_12, Unsigned(12), ONE;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage, in ADD.
        ThreadBlockOffsetAdd12Unchecked => ThreadBlockOffset, ADD_12, Any, ONE;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage that has no higher bits, in a load or store of 1 byte.
        ThreadBlockOffset12By1 => ThreadBlockOffset, ACCESS_12_BY_1, Unsigned(12), ONE;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage, in a load or store of 1 byte.
        ThreadBlockOffset12By1Unchecked => ThreadBlockOffset, ACCESS_12_BY_1, Any, ONE;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage that has no higher bits, in a load or store of 2 bytes.
        ThreadBlockOffset12By2 => ThreadBlockOffset, ACCESS_12_BY_2, Unsigned(12), TWO;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage, in a load or store of 2 bytes.
        ThreadBlockOffset12By2Unchecked => ThreadBlockOffset, ACCESS_12_BY_2, Any, TWO;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage that has no higher bits, in a load or store of 4 bytes.
        ThreadBlockOffset12By4 => ThreadBlockOffset, ACCESS_12_BY_4, Unsigned(12), FOUR;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage, in a load or store of 4 bytes.
        ThreadBlockOffset12By4Unchecked => ThreadBlockOffset, ACCESS_12_BY_4, Any, FOUR;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage that has no higher bits, in a load or store of 8 bytes.
        ThreadBlockOffset12By8 => ThreadBlockOffset, ACCESS_12_BY_8, Unsigned(12), EIGHT;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage, in a load or store of 8 bytes.
        ThreadBlockOffset12By8Unchecked => ThreadBlockOffset, ACCESS_12_BY_8, Any, EIGHT;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage that has no higher bits, in a load or store of 16 bytes.
        ThreadBlockOffset12By16 => ThreadBlockOffset, ACCESS_12_BY_16, Unsigned(12), SIXTEEN;
        /// Bits 0 to 11 of an offset in the module's block of thread-local storage, in a load or store of 16 bytes.
        ThreadBlockOffset12By16Unchecked => ThreadBlockOffset, ACCESS_12_BY_16, Any, SIXTEEN;

        /// The distance to the target's module and offset, in an ADR.
        RequestThreadPairAdr21 => Relative, ADR_21, Signed(21), ONE, ThreadPair becomes Aarch64(Adr21);
        /// The distance in pages to the target's module and offset, in an ADRP.
        RequestThreadPairPage21 => PageRelative, ADRP_21, Signed(33), ONE, ThreadPair becomes Aarch64(Page21);
        /// The offset in its page of the target's module and offset, in an ADD.
        RequestThreadPairPageOffset12 => PageOffset, ADD_12, Any, ONE, ThreadPair becomes Aarch64(PageOffset12);
        /// Bits 16 to 31 of the offset in the GOT of the target's module and offset; there are no higher bits.
        RequestThreadPairMoveWide1 => TableRelative, MOVE_SIGNED_1, Signed(33), ONE, ThreadPair becomes Aarch64(TableMoveWide1);
        /// Bits 0 to 15 of the offset in the GOT of the target's module and offset.
        RequestThreadPairMoveWide0Unchecked => TableRelative, MOVE_0, Any, ONE, ThreadPair becomes Aarch64(TableMoveWide0Unchecked);

        /// The distance to the module and an offset of zero, in an ADR.
        RequestThreadModuleAdr21 => Relative, ADR_21, Signed(21), ONE, ThreadModule becomes Aarch64(Adr21);
        /// The distance in pages to the module and an offset of zero, in an ADRP.
        RequestThreadModulePage21 => PageRelative, ADRP_21, Signed(33), ONE, ThreadModule becomes Aarch64(Page21);
        /// The offset in its page of the module and an offset of zero, in an ADD.
        RequestThreadModulePageOffset12 => PageOffset, ADD_12, Any, ONE, ThreadModule becomes Aarch64(PageOffset12);
        /// Bits 16 to 31 of the offset in the GOT of the module and an offset of zero; there are no higher bits.
        RequestThreadModuleMoveWide1 => TableRelative, MOVE_SIGNED_1, Signed(33), ONE, ThreadModule becomes Aarch64(TableMoveWide1);
        /// Bits 0 to 15 of the offset in the GOT of the module and an offset of zero.
        RequestThreadModuleMoveWide0Unchecked => TableRelative, MOVE_0, Any, ONE, ThreadModule becomes Aarch64(TableMoveWide0Unchecked);
        /// The distance to the module and an offset of zero, in a literal load.
        RequestThreadModuleLoadLiteral19 => Relative, LITERAL_19, Signed(21), FOUR, ThreadModule becomes Aarch64(LoadLiteral19);

        /// Bits 16 to 31 of the offset in the GOT of the GOT entry of the target's offset from the thread pointer; there are no higher bits.
        RequestThreadOffsetMoveWide1 => TableRelative, MOVE_SIGNED_1, Signed(33), ONE, ThreadOffset becomes Aarch64(TableMoveWide1);
        /// Bits 0 to 15 of the offset in the GOT of the GOT entry of the target's offset from the thread pointer.
        RequestThreadOffsetMoveWide0Unchecked => TableRelative, MOVE_0, Any, ONE, ThreadOffset becomes Aarch64(TableMoveWide0Unchecked);
        /// The distance in pages to the GOT entry of the target's offset from the thread pointer, in an ADRP.
        RequestThreadOffsetPage21 => PageRelative, ADRP_21, Signed(33), ONE, ThreadOffset becomes Aarch64(Page21);
        /// The offset in its page of the GOT entry of the target's offset from the thread pointer, in a load.
        RequestThreadOffsetPageOffset12By8 => PageOffset, ACCESS_12_BY_8, Any, EIGHT, ThreadOffset becomes Aarch64(PageOffset12By8);
        /// The distance to the GOT entry of the target's offset from the thread pointer, in a literal load.
        RequestThreadOffsetLoadLiteral19 => Relative, LITERAL_19, Signed(21), FOUR, ThreadOffset becomes Aarch64(LoadLiteral19);

        /// The distance to the target's descriptor, in a literal load.
        RequestThreadDescriptorLoadLiteral19 => Relative, LITERAL_19, Signed(21), FOUR, ThreadDescriptor becomes Aarch64(LoadLiteral19);
        /// The distance to the target's descriptor, in an ADR.
        RequestThreadDescriptorAdr21 => Relative, ADR_21, Signed(21), ONE, ThreadDescriptor becomes Aarch64(Adr21);
        /// The distance in pages to the target's descriptor, in an ADRP.
        RequestThreadDescriptorPage21 => PageRelative, ADRP_21, Signed(33), ONE, ThreadDescriptor becomes Aarch64(Page21);
        /// The offset in its page of the target's descriptor, in a load.
        RequestThreadDescriptorPageOffset12By8 => PageOffset, ACCESS_12_BY_8, Any, EIGHT, ThreadDescriptor becomes Aarch64(PageOffset12By8);
        /// The offset in its page of the target's descriptor, in an ADD.
        RequestThreadDescriptorPageOffset12 => PageOffset, ADD_12, Any, ONE, ThreadDescriptor becomes Aarch64(PageOffset12);
        /// Bits 16 to 31 of the offset in the GOT of the target's descriptor; there are no higher bits.
        RequestThreadDescriptorMoveWide1 => TableRelative, MOVE_SIGNED_1, Signed(33), ONE, ThreadDescriptor becomes Aarch64(TableMoveWide1);
        /// Bits 0 to 15 of the offset in the GOT of the target's descriptor.
        RequestThreadDescriptorMoveWide0Unchecked => TableRelative, MOVE_0, Any, ONE, ThreadDescriptor becomes Aarch64(TableMoveWide0Unchecked);
    }
}
