//! Module sources, host-side tests and in-kernel tests of Ironlink.
