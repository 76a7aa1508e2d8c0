//! What is typed, on its way to a machine.

use crate::guest::Sent;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;

/// The key that ends a machine from a terminal, as it ends a connection of telnet's: ctrl-].
const LEAVE: u8 = 0x1d;
/// The end of input, as a shell reads it: ctrl-d.
const END_OF_INPUT: u8 = 0x04;
/// How much is read at once, in bytes.
const PIECE_BYTES: usize = 4096;

/// Sends standard input to a machine.
#[derive(Debug)]
pub struct Typed {
    send: Sender<Sent>,
    is_terminal: bool,
    has_left: Arc<AtomicBool>,
}

impl Typed {
    /// Will send through `send`. On a terminal, ctrl-] ends the machine.
    #[must_use]
    pub fn new(send: Sender<Sent>, is_terminal: bool) -> Self {
        Self {
            send,
            is_terminal,
            has_left: Arc::default(),
        }
    }

    /// Becomes true when the user ends the machine.
    #[must_use]
    pub fn has_left(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.has_left)
    }

    /// Begins to send, in the background.
    pub fn begin(self) {
        thread::spawn(move || self.send_all(io::stdin().lock()));
    }

    /// Sends all that can be read, and its end; stops when nobody listens any more.
    fn send_all(&self, mut input: impl Read) {
        let mut piece = [0; PIECE_BYTES];
        let mut is_in_line = false;
        while let Ok(count @ 1..) = input.read(&mut piece) {
            let mut bytes = piece.get(..count).unwrap_or_default();
            let leaves = bytes.iter().position(|byte| *byte == LEAVE);
            let leaves = leaves.filter(|_| self.is_terminal);
            if let Some(place) = leaves {
                bytes = bytes.get(..place).unwrap_or_default();
            }
            is_in_line = bytes.last().is_some_and(|last| *last != b'\n');
            if self.send.send(Sent::Bytes(bytes.to_vec())).is_err() {
                return;
            }
            if leaves.is_some() {
                self.has_left.store(true, Ordering::Release);
                // If nobody listens, it has ended.
                let _ = self.send.send(Sent::End);
                return;
            }
        }
        // A file's last line may have no newline, and ends all the same.
        let mut end = Vec::from([END_OF_INPUT]);
        if is_in_line {
            end.insert(0, b'\n');
        }
        let _ = self.send.send(Sent::Bytes(end));
    }
}

#[cfg(test)]
mod tests {
    use super::Typed;
    use crate::guest::Sent;
    use std::sync::atomic::Ordering;
    use std::sync::mpsc;

    /// What is sent of this input, and whether the machine is ended.
    fn sent(input: &[u8], is_terminal: bool) -> (Vec<u8>, bool) {
        let (send, receive) = mpsc::channel();
        let typed = Typed::new(send, is_terminal);
        let has_left = typed.has_left();
        typed.send_all(input);
        drop(typed);
        let mut bytes = Vec::new();
        let mut is_ended = false;
        for sent in receive {
            assert!(!is_ended, "it had ended");
            match sent {
                Sent::Bytes(piece) => bytes.extend(piece),
                Sent::End => is_ended = true,
            }
        }
        assert_eq!(has_left.load(Ordering::Acquire), is_ended);
        (bytes, is_ended)
    }

    #[test]
    fn the_end_of_a_file_ends_its_last_line_and_is_told() {
        assert_eq!(sent(b"", false), (b"\x04".to_vec(), false));
        assert_eq!(sent(b"a\n", false), (b"a\n\x04".to_vec(), false));
        assert_eq!(sent(b"a\nb", false), (b"a\nb\n\x04".to_vec(), false));
    }

    #[test]
    fn a_terminal_has_a_key_that_leaves() {
        assert_eq!(sent(b"a\x03\x1db", true), (b"a\x03".to_vec(), true));
        assert_eq!(sent(b"a\x1d\n", false), (b"a\x1d\n\x04".to_vec(), false));
    }
}
