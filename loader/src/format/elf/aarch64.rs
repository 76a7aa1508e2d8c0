//! Relocation numbers of AArch64.
//!
//! Peculiar: one number for each scale of each instruction, and a whole block of them for thread-local storage. Source: ELF
//! for the Arm 64-bit Architecture (AAELF64), 5.7 "Relocation types".

use crate::edge::{Aarch64Kind, DataKind, EdgeKind};

use super::RelocationRow;
use super::table::{data, edge, nothing, refused};

const fn own(number: u16, name: &'static str, kind: Aarch64Kind) -> RelocationRow {
    edge(number, name, EdgeKind::Aarch64(kind))
}

pub(super) static RELOCATIONS: &[RelocationRow] = &[
    nothing(0, "R_AARCH64_NONE"),
    // The number that NONE had before it was 0.
    nothing(256, "R_AARCH64_NONE"),
    data(257, "R_AARCH64_ABS64", DataKind::Pointer64),
    data(258, "R_AARCH64_ABS32", DataKind::Pointer32Either),
    data(259, "R_AARCH64_ABS16", DataKind::Pointer16),
    data(260, "R_AARCH64_PREL64", DataKind::Delta64),
    data(261, "R_AARCH64_PREL32", DataKind::Delta32Either),
    data(262, "R_AARCH64_PREL16", DataKind::Delta16Either),
    own(263, "R_AARCH64_MOVW_UABS_G0", Aarch64Kind::MoveWide0),
    own(
        264,
        "R_AARCH64_MOVW_UABS_G0_NC",
        Aarch64Kind::MoveWide0Unchecked,
    ),
    own(265, "R_AARCH64_MOVW_UABS_G1", Aarch64Kind::MoveWide1),
    own(
        266,
        "R_AARCH64_MOVW_UABS_G1_NC",
        Aarch64Kind::MoveWide1Unchecked,
    ),
    own(267, "R_AARCH64_MOVW_UABS_G2", Aarch64Kind::MoveWide2),
    own(
        268,
        "R_AARCH64_MOVW_UABS_G2_NC",
        Aarch64Kind::MoveWide2Unchecked,
    ),
    own(269, "R_AARCH64_MOVW_UABS_G3", Aarch64Kind::MoveWide3),
    own(270, "R_AARCH64_MOVW_SABS_G0", Aarch64Kind::MoveWideSigned0),
    own(271, "R_AARCH64_MOVW_SABS_G1", Aarch64Kind::MoveWideSigned1),
    own(272, "R_AARCH64_MOVW_SABS_G2", Aarch64Kind::MoveWideSigned2),
    own(273, "R_AARCH64_LD_PREL_LO19", Aarch64Kind::LoadLiteral19),
    own(274, "R_AARCH64_ADR_PREL_LO21", Aarch64Kind::Adr21),
    own(275, "R_AARCH64_ADR_PREL_PG_HI21", Aarch64Kind::Page21),
    own(
        276,
        "R_AARCH64_ADR_PREL_PG_HI21_NC",
        Aarch64Kind::Page21Unchecked,
    ),
    own(277, "R_AARCH64_ADD_ABS_LO12_NC", Aarch64Kind::PageOffset12),
    own(
        278,
        "R_AARCH64_LDST8_ABS_LO12_NC",
        Aarch64Kind::PageOffset12By1,
    ),
    own(279, "R_AARCH64_TSTBR14", Aarch64Kind::TestBranch14),
    own(280, "R_AARCH64_CONDBR19", Aarch64Kind::CondBranch19),
    own(282, "R_AARCH64_JUMP26", Aarch64Kind::RequestBranch26),
    own(283, "R_AARCH64_CALL26", Aarch64Kind::RequestBranch26),
    own(
        284,
        "R_AARCH64_LDST16_ABS_LO12_NC",
        Aarch64Kind::PageOffset12By2,
    ),
    own(
        285,
        "R_AARCH64_LDST32_ABS_LO12_NC",
        Aarch64Kind::PageOffset12By4,
    ),
    own(
        286,
        "R_AARCH64_LDST64_ABS_LO12_NC",
        Aarch64Kind::PageOffset12By8,
    ),
    own(287, "R_AARCH64_MOVW_PREL_G0", Aarch64Kind::DeltaMoveWide0),
    own(
        288,
        "R_AARCH64_MOVW_PREL_G0_NC",
        Aarch64Kind::DeltaMoveWide0Unchecked,
    ),
    own(289, "R_AARCH64_MOVW_PREL_G1", Aarch64Kind::DeltaMoveWide1),
    own(
        290,
        "R_AARCH64_MOVW_PREL_G1_NC",
        Aarch64Kind::DeltaMoveWide1Unchecked,
    ),
    own(291, "R_AARCH64_MOVW_PREL_G2", Aarch64Kind::DeltaMoveWide2),
    own(
        292,
        "R_AARCH64_MOVW_PREL_G2_NC",
        Aarch64Kind::DeltaMoveWide2Unchecked,
    ),
    own(293, "R_AARCH64_MOVW_PREL_G3", Aarch64Kind::DeltaMoveWide3),
    own(
        299,
        "R_AARCH64_LDST128_ABS_LO12_NC",
        Aarch64Kind::PageOffset12By16,
    ),
    own(
        300,
        "R_AARCH64_MOVW_GOTOFF_G0",
        Aarch64Kind::RequestGotMoveWide0,
    ),
    own(
        301,
        "R_AARCH64_MOVW_GOTOFF_G0_NC",
        Aarch64Kind::RequestGotMoveWide0Unchecked,
    ),
    own(
        302,
        "R_AARCH64_MOVW_GOTOFF_G1",
        Aarch64Kind::RequestGotMoveWide1,
    ),
    own(
        303,
        "R_AARCH64_MOVW_GOTOFF_G1_NC",
        Aarch64Kind::RequestGotMoveWide1Unchecked,
    ),
    own(
        304,
        "R_AARCH64_MOVW_GOTOFF_G2",
        Aarch64Kind::RequestGotMoveWide2,
    ),
    own(
        305,
        "R_AARCH64_MOVW_GOTOFF_G2_NC",
        Aarch64Kind::RequestGotMoveWide2Unchecked,
    ),
    own(
        306,
        "R_AARCH64_MOVW_GOTOFF_G3",
        Aarch64Kind::RequestGotMoveWide3,
    ),
    data(307, "R_AARCH64_GOTREL64", DataKind::TableDelta64),
    data(308, "R_AARCH64_GOTREL32", DataKind::TableDelta32),
    own(
        309,
        "R_AARCH64_GOT_LD_PREL19",
        Aarch64Kind::RequestGotLoadLiteral19,
    ),
    own(
        310,
        "R_AARCH64_LD64_GOTOFF_LO15",
        Aarch64Kind::RequestGotOffset15,
    ),
    own(311, "R_AARCH64_ADR_GOT_PAGE", Aarch64Kind::RequestGotPage21),
    own(
        312,
        "R_AARCH64_LD64_GOT_LO12_NC",
        Aarch64Kind::RequestGotPageOffset12,
    ),
    own(
        313,
        "R_AARCH64_LD64_GOTPAGE_LO15",
        Aarch64Kind::RequestGotTableOffset15,
    ),
    own(314, "R_AARCH64_PLT32", Aarch64Kind::RequestBranchDelta32),
    own(315, "R_AARCH64_GOTPCREL32", Aarch64Kind::RequestGotDelta32),
    own(
        512,
        "R_AARCH64_TLSGD_ADR_PREL21",
        Aarch64Kind::RequestThreadPairAdr21,
    ),
    own(
        513,
        "R_AARCH64_TLSGD_ADR_PAGE21",
        Aarch64Kind::RequestThreadPairPage21,
    ),
    own(
        514,
        "R_AARCH64_TLSGD_ADD_LO12_NC",
        Aarch64Kind::RequestThreadPairPageOffset12,
    ),
    own(
        515,
        "R_AARCH64_TLSGD_MOVW_G1",
        Aarch64Kind::RequestThreadPairMoveWide1,
    ),
    own(
        516,
        "R_AARCH64_TLSGD_MOVW_G0_NC",
        Aarch64Kind::RequestThreadPairMoveWide0Unchecked,
    ),
    own(
        517,
        "R_AARCH64_TLSLD_ADR_PREL21",
        Aarch64Kind::RequestThreadModuleAdr21,
    ),
    own(
        518,
        "R_AARCH64_TLSLD_ADR_PAGE21",
        Aarch64Kind::RequestThreadModulePage21,
    ),
    own(
        519,
        "R_AARCH64_TLSLD_ADD_LO12_NC",
        Aarch64Kind::RequestThreadModulePageOffset12,
    ),
    own(
        520,
        "R_AARCH64_TLSLD_MOVW_G1",
        Aarch64Kind::RequestThreadModuleMoveWide1,
    ),
    own(
        521,
        "R_AARCH64_TLSLD_MOVW_G0_NC",
        Aarch64Kind::RequestThreadModuleMoveWide0Unchecked,
    ),
    own(
        522,
        "R_AARCH64_TLSLD_LD_PREL19",
        Aarch64Kind::RequestThreadModuleLoadLiteral19,
    ),
    own(
        523,
        "R_AARCH64_TLSLD_MOVW_DTPREL_G2",
        Aarch64Kind::ThreadBlockOffsetMoveWide2,
    ),
    own(
        524,
        "R_AARCH64_TLSLD_MOVW_DTPREL_G1",
        Aarch64Kind::ThreadBlockOffsetMoveWide1,
    ),
    own(
        525,
        "R_AARCH64_TLSLD_MOVW_DTPREL_G1_NC",
        Aarch64Kind::ThreadBlockOffsetMoveWide1Unchecked,
    ),
    own(
        526,
        "R_AARCH64_TLSLD_MOVW_DTPREL_G0",
        Aarch64Kind::ThreadBlockOffsetMoveWide0,
    ),
    own(
        527,
        "R_AARCH64_TLSLD_MOVW_DTPREL_G0_NC",
        Aarch64Kind::ThreadBlockOffsetMoveWide0Unchecked,
    ),
    own(
        528,
        "R_AARCH64_TLSLD_ADD_DTPREL_HI12",
        Aarch64Kind::ThreadBlockOffsetAddHigh12,
    ),
    own(
        529,
        "R_AARCH64_TLSLD_ADD_DTPREL_LO12",
        Aarch64Kind::ThreadBlockOffsetAdd12,
    ),
    own(
        530,
        "R_AARCH64_TLSLD_ADD_DTPREL_LO12_NC",
        Aarch64Kind::ThreadBlockOffsetAdd12Unchecked,
    ),
    own(
        531,
        "R_AARCH64_TLSLD_LDST8_DTPREL_LO12",
        Aarch64Kind::ThreadBlockOffset12By1,
    ),
    own(
        532,
        "R_AARCH64_TLSLD_LDST8_DTPREL_LO12_NC",
        Aarch64Kind::ThreadBlockOffset12By1Unchecked,
    ),
    own(
        533,
        "R_AARCH64_TLSLD_LDST16_DTPREL_LO12",
        Aarch64Kind::ThreadBlockOffset12By2,
    ),
    own(
        534,
        "R_AARCH64_TLSLD_LDST16_DTPREL_LO12_NC",
        Aarch64Kind::ThreadBlockOffset12By2Unchecked,
    ),
    own(
        535,
        "R_AARCH64_TLSLD_LDST32_DTPREL_LO12",
        Aarch64Kind::ThreadBlockOffset12By4,
    ),
    own(
        536,
        "R_AARCH64_TLSLD_LDST32_DTPREL_LO12_NC",
        Aarch64Kind::ThreadBlockOffset12By4Unchecked,
    ),
    own(
        537,
        "R_AARCH64_TLSLD_LDST64_DTPREL_LO12",
        Aarch64Kind::ThreadBlockOffset12By8,
    ),
    own(
        538,
        "R_AARCH64_TLSLD_LDST64_DTPREL_LO12_NC",
        Aarch64Kind::ThreadBlockOffset12By8Unchecked,
    ),
    own(
        539,
        "R_AARCH64_TLSIE_MOVW_GOTTPREL_G1",
        Aarch64Kind::RequestThreadOffsetMoveWide1,
    ),
    own(
        540,
        "R_AARCH64_TLSIE_MOVW_GOTTPREL_G0_NC",
        Aarch64Kind::RequestThreadOffsetMoveWide0Unchecked,
    ),
    own(
        541,
        "R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21",
        Aarch64Kind::RequestThreadOffsetPage21,
    ),
    own(
        542,
        "R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC",
        Aarch64Kind::RequestThreadOffsetPageOffset12By8,
    ),
    own(
        543,
        "R_AARCH64_TLSIE_LD_GOTTPREL_PREL19",
        Aarch64Kind::RequestThreadOffsetLoadLiteral19,
    ),
    own(
        544,
        "R_AARCH64_TLSLE_MOVW_TPREL_G2",
        Aarch64Kind::ThreadOffsetMoveWide2,
    ),
    own(
        545,
        "R_AARCH64_TLSLE_MOVW_TPREL_G1",
        Aarch64Kind::ThreadOffsetMoveWide1,
    ),
    own(
        546,
        "R_AARCH64_TLSLE_MOVW_TPREL_G1_NC",
        Aarch64Kind::ThreadOffsetMoveWide1Unchecked,
    ),
    own(
        547,
        "R_AARCH64_TLSLE_MOVW_TPREL_G0",
        Aarch64Kind::ThreadOffsetMoveWide0,
    ),
    own(
        548,
        "R_AARCH64_TLSLE_MOVW_TPREL_G0_NC",
        Aarch64Kind::ThreadOffsetMoveWide0Unchecked,
    ),
    own(
        549,
        "R_AARCH64_TLSLE_ADD_TPREL_HI12",
        Aarch64Kind::ThreadOffsetAddHigh12,
    ),
    own(
        550,
        "R_AARCH64_TLSLE_ADD_TPREL_LO12",
        Aarch64Kind::ThreadOffsetAdd12,
    ),
    own(
        551,
        "R_AARCH64_TLSLE_ADD_TPREL_LO12_NC",
        Aarch64Kind::ThreadOffsetAdd12Unchecked,
    ),
    own(
        552,
        "R_AARCH64_TLSLE_LDST8_TPREL_LO12",
        Aarch64Kind::ThreadOffset12By1,
    ),
    own(
        553,
        "R_AARCH64_TLSLE_LDST8_TPREL_LO12_NC",
        Aarch64Kind::ThreadOffset12By1Unchecked,
    ),
    own(
        554,
        "R_AARCH64_TLSLE_LDST16_TPREL_LO12",
        Aarch64Kind::ThreadOffset12By2,
    ),
    own(
        555,
        "R_AARCH64_TLSLE_LDST16_TPREL_LO12_NC",
        Aarch64Kind::ThreadOffset12By2Unchecked,
    ),
    own(
        556,
        "R_AARCH64_TLSLE_LDST32_TPREL_LO12",
        Aarch64Kind::ThreadOffset12By4,
    ),
    own(
        557,
        "R_AARCH64_TLSLE_LDST32_TPREL_LO12_NC",
        Aarch64Kind::ThreadOffset12By4Unchecked,
    ),
    own(
        558,
        "R_AARCH64_TLSLE_LDST64_TPREL_LO12",
        Aarch64Kind::ThreadOffset12By8,
    ),
    own(
        559,
        "R_AARCH64_TLSLE_LDST64_TPREL_LO12_NC",
        Aarch64Kind::ThreadOffset12By8Unchecked,
    ),
    own(
        560,
        "R_AARCH64_TLSDESC_LD_PREL19",
        Aarch64Kind::RequestThreadDescriptorLoadLiteral19,
    ),
    own(
        561,
        "R_AARCH64_TLSDESC_ADR_PREL21",
        Aarch64Kind::RequestThreadDescriptorAdr21,
    ),
    own(
        562,
        "R_AARCH64_TLSDESC_ADR_PAGE21",
        Aarch64Kind::RequestThreadDescriptorPage21,
    ),
    own(
        563,
        "R_AARCH64_TLSDESC_LD64_LO12",
        Aarch64Kind::RequestThreadDescriptorPageOffset12By8,
    ),
    own(
        564,
        "R_AARCH64_TLSDESC_ADD_LO12",
        Aarch64Kind::RequestThreadDescriptorPageOffset12,
    ),
    own(
        565,
        "R_AARCH64_TLSDESC_OFF_G1",
        Aarch64Kind::RequestThreadDescriptorMoveWide1,
    ),
    own(
        566,
        "R_AARCH64_TLSDESC_OFF_G0_NC",
        Aarch64Kind::RequestThreadDescriptorMoveWide0Unchecked,
    ),
    // These only mark instructions of a sequence that could be rewritten.
    nothing(567, "R_AARCH64_TLSDESC_LDR"),
    nothing(568, "R_AARCH64_TLSDESC_ADD"),
    nothing(569, "R_AARCH64_TLSDESC_CALL"),
    own(
        570,
        "R_AARCH64_TLSLE_LDST128_TPREL_LO12",
        Aarch64Kind::ThreadOffset12By16,
    ),
    own(
        571,
        "R_AARCH64_TLSLE_LDST128_TPREL_LO12_NC",
        Aarch64Kind::ThreadOffset12By16Unchecked,
    ),
    own(
        572,
        "R_AARCH64_TLSLD_LDST128_DTPREL_LO12",
        Aarch64Kind::ThreadBlockOffset12By16,
    ),
    own(
        573,
        "R_AARCH64_TLSLD_LDST128_DTPREL_LO12_NC",
        Aarch64Kind::ThreadBlockOffset12By16Unchecked,
    ),
    refused(1024, "R_AARCH64_COPY"),
    refused(1025, "R_AARCH64_GLOB_DAT"),
    refused(1026, "R_AARCH64_JUMP_SLOT"),
    refused(1027, "R_AARCH64_RELATIVE"),
    refused(1028, "R_AARCH64_TLS_IMPDEF1"),
    refused(1029, "R_AARCH64_TLS_IMPDEF2"),
    refused(1030, "R_AARCH64_TLS_TPREL"),
    refused(1031, "R_AARCH64_TLSDESC"),
    refused(1032, "R_AARCH64_IRELATIVE"),
];
