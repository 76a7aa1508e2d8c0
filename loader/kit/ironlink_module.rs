// ironlink_module.rs: what a module says of itself to the linker that loads it. Rust 1.82 and up, no_std, no dependency.
//
//     #[macro_use]
//     mod ironlink_module;
//     #[macro_use]
//     mod ironlink_kernel;
//
//     ironlink_module! { name: "clock", version: "1.2", licence: "MIT", init: clock_init, exit: clock_exit }
//     ironlink_export!(clock_read);
//     ironlink_needs_kernel!();
//
// Each puts a record into a section of its own, which the linker reads while it loads the module and then leaves out of
// memory. The records are those of ironlink.h.

/// Describes the module: once in all that is loaded together. `init` is an `extern "C" fn() -> i32` that runs once the module
/// is linked and its constructors have run; what it returns fails the load if it is not 0. `exit` is an `extern "C" fn()` that
/// runs before the module is unloaded. Either may be left out.
#[allow(unused_macros)]
macro_rules! ironlink_module {
    (name: $name:expr, version: $version:expr, licence: $licence:expr
     $(, init: $init:expr)? $(, exit: $exit:expr)? $(,)?) => {
        const _: () = {
            type Init = unsafe extern "C" fn() -> i32;
            type Exit = unsafe extern "C" fn();

            #[repr(C)]
            struct Record {
                format: u32,
                size_bytes: u32,
                name: [u8; 64],
                version: [u8; 32],
                licence: [u8; 32],
                init: ::core::option::Option<Init>,
                exit: ::core::option::Option<Exit>,
            }

            const fn text<const N: usize>(text: &str) -> [u8; N] {
                assert!(text.len() < N, "the name has at most 63 bytes, version and licence have at most 31");
                let mut bytes = [0; N];
                let mut index = 0;
                while index < text.len() {
                    bytes[index] = text.as_bytes()[index];
                    index += 1;
                }
                bytes
            }

            #[used]
            #[unsafe(link_section = ".ironlink.module")]
            static RECORD: Record = {
                let name: &str = $name;
                assert!(!name.is_empty(), "a module has a name");
                let init: ::core::option::Option<Init> = ::core::option::Option::None;
                $(let init = match init { _ => ::core::option::Option::Some($init as Init) };)?
                let exit: ::core::option::Option<Exit> = ::core::option::Option::None;
                $(let exit = match exit { _ => ::core::option::Option::Some($exit as Exit) };)?
                Record {
                    format: 1,
                    size_bytes: ::core::mem::size_of::<Record>() as u32,
                    name: text(name),
                    version: text($version),
                    licence: text($licence),
                    init,
                    exit,
                }
            };
        };
    };
}

/// Lets other modules use a function of this one, or with `static` before its name, an object. As long as nothing is exported
/// so, all that has default visibility is; from the first on, only what is exported so. What is exported is `pub` and
/// `#[unsafe(no_mangle)]`.
#[allow(unused_macros)]
macro_rules! ironlink_export {
    (@pointer $pointer:expr) => {
        const _: () = {
            #[repr(transparent)]
            struct Pointer(*const ());

            // SAFETY: nobody follows it.
            unsafe impl ::core::marker::Sync for Pointer {}

            #[used]
            #[unsafe(link_section = ".ironlink.exports")]
            static POINTER: Pointer = Pointer($pointer);
        };
    };
    (static $symbol:path) => {
        ironlink_export!(@pointer (&raw const $symbol).cast());
    };
    ($symbol:path) => {
        ironlink_export!(@pointer $symbol as *const ());
    };
}

/// Says what the module was built against: once in all that is loaded together. Generated files call it with the name of an
/// interface, the hash over it, and its entries in the order of their names.
#[allow(unused_macros)]
macro_rules! ironlink_interface {
    ($name:literal, $hash:literal, [$($entry:literal $version:literal),* $(,)?]) => {
        const _: () = {
            #[repr(C)]
            struct Entry {
                name: [u8; 56],
                version: u64,
            }

            #[repr(C)]
            struct Record {
                format: u32,
                count: u32,
                name: [u8; 48],
                hash: u64,
                entries: [Entry; COUNT],
            }

            const NAMES: &[&str] = &[$($entry),*];
            const COUNT: usize = NAMES.len();

            const fn text<const N: usize>(text: &str) -> [u8; N] {
                assert!(
                    !text.is_empty() && text.len() < N,
                    "an interface's name has 1 to 47 bytes, that of an entry 1 to 55"
                );
                let mut bytes = [0; N];
                let mut index = 0;
                while index < text.len() {
                    bytes[index] = text.as_bytes()[index];
                    index += 1;
                }
                bytes
            }

            #[used]
            #[unsafe(link_section = ".ironlink.interface")]
            static RECORD: Record = Record {
                format: 1,
                count: COUNT as u32,
                name: text($name),
                hash: $hash,
                entries: [$(Entry { name: text($entry), version: $version }),*],
            };
        };
    };
}
