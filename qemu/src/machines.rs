//! The one table of machine facts: what building for a machine, installing its tools and playing it by QEMU must know.
//!
//! A row is data. What is done with it stands elsewhere: tools are installed by [`crate::setup`], images are built by
//! [`crate::image`], QEMU's arguments are put together by [`crate::boot`].

use crate::setup::{Packages, Probe, Tool, Version};
use std::env::consts;

/// A machine that the kernel runs on.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    /// The architecture's name: what `--arch` takes and what Rust calls it.
    pub name: &'static str,
    /// The Rust target of the kernel.
    pub kernel_target: &'static str,
    /// The Rust target of modules: x86-64 modules follow the hosted ABI, whose floats travel in vector registers.
    pub module_target: &'static str,
    /// The GNU triple: clang's `--target` and the prefix of cross compilers' programs.
    pub gnu_triple: &'static str,
    /// The program that plays the machine.
    pub emulator: Tool,
    /// The boards, the usual one first.
    pub boards: &'static [Board],
    /// The processor model, for `-cpu`: all that QEMU can emulate.
    pub cpu: &'static str,
    /// Memory unless told otherwise, in MiB.
    pub memory_mib: u32,
    /// QEMU arguments that the kernel needs to switch the machine off.
    pub switch_off_arguments: &'static [&'static str],
    /// QEMU's exit status after the kernel has switched the machine off.
    pub switched_off_status: i32,
    /// gcc and g++ on a host of the same architecture.
    pub native: GnuCompilers,
    /// gcc and g++ on any other host.
    pub cross: GnuCompilers,
}

/// The C and C++ compilers of GNU for one machine on one kind of host, with the headers of a C library.
#[derive(Debug, PartialEq, Eq)]
pub struct GnuCompilers {
    /// The C compiler.
    pub gcc: Tool,
    /// The C++ compiler.
    pub gxx: Tool,
}

/// A board: a machine type of QEMU.
#[derive(Debug, PartialEq, Eq)]
pub struct Board {
    /// The machine type, for `-machine` and for `--machine`.
    pub name: &'static str,
}

impl Machine {
    /// The machine called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        MACHINES
            .iter()
            .copied()
            .find(|machine| machine.name == name)
    }

    /// GNU's compilers for this machine on this host.
    #[must_use]
    pub fn gnu_compilers(&self) -> &GnuCompilers {
        self.gnu_compilers_on(consts::OS, consts::ARCH)
    }

    fn gnu_compilers_on(&self, system: &str, architecture: &str) -> &GnuCompilers {
        if system == "linux" && architecture == self.name {
            &self.native
        } else {
            &self.cross
        }
    }

    /// The board called `name`, if this machine has it.
    #[must_use]
    pub fn board(&self, name: &str) -> Option<&'static Board> {
        self.boards.iter().find(|board| board.name == name)
    }

    /// The board that is booted unless told otherwise.
    #[must_use]
    pub fn usual_board(&self) -> &'static Board {
        let [usual, ..] = self.boards else {
            unreachable!("each row names a board")
        };
        usual
    }
}

/// All machines.
pub const MACHINES: &[&Machine] = &[&X86_64, &AARCH64];

/// x86-64, entered through the PVH note of the kernel's ELF file.
pub static X86_64: Machine = Machine {
    name: "x86_64",
    kernel_target: "x86_64-unknown-none",
    module_target: "x86_64-unknown-linux-gnu",
    gnu_triple: "x86_64-linux-gnu",
    emulator: Tool {
        name: "QEMU for x86-64",
        program: "qemu-system-x86_64",
        probe: Probe::Version,
        lowest: Version(7, 2),
        packages: Packages {
            apt: &["qemu-system-x86"],
            dnf: &["qemu-system-x86-core"],
            pacman: &["qemu-system-x86"],
            apk: &["qemu-system-x86_64"],
            zypper: &["qemu-x86"],
            brew: &["qemu"],
        },
    },
    boards: &[Board { name: "microvm" }, Board { name: "q35" }],
    cpu: "max",
    memory_mib: 256,
    switch_off_arguments: &["-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"],
    // The device answers a write of 0x10 with the status 2 * 0x10 + 1.
    switched_off_status: 33,
    native: NATIVE_GNU_COMPILERS,
    cross: GnuCompilers {
        gcc: Tool {
            name: "gcc for x86-64",
            program: "x86_64-linux-gnu-gcc",
            probe: Probe::Header {
                language: "c",
                header: "stdio.h",
            },
            lowest: Version(12, 0),
            packages: Packages {
                apt: &["gcc-x86-64-linux-gnu", "libc6-dev-amd64-cross"],
                dnf: &["gcc-x86_64-linux-gnu"],
                pacman: &[],
                apk: &[],
                zypper: &["cross-x86_64-gcc13"],
                brew: &[],
            },
        },
        gxx: Tool {
            name: "g++ for x86-64",
            program: "x86_64-linux-gnu-g++",
            probe: Probe::Header {
                language: "c++",
                header: "cstddef",
            },
            lowest: Version(12, 0),
            packages: Packages {
                apt: &["g++-x86-64-linux-gnu", "libc6-dev-amd64-cross"],
                dnf: &["gcc-c++-x86_64-linux-gnu"],
                pacman: &[],
                apk: &[],
                zypper: &["cross-x86_64-gcc13"],
                brew: &[],
            },
        },
    },
};

/// aarch64, entered as a Linux kernel would be on QEMU's `virt` board.
pub static AARCH64: Machine = Machine {
    name: "aarch64",
    kernel_target: "aarch64-unknown-none",
    module_target: "aarch64-unknown-none",
    gnu_triple: "aarch64-linux-gnu",
    emulator: Tool {
        name: "QEMU for aarch64",
        program: "qemu-system-aarch64",
        probe: Probe::Version,
        lowest: Version(7, 2),
        packages: Packages {
            apt: &["qemu-system-arm"],
            dnf: &["qemu-system-aarch64-core"],
            pacman: &["qemu-system-aarch64"],
            apk: &["qemu-system-aarch64"],
            zypper: &["qemu-arm"],
            brew: &["qemu"],
        },
    },
    boards: &[Board { name: "virt" }],
    cpu: "max",
    memory_mib: 256,
    // PSCI's SYSTEM_OFF needs no device.
    switch_off_arguments: &[],
    switched_off_status: 0,
    native: NATIVE_GNU_COMPILERS,
    cross: GnuCompilers {
        gcc: Tool {
            name: "gcc for aarch64",
            program: "aarch64-linux-gnu-gcc",
            probe: Probe::Header {
                language: "c",
                header: "stdio.h",
            },
            lowest: Version(12, 0),
            packages: Packages {
                apt: &["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
                dnf: &["gcc-aarch64-linux-gnu"],
                pacman: &["aarch64-linux-gnu-gcc", "aarch64-linux-gnu-glibc"],
                apk: &[],
                zypper: &["cross-aarch64-gcc13"],
                brew: &[],
            },
        },
        gxx: Tool {
            name: "g++ for aarch64",
            program: "aarch64-linux-gnu-g++",
            probe: Probe::Header {
                language: "c++",
                header: "cstddef",
            },
            lowest: Version(12, 0),
            packages: Packages {
                apt: &["g++-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
                dnf: &["gcc-c++-aarch64-linux-gnu"],
                pacman: &["aarch64-linux-gnu-gcc", "aarch64-linux-gnu-glibc"],
                apk: &[],
                zypper: &["cross-aarch64-gcc13"],
                brew: &[],
            },
        },
    },
};

/// The compilers of the host itself: the same programs and packages on every architecture.
const NATIVE_GNU_COMPILERS: GnuCompilers = GnuCompilers {
    gcc: Tool {
        name: "gcc",
        program: "gcc",
        probe: Probe::Header {
            language: "c",
            header: "stdio.h",
        },
        lowest: Version(12, 0),
        packages: Packages {
            apt: &["gcc", "libc6-dev"],
            dnf: &["gcc", "glibc-devel"],
            pacman: &["gcc"],
            apk: &["gcc", "musl-dev"],
            zypper: &["gcc", "glibc-devel"],
            brew: &[],
        },
    },
    gxx: Tool {
        name: "g++",
        program: "g++",
        probe: Probe::Header {
            language: "c++",
            header: "cstddef",
        },
        lowest: Version(12, 0),
        packages: Packages {
            apt: &["g++", "libc6-dev"],
            dnf: &["gcc-c++", "glibc-devel"],
            pacman: &["gcc"],
            apk: &["g++", "musl-dev"],
            zypper: &["gcc-c++", "glibc-devel"],
            brew: &[],
        },
    },
};

#[cfg(test)]
mod tests {
    use super::{AARCH64, MACHINES, Machine, X86_64};

    #[test]
    fn a_machine_is_found_by_its_name_only() {
        assert_eq!(Machine::named("aarch64"), Some(&AARCH64));
        assert_eq!(Machine::named("arm64"), None);
    }

    #[test]
    fn a_board_belongs_to_its_machine() {
        assert!(X86_64.board("q35").is_some());
        assert!(AARCH64.board("q35").is_none());
        assert!(
            MACHINES
                .iter()
                .all(|machine| machine.board(machine.usual_board().name).is_some())
        );
    }

    #[test]
    fn a_host_of_the_same_architecture_uses_its_own_compilers() {
        assert_eq!(
            X86_64.gnu_compilers_on("linux", "x86_64").gcc.program,
            "gcc"
        );
        assert_eq!(
            AARCH64.gnu_compilers_on("linux", "aarch64").gxx.program,
            "g++"
        );
    }

    #[test]
    fn any_other_host_uses_cross_compilers() {
        assert_eq!(
            AARCH64.gnu_compilers_on("linux", "x86_64").gcc.program,
            "aarch64-linux-gnu-gcc"
        );
        assert_eq!(
            X86_64.gnu_compilers_on("linux", "aarch64").gcc.program,
            "x86_64-linux-gnu-gcc"
        );
        assert_eq!(
            X86_64.gnu_compilers_on("macos", "x86_64").gcc.program,
            "x86_64-linux-gnu-gcc"
        );
    }
}
