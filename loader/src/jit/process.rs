//! Names of this process, as its dynamic linker knows them.
#![expect(unsafe_code, reason = "asks the dynamic linker")]

use alloc::ffi::CString;

use crate::base::{TargetAddr, int};

/// The address of a function or of data that this process, or a shared object that it has loaded, gives to others. For
/// [`JitBuilder::symbol_lookup_fn`](super::JitBuilder::symbol_lookup_fn): so cranelift-jit finds what is imported.
pub fn symbol_of_process(name: &str) -> Option<TargetAddr> {
    let name = CString::new(name).ok()?;
    // SAFETY: the name ends with a zero, and is only read.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    let address = TargetAddr::new(int::from_usize(address.expose_provenance()));
    (address != TargetAddr::ZERO).then_some(address)
}
