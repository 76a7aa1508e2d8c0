//! `setjmp` and `longjmp` (C17 7.13). The signal mask that POSIX's forms may keep doesn't exist here.

use super::machine::{long_jump, set_jump};

exports! {
    pub(super) static EXPORTS:
    shim set_jump as "setjmp";
    shim set_jump as "_setjmp";
    shim set_jump as "__sigsetjmp";
    shim set_jump as "sigsetjmp";
    shim long_jump as "longjmp";
    shim long_jump as "_longjmp";
    shim long_jump as "siglongjmp";
    // Checks in glibc that the jump doesn't go up the stack; here it is the plain one.
    shim long_jump as "__longjmp_chk";
}
