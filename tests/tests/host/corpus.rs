//! The corpus, compiled and read, and the names that its programs may use.

use std::fs;

use ironlink::base::{AddressRange, Machine, TargetAddr};
use ironlink::graph::{Linkage, SymbolKind};
use ironlink::memory::mock::MockMemory;
use ironlink::session::{AbsoluteSymbol, Input};
use ironlink_kernel::exports as kernel_exports;
use xtask::machines;
use xtask::toolchain::corpus;

/// The files of the corpus for one machine.
#[derive(Debug)]
pub(crate) struct Corpus {
    files: Vec<(String, Vec<u8>)>,
}

impl Corpus {
    /// Compiles what is not compiled yet, and reads all.
    pub(crate) fn of(machine: Machine) -> Self {
        let members = corpus::test_objects(facts_of(machine)).unwrap();
        let files = members
            .into_iter()
            .map(|member| (member.name, fs::read(member.path).unwrap()))
            .collect();
        Self { files }
    }

    /// The file of this name.
    pub(crate) fn bytes(&self, name: &str) -> &[u8] {
        let file = self.files.iter().find(|(known, _)| known == name);
        &file.unwrap_or_else(|| panic!("the corpus has no {name}")).1
    }

    /// The files as inputs of a load.
    pub(crate) fn inputs(&self) -> Vec<Input<'_>> {
        self.files
            .iter()
            .map(|(name, bytes)| Input::new(name, bytes))
            .collect()
    }
}

/// What the build knows of a machine.
pub(crate) fn facts_of(machine: Machine) -> &'static machines::Machine {
    match machine {
        Machine::X86_64 => &machines::X86_64,
        Machine::Aarch64 => &machines::AARCH64,
    }
}

/// What programs may expect of the kernel that loads them, at addresses that nobody calls.
pub(crate) fn exports() -> Vec<AbsoluteSymbol<'static>> {
    // The kernel for the host's machine has no need of another machine's own names.
    const OF_OTHER_MACHINES: &[(&str, SymbolKind)] = &[
        ("__stack_chk_guard", SymbolKind::Data),
        ("__aarch64_cas8_acq_rel", SymbolKind::Function),
        ("__aarch64_ldadd1_acq_rel", SymbolKind::Function),
        ("__aarch64_ldadd4_relax", SymbolKind::Function),
        ("__aarch64_ldclr2_acq_rel", SymbolKind::Function),
        ("__aarch64_ldeor4_acq", SymbolKind::Function),
        ("__aarch64_ldset2_acq_rel", SymbolKind::Function),
        ("__aarch64_swp1_acq_rel", SymbolKind::Function),
        ("__aarch64_swp4_acq_rel", SymbolKind::Function),
    ];
    let own: Vec<(&str, SymbolKind)> = kernel_exports::all()
        .map(|export| (export.name, export.kind))
        .collect();
    let is_new = |row: &&(&'static str, SymbolKind)| own.iter().all(|(name, _)| name != &row.0);
    let others = OF_OTHER_MACHINES.iter().filter(is_new);
    (0x40_0000u64..)
        .step_by(64)
        .zip(own.iter().chain(others))
        .map(|(address, (name, kind))| AbsoluteSymbol {
            name,
            address: TargetAddr::new(address),
            size_bytes: 0,
            kind: *kind,
            linkage: Linkage::Strong,
            is_protected: false,
        })
        .collect()
}

/// Some of the memory where a kernel would have its modules: in the low 2 GiB, above its image.
pub(crate) fn modules_window() -> MockMemory {
    let window = AddressRange::from_size(TargetAddr::new(0x4000_0000), 16 << 20);
    MockMemory::new(&[window.unwrap()]).unwrap()
}
