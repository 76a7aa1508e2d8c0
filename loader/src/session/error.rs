//! Why a load, an unload or a look-up failed.

use core::fmt;

use crate::base::{Machine, OutOfMemory, TargetAddr, Text, Words};
use crate::format::FormatError;
use crate::kit::{InterfaceMismatch, KitError};
use crate::link::LinkError;

/// Why a load, or the definition of symbols, failed. Nothing of it stays behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// An object or archive can't be read, or objects of one load contradict each other.
    Format(FormatError),
    /// The link failed.
    Link {
        /// The module that was to be.
        module: Text<64>,
        /// Why.
        error: LinkError,
    },
    /// A name is defined already, and neither definition is weak.
    Duplicate {
        /// The name.
        symbol: Text<120>,
        /// Who defined it first: an object and its module, or a dylib.
        first: Text<120>,
        /// Who defines it again.
        second: Text<120>,
    },
    /// An initializer did not return, or said that it failed.
    Initializer {
        /// The module that was to be.
        module: Text<64>,
        /// The initializer, by name where it has one.
        function: Text<200>,
        /// Why, as who called it tells.
        reason: Text<200>,
    },
    /// A generator that was asked for a name has no answer.
    Generator {
        /// The module that was to be.
        module: Text<64>,
        /// The name.
        symbol: Text<120>,
        /// Why, as the generator tells.
        reason: Text<200>,
    },
    /// Names stand for each other, or generators' objects ask for each other, without end.
    Circle {
        /// One of the names.
        symbol: Text<120>,
    },
    /// What the module says of itself, by the kit, can't be so.
    Kit {
        /// The module that was to be.
        module: Text<64>,
        /// Why.
        error: KitError,
    },
    /// The module was built against an interface that this program doesn't offer.
    NoInterface {
        /// The module that was to be.
        module: Text<64>,
        /// The interface.
        interface: Text<48>,
    },
    /// The module was built against another state of an interface than is offered.
    Interface {
        /// The module that was to be.
        module: Text<64>,
        /// What differs.
        mismatch: InterfaceMismatch,
    },
    /// A plugin lets the load fail.
    Plugin {
        /// The module that was to be.
        module: Text<64>,
        /// The plugin.
        plugin: Text<40>,
        /// Why, as the plugin tells.
        reason: Text<200>,
    },
    /// A plugin, a generator or a pass panicked. Plugins alone are told so: the panic goes on to who loads.
    Panicked {
        /// The module that was to be.
        module: Text<64>,
    },
    /// An absolute symbol without a name.
    Unnamed {
        /// Its address.
        address: TargetAddr,
    },
}

impl From<OutOfMemory> for LoadError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<FormatError> for LoadError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Format(error) => error.fmt(formatter),
            Self::Link { module, error } => write!(formatter, "{module}: {error}"),
            Self::Duplicate {
                symbol,
                first,
                second,
            } => write!(
                formatter,
                "{second}: `{symbol}` is already defined by {first}; make one of them static or weak, or unload the first"
            ),
            Self::Initializer {
                module,
                function,
                reason,
            } => write!(
                formatter,
                "{module}: the initializer {function} failed: {reason}; the module is not loaded"
            ),
            Self::Generator {
                module,
                symbol,
                reason,
            } => write!(formatter, "{module}: looking for `{symbol}`: {reason}"),
            Self::Circle { symbol } => write!(
                formatter,
                "`{symbol}` is looked for in a circle or in too many steps: aliases stand for each other, or generators of several \
                 dylibs ask each other; define one of them, or put their archives into one dylib"
            ),
            Self::Kit { module, error } => write!(formatter, "{module}: {error}"),
            Self::NoInterface { module, interface } => write!(
                formatter,
                "{module}: it was built against the interface `{interface}`, which is not offered here; load it into the program \
                 that it was made for, or build it without"
            ),
            Self::Interface { module, mismatch } => write!(formatter, "{module}: {mismatch}"),
            Self::Plugin {
                module,
                plugin,
                reason,
            } => write!(formatter, "{module}: refused by {plugin}: {reason}"),
            Self::Panicked { module } => write!(
                formatter,
                "{module}: a plugin, a generator or a pass panicked; the module is not loaded"
            ),
            Self::Unnamed { address } => {
                write!(
                    formatter,
                    "the absolute symbol at {address} has no name; give it one"
                )
            }
        }
    }
}

impl core::error::Error for LoadError {}

/// The names of modules, as many as an error has room for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ModuleNames {
    /// Some of them, separated by commas.
    pub names: Text<200>,
    /// How many there are beside these.
    pub more: usize,
}

impl ModuleNames {
    /// Adds a name, if there is room.
    pub(super) fn add(&mut self, name: impl Words) {
        let longer = match self.names.as_str() {
            "" => Text::of(name),
            known => Text::of((known, ", ", name)),
        };
        if longer.is_cut() {
            self.more = self.more.saturating_add(1);
        } else {
            self.names = longer;
        }
    }
}

impl fmt::Display for ModuleNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.names.as_str())?;
        match self.more {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

/// Why modules were not unloaded, or not as they should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnloadError {
    /// The heap has no room to note what else goes; all is as it was.
    Heap(OutOfMemory),
    /// Other modules take names of it; all is as it was.
    InUse {
        /// The module.
        module: Text<64>,
        /// The others.
        users: ModuleNames,
    },
    /// There are handles to it; all is as it was.
    Held {
        /// The module.
        module: Text<64>,
        /// How many.
        handles: u32,
    },
    /// It is being loaded or unloaded at this very moment; all is as it was.
    Busy {
        /// The module.
        module: Text<64>,
    },
    /// No such module is there.
    Gone,
    /// The modules are unloaded, but not all that they had to do at their end was done.
    Finalizer {
        /// The first module of which that is true.
        module: Text<64>,
        /// The address of the function.
        function: TargetAddr,
        /// Why, as who called it tells.
        reason: Text<200>,
    },
}

impl From<OutOfMemory> for UnloadError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl fmt::Display for UnloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::InUse { module, users } => write!(
                formatter,
                "{module} is used by {users}; unload them first, or along with it"
            ),
            Self::Held { module, handles } => write!(
                formatter,
                "{module} is held by {handles} handles; drop them first"
            ),
            Self::Busy { module } => write!(
                formatter,
                "{module} is being loaded or unloaded; try again when that is done"
            ),
            Self::Gone => formatter.write_str("the module is not loaded any more"),
            Self::Finalizer {
                module,
                function,
                reason,
            } => write!(
                formatter,
                "{module} is unloaded, but its finalizer at {function} failed: {reason}"
            ),
        }
    }
}

impl core::error::Error for UnloadError {}

/// Why a module's symbol can't be had as what was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LookupError {
    /// The module exports no such name.
    Missing {
        /// The name.
        symbol: Text<120>,
    },
    /// It is no code.
    NotCallable {
        /// The name.
        symbol: Text<120>,
        /// Its address.
        address: TargetAddr,
    },
    /// It is code of another machine.
    ForeignMachine {
        /// That machine.
        machine: Machine,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { symbol } => write!(
                formatter,
                "the module exports no `{symbol}`; is it static, hidden or mangled?"
            ),
            Self::NotCallable { symbol, address } => {
                write!(formatter, "`{symbol}` at {address} is data, not a function")
            }
            Self::ForeignMachine { machine } => {
                write!(
                    formatter,
                    "code of {machine} can't be called on this machine"
                )
            }
        }
    }
}

impl core::error::Error for LookupError {}
