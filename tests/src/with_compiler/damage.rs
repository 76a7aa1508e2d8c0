//! Units that were damaged on their way.

use ironlink::compiler::cranelift::wire;
use ironlink::session::Input;
use ironlink_kernel::Kernel;
use ironlink_kernel::clif;

/// Prime, so that all places of what is repeated are met.
const STEP: usize = 13;

/// Decodes the unit cut off, which is refused, and with bytes that are others, which may be read, but is no end of the kernel.
pub(super) fn is_refused(kernel: &'static Kernel, unit: Input<'_>) {
    let compiler =
        clif::compiler(kernel.session().machine()).unwrap_or_else(|error| panic!("{error}"));
    for end in (0..unit.bytes.len()).step_by(STEP) {
        assert!(wire::decode(&compiler, &unit.bytes[..end]).is_err());
    }
    let mut refused = 0;
    for place in (0..unit.bytes.len()).step_by(STEP) {
        let mut bytes = unit.bytes.to_vec();
        bytes[place] ^= 0xff;
        refused += u32::from(wire::decode(&compiler, &bytes).is_err());
    }
    assert!(refused > 0);
}
