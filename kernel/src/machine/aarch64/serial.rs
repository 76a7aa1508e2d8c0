//! The first serial port, a PL011.

use core::hint;
use core::ptr::NonNull;

use arm_pl011_uart::{
    DataBits, LineConfig, PL011Registers, Parity, StopBits, Uart, UniqueMmioPointer,
};

/// Where QEMU's `virt` has it. Constant, so that a broken device tree can be reported.
pub(super) const REGISTERS: usize = 0x0900_0000;
/// The line's speed, which QEMU ignores, and the frequency of the port's clock.
const BAUD_RATE: u32 = 115_200;
const CLOCK_HZ: u32 = 24_000_000;

/// The serial line to the runner.
pub(crate) struct SerialPort(Uart<'static>);

impl SerialPort {
    /// Sets the port up.
    ///
    /// # Safety
    /// Nothing else uses the machine's first serial port, whose registers are mapped where they are.
    pub(crate) unsafe fn open() -> Self {
        let registers: *mut PL011Registers = core::ptr::with_exposed_provenance_mut(REGISTERS);
        let registers = NonNull::new(registers).unwrap_or(NonNull::dangling());
        // SAFETY: by this function's contract the registers are there and this driver's alone.
        let mut uart = Uart::new(unsafe { UniqueMmioPointer::new(registers) });
        let line = LineConfig {
            data_bits: DataBits::Bits8,
            parity: Parity::None,
            stop_bits: StopBits::One,
        };
        // The only error is a speed out of range, and it is constant.
        let _ = uart.enable(line, BAUD_RATE, CLOCK_HZ);
        Self(uart)
    }

    /// Sends all of `bytes`.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            while self.0.is_tx_fifo_full() {
                hint::spin_loop();
            }
            self.0.write_word(byte);
        }
    }

    /// The next byte that came in, if there is one. One that came in damaged is lost.
    pub(crate) fn receive(&mut self) -> Option<u8> {
        self.0.read_word().ok().flatten()
    }
}
