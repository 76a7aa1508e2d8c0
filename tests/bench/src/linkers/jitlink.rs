//! LLVM's JITLink, by a library of our own over it (`jitlink/harness.cpp`), which `cargo xtask bench` builds where LLVM's
//! headers are installed, and names in the environment.

use super::pages::Pages;
use super::{Linker, Loaded};
use crate::object_file::ObjectFile;
use std::env;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStringExt;
use std::ptr;

/// The variable that names the library.
const LIBRARY: &str = "IRONLINK_BENCH_JITLINK";

/// Links an object, whose missing names all lie at one address. What it made is written to the last argument: the
/// memory, to be freed, or a message, to be dropped.
type Link = unsafe extern "C" fn(*const u8, usize, u64, *mut *mut c_void) -> c_int;
/// Frees what was linked.
type Free = unsafe extern "C" fn(*mut c_void);

struct Library {
    link: Link,
    free: Free,
    free_message: Free,
}

impl Library {
    fn open() -> Result<Self, String> {
        let path = env::var_os(LIBRARY);
        let path = path.ok_or("LLVM's headers and libraries are not installed")?;
        let path = CString::new(path.into_vec()).map_err(|error| error.to_string())?;
        // SAFETY: the library is ours; loading it runs LLVM's initializers alone.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        if handle.is_null() {
            return Err(format!("{} cannot be loaded", path.to_string_lossy()));
        }
        let symbol = |name: &CStr| {
            // SAFETY: the library is never closed.
            let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
            match address.is_null() {
                true => Err(format!("the library has no {}", name.to_string_lossy())),
                false => Ok(address),
            }
        };
        let [link, free, free_message] = [
            symbol(c"jitlink_link")?,
            symbol(c"jitlink_free")?,
            symbol(c"jitlink_free_message")?,
        ];
        Ok(Self {
            // SAFETY: the harness defines it so.
            link: unsafe { std::mem::transmute::<*mut c_void, Link>(link) },
            // SAFETY: likewise.
            free: unsafe { std::mem::transmute::<*mut c_void, Free>(free) },
            // SAFETY: likewise.
            free_message: unsafe { std::mem::transmute::<*mut c_void, Free>(free_message) },
        })
    }
}

pub(super) fn ready(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    Ok(Box::new(Ready {
        library: Library::open()?,
        object,
        elsewhere: Pages::new(1, None)?,
    }))
}

struct Ready<'o> {
    library: Library,
    object: &'o ObjectFile,
    /// Where the names lie.
    elsewhere: Pages,
}

impl Linker for Ready<'_> {
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String> {
        let bytes = &self.object.bytes;
        let elsewhere = self.elsewhere.start().expose_provenance() as u64;
        let mut made = ptr::null_mut();
        // SAFETY: the bytes are there while it links, and it writes one pointer.
        let status =
            unsafe { (self.library.link)(bytes.as_ptr(), bytes.len(), elsewhere, &mut made) };
        if status == 0 {
            let free = self.library.free;
            return Ok(Box::new(Linked { memory: made, free }));
        }
        // SAFETY: on failure the pointer is a text that ends in zero.
        let message = unsafe { CStr::from_ptr(made.cast::<c_char>()) };
        let message = message.to_string_lossy().into_owned();
        // SAFETY: it is not used any more.
        unsafe { (self.library.free_message)(made) };
        Err(message)
    }
}

/// What was linked.
struct Linked {
    memory: *mut c_void,
    free: Free,
}

impl Drop for Linked {
    fn drop(&mut self) {
        // SAFETY: the library made it, and nothing of it was called.
        unsafe { (self.free)(self.memory) };
    }
}
