//! Looking for the names that a load misses: in the dylibs of the search order, and at their generators.

use alloc::vec::Vec;

use crate::base::{Name, OutOfMemory, TargetAddr, Text, fallible, int};
use crate::graph::{Linkage, Object, Origin, Scope};
use crate::link::inputs::{Outside, Surroundings};
use crate::link::{Environment, Reference, ResolverFailed};
use crate::memory::MemoryManager;
use crate::pass::{self, SectionEnd};

use super::books::{Answer, Books};
use super::generator::{Generated, Source, Wanted};
use super::load::{Depth, Request};
use super::symbols::Visibility;
use super::{DylibId, LoadError, Module, ModuleId, Session};

/// The sources of a search order, each with its dylib and how many dylibs come before that.
pub(super) struct Sources(Vec<PlacedSource>);

struct PlacedSource {
    position: usize,
    dylib: DylibId,
    source: Source,
}

impl Sources {
    /// Those that a load into a dylib asks, in their order. They stay, whatever happens to the dylibs.
    pub(super) fn of<M: MemoryManager>(
        session: &Session<M>,
        dylib: DylibId,
    ) -> Result<Self, OutOfMemory> {
        let mut all = Vec::new();
        let books = session.books.lock();
        for (position, dylib) in books.search_order(dylib).enumerate() {
            let sources = books.dylib(dylib).map_or(&[][..], |it| &it.sources);
            for source in sources {
                let source = source.clone();
                let placed = PlacedSource {
                    position,
                    dylib,
                    source,
                };
                fallible::push(&mut all, placed)?;
            }
        }
        Ok(Self(all))
    }
}

/// Where one load looks for what its inputs miss.
pub(super) struct Search<'a, 'l, 's, M: MemoryManager> {
    pub(super) session: &'s Session<M>,
    /// The module that is being loaded.
    pub(super) id: ModuleId,
    pub(super) name: Text<64>,
    /// Its dylib.
    pub(super) dylib: DylibId,
    pub(super) sources: &'a Sources,
    /// What was loaded since this load, or one that it is for, misses its names.
    pub(super) pulled: &'l mut Vec<Module<'s, M>>,
    pub(super) depth: Depth,
}

/// Whose names are meant.
#[derive(Clone, Copy)]
enum Whose {
    /// A dylib's, hidden ones too, and those that the dylibs of its search order export.
    SearchOrder(DylibId),
    /// Those that a dylib exports.
    Exports(DylibId),
}

impl<'a, M: MemoryManager> Surroundings<'a> for Search<'a, '_, '_, M> {
    type Error = LoadError;

    fn can_give(&self) -> bool {
        !self.sources.0.is_empty()
    }

    fn look_up(&mut self, reference: Reference<'_>) -> Result<Outside<'a>, LoadError> {
        let (whose, sources) = (Whose::SearchOrder(self.dylib), self.sources);
        self.look(whose, sources, reference, self.depth)
    }

    fn take(&mut self, reference: Reference<'_>) -> Result<Option<TargetAddr>, LoadError> {
        Ok(self.take_from(Whose::SearchOrder(self.dylib), reference)?)
    }

    fn circle(&self, name: Name<'_>) -> LoadError {
        LoadError::Circle {
            symbol: Text::of(name),
        }
    }
}

impl<M: MemoryManager> Search<'_, '_, '_, M> {
    /// Looks for a name: in tables, and at generators that come before.
    fn look<'b>(
        &mut self,
        whose: Whose,
        sources: &'b Sources,
        reference: Reference<'_>,
        depth: Depth,
    ) -> Result<Outside<'b>, LoadError> {
        let found = self.find(whose, reference);
        let wanted = Wanted {
            name: reference.name,
            linkage: reference.linkage,
        };
        let is_meant = |source: &&PlacedSource| {
            let before = found.is_none_or(|found| source.position < found);
            // What must belong to the same component, or to one dylib, is asked of its own generators alone.
            let is_wide =
                matches!(whose, Whose::SearchOrder(_)) && reference.scope == Scope::Default;
            before && (is_wide || source.position == 0)
        };
        for placed in sources.0.iter().take_while(is_meant) {
            let Source::Generator(generator) = &placed.source else {
                continue;
            };
            if self.is_hidden(placed, reference.name) {
                continue;
            }
            let generated = generator.generate(wanted);
            let generated = generated.map_err(|error| LoadError::Generator {
                module: self.name,
                symbol: Text::of(reference.name),
                reason: error.reason,
            })?;
            let is_own = placed.dylib == self.dylib && depth == self.depth;
            match generated {
                None => {}
                Some(Generated::Address(address)) => return Ok(Outside::At(address)),
                // The name may be of this very load.
                Some(Generated::SameAs { dylib: None, name }) if is_own => {
                    return Ok(Outside::SameAs(name));
                }
                Some(Generated::SameAs { dylib, name }) => {
                    let whose = match dylib {
                        None => Whose::SearchOrder(placed.dylib),
                        Some(dylib) => Whose::Exports(dylib),
                    };
                    return self.follow(whose, Reference { name, ..reference }, depth);
                }
                Some(Generated::SameName { dylib }) => {
                    return self.follow(Whose::Exports(dylib), reference, depth);
                }
                Some(Generated::Object {
                    name,
                    archive,
                    bytes,
                }) => {
                    let object = Object {
                        name,
                        archive,
                        origin: Origin::Library,
                    };
                    if is_own {
                        return Ok(Outside::Object(object, bytes));
                    }
                    self.load_apart(placed.dylib, object, bytes, depth, reference.name)?;
                    // What it keeps to its own dylib may come from elsewhere.
                    if !self.is_hidden(placed, reference.name) {
                        return Ok(Outside::Defined);
                    }
                }
            }
        }
        Ok(match found {
            Some(_) => Outside::Defined,
            None => Outside::Unknown,
        })
    }

    /// How many dylibs come before the one that defines a name, if one does.
    fn find(&self, whose: Whose, reference: Reference<'_>) -> Option<usize> {
        let books = self.session.books.lock();
        Some(answer(&books, whose, reference)?.position)
    }

    /// Whether a source's dylib has a definition that none but its own modules may take, and a load into another one asks.
    fn is_hidden(&self, placed: &PlacedSource, name: Name<'_>) -> bool {
        let books = self.session.books.lock();
        let is_there = |hidden_too| books.find_in(placed.dylib, name, hidden_too).is_some();
        placed.position > 0 && is_there(true) && !is_there(false)
    }

    /// What another name stands for, or the same name elsewhere.
    fn follow<'b>(
        &mut self,
        whose: Whose,
        reference: Reference<'_>,
        depth: Depth,
    ) -> Result<Outside<'b>, LoadError> {
        let depth = depth.deeper(reference.name)?;
        let (Whose::SearchOrder(dylib) | Whose::Exports(dylib)) = whose;
        let sources = Sources::of(self.session, dylib)?;
        let address = match self.look(whose, &sources, reference, depth)? {
            Outside::At(address) => Some(address),
            Outside::Defined => self.take_from(whose, reference)?,
            // Only this load itself is given the others.
            Outside::Unknown | Outside::Object(..) | Outside::SameAs(_) => None,
        };
        Ok(address.map_or(Outside::Unknown, Outside::At))
    }

    /// The address of a definition that is there, whose module stays from now on as long as this load's.
    fn take_from(
        &mut self,
        whose: Whose,
        reference: Reference<'_>,
    ) -> Result<Option<TargetAddr>, OutOfMemory> {
        let mut books = self.session.books.lock();
        let Some(Answer { owner, address, .. }) = answer(&books, whose, reference) else {
            return Ok(None);
        };
        books.depend(self.id, owner)?;
        Ok(Some(address))
    }

    /// Loads an object of a generator as a module of the generator's dylib.
    fn load_apart(
        &mut self,
        dylib: DylibId,
        object: Object<'_>,
        bytes: &[u8],
        depth: Depth,
        wanted: Name<'_>,
    ) -> Result<(), LoadError> {
        let depth = depth.deeper(wanted)?;
        let name: Text<64> = Text::of(object);
        let request = Request {
            seed: Some((object, bytes)),
            depth,
            ..Request::new(dylib, name.as_str(), &[])
        };
        let module = self.session.perform_for(request, self.pulled)?;
        // The load has made room for it.
        fallible::push(self.pulled, module)?;
        Ok(())
    }
}

/// The definition that is meant.
fn answer<F>(books: &Books<F>, whose: Whose, reference: Reference<'_>) -> Option<Answer> {
    match whose {
        Whose::SearchOrder(dylib) => books.find(dylib, &reference),
        Whose::Exports(dylib) => {
            let found = books.find_in(dylib, reference.name, false)?;
            Some(Answer {
                position: 0,
                owner: found.owner,
                address: found.symbol.address,
            })
        }
    }
}

/// What is around the link of a load whose inputs are read.
pub(super) struct Surrounding<'s, M: MemoryManager> {
    pub(super) session: &'s Session<M>,
    pub(super) id: ModuleId,
    pub(super) dylib: DylibId,
    /// Why an answer could not be given: the link goes on without it, and fails then.
    pub(super) fault: Option<LoadError>,
    pub(super) name: Text<64>,
}

impl<M: MemoryManager> Surrounding<'_, M> {
    fn take(&mut self, reference: &Reference<'_>) -> Result<Option<TargetAddr>, LoadError> {
        let mut books = self.session.books.lock();
        if let Some(Answer { owner, address, .. }) = books.find(self.dylib, reference) {
            books.depend(self.id, owner)?;
            return Ok(Some(address));
        }
        let Some((end, section)) = pass::section_bound(reference.name) else {
            return Ok(None);
        };
        let several = || LoadError::Generator {
            module: self.name,
            symbol: Text::of(reference.name),
            reason: Text::of((
                "sections `",
                section,
                "` lie in several modules, and no bounds enclose them all; load the objects together",
            )),
        };
        let bounds = match books.section_bounds(self.dylib, section, several) {
            // A weak reference is content with none.
            Err(_) if reference.linkage == Linkage::Weak => None,
            bounds => bounds?,
        };
        let Some((owner, range)) = bounds else {
            return Ok(None);
        };
        books.depend(self.id, owner)?;
        Ok(Some(match end {
            SectionEnd::Start => range.first(),
            SectionEnd::Stop => range.last().wrapping_offset(1),
        }))
    }
}

impl<M: MemoryManager> Environment for Surrounding<'_, M> {
    fn resolve(&mut self, reference: Reference<'_>) -> Option<TargetAddr> {
        match self.take(&reference) {
            Ok(address) => address,
            Err(error) => {
                self.fault.get_or_insert(error);
                None
            }
        }
    }

    fn kept_by(&self, name: Name<'_>) -> Text<120> {
        let books = self.session.books.lock();
        let kept = books.search_order(self.dylib).find_map(|dylib| {
            let found = books.find_in(dylib, name, true)?;
            let names = &books.dylib(dylib)?.names;
            let is_kept = found.symbol.visibility == Visibility::Hidden;
            is_kept.then(|| names.definer_of(&books.modules, &found))
        });
        kept.unwrap_or_default()
    }

    fn resolve_within(&mut self, reference: Reference<'_>) -> Option<TargetAddr> {
        self.resolve(reference)
    }

    fn call_resolver(
        &mut self,
        function: TargetAddr,
    ) -> Result<Option<TargetAddr>, ResolverFailed> {
        let Some(call) = self.session.code_caller() else {
            return Ok(None);
        };
        match call(function) {
            Ok(chosen) => Ok(Some(TargetAddr::new(int::from_usize(chosen)))),
            Err(failed) => Err(ResolverFailed {
                reason: failed.reason,
            }),
        }
    }
}
