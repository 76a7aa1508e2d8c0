//! The kernel's life: from the machine's entry to the image's main function, and to the end.

use alloc::vec::Vec;

use ironlink::base::{AddressRange, Machine, OutOfMemory, TargetAddr};
use ironlink::memory::paging::{DirectMap, Format, Leaf, PageTables, Roots};
use ironlink::memory::{KernelSpace, MemoryManager};
use ironlink::session::plugins::AddressMap;
use ironlink::session::{AbsoluteSymbol, Input, LoadError, Module, OfferedInterface, Session};
use spin::Once;

use crate::boot::BootInfo;
use crate::clock;
use crate::console;
use crate::exports;
use crate::frames::SharedFrames;
use crate::host::KernelHost;
use crate::initrd::Initrd;
use crate::machine;
use crate::memory::{self, Memory};
use crate::panic;
use crate::program::{self, ExitHandlers};
use crate::protocol::{self, Record};

/// The memory that modules live in.
pub type ModuleMemory = KernelSpace<&'static SharedFrames<'static>, DirectMap>;

/// What an image's main function is given.
pub struct Kernel {
    boot: BootInfo,
    memory: Memory,
    initrd: Initrd<'static>,
    session: Session<ModuleMemory>,
    addresses: AddressMap,
    entry_instructions: u64,
}

static KERNEL: Once<Kernel> = Once::new();

impl Kernel {
    /// The machine's loader's word on memory, command line and initial memory disk.
    pub fn boot_info(&self) -> &BootInfo {
        &self.boot
    }

    /// What the initial memory disk holds.
    pub fn initrd(&self) -> &Initrd<'static> {
        &self.initrd
    }

    /// The session. Its dylib `kernel` has the kernel's exports.
    pub fn session(&self) -> &Session<ModuleMemory> {
        &self.session
    }

    /// What addresses in modules are. Takes no lock that a module can hold for good.
    pub fn addresses(&self) -> &AddressMap {
        &self.addresses
    }

    /// The memory that modules live in.
    pub fn space(&self) -> &ModuleMemory {
        self.session.memory()
    }

    /// The machine's frames.
    pub fn frames(&self) -> &'static SharedFrames<'static> {
        self.memory.frames
    }

    /// How many instructions had run when the kernel was entered, where QEMU counts them: the firmware's.
    pub fn entry_instructions(&self) -> u64 {
        self.entry_instructions
    }

    /// What is mapped at an address, whoever mapped it. Takes no lock.
    pub fn mapped_at(&self, address: TargetAddr) -> Option<Leaf> {
        // SAFETY: they are only read here, on the one processor that changes them.
        unsafe { self.page_tables() }.query(address)
    }

    /// The page tables in use.
    ///
    /// # Safety
    /// Nobody changes them meanwhile but through this value; what the space for modules relies on stays as it is.
    pub unsafe fn page_tables(&self) -> PageTables<DirectMap> {
        let (roots, access) = (self.memory.roots, self.memory.direct_map);
        // SAFETY: these are the tables in use, and the direct map reaches them.
        unsafe { PageTables::new(Format::THIS_MACHINE, roots, access) }
    }

    /// The roots of the page tables in use.
    pub fn roots(&self) -> Roots {
        self.memory.roots
    }

    /// Loads objects, and what archives must add to them, as one module, and looks for places where W^X is broken.
    ///
    /// # Errors
    /// As of [`Session::load_all`].
    ///
    /// # Panics
    /// W^X is broken.
    ///
    /// # Safety
    /// As of [`Session::load_all`].
    pub unsafe fn load(
        &'static self,
        name: &str,
        inputs: &[Input<'_>],
    ) -> Result<Module<'static, ModuleMemory>, LoadError> {
        // SAFETY: this method has the same contract.
        let module = unsafe { self.session.load_all(name, inputs) }?;
        assert_eq!(self.audit(), 0, "W^X is broken after {name} was loaded");
        Ok(module)
    }

    /// Another session over the same memory, with the same exports and interface, which guards calls as the kernel's own does.
    /// Of its modules, fault reports tell addresses alone; what it is given beside them says what these are.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn open_session(&self) -> Result<(Session<ModuleMemory>, AddressMap), LoadError> {
        session_over(self.space().clone())
    }

    /// Looks for places where W^X is broken, in all that is mapped, and reports each; gives their number.
    pub fn audit(&self) -> usize {
        let violations = self
            .space()
            .audit(|violation| console::send(&Record::Fault(format_args!("{violation}"))));
        violations.unwrap_or_else(|error| panic!("the audit: {error}"))
    }
}

/// The kernel, once it is set up.
pub(crate) fn get() -> Option<&'static Kernel> {
    KERNEL.get()
}

/// Names the image's main function: `fn(&'static Kernel) -> u8`, which returns the exit status. An image does so once.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        /// What the kernel calls once the machine is set up.
        // SAFETY: no other symbol has this name: an image has one `entry!`.
        #[unsafe(no_mangle)]
        extern "Rust" fn ironlink_image_main(kernel: &'static $crate::Kernel) -> u8 {
            let main: fn(&'static $crate::Kernel) -> u8 = $main;
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
    let entry_instructions = clock::instructions();
    // SAFETY: this runs once, and the entry's page tables map the serial port.
    unsafe { console::open() };
    let machine = Machine::HOST.map_or("unknown", Machine::name);
    console::send(&Record::Boot(format_args!(
        "ironlink {} {machine}",
        protocol::VERSION
    )));
    let mut boot = boot_info().unwrap_or_else(|reason| panic!("{reason}"));
    exports::install(&KernelHost);
    // SAFETY: this runs once; so far only the line is used.
    unsafe { machine::set_up() };
    // SAFETY: this runs once, on the entry's page tables; nobody uses memory that the loader doesn't tell of.
    let memory = unsafe { memory::set_up(&mut boot) };
    let kernel = KERNEL.call_once(|| {
        let (session, addresses) = open_session(&memory);
        Kernel {
            initrd: read_initrd(&boot),
            session,
            addresses,
            boot,
            memory,
            entry_instructions,
        }
    });
    panic::exit(ironlink_image_main(kernel))
}

fn read_initrd(boot: &BootInfo) -> Initrd<'static> {
    let Some(range) = boot.initrd else {
        return Initrd::default();
    };
    // SAFETY: the memory is set up, which looked where the range lies and took it out of use.
    let bytes = unsafe { memory::bytes_of(range) };
    Initrd::parse(bytes).unwrap_or_else(|error| panic!("{error}"))
}

/// The kernel's session, over the module window.
fn open_session(memory: &Memory) -> (Session<ModuleMemory>, AddressMap) {
    let window = machine::MODULE_WINDOW.map(|(first, last)| {
        AddressRange::new(TargetAddr::new(first), TargetAddr::new(last))
            .unwrap_or(AddressRange::ALL)
    });
    let (frames, direct_map, roots) = (memory.frames, memory.direct_map, memory.roots);
    // SAFETY: the kernel runs in ring 0, or at EL1, with write protection and no-execute enforced, on one processor; the
    // roots are those in use, and all tables and frames lie in the direct map; the window is nobody else's; no code lies
    // in the direct map.
    let space = unsafe { KernelSpace::new(frames, direct_map, &window, roots) };
    let space = space.unwrap_or_else(|error| panic!("the module window: {error}"));
    session_over(space).unwrap_or_else(|error| panic!("the session: {error}"))
}

/// A session with the kernel's exports, and all that kernels want of one.
fn session_over(space: ModuleMemory) -> Result<(Session<ModuleMemory>, AddressMap), LoadError> {
    let session = Session::new(space);
    let rows: Vec<AbsoluteSymbol<'_>> = exports::symbols().collect();
    session.create_dylib("kernel")?.define(&rows)?;
    session.set_code_caller(program::call_code);
    let addresses = complete(&session)?;
    Ok((session, addresses))
}

/// Adds to a session what kernels want of it: the interface that modules are built against, functions run at modules' ends, and
/// a map that tells what an address is.
///
/// # Errors
/// The heap has no room.
pub fn complete<M: MemoryManager>(session: &Session<M>) -> Result<AddressMap, OutOfMemory> {
    session.offer_interface(OfferedInterface {
        name: exports::INTERFACE,
        make: exports::interface,
    })?;
    let addresses = AddressMap::new()?;
    session.add_plugin(addresses.clone())?;
    session.add_plugin(ExitHandlers)?;
    Ok(addresses)
}
