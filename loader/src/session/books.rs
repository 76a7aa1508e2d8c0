//! The books of a session: its dylibs and modules, who defines a name, and who takes names of whom.

use alloc::vec::Vec;

use crate::base::{AddressRange, Name, OutOfMemory, TargetAddr, Text, fallible};
use crate::graph::{LinkGraph, Linkage, Scope};
use crate::link::Reference;

use super::callers::{CodeCaller, call_directly};
use super::generator::Source;
use super::names::{Found, Names, Owner};
use super::promises::promises;
use super::record::{ModuleRecord, Stage};
use super::slots::ModuleSlots;
use super::symbols::{SymbolRecord, Visibility};
use super::{DylibId, LoadError, ModuleId, ModuleView, OfferedInterface, TrackerId};

/// A dylib in the books.
#[derive(Debug)]
pub(super) struct DylibRecord {
    pub(super) names: Names,
    /// The dylibs that its modules are linked against after itself; `None` if nobody chose.
    pub(super) link_order: Option<Vec<DylibId>>,
    /// The last added first.
    pub(super) sources: Vec<Source>,
}

impl DylibRecord {
    const fn new(names: Names) -> Self {
        Self {
            names,
            link_order: None,
            sources: Vec::new(),
        }
    }
}

/// What a session knows of its dylibs and modules.
pub(super) struct Books<F> {
    main: DylibRecord,
    others: Vec<DylibRecord>,
    pub(super) modules: ModuleSlots<F>,
    pub(super) interfaces: Vec<OfferedInterface>,
    pub(super) caller: CodeCaller,
    /// The number of the last load.
    last_serial: u64,
    /// How many modules were ever there for good.
    ready: u64,
    /// The number of the last tracker.
    last_tracker: u64,
}

/// A definition that a link may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    /// How many dylibs of the search order come before its own.
    pub(super) position: usize,
    pub(super) owner: Owner,
    pub(super) address: TargetAddr,
}

/// Says of when a graph was compared with what a dylib defines.
#[derive(Clone, Copy, Debug)]
pub(super) struct ComparedAt {
    /// How many definitions had come to the dylib by then.
    entered: u64,
}

impl<F> Books<F> {
    /// Empty books.
    pub(super) const fn new() -> Self {
        Self {
            main: DylibRecord::new(Names::of_main()),
            others: Vec::new(),
            modules: ModuleSlots::new(),
            interfaces: Vec::new(),
            caller: call_directly,
            last_serial: 0,
            ready: 0,
            last_tracker: TrackerId::DEFAULT.0,
        }
    }

    /// Adds a dylib.
    pub(super) fn add_dylib(&mut self, name: &str) -> Result<DylibId, OutOfMemory> {
        let names = Names::new(name)?;
        fallible::push(&mut self.others, DylibRecord::new(names))?;
        Ok(DylibId {
            place: self.others.len(),
        })
    }

    pub(super) fn dylib(&self, id: DylibId) -> Option<&DylibRecord> {
        match id.place.checked_sub(1) {
            None => Some(&self.main),
            Some(index) => self.others.get(index),
        }
    }

    pub(super) fn dylib_mut(&mut self, id: DylibId) -> Option<&mut DylibRecord> {
        match id.place.checked_sub(1) {
            None => Some(&mut self.main),
            Some(index) => self.others.get_mut(index),
        }
    }

    /// What a dylib is called; nothing if there is none.
    pub(super) fn dylib_name(&self, id: DylibId) -> Text<64> {
        self.dylib(id)
            .map_or(Text::new(), |dylib| Text::of(dylib.names.dylib_name()))
    }

    /// The names of a dylib, and the modules that they are of.
    pub(super) fn names_mut(&mut self, id: DylibId) -> Option<(&mut Names, &ModuleSlots<F>)> {
        let dylib = match id.place.checked_sub(1) {
            None => &mut self.main,
            Some(index) => self.others.get_mut(index)?,
        };
        Some((&mut dylib.names, &self.modules))
    }

    /// All dylibs.
    pub(super) fn dylibs(&self) -> impl Iterator<Item = (DylibId, &DylibRecord)> {
        let all = core::iter::once(&self.main).chain(&self.others);
        (0..).map(|place| DylibId { place }).zip(all)
    }

    /// A number for a new tracker.
    pub(super) fn new_tracker(&mut self) -> TrackerId {
        self.last_tracker = self.last_tracker.saturating_add(1);
        TrackerId(self.last_tracker)
    }

    /// The dylibs in which names are looked for by a module of `dylib`: its own, then those that were chosen. If none were, all
    /// others for the main dylib, and those that were there before for any other.
    pub(super) fn search_order(&self, dylib: DylibId) -> impl Iterator<Item = DylibId> {
        let chosen = self
            .dylib(dylib)
            .and_then(|dylib| dylib.link_order.as_deref());
        let usual = match dylib {
            DylibId::MAIN => 1..self.others.len().saturating_add(1),
            _ => 1..dylib.place,
        };
        let usual = usual
            .map(|place| DylibId { place })
            .filter(move |_| chosen.is_none());
        let chosen = chosen.unwrap_or(&[]).iter().copied();
        core::iter::once(dylib).chain(chosen).chain(usual)
    }

    /// The definition that a reference from a dylib means.
    pub(super) fn find(&self, dylib: DylibId, reference: &Reference<'_>) -> Option<Answer> {
        let order = self.search_order(dylib).enumerate();
        let dylibs = match reference.scope {
            Scope::Default => usize::MAX,
            // A definition of the same component is meant, and no other.
            Scope::Protected | Scope::Hidden => 1,
            Scope::Link | Scope::Local => 0,
        };
        order.take(dylibs).find_map(|(position, dylib)| {
            let found = self.find_in(dylib, reference.name, position == 0)?;
            Some(Answer {
                position,
                owner: found.owner,
                address: found.symbol.address,
            })
        })
    }

    /// The definition of a name in one dylib.
    pub(super) fn find_in(
        &self,
        dylib: DylibId,
        name: Name<'_>,
        hidden_too: bool,
    ) -> Option<Found<'_>> {
        let names = &self.dylib(dylib)?.names;
        names.find(&self.modules, name, |found| {
            found.is_ready && (hidden_too || found.symbol.visibility == Visibility::Exported)
        })
    }

    /// Whether a section group of this name is kept in a dylib.
    pub(super) fn has_group(&self, dylib: DylibId, name: Name<'_>) -> bool {
        self.dylib(dylib)
            .is_some_and(|dylib| dylib.names.has_group(&self.modules, name))
    }

    /// Where the sections of a name lie, in the first dylib of a search order that has any and gives their bounds; and whose
    /// they are. `several` says what is wrong if they are of more than one module.
    pub(super) fn section_bounds(
        &self,
        dylib: DylibId,
        section: Name<'_>,
        several: impl FnOnce() -> LoadError,
    ) -> Result<Option<(Owner, AddressRange)>, LoadError> {
        let gives_bounds = |dylib: &DylibId| {
            let sources = self.dylib(*dylib).map_or(&[][..], |it| &it.sources);
            let is_meant = |source: &Source| matches!(source, Source::SectionBounds);
            sources.iter().any(is_meant)
        };
        for dylib in self.search_order(dylib).filter(gives_bounds) {
            let mut ranges = self.modules.iter().filter_map(|(slot, module)| {
                let is_meant = module.dylib == dylib && module.stage == Stage::Ready;
                let range = is_meant.then(|| module.named_sections.find(section))??;
                Some((Owner::Module(slot), range))
            });
            match (ranges.next(), ranges.next()) {
                (None, _) => {}
                (Some(only), None) => return Ok(Some(only)),
                (Some(_), Some(_)) => return Err(several()),
            }
        }
        Ok(None)
    }

    /// Enters a module that is about to be linked.
    pub(super) fn begin(
        &mut self,
        name: &str,
        dylib: DylibId,
        tracker: TrackerId,
    ) -> Result<ModuleId, OutOfMemory> {
        let serial = self.last_serial.saturating_add(1);
        let record = ModuleRecord::new(serial, name, dylib, tracker)?;
        let slot = self.modules.insert(record)?;
        self.last_serial = serial;
        Ok(ModuleId { serial, slot })
    }

    /// What plugins are told of a module.
    pub(super) fn view_of(&self, id: ModuleId) -> Option<ModuleView> {
        let module = self.modules.of(id)?;
        let dylib = self.dylib_name(module.dylib);
        Some(ModuleView {
            statistics: module.statistics,
            segments: module.segments,
            ..ModuleView::new(id, module.name(), dylib, module.tracker)
        })
    }

    /// Notes that a module is there for good, and gives its record.
    pub(super) fn become_ready(&mut self, id: ModuleId) -> Option<&mut ModuleRecord<F>> {
        self.ready = self.ready.saturating_add(1);
        let record = self.modules.of_mut(id)?;
        record.ready = self.ready;
        record.stage = Stage::Ready;
        Some(record)
    }

    /// Notes that a module takes names of what owns a definition, which must stay as long as the module does.
    pub(super) fn depend(&mut self, user: ModuleId, owner: Owner) -> Result<(), OutOfMemory> {
        let Owner::Module(used) = owner else {
            return Ok(());
        };
        let is_known = (self.modules.get(used)).is_none_or(|used| used.last_user == user.serial);
        if used == user.slot || is_known {
            return Ok(());
        }
        if let Some(user) = self.modules.of_mut(user) {
            fallible::push(&mut user.uses, used)?;
        }
        if let Some(used) = self.modules.get_mut(used) {
            used.last_user = user.serial;
            used.users = used.users.saturating_add(1);
        }
        Ok(())
    }

    /// Looks at what a graph defines for others: refuses a second strong definition, and lets a weak one give way to what is
    /// there already. What is returned says of when that is true.
    ///
    /// # Errors
    /// A name is defined twice, or the heap has no room.
    pub(super) fn settle(
        &self,
        dylib: DylibId,
        graph: &mut LinkGraph<'_>,
    ) -> Result<ComparedAt, LoadError> {
        let Some(own) = self.dylib(dylib) else {
            return Ok(ComparedAt { entered: 0 });
        };
        let compared = ComparedAt {
            entered: own.names.entered(),
        };
        let has_names = own.names.len() > 0;
        let mut giving_way = Vec::new();
        for promise in promises(graph).take_while(|_| has_names) {
            match promise.linkage {
                Linkage::Strong => {
                    let object = || Text::of(promise.object);
                    own.names
                        .check_unique(&self.modules, promise.name, object)?;
                }
                Linkage::Weak => {
                    let known = self.find_in(dylib, promise.name, true);
                    let (Some(known), Some(size_bytes)) = (known, promise.gives_way) else {
                        continue;
                    };
                    if size_bytes > known.symbol.size_bytes {
                        // Who shares common memory relies on all of it.
                        return Err(LoadError::Duplicate {
                            symbol: Text::of(promise.name),
                            first: own.names.definer_of(&self.modules, &known),
                            second: Text::of(promise.object),
                        });
                    }
                    fallible::push(&mut giving_way, promise.symbol)?;
                }
            }
        }
        self.check_protected(graph)?;
        graph.give_way(&giving_way)?;
        Ok(compared)
    }

    /// Whether no definition came to a dylib since a graph was settled.
    fn is_still(&self, dylib: DylibId, compared: ComparedAt) -> bool {
        let now = self.dylib(dylib).map(|own| own.names.entered());
        now == Some(compared.entered)
    }

    /// Looks once more at what a graph that is linked defines for others, since others may have defined the same meanwhile.
    ///
    /// # Errors
    /// A name is defined twice.
    fn check_unique(&self, dylib: DylibId, record: &ModuleRecord<F>) -> Result<(), LoadError> {
        let Some(own) = self.dylib(dylib) else {
            return Ok(());
        };
        let is_strong = |symbol: &SymbolRecord| symbol.linkage == Linkage::Strong;
        for (name, symbol) in record.symbols().iter() {
            if is_strong(symbol) {
                let second = || record.definer_of(symbol);
                own.names.check_unique(&self.modules, name, second)?;
            }
        }
        Ok(())
    }

    /// Refuses a graph that defines what no module may define.
    fn check_protected(&self, graph: &LinkGraph<'_>) -> Result<(), LoadError> {
        for names in self.names_with_protected() {
            for promise in promises(graph) {
                if promise.visibility == Visibility::Exported {
                    let second = || Text::of(promise.object);
                    names.check_protected(&self.modules, promise.name, second)?;
                }
            }
        }
        Ok(())
    }

    /// Refuses a name that no module may define, as `second` does.
    pub(super) fn refuse_protected(
        &self,
        name: Name<'_>,
        second: impl Fn() -> Text<120>,
    ) -> Result<(), LoadError> {
        let mut all = self.names_with_protected();
        all.try_for_each(|names| names.check_protected(&self.modules, name, &second))
    }

    /// The tables of dylibs that have names which no module may define.
    fn names_with_protected(&self) -> impl Iterator<Item = &Names> {
        let all = self.dylibs().map(|(_, dylib)| &dylib.names);
        all.filter(|names| names.has_protected())
    }

    /// Publishes the names of a module that is linked.
    ///
    /// # Errors
    /// A name is defined twice, or the heap has no room; nothing is published then.
    pub(super) fn publish(
        &mut self,
        id: ModuleId,
        graph: &LinkGraph<'_>,
        named_sections: &[(Name<'_>, AddressRange)],
        compared: ComparedAt,
    ) -> Result<(), LoadError> {
        let Some(record) = self.modules.of_mut(id) else {
            return Ok(());
        };
        let dylib = record.dylib;
        record.record_names(graph, named_sections)?;
        if let Some(record) = self.modules.of(id)
            && !self.is_still(dylib, compared)
        {
            self.check_unique(dylib, record)?;
        }
        if let Some((names, modules)) = self.names_mut(dylib)
            && let Some(record) = modules.of(id)
        {
            names.publish_all(id.slot, record.symbols())?;
        }
        Ok(())
    }

    /// Takes a module out of the books: its names, and its hold on those that it took names of. What is returned holds its
    /// memory.
    pub(super) fn remove(&mut self, id: ModuleId) -> Option<ModuleRecord<F>> {
        let dylib = self.modules.of(id)?.dylib;
        if let Some((names, modules)) = self.names_mut(dylib)
            && let Some(record) = modules.of(id)
        {
            for symbol in record.symbols().ids() {
                names.withdraw(modules, Owner::Module(id.slot), symbol);
            }
        }
        let record = self.modules.take(id.slot)?;
        for &used in &record.uses {
            if let Some(used) = self.modules.get_mut(used) {
                used.users = used.users.saturating_sub(1);
            }
        }
        Some(record)
    }
}
