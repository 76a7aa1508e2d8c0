//! Cranelift's settings, before they are fixed.

use alloc::vec::Vec;

use cranelift_codegen::isa;
use cranelift_codegen::settings::{self, Configurable, SetError};
use target_lexicon::{
    Aarch64Architecture, Architecture, BinaryFormat, Environment, OperatingSystem, Triple, Vendor,
};

use crate::base::{Machine, OutOfMemory, Text, fallible};
use crate::compiler::{Accepted, CompilerBuilder, Setting, SettingError, SettingKind};

use super::Cranelift;
use super::compile;

/// What is set from the beginning, other than by Cranelift's own defaults: code may lie anywhere, as modules do; and the
/// verifier runs once, before the first step, instead of after each.
const DEFAULTS: &[(&str, &str)] = &[("is_pic", "true"), ("enable_verifier", "false")];

/// Settings of a [`Cranelift`] to be.
pub struct CraneliftBuilder {
    machine: Machine,
    shared: settings::Builder,
    isa: isa::Builder,
}

impl CraneliftBuilder {
    /// The settings with which code is compiled for `machine` unless others are given: Cranelift's own, but code is independent
    /// of its position. x86-64 is taken to have what each such machine has (SSE2), AArch64 likewise.
    ///
    /// # Errors
    /// Cranelift doesn't compile for the machine.
    pub fn new(machine: Machine) -> Result<Self, SettingError> {
        let isa = isa::lookup(triple(machine)).map_err(|error| SettingError::Conflict {
            reason: Text::display(format_args!("{machine}: {error}")),
        })?;
        let mut builder = Self {
            machine,
            shared: settings::builder(),
            isa,
        };
        for (name, value) in DEFAULTS {
            builder.set(name, value)?;
        }
        Ok(builder)
    }

    /// The setting `name`, if there is one.
    fn setting(&self, name: &str) -> Option<Setting> {
        self.all().find(|setting| setting.name == name)
    }

    fn all(&self) -> impl Iterator<Item = Setting> {
        let shared = self.shared.iter().map(|setting| row(&setting, false));
        let own = self.isa.iter().map(|setting| row(&setting, true));
        shared.chain(own)
    }

    /// What Cranelift holds against a setting, with what it would take.
    fn refusal(&self, name: &str, value: &str) -> SettingError {
        if let Some(setting) = self.setting(name) {
            return SettingError::Value {
                name: setting.name,
                value: Text::of(value),
                accepted: Accepted(setting.kind),
            };
        }
        let mut accepted = Vec::new();
        for setting in self.all() {
            if let Err(error) = fallible::push(&mut accepted, setting.name) {
                return SettingError::Heap(error);
            }
        }
        SettingError::Unknown {
            name: Text::of(name),
            accepted,
        }
    }
}

impl CompilerBuilder for CraneliftBuilder {
    type Compiler = Cranelift;

    fn machine(&self) -> Machine {
        self.machine
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        let mut result = self.shared.set(name, value);
        if matches!(result, Err(SetError::BadName(_))) {
            result = self.isa.set(name, value);
        }
        result.map_err(|_| self.refusal(name, value))
    }

    fn enable(&mut self, name: &str) -> Result<(), SettingError> {
        let mut result = self.shared.enable(name);
        if matches!(result, Err(SetError::BadName(_))) {
            result = self.isa.enable(name);
        }
        result.map_err(|_| self.refusal(name, ""))
    }

    fn settings(&self) -> Result<Vec<Setting>, OutOfMemory> {
        let mut settings = Vec::new();
        for setting in self.all() {
            fallible::push(&mut settings, setting)?;
        }
        Ok(settings)
    }

    fn build(&self) -> Result<Cranelift, SettingError> {
        let flags = settings::Flags::new(self.shared.clone());
        let isa = self
            .isa
            .finish(flags)
            .map_err(|error| SettingError::Conflict {
                reason: Text::display(error),
            })?;
        compile::new(self.machine, isa)
    }
}

fn row(setting: &settings::Setting, is_of_machine: bool) -> Setting {
    Setting {
        name: setting.name,
        description: setting.description,
        kind: match setting.kind {
            settings::SettingKind::Bool => SettingKind::Bool,
            settings::SettingKind::Num => SettingKind::Number,
            settings::SettingKind::Preset => SettingKind::Preset,
            settings::SettingKind::Enum => {
                SettingKind::Enumeration(setting.values.unwrap_or_default())
            }
        },
        is_of_machine,
    }
}

/// What Cranelift calls a machine: its System V ABI and ELF, without an operating system.
fn triple(machine: Machine) -> Triple {
    Triple {
        architecture: match machine {
            Machine::X86_64 => Architecture::X86_64,
            Machine::Aarch64 => Architecture::Aarch64(Aarch64Architecture::Aarch64),
        },
        vendor: Vendor::Unknown,
        operating_system: OperatingSystem::None_,
        environment: Environment::Unknown,
        binary_format: BinaryFormat::Elf,
    }
}

/// The machine that Cranelift calls so.
pub(super) fn machine(triple: &Triple) -> Result<Machine, SettingError> {
    match triple.architecture {
        Architecture::X86_64 => Ok(Machine::X86_64),
        Architecture::Aarch64(Aarch64Architecture::Aarch64) => Ok(Machine::Aarch64),
        _ => Err(SettingError::Conflict {
            reason: Text::display(format_args!(
                "code for {triple} is not linked here; compile for x86-64 or AArch64"
            )),
        }),
    }
}
