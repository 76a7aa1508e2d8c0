//! What the shell needs of the machine and of what is loaded: plain data behind one trait.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ironlink::base::{AddressRange, Protection, TargetAddr, Text};
use ironlink::memory::slab::SlabStatistics;

use super::Argument;

/// A file of the initial memory disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: usize,
    /// Whether it is an archive of objects: all of these are given with every load.
    pub is_archive: bool,
}

/// A module that is loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModuleRow {
    /// Its name.
    pub name: String,
    /// Bytes that were copied for it.
    pub content_bytes: u64,
    /// Places that were fixed up.
    pub fixups: u64,
    /// The modules that use it.
    pub users: Vec<String>,
    /// What it says of itself: name, version, licence.
    pub about: Option<String>,
}

/// A name that a module defines for others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// The name.
    pub name: String,
    /// Its address.
    pub address: TargetAddr,
}

/// A part of what is mapped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapRow {
    /// Where it lies.
    pub range: AddressRange,
    /// What it may be used for.
    pub protection: Protection,
    /// What it is of its owner: a section, say. Empty if there is nothing to say.
    pub part: String,
}

/// How a call ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It returned this.
    Returned(u64),
    /// It ended itself with this status, or `main` returned it.
    Exited(i32),
    /// A fault or a check ended it: what, and where.
    Failed(String),
}

/// Why work of the shell was ended. It needs no heap, since that may be why.
pub type Reason = Text<256>;

/// The machine, and what is loaded on it. Errors are lines to show: what is wrong, and what to try.
pub trait System {
    /// Waits for the next byte of the terminal.
    fn receive(&mut self) -> u8;

    /// Sends text to the terminal. Needs no heap.
    fn send(&mut self, text: fmt::Arguments<'_>);

    /// Does work of the shell that may need more of the heap than there is: then it ends, and the shell goes on. What it
    /// held is not given back.
    ///
    /// # Errors
    /// Why it was ended.
    fn attempt(&mut self, work: &mut dyn FnMut(&mut dyn System)) -> Result<(), Reason>;

    /// What the initial memory disk holds.
    fn files(&self) -> Vec<File>;

    /// Links the named files, and what the archives must add to them, as one module.
    ///
    /// # Errors
    /// They can't be linked, or an initializer failed: nothing is loaded.
    fn load(&mut self, module: &str, files: &[&str]) -> Result<(), String>;

    /// Removes a module; and those that use it, if that is asked for.
    ///
    /// # Errors
    /// There is none of this name, or others use it.
    fn unload(&mut self, module: &str, with_users: bool) -> Result<(), String>;

    /// What is loaded, in the order in which it was.
    fn modules(&self) -> Vec<ModuleRow>;

    /// What a module defines for others.
    fn symbols(&self, module: &str) -> Vec<Symbol>;

    /// Where a module lies.
    fn map(&self, module: &str) -> Vec<MapRow>;

    /// Where the kernel's own image lies.
    fn kernel_map(&self) -> Vec<MapRow>;

    /// The modules that a module uses.
    fn dependencies(&self, module: &str) -> Vec<String>;

    /// Calls a function of a module, of the last one that has it.
    ///
    /// # Errors
    /// No module has such a function.
    fn call(&mut self, function: &str, arguments: &[Argument]) -> Result<Ended, String>;

    /// Calls `main` of the last module that has it as a program's, with the module's name before the arguments.
    ///
    /// # Errors
    /// No module has a `main`.
    fn call_main(&mut self, arguments: &[&str]) -> Result<Ended, String>;

    /// Looks for places where W^X is broken, in all that is mapped; tells of each, and gives their number.
    fn audit(&mut self) -> usize;

    /// How the kernel's heap is used.
    fn heap(&self) -> SlabStatistics;
}
