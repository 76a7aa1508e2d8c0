//! The host's end of the kernel's shell: a user's terminal, or a dialogue that is written down, at a machine's serial line.
//!
//! - [`RawTerminal`] hands each key on as it is pressed, and gives the terminal back as it was; [`Typed`] sends what is typed.
//! - A [`Script`] is a dialogue as a file: what is typed, and what must be answered. [`hold`] holds it with a machine, whose
//!   output a [`Screen`] makes lines of.
//!
//! Nothing here knows what the shell's commands are.

mod dialogue;
mod screen;
mod script;
mod terminal;
mod typed;

pub use dialogue::hold;
pub use screen::Screen;
pub use script::{Exchange, Script};
pub use terminal::RawTerminal;
pub use typed::Typed;
