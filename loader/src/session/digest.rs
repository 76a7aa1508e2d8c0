//! A digest of a session: one number for all that its tables say.
//!
//! It tells nothing of how often there were loads, nor of the order of what is there now: so it is the same before a load that
//! failed and after it, and before a load and after its unload.

use crate::base::{Digest, Name, hash_name, int};
use crate::graph::{Linkage, SymbolKind};
use crate::memory::MemoryManager;

use super::Session;
use super::books::{Books, DylibRecord};
use super::generator::Source;
use super::id::ModuleSlot;
use super::names::Owner;
use super::record::{ModuleRecord, Stage};
use super::slots::ModuleSlots;
use super::symbols::{SymbolRecord, Visibility};

impl<M: MemoryManager> Session<M> {
    /// A digest of all that the session's tables say: of each dylib who defines which name, where and how, and what it is
    /// linked against; of each module its name, its place, who holds it, and what it takes names of. It is another once a load
    /// or an unload has changed anything, and the same again once that is taken back.
    pub fn digest(&self) -> u64 {
        let books = self.books.lock();
        let mut digest = Digest::new();
        for (id, dylib) in books.dylibs() {
            let mut of_dylib = of_dylib(&books.modules, dylib);
            of_dylib.add(int::from_usize(id.place));
            digest.add_part(of_dylib);
        }
        for (_, module) in books.modules.iter() {
            digest.add_part(of_module(&books, module));
        }
        digest.add(int::from_usize(books.interfaces.len()));
        digest.value()
    }
}

fn of_dylib<F>(modules: &ModuleSlots<F>, dylib: &DylibRecord) -> Digest {
    let mut digest = Digest::new();
    for (owner, name, symbol) in dylib.names.iter(modules) {
        let owner = match owner {
            Owner::Absolute => Digest::new(),
            Owner::Module(slot) => Digest::of([hash_of(modules, slot)]),
        };
        digest.add_part(of_symbol(owner, name, symbol));
    }
    digest.add(hash_name(dylib.names.dylib_name()));
    if let Some(order) = &dylib.link_order {
        let order = Digest::of(order.iter().map(|id| int::from_usize(id.place)));
        digest.add(order.value());
    }
    let kinds = dylib.sources.iter().map(|source| match source {
        Source::Generator(_) => 0,
        Source::SectionBounds => 1,
    });
    digest.add(Digest::of(kinds).value());
    digest
}

fn of_symbol(owner: Digest, name: Name<'_>, symbol: &SymbolRecord) -> Digest {
    let kind = match symbol.kind {
        SymbolKind::Unknown => 0,
        SymbolKind::Function => 1,
        SymbolKind::IndirectFunction => 2,
        SymbolKind::Data => 3,
        SymbolKind::ThreadLocal => 4,
        SymbolKind::Section => 5,
    };
    let linkage = u64::from(symbol.linkage == Linkage::Weak);
    let visibility = match symbol.visibility {
        Visibility::Exported => 0,
        Visibility::Hidden => 1,
    };
    Digest::of([
        owner.value(),
        hash_name(name),
        symbol.address.value(),
        symbol.size_bytes,
        kind,
        linkage,
        visibility,
        u64::from(symbol.is_protected),
        u64::from(symbol.is_group),
    ])
}

fn of_module<F>(books: &Books<F>, module: &ModuleRecord<F>) -> Digest {
    let mut digest = Digest::new();
    for &used in &module.uses {
        digest.add_part(Digest::of([hash_of(&books.modules, used)]));
    }
    for segment in module.segments.iter().flatten() {
        digest.add_part(Digest::of([
            segment.range.first().value(),
            segment.range.last().value(),
            u64::from(segment.protection.is_writable()),
            u64::from(segment.protection.is_executable()),
        ]));
    }
    let stage = match module.stage {
        Stage::Loading => 0,
        Stage::Ready => 1,
        Stage::Leaving => 2,
    };
    let numbers = [
        hash_name(module.name()),
        int::from_usize(module.dylib.place),
        module.tracker.0,
        stage,
        u64::from(module.handles),
        u64::from(module.users),
        int::from_usize(module.symbols().len()),
        int::from_usize(module.finalizers.len()),
    ];
    numbers.into_iter().for_each(|number| digest.add(number));
    digest
}

/// What stands for a module: its name, since its slot may be another's in the end.
fn hash_of<F>(modules: &ModuleSlots<F>, slot: ModuleSlot) -> u64 {
    modules
        .get(slot)
        .map_or(0, |module| hash_name(module.name()))
}
