//! What compilers call by themselves, whatever the source says: the stack protector, arithmetic that takes more than an
//! instruction, and atomics out of line.

pub(super) mod atomics;
pub(super) mod integers;
pub(super) mod stack_protector;
