//! Switching off, by QEMU's `isa-debug-exit` device.

use x86_64::instructions::hlt;
use x86_64::instructions::port::PortWriteOnly;

/// The device's port, as the runner places it.
const DEBUG_EXIT: u16 = 0xf4;
/// What is written there; QEMU exits with twice this and one: 33. The verdict goes by the protocol.
const DONE: u32 = 0x10;

/// Switches the machine off, or waits forever where that device is missing.
pub(crate) fn switch_off() -> ! {
    let mut device = PortWriteOnly::new(DEBUG_EXIT);
    // SAFETY: the port is that device's or nobody's; either way no memory changes.
    unsafe { device.write(DONE) };
    loop {
        hlt();
    }
}
