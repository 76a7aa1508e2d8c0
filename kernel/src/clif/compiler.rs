//! What units are compiled with.

use ironlink::base::Machine;
use ironlink::compiler::cranelift::{Cranelift, CraneliftBuilder};
use ironlink::compiler::{CompilerBuilder, SettingError};

/// Cranelift compiles no 128-bit arguments, and no tail calls, without the last two.
const SETTINGS: [(&str, &str); 3] = [
    ("opt_level", "speed"),
    ("enable_llvm_abi_extensions", "true"),
    ("preserve_frame_pointers", "true"),
];

/// The compiler of units: it optimizes, and takes all that texts may have.
///
/// # Errors
/// The heap has no room.
pub fn compiler(machine: Machine) -> Result<Cranelift, SettingError> {
    let mut builder = CraneliftBuilder::new(machine)?;
    for (name, value) in SETTINGS {
        builder.set(name, value)?;
    }
    builder.build()
}
