//! Settings of compilers: what there is to set, what is set, and why something can't be.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{OutOfMemory, Text};

/// A setting that a compiler has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// What values it takes.
    pub kind: SettingKind,
    /// Whether it belongs to the machine that is compiled for; others are alike on all.
    pub is_of_machine: bool,
}

/// What values a setting takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettingKind {
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Enumeration(&'static [&'static str]),
    /// A number from 0 to 255.
    Number,
    /// None: it can be enabled, which sets several others.
    Preset,
}

/// A setting and the value that it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SettingValue {
    /// The setting's name.
    pub name: &'static str,
    /// Its value, as it is given to [`CompilerBuilder::set`](super::CompilerBuilder::set).
    pub value: Text<32>,
}

/// Why a setting can't be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SettingError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// There is no setting of that name.
    Unknown {
        /// The name.
        name: Text<64>,
        /// The names of those that there are.
        accepted: Vec<&'static str>,
    },
    /// A setting doesn't take that value.
    Value {
        /// The setting.
        name: &'static str,
        /// The value; empty if it was to be enabled.
        value: Text<64>,
        /// What it takes.
        accepted: Accepted,
    },
    /// Settings that contradict each other, or that this compiler can't serve.
    Conflict {
        /// Which ones, and why.
        reason: Text<160>,
    },
}

/// What a setting would take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accepted(pub SettingKind);

impl From<OutOfMemory> for SettingError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl fmt::Display for Accepted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SettingKind::Bool => formatter.write_str("true or false"),
            SettingKind::Enumeration(values) => {
                formatter.write_str("one of ")?;
                list(formatter, values)
            }
            SettingKind::Number => formatter.write_str("a number from 0 to 255"),
            SettingKind::Preset => formatter.write_str("no value, only to be enabled"),
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Unknown { name, accepted } => {
                write!(formatter, "there is no setting `{name}`; there are ")?;
                list(formatter, accepted)
            }
            Self::Value {
                name,
                value,
                accepted,
            } if value.as_str().is_empty() => {
                write!(
                    formatter,
                    "setting `{name}` can't be enabled; it takes {accepted}"
                )
            }
            Self::Value {
                name,
                value,
                accepted,
            } => write!(
                formatter,
                "setting `{name}` doesn't take `{value}`, but {accepted}"
            ),
            Self::Conflict { reason } => reason.fmt(formatter),
        }
    }
}

impl core::error::Error for SettingError {}

fn list(formatter: &mut fmt::Formatter<'_>, words: &[&str]) -> fmt::Result {
    for (place, word) in words.iter().enumerate() {
        let before = if place == 0 { "" } else { ", " };
        write!(formatter, "{before}{word}")?;
    }
    Ok(())
}
