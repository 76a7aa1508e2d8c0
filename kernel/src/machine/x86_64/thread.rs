//! The thread control block, which %fs names: compilers look there for the stack protector's canary.

use core::cell::UnsafeCell;

use x86_64::VirtAddr;
use x86_64::registers::model_specific::FsBase;

use crate::exports;

/// The beginning of a thread control block, as the System V ABI's TLS variant II and the stack protector have it.
#[repr(C)]
struct ThreadControlBlock {
    /// The block's own address.
    this: u64,
    reserved: [u64; 4],
    /// At %fs:0x28: what functions keep above their buffers, and look for when they return.
    canary: u64,
}

/// The block of the only thread.
struct OnlyThread(UnsafeCell<ThreadControlBlock>);

// SAFETY: the block is written once, before any module reads it through %fs.
unsafe impl Sync for OnlyThread {}

static ONLY_THREAD: OnlyThread = OnlyThread(UnsafeCell::new(ThreadControlBlock {
    this: 0,
    reserved: [0; 4],
    canary: 0,
}));

/// Fills the block and points %fs at it.
///
/// # Safety
/// Called once; no code reads %fs before.
pub(super) unsafe fn install() {
    let block = ONLY_THREAD.0.get();
    let contents = ThreadControlBlock {
        this: block.addr() as u64,
        reserved: [0; 4],
        canary: exports::canary(),
    };
    // SAFETY: by this function's contract nobody else uses the block.
    unsafe { block.write(contents) };
    FsBase::write(VirtAddr::from_ptr(block));
}
