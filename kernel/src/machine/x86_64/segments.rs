//! Segments, the task state with the traps' stacks, and the table of trap gates.

use spin::Once;
use x86_64::VirtAddr;
use x86_64::instructions::tables::load_tss;
use x86_64::registers::segmentation::{CS, SS, Segment};
use x86_64::structures::gdt::{Descriptor, GlobalDescriptorTable, SegmentSelector};
use x86_64::structures::idt::InterruptDescriptorTable;
use x86_64::structures::tss::TaskStateSegment;

use super::trap;
use crate::machine::{LAST_STACK, TRAP_STACK};

/// Slots of the task state's stack table: for all traps, and for those that come when that stack may be broken.
const TRAPS: u16 = 0;
const LAST: u16 = 1;

struct Segments {
    table: GlobalDescriptorTable,
    code: SegmentSelector,
    data: SegmentSelector,
    task: SegmentSelector,
}

static TASK: Once<TaskStateSegment> = Once::new();
static SEGMENTS: Once<Segments> = Once::new();
static GATES: Once<InterruptDescriptorTable> = Once::new();

/// Makes the tables and loads them.
///
/// # Safety
/// Called once, in ring 0; no trap comes in between.
pub(super) unsafe fn load() {
    let task = TASK.call_once(|| {
        let mut task = TaskStateSegment::new();
        task.interrupt_stack_table[usize::from(TRAPS)] = VirtAddr::new(TRAP_STACK.top());
        task.interrupt_stack_table[usize::from(LAST)] = VirtAddr::new(LAST_STACK.top());
        task
    });
    let segments = SEGMENTS.call_once(|| {
        let mut table = GlobalDescriptorTable::new();
        Segments {
            code: table.append(Descriptor::kernel_code_segment()),
            data: table.append(Descriptor::kernel_data_segment()),
            task: table.append(Descriptor::tss_segment(task)),
            table,
        }
    });
    segments.table.load();
    // SAFETY: the table that was just loaded has a code segment of ring 0 there.
    unsafe { CS::set_reg(segments.code) };
    // SAFETY: likewise a data segment.
    unsafe { SS::set_reg(segments.data) };
    // SAFETY: likewise the task state's, which nobody has loaded yet.
    unsafe { load_tss(segments.task) };
    GATES.call_once(gates).load();
}

/// A gate for each exception; interrupts stay masked.
fn gates() -> InterruptDescriptorTable {
    let mut gates = InterruptDescriptorTable::new();
    macro_rules! set {
        ($($gate:ident = $vector:literal on $stack:ident;)*) => {$({
            // SAFETY: the stub for this vector pops what the processor pushes for it.
            let options = unsafe { gates.$gate.set_handler_addr(trap::stub($vector)) };
            // SAFETY: the task state has a stack there.
            unsafe { options.set_stack_index($stack) };
        })*};
    }
    set! {
        divide_error = 0 on TRAPS;
        debug = 1 on TRAPS;
        non_maskable_interrupt = 2 on LAST;
        breakpoint = 3 on TRAPS;
        overflow = 4 on TRAPS;
        bound_range_exceeded = 5 on TRAPS;
        invalid_opcode = 6 on TRAPS;
        device_not_available = 7 on TRAPS;
        double_fault = 8 on LAST;
        invalid_tss = 10 on TRAPS;
        segment_not_present = 11 on TRAPS;
        stack_segment_fault = 12 on TRAPS;
        general_protection_fault = 13 on TRAPS;
        page_fault = 14 on TRAPS;
        x87_floating_point = 16 on TRAPS;
        alignment_check = 17 on TRAPS;
        machine_check = 18 on LAST;
        simd_floating_point = 19 on TRAPS;
        virtualization = 20 on TRAPS;
        cp_protection_exception = 21 on TRAPS;
        hv_injection_exception = 28 on TRAPS;
        vmm_communication_exception = 29 on TRAPS;
        security_exception = 30 on TRAPS;
    }
    gates
}
