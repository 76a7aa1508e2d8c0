//! Instructions before and after. The bytes are what LLVM's assembler makes of the comments beside them.

use std::vec::Vec;

use super::{Relaxed, aarch64, x86_64};
use crate::arch::{FixUpFault, Operands, fits, fix_up};
use crate::base::TargetAddr;
use crate::edge::{Aarch64Kind, EdgeKind, Rewrite, X86_64Kind};

const PLAIN: X86_64Kind = X86_64Kind::GotLoad32Relaxable;
const REX: X86_64Kind = X86_64Kind::GotLoad32RelaxableRex;
const REX2: X86_64Kind = X86_64Kind::GotLoad32RelaxableRex2;

/// Where the code lies, within reach of low addresses and out of it.
const NEAR: u64 = 0x1000_0000;
const FAR: u64 = 0x40_0000_0000;

fn operands(block: u64, relaxed: &Relaxed, target: u64) -> Operands {
    Operands {
        place: TargetAddr::new(block + u64::from(relaxed.offset)),
        target: TargetAddr::new(target),
        addend: relaxed.addend,
        size_bytes: 0,
        table: TargetAddr::ZERO,
        thread_pointer: TargetAddr::ZERO,
        thread_block: TargetAddr::ZERO,
    }
}

fn apply(bytes: &mut [u8], block: u64, relaxed: &Relaxed, target: u64) -> Result<(), FixUpFault> {
    let offset = usize::try_from(relaxed.offset).unwrap();
    let operands = operands(block, relaxed, target);
    fix_up(relaxed.kind.row(), &operands, bytes, offset)
}

/// What becomes of an instruction of x86-64 that stands at the start of a block, or behind some other bytes, and ends with its
/// displacement; `None` if it stays as it is.
fn relax_behind(
    kind: X86_64Kind,
    behind: &[u8],
    instruction: &[u8],
    block: u64,
    target: u64,
) -> Option<Vec<u8>> {
    let mut bytes = [behind, instruction, &[0; 4]].concat();
    let offset = u32::try_from(bytes.len() - 4).unwrap();
    let mut candidates = x86_64::candidates(kind, &bytes, offset, -4, true).into_iter();
    let relaxed = candidates.find_map(|candidate| {
        candidate.filter(|it| fits(it.kind.row(), &operands(block, it, target)))
    })?;
    apply(&mut bytes, block, &relaxed, target).unwrap();
    assert!(bytes.starts_with(behind));
    Some(bytes.split_off(behind.len()))
}

fn relax(kind: X86_64Kind, instruction: &[u8], block: u64, target: u64) -> Option<Vec<u8>> {
    relax_behind(kind, &[0xcc], instruction, block, target)
}

#[track_caller]
fn becomes(kind: X86_64Kind, before: &[u8], block: u64, target: u64, after: &[u8]) {
    let relaxed = relax(kind, before, block, target);
    assert_eq!(relaxed.as_deref(), Some(after), "{before:02x?}");
}

#[test]
fn a_load_becomes_a_load_of_the_address() {
    // The code stands a byte after the block's start.
    let end = |len: u64| NEAR + 1 + len + 0x1000;
    let cases: [(X86_64Kind, &[u8], &[u8]); 5] = [
        // mov word(%rip), %eax; lea 0x1000(%rip), %eax
        (PLAIN, &[0x8b, 0x05], &[0x8d, 0x05]),
        // %r8d
        (REX, &[0x44, 0x8b, 0x05], &[0x44, 0x8d, 0x05]),
        // %rcx
        (REX, &[0x48, 0x8b, 0x0d], &[0x48, 0x8d, 0x0d]),
        // %r15
        (REX, &[0x4c, 0x8b, 0x3d], &[0x4c, 0x8d, 0x3d]),
        // %r31
        (REX2, &[0xd5, 0x4c, 0x8b, 0x3d], &[0xd5, 0x4c, 0x8d, 0x3d]),
    ];
    for (kind, before, after) in cases {
        let target = end(u64::try_from(before.len()).unwrap() + 4);
        let after = [after, &[0x00, 0x10, 0, 0]].concat();
        becomes(kind, before, NEAR, target, &after);
    }
}

#[test]
fn a_load_out_of_reach_takes_an_address_that_fits_an_immediate() {
    let load = &[0x48, 0x8b, 0x0d]; // mov word(%rip), %rcx
    // mov $0x12345678, %rcx
    let after = &[0x48, 0xc7, 0xc1, 0x78, 0x56, 0x34, 0x12];
    becomes(REX, load, FAR, 0x1234_5678, after);
    // mov $-16, %rcx
    let after = &[0x48, 0xc7, 0xc1, 0xf0, 0xff, 0xff, 0xff];
    becomes(REX, load, FAR, 0xffff_ffff_ffff_fff0, after);
    // mov $0x87654321, %ecx: as a number of 32 bits with a sign it would be another address.
    let after = &[0x40, 0xc7, 0xc1, 0x21, 0x43, 0x65, 0x87];
    becomes(REX, load, FAR, 0x8765_4321, after);
    // mov $0, %rcx: a weak name without a definition
    becomes(REX, load, FAR, 0, &[0x48, 0xc7, 0xc1, 0, 0, 0, 0]);
}

#[test]
fn a_load_stays_a_load_where_immediates_are_not_wanted() {
    let load = &[0x48, 0x8b, 0x0d, 0, 0, 0, 0]; // mov word(%rip), %rcx
    let add = &[0x48, 0x03, 0x0d, 0, 0, 0, 0]; // add word(%rip), %rcx
    let count = |bytes: &[u8]| {
        let candidates = x86_64::candidates(REX, bytes, 3, -4, false);
        candidates.iter().flatten().count()
    };
    assert_eq!((count(load), count(add)), (1, 1));
}

#[test]
fn an_immediate_holds_from_the_lowest_to_the_highest_address_that_fits() {
    let load = &[0x48, 0x8b, 0x0d]; // mov word(%rip), %rcx
    let wide = |bytes: [u8; 4]| [&[0x48, 0xc7, 0xc1], &bytes[..]].concat();
    let narrow = |bytes: [u8; 4]| [&[0x40, 0xc7, 0xc1], &bytes[..]].concat();
    becomes(REX, load, FAR, 0x7fff_ffff, &wide([0xff, 0xff, 0xff, 0x7f]));
    becomes(REX, load, FAR, 0x8000_0000, &narrow([0, 0, 0, 0x80]));
    becomes(REX, load, FAR, 0xffff_ffff, &narrow([0xff; 4]));
    assert_eq!(relax(REX, load, FAR, 0x1_0000_0000), None);
    becomes(
        REX,
        load,
        FAR,
        0xffff_ffff_8000_0000,
        &wide([0, 0, 0, 0x80]),
    );
    assert_eq!(relax(REX, load, FAR, 0xffff_ffff_7fff_ffff), None);
}

#[test]
fn an_immediate_of_64_bits_counts_as_a_signed_number_in_arithmetic() {
    let add = &[0x48, 0x03, 0x1d]; // add word(%rip), %rbx
    let added = |bytes: [u8; 4]| [&[0x48, 0x81, 0xc3], &bytes[..]].concat();
    becomes(REX, add, FAR, 0x7fff_ffff, &added([0xff, 0xff, 0xff, 0x7f]));
    assert_eq!(relax(REX, add, FAR, 0x8000_0000), None);
    becomes(REX, add, FAR, u64::MAX, &added([0xff; 4]));
    assert_eq!(relax(REX, add, FAR, 0xffff_ffff_7fff_ffff), None);
    // In 32 bits it is what it is: add word(%rip), %ebx
    let short = &[0x03, 0x1d];
    becomes(
        PLAIN,
        short,
        FAR,
        0xffff_ffff,
        &[0x81, 0xc3, 0xff, 0xff, 0xff, 0xff],
    );
    assert_eq!(relax(PLAIN, short, FAR, 0x1_0000_0000), None);
    assert_eq!(relax(PLAIN, short, FAR, u64::MAX), None);
}

#[test]
fn every_form_takes_an_immediate_and_keeps_its_register() {
    const TARGET: u64 = 0x1234_5678;
    let cases: [(X86_64Kind, &[u8], &[u8]); 21] = [
        (PLAIN, &[0x8b, 0x05], &[0xc7, 0xc0]),           // mov, %eax
        (REX, &[0x44, 0x8b, 0x05], &[0x41, 0xc7, 0xc0]), // mov, %r8d
        (REX, &[0x4c, 0x8b, 0x3d], &[0x49, 0xc7, 0xc7]), // mov, %r15
        (REX2, &[0xd5, 0x48, 0x8b, 0x05], &[0xd5, 0x18, 0xc7, 0xc0]), // mov, %r16
        (REX2, &[0xd5, 0x4c, 0x8b, 0x05], &[0xd5, 0x19, 0xc7, 0xc0]), // mov, %r24
        (REX2, &[0xd5, 0x40, 0x8b, 0x25], &[0xd5, 0x10, 0xc7, 0xc4]), // mov, %r20d
        (PLAIN, &[0x85, 0x0d], &[0xf7, 0xc1]),           // test, %ecx
        (REX, &[0x4c, 0x85, 0x3d], &[0x49, 0xf7, 0xc7]), // test, %r15
        (REX2, &[0xd5, 0x4c, 0x85, 0x3d], &[0xd5, 0x19, 0xf7, 0xc7]), // test, %r31
        (REX, &[0x48, 0x03, 0x1d], &[0x48, 0x81, 0xc3]), // add, %rbx
        (REX, &[0x48, 0x0b, 0x1d], &[0x48, 0x81, 0xcb]), // or, %rbx
        (REX, &[0x48, 0x13, 0x1d], &[0x48, 0x81, 0xd3]), // adc, %rbx
        (REX, &[0x48, 0x1b, 0x1d], &[0x48, 0x81, 0xdb]), // sbb, %rbx
        (PLAIN, &[0x1b, 0x1d], &[0x81, 0xdb]),           // sbb, %ebx
        (REX, &[0x48, 0x23, 0x1d], &[0x48, 0x81, 0xe3]), // and, %rbx
        (REX, &[0x48, 0x2b, 0x1d], &[0x48, 0x81, 0xeb]), // sub, %rbx
        (REX, &[0x48, 0x33, 0x1d], &[0x48, 0x81, 0xf3]), // xor, %rbx
        (REX, &[0x44, 0x33, 0x0d], &[0x41, 0x81, 0xf1]), // xor, %r9d
        (REX2, &[0xd5, 0x4c, 0x33, 0x3d], &[0xd5, 0x19, 0x81, 0xf7]), // xor, %r31
        (REX, &[0x48, 0x3b, 0x1d], &[0x48, 0x81, 0xfb]), // cmp, %rbx
        (REX, &[0x4c, 0x3b, 0x25], &[0x49, 0x81, 0xfc]), // cmp, %r12
    ];
    for (kind, before, after) in cases {
        let after = [after, &[0x78, 0x56, 0x34, 0x12]].concat();
        becomes(kind, before, FAR, TARGET, &after);
    }
}

#[test]
fn calls_and_jumps_go_directly_as_far_as_they_reach() {
    let (call, jump) = (&[0xff, 0x15], &[0xff, 0x25]);
    // The ends of the instructions, a byte after the block's start.
    let (after_call, after_jump) = (NEAR + 7, NEAR + 6);
    let called = |bytes: [u8; 4]| [&[0x67, 0xe8], &bytes[..]].concat();
    let jumped = |bytes: [u8; 4]| [&[0xe9], &bytes[..], &[0x90]].concat();
    becomes(
        PLAIN,
        call,
        NEAR,
        after_call + 0x1234,
        &called([0x34, 0x12, 0, 0]),
    );
    becomes(
        PLAIN,
        jump,
        NEAR,
        after_jump + 0x1234,
        &jumped([0x34, 0x12, 0, 0]),
    );
    let farthest = [0xff, 0xff, 0xff, 0x7f];
    becomes(
        PLAIN,
        call,
        NEAR,
        after_call + 0x7fff_ffff,
        &called(farthest),
    );
    assert_eq!(relax(PLAIN, call, NEAR, after_call + 0x8000_0000), None);
    becomes(
        PLAIN,
        jump,
        NEAR,
        after_jump + 0x7fff_ffff,
        &jumped(farthest),
    );
    assert_eq!(relax(PLAIN, jump, NEAR, after_jump + 0x8000_0000), None);
    let (after_call, after_jump) = (FAR + 7, FAR + 6);
    let farthest = [0, 0, 0, 0x80];
    becomes(
        PLAIN,
        call,
        FAR,
        after_call - 0x8000_0000,
        &called(farthest),
    );
    assert_eq!(relax(PLAIN, call, FAR, after_call - 0x8000_0001), None);
    becomes(
        PLAIN,
        jump,
        FAR,
        after_jump - 0x8000_0000,
        &jumped(farthest),
    );
    assert_eq!(relax(PLAIN, jump, FAR, after_jump - 0x8000_0001), None);
}

#[test]
fn an_absolute_target_is_called_by_its_distance_and_never_by_its_value() {
    // A value of 32 bits is no distance.
    for instruction in [&[0xff, 0x15], &[0xff, 0x25]] {
        for value in [0, 0x1234_5678, 0xffff_ffff] {
            assert_eq!(relax(PLAIN, instruction, FAR, value), None);
        }
    }
    // In reach: the distance from 0x10000007 to 0x2000.
    let after = &[0x67, 0xe8, 0xf9, 0x1f, 0x00, 0xf0];
    becomes(PLAIN, &[0xff, 0x15], NEAR, 0x2000, after);
}

#[test]
fn what_is_not_recognised_stays() {
    let near = NEAR + 0x100;
    let cases: [(X86_64Kind, &[u8]); 14] = [
        (PLAIN, &[0x8b, 0x45]),            // mov 0(%rbp), %eax
        (PLAIN, &[0x8b, 0x04]),            // mov 0(…), %eax
        (PLAIN, &[0x89, 0x05]),            // mov %eax, word(%rip)
        (PLAIN, &[0x84, 0x05]),            // test %al, word(%rip)
        (PLAIN, &[0x02, 0x05]),            // add word(%rip), %al
        (PLAIN, &[0xff, 0x35]),            // push word(%rip)
        (PLAIN, &[0xff, 0x1d]),            // lcall *word(%rip)
        (REX, &[0x8b, 0x05]),              // no REX
        (REX, &[0x50, 0x8b, 0x05]),        // push %rax; mov word(%rip), %eax
        (REX, &[0x48, 0xff, 0x15]),        // rex.W call *word(%rip)
        (REX2, &[0x48, 0x8b, 0x05]),       // no REX2
        (REX2, &[0xd5, 0xc8, 0x8b, 0x05]), // an opcode of another map
        (REX2, &[0xd4, 0x48, 0x8b, 0x05]), // no REX2
        (X86_64Kind::Branch32, &[0x8b, 0x05]),
    ];
    for (kind, bytes) in cases {
        assert_eq!(relax(kind, bytes, NEAR, near), None, "{bytes:02x?}");
    }
    // A block that starts within the instruction.
    assert_eq!(
        relax_behind(REX2, &[], &[0x48, 0x8b, 0x05], NEAR, near),
        None
    );
    assert_eq!(relax_behind(PLAIN, &[], &[0x05], NEAR, near), None);
    assert_eq!(relax_behind(PLAIN, &[], &[], NEAR, near), None);
}

#[test]
fn operands_of_16_bits_take_no_immediate_of_32() {
    // add word(%rip), %ax; mov word(%rip), %cx, with a prefix that tells nothing
    let short: [(X86_64Kind, &[u8]); 3] = [
        (PLAIN, &[0x03, 0x05]),
        (PLAIN, &[0x8b, 0x0d]),
        (REX, &[0x40, 0x8b, 0x0d]),
    ];
    for (kind, instruction) in short {
        assert_eq!(relax_behind(kind, &[0x66], instruction, FAR, 0x1234), None);
        assert!(relax_behind(kind, &[0x90], instruction, FAR, 0x1234).is_some());
    }
    // REX.W counts more than the prefix.
    let wide = relax_behind(REX, &[0x66], &[0x48, 0x03, 0x1d], FAR, 0x1234);
    assert!(wide.is_some());
}

#[test]
fn a_load_of_another_word_than_the_symbols_stays() {
    let bytes = &[0x48, 0x8b, 0x0d, 0, 0, 0, 0];
    for addend in [0, -5, 4] {
        assert_eq!(x86_64::candidates(REX, bytes, 3, addend, true), [None; 3]);
    }
    assert!(x86_64::candidates(REX, bytes, 3, -4, true)[0].is_some());
}

#[test]
fn a_rewriting_changes_only_what_it_knows() {
    let kinds = X86_64Kind::ALL.iter().map(|&kind| EdgeKind::X86_64(kind));
    let kinds = kinds.chain(Aarch64Kind::ALL.iter().map(|&kind| EdgeKind::Aarch64(kind)));
    let relaxed: Vec<_> = kinds
        .filter(|kind| kind.row().rewrite != Rewrite::None)
        .collect();
    assert_eq!(relaxed.len(), 11);
    for kind in relaxed {
        for len in [0, 3, 4, 16] {
            for offset in [0, 4, 16, u32::MAX] {
                let mut bytes = [0xaa_u8; 16];
                let relaxed = Relaxed {
                    kind,
                    offset,
                    addend: 0,
                };
                assert!(apply(&mut bytes[..len], 0, &relaxed, 0).is_err(), "{kind}");
                assert_eq!(bytes, [0xaa; 16], "{kind}");
            }
        }
    }
}

/// What becomes of two instructions of AArch64; `None` if they stay as they are.
fn relax_pair(words: [u32; 2], block: u64, target: u64) -> Option<[u32; 2]> {
    let mut bytes = words.map(u32::to_le_bytes).concat();
    if !aarch64::is_pair(&bytes, 0) {
        return None;
    }
    let both = aarch64::candidates(0).into_iter().find(|both| {
        let mut both = both.iter();
        both.all(|it| fits(it.kind.row(), &operands(block, it, target)))
    })?;
    for relaxed in both {
        apply(&mut bytes, block, &relaxed, target).unwrap();
    }
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    Some([word(0), word(4)])
}

const ADRP_X5: u32 = 0x9000_0005; // adrp x5, word
const LDR_X5: u32 = 0xf940_00a5; // ldr x5, [x5, :lo12:word]
const NOP: u32 = 0xd503_201f;

#[test]
fn a_pair_computes_an_address_near_or_far() {
    let relax = |target| relax_pair([ADRP_X5, LDR_X5], FAR, target);
    // nop; adr x5, .+0x1234, counted from the second instruction
    assert_eq!(relax(FAR + 4 + 0x1234), Some([NOP, 0x1000_91a5]));
    // adrp x5, .+0x12345000; add x5, x5, #0x678
    let far = Some([0xb009_1a25, 0x9119_e0a5]);
    assert_eq!(relax(FAR + 0x1234_5678), far);
}

#[test]
fn a_pair_computes_what_is_within_a_mebibyte_at_once_and_within_four_gibibytes_in_two_steps() {
    let relax = |target| relax_pair([ADRP_X5, LDR_X5], FAR, target).map(|[first, _]| first == NOP);
    let place = FAR + 4;
    assert_eq!(relax(place + 0xf_ffff), Some(true));
    assert_eq!(relax(place + 0x10_0000), Some(false));
    assert_eq!(relax(place - 0x10_0000), Some(true));
    assert_eq!(relax(place - 0x10_0001), Some(false));
    assert_eq!(relax(FAR + 0xffff_ffff), Some(false));
    assert_eq!(relax(FAR + 0x1_0000_0000), None);
    assert_eq!(relax(FAR - 0x1_0000_0000), Some(false));
    assert_eq!(relax(FAR - 0x1_0000_0001), None);
    // A weak name without a definition.
    assert_eq!(relax(0), None);
    assert_eq!(
        relax_pair([ADRP_X5, LDR_X5], NEAR, 0),
        Some([0x90f8_0005, 0x9100_00a5])
    );
}

#[test]
fn instructions_that_are_not_a_pair_stay() {
    let pairs = [
        [ADRP_X5, 0xf940_00a6],     // ldr x6, [x5]
        [ADRP_X5, 0xf940_00c5],     // ldr x5, [x6]
        [0x9000_0006, LDR_X5],      // adrp x6
        [0x1000_0005, LDR_X5],      // adr x5
        [ADRP_X5, 0xb940_00a5],     // ldr w5, [x5]
        [ADRP_X5, 0xf900_00a5],     // str x5, [x5]
        [ADRP_X5, 0xfd40_00a5],     // ldr d5, [x5]
        [ADRP_X5, 0xf980_00a5],     // prfm #5, [x5]
        [ADRP_X5, 0x9100_00a5],     // add x5, x5, #0
        [0x9000_001f, 0xf940_03ff], // adrp xzr; ldr xzr, [sp]
    ];
    for words in pairs {
        assert_eq!(relax_pair(words, FAR, FAR), None, "{words:08x?}");
    }
    let cut_off = ADRP_X5.to_le_bytes();
    assert!(!aarch64::is_pair(&cut_off, 0));
    assert!(!aarch64::is_pair(&cut_off, 4));
}
