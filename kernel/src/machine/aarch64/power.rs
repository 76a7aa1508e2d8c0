//! Switching off, by PSCI.

use aarch64_cpu::asm::wfi;
use smccc::{Hvc, Smc, psci};
use spin::Once;

use crate::boot::PsciCall;

/// How the device tree says that the firmware is called.
static CALL: Once<PsciCall> = Once::new();

/// Tells how the firmware is called; until then, a hypervisor call is tried.
pub(super) fn set_call(call: PsciCall) {
    CALL.call_once(|| call);
}

/// Switches the machine off, or waits forever where the firmware can't.
pub(crate) fn switch_off() -> ! {
    // A firmware that refuses leaves nothing to be done but to wait.
    let _ = match CALL.get() {
        Some(PsciCall::Smc) => psci::system_off::<Smc>(),
        Some(PsciCall::Hvc) | None => psci::system_off::<Hvc>(),
    };
    loop {
        wfi();
    }
}
