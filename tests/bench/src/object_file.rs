//! An object that is measured, and what is known of it before any linker sees it.

use anyhow::{Context, Result, bail};
use ironlink::base::Machine;
use object::{Architecture, Object, ObjectSection, ObjectSymbol, SectionFlags};
use std::fs;
use std::path::Path;

/// An object, in memory.
pub(crate) struct ObjectFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) machine: Machine,
    pub(crate) sections: usize,
    pub(crate) symbols: usize,
    /// Relocations of what is loaded: not those of debug information.
    pub(crate) relocations: usize,
    /// Names that it misses; all linkers are told the same of them.
    pub(crate) missing: Vec<String>,
}

impl ObjectFile {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_stem().unwrap_or_default();
        Self::of(name.to_string_lossy().into_owned(), bytes)
    }

    pub(crate) fn of(name: String, bytes: Vec<u8>) -> Result<Self> {
        let file = object::File::parse(&*bytes).with_context(|| format!("{name} is no object"))?;
        let machine = match file.architecture() {
            Architecture::X86_64 => Machine::X86_64,
            Architecture::Aarch64 => Machine::Aarch64,
            other => bail!("{name} is for {other:?}"),
        };
        let mut missing: Vec<String> = file
            .symbols()
            .filter(|symbol| symbol.is_undefined())
            .filter_map(|symbol| symbol.name().ok().map(str::to_owned))
            // Linkers define this one by themselves.
            .filter(|name| !name.is_empty() && name != "_GLOBAL_OFFSET_TABLE_")
            .collect();
        missing.sort();
        missing.dedup();
        let relocations = file
            .sections()
            .filter(is_loaded)
            .map(|section| section.relocations().count())
            .sum();
        Ok(Self {
            machine,
            sections: file.sections().count(),
            symbols: file.symbols().count(),
            relocations,
            missing,
            name,
            bytes,
        })
    }
}

/// Whether the section has a place in memory.
pub(crate) fn is_loaded<'d>(section: &impl ObjectSection<'d>) -> bool {
    let SectionFlags::Elf { sh_flags, .. } = section.flags() else {
        return false;
    };
    sh_flags.contains(object::elf::SHF_ALLOC)
}
