//! What programs of the corpus find on a host: its C and C++ libraries, but for what would outlive a module.

use std::ffi::{CString, c_int, c_void};
use std::fs;
use std::path::Path;

use ironlink::base::TargetAddr;
use ironlink::graph::Linkage;
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::{AbsoluteSymbol, Input, Session};
use ironlink_kernel::exports;
use xtask::machines::Machine;
use xtask::toolchain;

/// What modules may reach by 32 bits, hence must find near to them: `near.c` has it.
const NEAR: [&str; 4] = ["stdout", "stderr", "_ZTIi", "__gxx_personality_v0"];

/// Defines the host's library in `session`.
pub(crate) fn define(session: &Session<HostedMemory>, machine: &'static Machine) {
    // SAFETY: the library's initializers are those that any C++ program runs.
    let cxx = unsafe {
        libc::dlopen(
            c"libstdc++.so.6".as_ptr(),
            libc::RTLD_NOW | libc::RTLD_GLOBAL,
        )
    };
    assert!(!cxx.is_null(), "the C++ library comes with g++");
    // What the kernel exports, as far as the host has it too.
    let rows: Vec<AbsoluteSymbol<'_>> = exports::all()
        .map(|export| (export.name, export.kind))
        .filter(|(name, _)| !NEAR.contains(name))
        .filter_map(|(name, kind)| {
            Some(AbsoluteSymbol {
                name,
                address: TargetAddr::new(address_of(name)? as u64),
                size_bytes: 0,
                kind,
                linkage: Linkage::Strong,
                is_protected: false,
            })
        })
        .collect();
    let library = session.create_dylib("host").unwrap();
    library.define(&rows).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/host/near.c");
    let flavour = toolchain::default_flavour(&source).unwrap();
    let object = toolchain::compile(
        machine,
        &source,
        flavour,
        Path::new(env!("CARGO_TARGET_TMPDIR")),
    )
    .unwrap();
    let bytes = fs::read(object).unwrap();
    // SAFETY: it has no initializers.
    let near = unsafe { library.load_all("near", &[Input::new("near.o", &bytes)]) }.unwrap();
    for name in ["stdout", "stderr"] {
        let theirs = std::ptr::with_exposed_provenance::<usize>(address_of(name).unwrap());
        let ours = near.address(name).unwrap().value();
        let ours = std::ptr::with_exposed_provenance_mut::<usize>(usize::try_from(ours).unwrap());
        // SAFETY: the C library's variable, a pointer.
        let stream = unsafe { theirs.read() };
        // SAFETY: the module's variable of the same type, which nobody else uses yet.
        unsafe { ours.write(stream) };
    }
}

/// Where the process has `name`.
fn address_of(name: &str) -> Option<usize> {
    if matches!(name, "__cxa_atexit" | "atexit") {
        return Some(forget as *const () as usize);
    }
    let c_name = CString::new(name).unwrap();
    // SAFETY: looks a name up.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c_name.as_ptr()) };
    (!address.is_null()).then(|| address.expose_provenance())
}

/// In place of `__cxa_atexit`, and of `atexit`, which C's library has no address of: modules are unloaded before the process ends, and must leave nothing in its lists.
extern "C" fn forget(_: *mut c_void, _: *mut c_void, _: *mut c_void) -> c_int {
    0
}
