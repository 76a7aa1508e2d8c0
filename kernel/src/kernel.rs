//! The kernel's life: from the machine's entry to the image's main function, and to the end.

use ironlink::base::Machine;

use crate::boot::BootInfo;
use crate::console;
use crate::frames::SharedFrames;
use crate::machine;
use crate::memory::{self, Memory};
use crate::panic;
use crate::protocol::{self, Record};

/// What an image's main function is given.
pub struct Kernel {
    boot: BootInfo,
    memory: Memory,
}

impl Kernel {
    /// The machine's loader's word on memory, command line and initial memory disk.
    pub fn boot_info(&self) -> &BootInfo {
        &self.boot
    }

    /// The machine's frames.
    pub fn frames(&self) -> &'static SharedFrames<'static> {
        self.memory.frames
    }
}

/// Names the image's main function: `fn(&'static Kernel) -> u8`, which returns the exit status. An image does so once.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        /// What the kernel calls once the machine is set up.
        // SAFETY: no other symbol has this name: an image has one `entry!`.
        #[unsafe(no_mangle)]
        extern "Rust" fn ironlink_image_main(kernel: &'static $crate::kernel::Kernel) -> u8 {
            let main: fn(&'static $crate::kernel::Kernel) -> u8 = $main;
            main(kernel)
        }
    };
}

unsafe extern "Rust" {
    /// The function that the image named with [`entry!`].
    safe fn ironlink_image_main(kernel: &'static Kernel) -> u8;
}

/// Where each machine's entry ends: sets the kernel up and runs the image. `boot_info` reads what the loader told, once
/// there is a line to report its errors on.
pub(crate) fn start(boot_info: impl FnOnce() -> Result<BootInfo, &'static str>) -> ! {
    // SAFETY: this runs once, and the entry's page tables map the serial port.
    unsafe { console::open() };
    let machine = Machine::HOST.map_or("unknown", Machine::name);
    console::send(&Record::Boot(format_args!(
        "ironlink {} {machine}",
        protocol::VERSION
    )));
    let mut boot = boot_info().unwrap_or_else(|reason| panic!("{reason}"));
    // SAFETY: this runs once; so far only the line is used.
    unsafe { machine::set_up() };
    // SAFETY: this runs once, on the entry's page tables; nobody uses memory that the loader doesn't tell of.
    let memory = unsafe { memory::set_up(&mut boot) };
    static KERNEL: spin::Once<Kernel> = spin::Once::new();
    let kernel = KERNEL.call_once(|| Kernel { boot, memory });
    panic::exit(ironlink_image_main(kernel))
}
