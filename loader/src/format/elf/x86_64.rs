//! Relocation numbers of x86-64.
//!
//! Peculiar: several numbers that differ only in what a linker may rewrite. Source: System V ABI, AMD64 supplement, 4.4.1
//! "Relocation Types".

use crate::edge::{DataKind, EdgeKind, X86_64Kind};

use super::RelocationRow;
use super::table::{data, edge, nothing, refused};

const fn own(number: u16, name: &'static str, kind: X86_64Kind) -> RelocationRow {
    edge(number, name, EdgeKind::X86_64(kind))
}

pub(super) static RELOCATIONS: &[RelocationRow] = &[
    nothing(0, "R_X86_64_NONE"),
    data(1, "R_X86_64_64", DataKind::Pointer64),
    data(2, "R_X86_64_PC32", DataKind::Delta32),
    own(3, "R_X86_64_GOT32", X86_64Kind::RequestGotOffset32),
    own(4, "R_X86_64_PLT32", X86_64Kind::RequestBranch32),
    refused(5, "R_X86_64_COPY"),
    refused(6, "R_X86_64_GLOB_DAT"),
    refused(7, "R_X86_64_JUMP_SLOT"),
    refused(8, "R_X86_64_RELATIVE"),
    own(9, "R_X86_64_GOTPCREL", X86_64Kind::RequestGotDelta32),
    data(10, "R_X86_64_32", DataKind::Pointer32),
    data(11, "R_X86_64_32S", DataKind::Pointer32Signed),
    data(12, "R_X86_64_16", DataKind::Pointer16),
    data(13, "R_X86_64_PC16", DataKind::Delta16),
    data(14, "R_X86_64_8", DataKind::Pointer8),
    data(15, "R_X86_64_PC8", DataKind::Delta8),
    data(16, "R_X86_64_DTPMOD64", DataKind::ThreadModule64),
    data(17, "R_X86_64_DTPOFF64", DataKind::ThreadBlockOffset64),
    data(18, "R_X86_64_TPOFF64", DataKind::ThreadOffset64),
    own(19, "R_X86_64_TLSGD", X86_64Kind::RequestThreadPairDelta32),
    own(20, "R_X86_64_TLSLD", X86_64Kind::RequestThreadModuleDelta32),
    data(21, "R_X86_64_DTPOFF32", DataKind::ThreadBlockOffset32),
    own(
        22,
        "R_X86_64_GOTTPOFF",
        X86_64Kind::RequestThreadOffsetDelta32,
    ),
    data(23, "R_X86_64_TPOFF32", DataKind::ThreadOffset32),
    data(24, "R_X86_64_PC64", DataKind::Delta64),
    data(25, "R_X86_64_GOTOFF64", DataKind::TableDelta64),
    own(26, "R_X86_64_GOTPC32", X86_64Kind::RequestGotBaseDelta32),
    own(27, "R_X86_64_GOT64", X86_64Kind::RequestGotOffset64),
    own(28, "R_X86_64_GOTPCREL64", X86_64Kind::RequestGotDelta64),
    own(29, "R_X86_64_GOTPC64", X86_64Kind::RequestGotBaseDelta64),
    own(30, "R_X86_64_GOTPLT64", X86_64Kind::RequestGotOffset64),
    own(31, "R_X86_64_PLTOFF64", X86_64Kind::RequestStubOffset64),
    data(32, "R_X86_64_SIZE32", DataKind::Size32),
    data(33, "R_X86_64_SIZE64", DataKind::Size64),
    own(
        34,
        "R_X86_64_GOTPC32_TLSDESC",
        X86_64Kind::RequestThreadDescriptorDelta32,
    ),
    // Only marks a call that could be rewritten.
    nothing(35, "R_X86_64_TLSDESC_CALL"),
    data(36, "R_X86_64_TLSDESC", DataKind::ThreadDescriptor),
    refused(37, "R_X86_64_IRELATIVE"),
    refused(38, "R_X86_64_RELATIVE64"),
    // Deprecated: the instruction has the prefix BND.
    data(39, "R_X86_64_PC32_BND", DataKind::Delta32),
    own(40, "R_X86_64_PLT32_BND", X86_64Kind::RequestBranch32),
    own(
        41,
        "R_X86_64_GOTPCRELX",
        X86_64Kind::RequestGotLoad32Relaxable,
    ),
    own(
        42,
        "R_X86_64_REX_GOTPCRELX",
        X86_64Kind::RequestGotLoad32RelaxableRex,
    ),
    own(
        43,
        "R_X86_64_CODE_4_GOTPCRELX",
        X86_64Kind::RequestGotLoad32RelaxableRex2,
    ),
    own(
        44,
        "R_X86_64_CODE_4_GOTTPOFF",
        X86_64Kind::RequestThreadOffsetDelta32,
    ),
    own(
        45,
        "R_X86_64_CODE_4_GOTPC32_TLSDESC",
        X86_64Kind::RequestThreadDescriptorDelta32,
    ),
    own(
        46,
        "R_X86_64_CODE_5_GOTPCRELX",
        X86_64Kind::RequestGotDelta32,
    ),
    own(
        47,
        "R_X86_64_CODE_5_GOTTPOFF",
        X86_64Kind::RequestThreadOffsetDelta32,
    ),
    own(
        48,
        "R_X86_64_CODE_5_GOTPC32_TLSDESC",
        X86_64Kind::RequestThreadDescriptorDelta32,
    ),
    own(
        49,
        "R_X86_64_CODE_6_GOTPCRELX",
        X86_64Kind::RequestGotDelta32,
    ),
    own(
        50,
        "R_X86_64_CODE_6_GOTTPOFF",
        X86_64Kind::RequestThreadOffsetDelta32,
    ),
    own(
        51,
        "R_X86_64_CODE_6_GOTPC32_TLSDESC",
        X86_64Kind::RequestThreadDescriptorDelta32,
    ),
];
