//! The user's terminal, while its keys are a machine's.
//!
//! **Invariant:** it is given back as it was found: when the [`RawTerminal`] is dropped, when a signal ends us, and when we
//! panic.

use anyhow::{Context, Result};
use rustix::termios::{
    self, InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::sync::{Mutex, PoisonError};
use std::{io, panic, thread};

/// How the terminal was before; nothing while it is not ours.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// A terminal on standard input that hands on each key as it is pressed, ctrl-c included, and echoes nothing.
#[must_use]
#[derive(Debug)]
pub struct RawTerminal(());

impl RawTerminal {
    /// Takes the terminal over; nothing if standard input is none.
    ///
    /// # Errors
    /// The terminal doesn't let itself be changed.
    pub fn enter() -> Result<Option<Self>> {
        let stdin = io::stdin();
        if !termios::isatty(&stdin) {
            return Ok(None);
        }
        let before = tcgetattr(&stdin).context("cannot ask the terminal for its modes")?;
        let mut raw = before.clone();
        raw.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN);
        // Output is left alone: a newline of the machine's begins a line.
        raw.input_modes.remove(InputModes::IXON);
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        keep(before)?;
        tcsetattr(&stdin, OptionalActions::Now, &raw)
            .context("cannot change the terminal's modes")?;
        Ok(Some(Self(())))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Keeps how the terminal was, and sees to it that it becomes so again whatever ends us.
fn keep(before: Termios) -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])
        .context("cannot watch for signals that end us")?;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    thread::spawn(move || {
        for signal in signals.forever() {
            give_back();
            // It fails for signals that nobody knows; these are known.
            let _: io::Result<()> = emulate_default_handler(signal);
        }
    });
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |information| {
        give_back();
        hook(information);
    }));
    Ok(())
}

/// Makes the terminal what it was before, once.
fn give_back() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = before.take() {
        // A terminal that is gone needs nothing.
        let _: rustix::io::Result<()> = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}
