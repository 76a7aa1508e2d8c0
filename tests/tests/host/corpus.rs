//! The corpus, compiled and read, and the names that its programs may use.

use std::fs;

use ironlink::base::{AddressRange, Machine, TargetAddr};
use ironlink::graph::{Linkage, SymbolKind};
use ironlink::memory::mock::MockMemory;
use ironlink::session::{AbsoluteSymbol, Input};
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
            .map(|(name, bytes)| Input { name, bytes })
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

/// Functions that programs may expect of who loads them.
pub(crate) const FUNCTIONS: &str = "_Unwind_Resume _ZdaPv _ZdaPvm _ZdlPv _ZdlPvm _Znam _Znwm __assert_fail __cxa_atexit \
    __cxa_bad_typeid __cxa_guard_abort __cxa_guard_acquire __cxa_guard_release __cxa_pure_virtual __divti3 \
    __errno_location __fprintf_chk __gxx_personality_v0 __modti3 __popcountdi2 __printf_chk __snprintf_chk \
    __stack_chk_fail __strcat_chk __udivti3 __umodti3 __vsnprintf_chk abort bcmp calloc exit fprintf fputc fputs \
    free malloc memchr memcmp memcpy memmove memset printf putc putchar puts realloc snprintf strcat strchr strcmp \
    strcpy strlen strncmp strncpy strrchr strstr vsnprintf write __aarch64_cas8_acq_rel __aarch64_ldadd1_acq_rel \
    __aarch64_ldadd4_relax __aarch64_ldclr2_acq_rel __aarch64_ldeor4_acq __aarch64_ldset2_acq_rel \
    __aarch64_swp1_acq_rel __aarch64_swp4_acq_rel";

/// What programs may expect of the kernel that loads them, at addresses that nobody calls.
pub(crate) fn exports() -> Vec<AbsoluteSymbol<'static>> {
    const DATA: &str = "stdout stderr __stack_chk_guard _ZTVN10__cxxabiv117__class_type_infoE \
        _ZTVN10__cxxabiv120__si_class_type_infoE _ZTVN10__cxxabiv121__vmi_class_type_infoE";
    let functions = FUNCTIONS
        .split_whitespace()
        .map(|name| (name, SymbolKind::Function));
    let data = DATA.split_whitespace().map(|name| (name, SymbolKind::Data));
    (0x40_0000u64..)
        .step_by(64)
        .zip(functions.chain(data))
        .map(|(address, (name, kind))| AbsoluteSymbol {
            name,
            address: TargetAddr::new(address),
            size_bytes: 0,
            kind,
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
