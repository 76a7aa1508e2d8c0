//! `cargo xtask`: sets up, builds, packs, boots, judges.

fn main() {}
