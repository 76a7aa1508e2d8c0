//! The serial line, shared by modules and kernel: output goes out as it is, records as the protocol says. What comes in is the
//! shell's.

use core::fmt::{self, Write};
use core::hint;

use spin::Mutex;

use crate::machine::SerialPort;
use crate::protocol::{self, Record};

/// How often the processor is told that it waits before the port is looked at again: a look leaves the emulated machine,
/// which has other things to do.
const SPINS_BETWEEN_LOOKS: u32 = 64;

static LINE: Mutex<Option<Line>> = Mutex::new(None);

/// The line, and bytes on their way to it.
struct Line {
    port: SerialPort,
    pending: [u8; 64],
    pending_count: usize,
    /// A record has begun and not ended.
    is_in_record: bool,
}

impl Line {
    fn send(&mut self, byte: u8) {
        if self.pending_count == self.pending.len() {
            self.flush();
        }
        self.pending[self.pending_count] = byte;
        self.pending_count += 1;
    }

    fn flush(&mut self) {
        self.port.send(&self.pending[..self.pending_count]);
        self.pending_count = 0;
    }
}

/// Opens the line. What is sent before is lost.
///
/// # Safety
/// Called once, with the serial port's registers mapped; nothing else uses them.
pub(crate) unsafe fn open() {
    // SAFETY: this function has the same contract.
    let port = unsafe { SerialPort::open() };
    *LINE.lock() = Some(Line {
        port,
        pending: [0; 64],
        pending_count: 0,
        is_in_record: false,
    });
}

/// Sends output of a module, byte for byte.
pub fn write_output(output: &[u8]) {
    if let Some(line) = &mut *LINE.lock() {
        protocol::encode_output(output, |byte| line.send(byte));
        line.flush();
    }
}

/// Sends text as modules' output is sent, piece by piece: no heap is needed.
pub fn write_text(text: fmt::Arguments<'_>) {
    struct Output;
    impl Write for Output {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            write_output(piece.as_bytes());
            Ok(())
        }
    }
    // The line takes all.
    let _ = Output.write_fmt(text);
}

/// Waits for the next byte that comes in. The processor is kept busy meanwhile: nothing would wake it, as the kernel takes no
/// interrupts.
pub fn receive() -> u8 {
    loop {
        let byte = LINE.lock().as_mut().and_then(|line| line.port.receive());
        if let Some(byte) = byte {
            return byte;
        }
        for _ in 0..SPINS_BETWEEN_LOOKS {
            hint::spin_loop();
        }
    }
}

/// Sends a record.
pub fn send(record: &Record<fmt::Arguments<'_>>) {
    if let Some(line) = &mut *LINE.lock() {
        line.is_in_record = true;
        record.encode(|byte| line.send(byte));
        line.is_in_record = false;
        line.flush();
    }
}

/// Sends a `log` record, formatted as `format!` does.
#[macro_export]
macro_rules! log {
    ($($text:tt)*) => {
        $crate::console::send(&$crate::protocol::Record::Log(::core::format_args!($($text)*)))
    };
}

/// Takes the line from code that was ended while it may have been sending, and ends the record that it had begun.
///
/// # Safety
/// That code never runs on.
pub(crate) unsafe fn recover() {
    // SAFETY: by this function's contract the holder, if there is one, never uses the line again.
    unsafe { LINE.force_unlock() };
    if let Some(line) = &mut *LINE.lock()
        && core::mem::take(&mut line.is_in_record)
    {
        line.send(b'\n');
        line.flush();
    }
}
