//! `elf_loader`: what it can't do by itself is done for it beforehand.
//!
//! Its release build knows no groups of sections, which are therefore named here; and of the relocations that read the GOT it
//! knows the plain one alone.

use super::{Linker, Loaded, pages::Pages, prepared};
use crate::object_file::ObjectFile;
use elf_loader::arch::NativeArch;
use elf_loader::image::{ModuleHandle, SyntheticModule, SyntheticSymbol};
use elf_loader::observer::{SectionGroups, SectionLifetime};
use elf_loader::os::ProtFlags;
use elf_loader::{AddressSpaceId, Domain, Loader, Relocator};
use std::ffi::CString;

pub(super) fn ready(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    let bytes = prepared::with_plain_got_relocations(object)?;
    let elsewhere = Pages::new(1, None)?;
    let domain = Domain::<NativeArch>::native(AddressSpaceId::PROCESS);
    let mut symbols = Vec::new();
    for name in &object.missing {
        let name = CString::new(&**name).map_err(|error| error.to_string())?;
        symbols.push(SyntheticSymbol::function(name, elsewhere.start().cast()));
    }
    Ok(Box::new(Ready {
        bytes,
        loader: Loader::new(),
        names: SyntheticModule::new(&domain, "elsewhere", symbols).into(),
        domain,
        groups: groups(),
        _elsewhere: elsewhere,
    }))
}

struct Ready {
    bytes: Vec<u8>,
    loader: Loader,
    domain: Domain<NativeArch>,
    names: ModuleHandle,
    groups: SectionGroups,
    /// Where the names lie.
    _elsewhere: Pages,
}

impl Linker for Ready {
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String> {
        let run = self.loader.run(self.domain.clone());
        let object = run
            .with_object_section_groups(self.groups.clone())
            .load_object(&self.bytes)
            .map_err(|error| error.to_string())?;
        let loaded = Relocator::new()
            .run(object)
            .with_modules([self.names.clone()])
            .and_then(|run| run.relocate())
            .map_err(|error| error.to_string())?;
        Ok(Box::new(loaded))
    }
}

/// The groups that a build with debug assertions has by itself, in its order.
fn groups() -> SectionGroups {
    let mut groups = SectionGroups::default();
    if cfg!(debug_assertions) {
        return groups;
    }
    let (read, write, execute) = (
        ProtFlags::PROT_READ,
        ProtFlags::PROT_WRITE,
        ProtFlags::PROT_EXEC,
    );
    for (order, protection) in [read, read | write, read | execute, read | write | execute]
        .into_iter()
        .enumerate()
    {
        groups.define(protection, protection, order, SectionLifetime::Core);
    }
    groups.define(
        read | write,
        read | write,
        usize::MAX,
        SectionLifetime::Init,
    );
    groups
}
