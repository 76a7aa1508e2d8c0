//! Keys of functions in a cache.
//!
//! Cranelift's own cache (its feature `incremental-cache`) keeps its key to itself, and stores code before it is told of our
//! kinds. So the same things are hashed here: what Cranelift says makes two compilations the same (the function but for its
//! names and positions, the instruction set, all flags), and what our records say beyond that.

use core::hash::{Hash, Hasher};

use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::TargetIsa;
use sha2::{Digest, Sha256};

use crate::base::Machine;
use crate::compiler::CacheKey;

/// The key of `function` as `isa` compiles it.
pub(super) fn of(machine: Machine, isa: &dyn TargetIsa, function: &Function) -> CacheKey {
    let mut hash = Hash256(Sha256::new());
    env!("CARGO_PKG_VERSION").hash(&mut hash);
    cranelift_codegen::VERSION.hash(&mut hash);
    machine.hash(&mut hash);
    isa.flags().hash(&mut hash);
    isa.isa_flags_hash_key().hash(&mut hash);
    function.stencil.hash(&mut hash);
    let params = &function.params;
    params.base_srcloc().bits().hash(&mut hash);
    for name in params.user_named_funcs().values() {
        name.hash(&mut hash);
    }
    CacheKey(hash.0.finalize().into())
}

/// SHA-256 as what is written to by what is hashed.
struct Hash256(Sha256);

impl Hasher for Hash256 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest
            .first_chunk()
            .map_or(0, |first| u64::from_le_bytes(*first))
    }
}
