//! How code that did not return is reported: by a `fault` record with module, symbol, offset, cause and registers.
//!
//! Takes no lock that the code may have held: the session and the page tables are read without.

use core::{fmt, ptr, slice};

use ironlink::base::{TargetAddr, Text};
use ironlink::session::Location;

use crate::console;
use crate::fault::{Cause, Fault, Report};
use crate::guard::{self, Outcome};
use crate::image;
use crate::kernel;
use crate::machine;
use crate::protocol::Record;

/// How many words of the stack are looked at for the function that called.
const MOST_STACK_WORDS: usize = 512;
/// The longest call instruction of any machine, but for prefixes.
const LONGEST_CALL: u64 = 7;

/// Sends a `fault` record, unless the code returned or exited.
pub fn send(outcome: &Outcome) {
    match outcome {
        Outcome::Returned(_) | Outcome::Exited(_) => {}
        Outcome::Fault(fault) => send_fault(fault),
        Outcome::Aborted(_) | Outcome::Panicked(_) => {
            console::send(&Record::Fault(format_args!("{outcome}")));
        }
    }
}

/// The same, and says it in a line; no heap is needed.
pub fn told(outcome: &Outcome) -> Text<240> {
    send(outcome);
    match outcome {
        Outcome::Fault(fault) => {
            let place = place_of(fault);
            let at = match place.scene {
                Scene::Module(_) => "at ",
                Scene::Kernel | Scene::Nowhere => "",
            };
            match detail_of(fault) {
                Some(detail) => {
                    Text::display(format_args!("{} ({detail}); {at}{place}", fault.cause))
                }
                None => Text::display(format_args!("{}; {at}{place}", fault.cause)),
            }
        }
        _ => Text::display(outcome),
    }
}

fn send_fault(fault: &Fault) {
    let detail = detail_of(fault);
    let report = Report {
        fault,
        place: &place_of(fault),
        detail: detail.as_ref().map(|detail| detail as &dyn fmt::Display),
    };
    console::send(&Record::Fault(format_args!("{report}")));
}

/// Where code stood.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// In a module, in the kernel, or in neither.
    scene: Scene,
    /// If it is in no module: the nearest function of a module that is on the stack.
    caller: Option<Location>,
}

#[derive(Clone, Copy, Debug)]
enum Scene {
    Module(Location),
    Kernel,
    Nowhere,
}

/// Where the code that a fault ended stood.
pub fn place_of(fault: &Fault) -> Place {
    if let Some(location) = locate(fault.instruction) {
        return Place {
            scene: Scene::Module(location),
            caller: None,
        };
    }
    let address = TargetAddr::new(fault.instruction);
    let is_in_image = image::segments()
        .iter()
        .any(|(range, protection)| protection.is_executable() && range.contains(address));
    Place {
        scene: if is_in_image {
            Scene::Kernel
        } else {
            Scene::Nowhere
        },
        caller: link_register(fault)
            .and_then(return_place)
            .or_else(|| caller_above(fault.stack_pointer)),
    }
}

/// Where in a module the function stands that called what has its frame at `stack_pointer`, as far as the words of the stack
/// tell.
pub(crate) fn caller_above(stack_pointer: u64) -> Option<Location> {
    guard::module_stack_from(stack_pointer)
        .take(MOST_STACK_WORDS)
        .find_map(return_place)
}

/// Where the code was to return to, if the machine has a register for that: no word of the stack says it before the callee
/// saves it there, and what is no code saves nothing.
fn link_register(fault: &Fault) -> Option<u64> {
    let name = machine::LINK_REGISTER?;
    fault
        .registers
        .iter()
        .find_map(|(other, value)| (other == name).then_some(value))
}

/// The place in a module that a word names, if it looks like a return address: before it is a call. A function's address,
/// which may follow another function's end, is none.
fn return_place(word: u64) -> Option<Location> {
    let last_byte = word.checked_sub(1)?;
    let mapped = kernel::get()?.mapped_at(TargetAddr::new(last_byte))?;
    let mut location = locate(last_byte).filter(|_| mapped.rights.is_executable)?;
    location.offset += 1;
    // No more than what belongs to the symbol, which is there whole.
    let length = usize::try_from(location.offset.min(LONGEST_CALL)).ok()?;
    let start: *const u8 = ptr::with_exposed_provenance(usize::try_from(word).ok()? - length);
    // SAFETY: it is code of a module, which nobody writes, and which only this processor could unload.
    let code = unsafe { slice::from_raw_parts(start, length) };
    machine::ends_in_call(code).then_some(location)
}

/// Which place of a module's memory an address is; `None` if it is of none.
pub fn locate(address: u64) -> Option<Location> {
    kernel::get()?.addresses().locate(TargetAddr::new(address))
}

/// What is known of the address that the code accessed.
fn detail_of(fault: &Fault) -> Option<&'static str> {
    let Cause::Memory { address, .. } = fault.cause else {
        return None;
    };
    let page = address & !0xfff;
    if page == guard::guard_page() || machine::guard_pages().contains(&page) {
        return Some("the page below the stack: the stack is too small");
    }
    let mapped = kernel::get()?.mapped_at(TargetAddr::new(address))?;
    Some(mapped.rights.protection().map_or("rwx", |it| it.letters()))
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scene {
            Scene::Module(location) => return location.fmt(formatter),
            Scene::Kernel => formatter.write_str("in the kernel")?,
            Scene::Nowhere => formatter.write_str("in no module")?,
        }
        match self.caller {
            Some(caller) => write!(formatter, ", called from {caller}"),
            None => Ok(()),
        }
    }
}
