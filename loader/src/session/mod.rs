//! Sessions: who is loaded, who defines what, and who depends on whom.
//!
//! A [`Session`] owns dylibs; a [`Dylib`] is a table of names, filled with absolute symbols, by loading modules into it, and by
//! its [`Generator`]s when a name is missing; a [`Module`] is what one load made. Objects given in one load are linked
//! together, so that they may refer to each other; archives given beside them add the members that are needed for names which
//! nothing else defines.
//!
//! A load either succeeds as a whole or leaves nothing behind. What a module takes names of stays loaded as long as it does;
//! a [`Tracker`] owns modules that go together. [`Plugin`]s are told of each step of a module's life, and take part in it.
//!
//! Names are looked up in two ways. Who asks by [`Dylib::address`], [`Module::address`] or [`Module::function`] reads what is
//! there at this moment: no generator is asked, nothing is loaded, and of what was found nothing is held but by the handle that
//! was asked. A load takes names: it asks generators, has loaded what they give, and holds the module that each name is of for
//! as long as its own module is there. Both find only modules that are there for good: neither those whose initializers have
//! not run, nor those that are leaving.
//!
//! One lock guards the books; it is held for single steps alone, and never while code of a module, of a plugin or of a
//! generator runs.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

mod about;
mod books;
mod callers;
mod digest;
mod dylib;
mod error;
mod function;
mod generator;
mod growth;
mod id;
mod interface;
mod life;
mod load;
mod location;
mod module;
mod names;
mod parts;
mod plugin;
pub mod plugins;
mod promises;
mod record;
mod search;
#[expect(
    clippy::module_inception,
    reason = "the file answers what a session is"
)]
mod session;
mod slots;
mod symbols;
#[cfg(test)]
mod tests;
mod tracker;
mod unload;

pub use crate::link::{GraphSource, Input};
pub use about::About;
pub use callers::{CallFailed, CodeCaller};
pub use dylib::Dylib;
pub use error::{LoadError, LookupError, ModuleNames, UnloadError};
pub use function::{Function, FunctionPointer};
pub use generator::{
    Aliases, ArchiveGenerator, Generated, Generator, GeneratorError, ReExports, Wanted,
};
pub use id::{DylibId, ModuleId, TrackerId};
pub use interface::OfferedInterface;
pub use load::LoadOptions;
pub use location::Location;
pub use module::{Module, ModuleSymbol};
pub use plugin::{ModuleView, Plugin, PluginError};
pub use session::{ModuleSummary, Session, SessionStatistics};
pub use symbols::AbsoluteSymbol;
pub use tracker::Tracker;
pub use unload::Users;
