//! What Cranelift wants written into code, as rows of `edge/`.

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, LibCall};

use crate::base::Machine;
use crate::compiler::{Callee, RelocationFault, Routine};
use crate::edge::{Aarch64Kind, DataKind, EdgeKind, X86_64Kind};

use super::{DATA, FUNCTIONS};

/// The kind that `reloc` is at the end of `before`, code for `machine`.
///
/// Cranelift has one name for the distance in a call and the one in a load of an address (LEA); only the former may go to a
/// stub instead. And it doesn't tell a load of a GOT entry that can be relaxed from other uses of the entry.
///
/// # Errors
/// As those of [`kind`].
pub(super) fn kind_behind(
    machine: Machine,
    reloc: Reloc,
    before: &[u8],
) -> Result<EdgeKind, RelocationFault> {
    let kind = kind(machine, reloc)?;
    Ok(match (reloc, before) {
        (Reloc::X86CallPCRel4, [.., CALL | JUMP]) => kind,
        (Reloc::X86CallPCRel4, _) => EdgeKind::Data(DataKind::Delta32),
        // MOV of 64 bits from where a distance tells, with a REX prefix.
        (Reloc::X86GOTPCRel4, [.., 0x48 | 0x4c, 0x8b, operands]) if operands & 0xc7 == 0x05 => {
            EdgeKind::X86_64(X86_64Kind::RequestGotLoad32RelaxableRex)
        }
        _ => kind,
    })
}

/// The opcode of CALL with a distance of 32 bits.
const CALL: u8 = 0xe8;

/// The opcode of JMP with a distance of 32 bits.
const JUMP: u8 = 0xe9;

/// The kind that `reloc` is in code for `machine`, whatever stands before it.
///
/// # Errors
/// It is for thread-local storage, for another object format, or for another machine.
pub(super) const fn kind(machine: Machine, reloc: Reloc) -> Result<EdgeKind, RelocationFault> {
    let (of, kind) = match reloc {
        Reloc::Abs4 => return Ok(EdgeKind::Data(DataKind::Pointer32)),
        Reloc::Abs8 => return Ok(EdgeKind::Data(DataKind::Pointer64)),

        Reloc::X86PCRel4 => (Machine::X86_64, EdgeKind::Data(DataKind::Delta32)),
        // A call may go through a stub, whether or not what it calls was told to be near.
        Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4 => (
            Machine::X86_64,
            EdgeKind::X86_64(X86_64Kind::RequestBranch32),
        ),
        Reloc::X86GOTPCRel4 => (
            Machine::X86_64,
            EdgeKind::X86_64(X86_64Kind::RequestGotDelta32),
        ),

        Reloc::Arm64Call => (
            Machine::Aarch64,
            EdgeKind::Aarch64(Aarch64Kind::RequestBranch26),
        ),
        Reloc::Aarch64AdrGotPage21 => (
            Machine::Aarch64,
            EdgeKind::Aarch64(Aarch64Kind::RequestGotPage21),
        ),
        Reloc::Aarch64Ld64GotLo12Nc => (
            Machine::Aarch64,
            EdgeKind::Aarch64(Aarch64Kind::RequestGotPageOffset12),
        ),
        Reloc::Aarch64AdrPrelPgHi21 => (Machine::Aarch64, EdgeKind::Aarch64(Aarch64Kind::Page21)),
        Reloc::Aarch64AddAbsLo12Nc => (
            Machine::Aarch64,
            EdgeKind::Aarch64(Aarch64Kind::PageOffset12),
        ),

        Reloc::ElfX86_64TlsGd
        | Reloc::MachOX86_64Tlv
        | Reloc::MachOAarch64TlsAdrPage21
        | Reloc::MachOAarch64TlsAdrPageOff12
        | Reloc::Aarch64TlsDescAdrPage21
        | Reloc::Aarch64TlsDescLd64Lo12
        | Reloc::Aarch64TlsDescAddLo12
        | Reloc::Aarch64TlsDescCall
        | Reloc::RiscvTlsGdHi20
        | Reloc::S390xTlsGd64
        | Reloc::S390xTlsGdCall => return Err(RelocationFault::ThreadLocal),

        Reloc::X86SecRel => return Err(RelocationFault::OtherFormat),

        Reloc::Arm32Call
        | Reloc::S390xPCRel32Dbl
        | Reloc::S390xPLTRel32Dbl
        | Reloc::RiscvCallPlt
        | Reloc::RiscvPCRelLo12I
        | Reloc::RiscvGotHi20
        | Reloc::RiscvPCRelHi20
        | Reloc::PulleyPcRel
        | Reloc::PulleyCallIndirectHost => return Err(RelocationFault::OtherMachine),
    };
    match (of, machine) {
        (Machine::X86_64, Machine::X86_64) | (Machine::Aarch64, Machine::Aarch64) => Ok(kind),
        _ => Err(RelocationFault::OtherMachine),
    }
}

/// What a name in code refers to; `None` if it is nothing of a unit, nor a routine that is known.
pub(super) fn callee(
    name: &ExternalName,
    params: &cranelift_codegen::ir::function::FunctionParameters,
) -> Option<Callee> {
    match name {
        ExternalName::User(reference) => {
            let name = params.user_named_funcs().get(*reference)?;
            match name.namespace {
                FUNCTIONS => Some(Callee::Function(name.index)),
                DATA => Some(Callee::Data(name.index)),
                _ => None,
            }
        }
        ExternalName::LibCall(libcall) => routine(*libcall).map(Callee::Routine),
        ExternalName::TestCase(_) | ExternalName::KnownSymbol(_) => None,
    }
}

/// The routine that a call of Cranelift's is; `None` for those of thread-local storage.
pub const fn routine(libcall: LibCall) -> Option<Routine> {
    Some(match libcall {
        LibCall::Probestack => Routine::StackProbe,
        LibCall::CeilF32 => Routine::Ceil32,
        LibCall::CeilF64 => Routine::Ceil64,
        LibCall::FloorF32 => Routine::Floor32,
        LibCall::FloorF64 => Routine::Floor64,
        LibCall::TruncF32 => Routine::Trunc32,
        LibCall::TruncF64 => Routine::Trunc64,
        LibCall::NearestF32 => Routine::Nearest32,
        LibCall::NearestF64 => Routine::Nearest64,
        LibCall::FmaF32 => Routine::FusedMultiplyAdd32,
        LibCall::FmaF64 => Routine::FusedMultiplyAdd64,
        LibCall::Memcpy => Routine::CopyMemory,
        LibCall::Memset => Routine::SetMemory,
        LibCall::Memmove => Routine::MoveMemory,
        LibCall::Memcmp => Routine::CompareMemory,
        LibCall::X86Pshufb => Routine::ShuffleBytes,
        LibCall::ElfTlsGetAddr | LibCall::ElfTlsGetOffset => return None,
    })
}
