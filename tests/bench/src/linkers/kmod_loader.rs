//! `kmod-loader`, whose modules are as Linux has them: a description, a record of the module itself, and an empty section for
//! the GOT are joined to the object beforehand.

use super::pages::Pages;
use super::{Linker, Loaded, prepared};
use crate::object_file::ObjectFile;
use ironlink::base::Protection;
use kmod_loader::{KernelModuleHelper, ModuleLoader, SectionMemOps, SectionPerm};
use std::ffi::CString;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The sections that it wants; the record is as long as the loader may want it, and zero.
const SECTIONS: &str = "\t.section .modinfo,\"a\",%progbits\n\t.asciz \"name=object\"\n\
                        \t.section .gnu.linkonce.this_module,\"aw\",%progbits\n\t.zero 8192\n\
                        \t.section .got,\"aw\",%progbits\n\t.balign 8\n\t.quad 0\n";

/// Where names lie that the object misses: the loader asks functions for them that know nothing else.
static ELSEWHERE: AtomicUsize = AtomicUsize::new(0);

pub(super) fn ready(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    let plain = ObjectFile {
        bytes: prepared::with_plain_got_relocations(object)?,
        name: object.name.clone(),
        missing: Vec::new(),
        ..*object
    };
    let elsewhere = Pages::new(1, None)?;
    ELSEWHERE.store(elsewhere.start().expose_provenance(), Ordering::Relaxed);
    Ok(Box::new(Ready {
        bytes: prepared::joined_with(&plain, SECTIONS)?,
        _elsewhere: elsewhere,
    }))
}

struct Ready {
    bytes: Vec<u8>,
    /// Where the names lie.
    _elsewhere: Pages,
}

impl Linker for Ready {
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String> {
        let loader = ModuleLoader::<Host>::new(&self.bytes);
        let loader = loader.map_err(|error| format!("{error:?}"))?;
        let module = loader.load_module(CString::default());
        Ok(Box::new(module.map_err(|error| format!("{error:?}"))?))
    }
}

/// What the loader asks of its kernel.
struct Host;

impl KernelModuleHelper for Host {
    fn vmalloc(size: usize) -> Box<dyn SectionMemOps> {
        let pages = Pages::new(size, None).unwrap_or_else(|error| panic!("{error}"));
        Box::new(Section(pages))
    }

    fn resolve_symbol(_name: &str) -> Option<usize> {
        Some(ELSEWHERE.load(Ordering::Relaxed))
    }
}

/// The pages of one section.
struct Section(Pages);

// SAFETY: they are memory of the process that has no thread of its own.
unsafe impl Send for Section {}
// SAFETY: a shared reference gives no access to them but their address.
unsafe impl Sync for Section {}

impl SectionMemOps for Section {
    fn as_ptr(&self) -> *const u8 {
        self.0.start()
    }

    fn as_mut_ptr(&mut self) -> *mut u8 {
        self.0.start()
    }

    fn change_perms(&mut self, permissions: SectionPerm) -> bool {
        let protection = if permissions.contains(SectionPerm::EXECUTE) {
            Protection::ReadExecute
        } else if permissions.contains(SectionPerm::WRITE) {
            Protection::ReadWrite
        } else {
            Protection::Read
        };
        self.0.protect(0..self.0.size_bytes(), protection).is_ok()
    }
}
