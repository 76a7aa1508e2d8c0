//! The first serial port, a 16550.

use uart_16550::backend::PioBackend;
use uart_16550::{Config, Uart16550};

/// Where PC-like machines have the first serial port.
const COM1: u16 = 0x3f8;

/// The serial line to the runner.
pub(crate) struct SerialPort(Option<Uart16550<PioBackend>>);

impl SerialPort {
    /// Sets the port up. Without one, what is sent is lost.
    ///
    /// # Safety
    /// Nothing else uses the machine's first serial port.
    pub(crate) unsafe fn open() -> Self {
        // SAFETY: by this function's contract the port's registers are this driver's alone.
        let uart = unsafe { Uart16550::new_port(COM1) };
        Self(
            uart.ok()
                .and_then(|mut uart| uart.init(Config::DEFAULT).ok().map(|()| uart)),
        )
    }

    /// Sends all of `bytes`.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        if let Some(uart) = &mut self.0 {
            uart.send_bytes_exact(bytes);
        }
    }

    /// The next byte that came in, if there is one.
    pub(crate) fn receive(&mut self) -> Option<u8> {
        self.0.as_mut()?.try_receive_byte().ok()
    }
}
