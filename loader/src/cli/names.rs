//! Where names that the objects don't define come from: the command line, this process, or nowhere.

use std::collections::HashMap;
use std::vec::Vec;

use crate::base::{Name, TargetAddr};
use crate::link::{Environment, Reference, ResolverFailed};

use super::options::Options;
use super::process;

/// The surroundings of one link.
pub(super) struct Names {
    absolute: HashMap<Vec<u8>, u64>,
    aliases: HashMap<Vec<u8>, Vec<u8>>,
    /// Whether names of this process count.
    in_process: bool,
    /// Whether what nothing defines has the address 0.
    are_phony: bool,
    /// Whether code of the link can be called.
    is_called: bool,
}

impl Names {
    /// The surroundings that the options describe; names of this process are of use to code of the same machine only.
    pub(super) fn new(options: &Options, is_for_host: bool) -> Self {
        let absolute = options.abs.iter();
        let aliases = options.alias.iter();
        Self {
            absolute: absolute
                .map(|one| (one.name.clone().into_bytes(), one.address))
                .collect(),
            aliases: aliases
                .map(|alias| {
                    let stands_for = alias.stands_for.clone().into_bytes();
                    (alias.name.clone().into_bytes(), stands_for)
                })
                .collect(),
            in_process: is_for_host && !options.phony_externals && !options.no_process_syms,
            are_phony: options.phony_externals,
            is_called: is_for_host && !options.noexec,
        }
    }

    /// Whether the command line defines a name: no archive is asked for it then.
    pub(super) fn defines(&self, name: Name<'_>) -> bool {
        self.absolute.contains_key(name.bytes()) || self.aliases.contains_key(name.bytes())
    }

    /// The address that the command line gives a name.
    fn absolute(&self, name: Name<'_>) -> Option<u64> {
        self.absolute.get(name.bytes()).copied()
    }

    /// The address of a name that must be defined within the link and is not: none of those around it is meant.
    pub(super) fn within(&self) -> Option<u64> {
        self.are_phony.then_some(0)
    }

    /// The address that a name has outside of the link.
    pub(super) fn find(&self, name: Name<'_>) -> Option<u64> {
        let name = match self.aliases.get(name.bytes()) {
            Some(stands_for) => Name::new(stands_for),
            None => name,
        };
        let process = || self.in_process.then(|| process::find(name)).flatten();
        let phony = || self.are_phony.then_some(0);
        self.absolute(name).or_else(process).or_else(phony)
    }
}

impl Environment for Names {
    fn resolve(&mut self, reference: Reference<'_>) -> Option<TargetAddr> {
        self.find(reference.name).map(TargetAddr::new)
    }

    fn call_resolver(
        &mut self,
        function: TargetAddr,
    ) -> Result<Option<TargetAddr>, ResolverFailed> {
        Ok(self.is_called.then(|| process::call_resolver(function)))
    }
}
