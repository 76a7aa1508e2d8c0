//! The address map.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use object::SectionKind;
use spin::Mutex;

use super::{Source, load, mock_session, unload};
use crate::base::{Machine, Protection, Shared, TargetAddr, Text, failing_heap};
use crate::graph::LinkGraph;
use crate::memory::mock::MockMemory;
use crate::session::plugins::AddressMap;
use crate::session::{LoadError, ModuleId, ModuleView, Plugin, PluginError, Session};

const MACHINE: Machine = Machine::X86_64;

fn session() -> (Session<MockMemory>, AddressMap) {
    let session = mock_session(MACHINE);
    let map = AddressMap::new().unwrap();
    session.add_plugin(map.clone()).unwrap();
    (session, map)
}

fn symbols(map: &AddressMap, module: ModuleId) -> Vec<String> {
    let mut names = Vec::new();
    map.for_each_symbol(module, |symbol| names.push(format!("{}", symbol.name)));
    names
}

fn tell(map: &AddressMap, address: TargetAddr, offset: u64) -> String {
    let location = map.locate(address.checked_add(offset).unwrap());
    location.map_or("-".to_string(), |location| format!("{location}"))
}

/// `first` at 0, `second` at 16, and a function of the object's own at 32, all in one section; and eight bytes of data.
fn program() -> Source {
    let mut source = Source::for_machine(MACHINE);
    let code = source.code(".text", &[0x90; 48]);
    source.global("first", code, 0, 16);
    source.global("second", code, 16, 16);
    source.local("own", code, 32, 16);
    let data = source.section(".data", SectionKind::Data, &[1; 8]);
    source.global("data", data, 0, 8);
    source
}

#[test]
fn an_address_is_told_by_the_symbol_at_or_below_it() {
    let (session, map) = session();
    let module = load(&session, "program.o", &program()).unwrap();
    let first = module.address("first").unwrap();
    assert_eq!(tell(&map, first, 0), "program.o: first+0x0");
    assert_eq!(tell(&map, first, 15), "program.o: first+0xf");
    assert_eq!(tell(&map, first, 16), "program.o: second+0x0");
    assert_eq!(tell(&map, first, 47), "program.o: own+0xf");
    let data = module.address("data").unwrap();
    assert_eq!(tell(&map, data, 3), "program.o: data+0x3");
    assert_eq!(map.locate(TargetAddr::new(0x10)), None);
    assert_eq!(map.locate(TargetAddr::new(u64::MAX)), None);
}

#[test]
fn of_several_modules_the_one_is_told_that_the_address_lies_in() {
    let (session, map) = session();
    let names = ["a.o", "b.o", "c.o", "d.o"];
    let mut modules = Vec::new();
    for name in names {
        let mut source = Source::for_machine(MACHINE);
        let code = source.code(".text", &[0x90; 16]);
        source.global(&format!("in_{name}"), code, 0, 16);
        modules.push(load(&session, name, &source).unwrap());
    }
    for (name, module) in names.iter().zip(&modules) {
        let address = module.address(&format!("in_{name}")).unwrap();
        assert_eq!(tell(&map, address, 1), format!("{name}: in_{name}+0x1"));
        // Between the modules nothing lies.
        let (segment, _) = module.segments().next().unwrap();
        assert_eq!(map.locate(segment.last().checked_add(1).unwrap()), None);
    }
    let middle = modules.remove(1);
    let gone = middle.address("in_b.o").unwrap();
    unload(middle);
    assert_eq!(tell(&map, gone, 0), "-");
    let left = modules[1].address("in_c.o").unwrap();
    assert_eq!(tell(&map, left, 0), "c.o: in_c.o+0x0");
}

#[test]
fn marks_for_tools_are_no_symbols_and_the_largest_of_one_address_counts() {
    let (session, map) = session();
    let mut source = Source::for_machine(MACHINE);
    let code = source.code(".text", &[0x90; 32]);
    source.global("small", code, 0, 4);
    source.global("large", code, 0, 16);
    source.global("label", code, 0, 0);
    source.local("$x", code, 8, 0);
    source.local(".L1", code, 9, 0);
    source.object.section_symbol(code);
    let module = load(&session, "program.o", &source).unwrap();
    let start = module.address("large").unwrap();
    assert_eq!(tell(&map, start, 10), "program.o: large+0xa");
    let mut names = Vec::new();
    map.for_each_symbol(module.id(), |symbol| {
        names.push((format!("{}", symbol.name), symbol.size_bytes));
    });
    let expected = [("label", 0), ("small", 4), ("large", 16)];
    assert_eq!(names, expected.map(|(name, size)| (name.to_string(), size)));
}

#[test]
fn without_a_symbol_the_distance_is_that_from_the_segment() {
    let (session, map) = session();
    let mut source = Source::for_machine(MACHINE);
    let code = source.code(".text", &[0x90; 16]);
    source.global("code", code, 0, 16);
    source.section(".data", SectionKind::Data, &[1; 32]);
    let module = load(&session, "program.o", &source).unwrap();
    let is_data = |(_, protection): &(_, Protection)| protection.is_writable();
    let (data, _) = module.segments().find(is_data).unwrap();
    // The symbol below lies in another segment.
    assert!(module.address("code").unwrap() < data.first());
    assert_eq!(tell(&map, data.first(), 9), "program.o: +0x9");
}

#[test]
fn sections_are_told_in_order_and_those_of_one_name_as_one() {
    let (session, map) = session();
    let mut source = Source::for_machine(MACHINE);
    for bytes in [16, 8] {
        let code = source.code(".text", &std::vec![0x90; bytes]);
        source.local("code", code, 0, 1);
    }
    source.section(".data", SectionKind::Data, &[1; 24]);
    source.section(".bss", SectionKind::UninitializedData, &[0; 40]);
    source.section(".rodata", SectionKind::ReadOnlyData, &[1; 4]);
    // What no program can reach has no place.
    source.section(".comment", SectionKind::OtherString, b"text\0");
    let module = load(&session, "program.o", &source).unwrap();
    let mut sections = Vec::new();
    map.for_each_section(module.id(), |section| {
        let range = section.range;
        let size = range.last().checked_distance_from(range.first()).unwrap() + 1;
        let letters = section.protection.letters();
        sections.push((format!("{}", section.name), letters, size));
    });
    let expected = [
        (".rodata", "r--", 4),
        (".text", "r-x", 24),
        (".data", "rw-", 24),
        (".bss", "rw-", 40),
    ];
    assert_eq!(
        sections,
        expected.map(|(name, letters, size)| (name.to_string(), letters, size))
    );
}

/// Notes the symbols that a map knows of each module before its initializers run.
#[derive(Clone)]
struct Watch {
    map: AddressMap,
    seen: Shared<Mutex<Vec<String>>>,
}

impl Plugin for Watch {
    fn name(&self) -> &str {
        "watch"
    }

    fn emitted(&self, module: &ModuleView) -> Result<(), PluginError> {
        *self.seen.lock() = symbols(&self.map, module.id);
        Ok(())
    }
}

#[test]
fn what_only_initializers_needed_is_forgotten_when_they_have_run() {
    let (session, map) = session();
    let watch = Watch {
        map: map.clone(),
        seen: Shared::new(Mutex::default()).unwrap(),
    };
    session.add_plugin(watch.clone()).unwrap();
    let mut source = Source::for_machine(MACHINE);
    let code = source.code(".init.text", &[0x90; 16]);
    source.local("starts", code, 0, 16);
    let code = source.code(".text", &[0x90; 16]);
    source.global("stays", code, 0, 16);
    let module = load(&session, "program.o", &source).unwrap();
    assert_eq!(watch.seen.lock().len(), 2);
    assert_eq!(symbols(&map, module.id()), ["stays"]);
    let mut sections = Vec::new();
    map.for_each_section(module.id(), |section| {
        sections.push(format!("{}", section.name));
    });
    assert_eq!(sections, [".text"]);
    let mut segments = 0;
    for segment in module.segments() {
        segments += 1;
        assert!(map.locate(segment.0.first()).is_some());
        let below = segment.0.first().checked_sub(1).unwrap();
        let above = segment.0.last().checked_add(1).unwrap();
        assert_eq!((map.locate(below), map.locate(above)), (None, None));
    }
    assert_eq!(segments, 1);
}

#[test]
fn who_holds_the_map_is_not_waited_for() {
    let (session, map) = session();
    let module = load(&session, "program.o", &program()).unwrap();
    let first = module.address("first").unwrap();
    let mut count = 0;
    map.for_each_symbol(module.id(), |_| {
        assert_eq!(map.locate(first), None);
        count += 1;
    });
    assert_eq!(count, 4);
    assert!(failing_heap::fail_after(0, || map.locate(first)).is_some());
}

/// Refuses each module when it is about to be run.
struct Refuses;

impl Plugin for Refuses {
    fn name(&self) -> &str {
        "refuses"
    }

    fn emitted(&self, _module: &ModuleView) -> Result<(), PluginError> {
        Err(PluginError::new("it was told to"))
    }
}

#[test]
fn of_a_load_that_fails_nothing_is_left() {
    let (session, map) = session();
    let watch = Watch {
        map: map.clone(),
        seen: Shared::new(Mutex::default()).unwrap(),
    };
    session.add_plugin(watch.clone()).unwrap();
    let stays = load(&session, "stays.o", &program()).unwrap();
    let end = stays.segments().map(|(range, _)| range.last()).max();
    unload(stays);
    session.add_plugin(Refuses).unwrap();
    let error = load(&session, "refused.o", &program()).unwrap_err();
    assert!(matches!(error, LoadError::Plugin { .. }), "{error}");
    // The map had it, and where it lay nothing is any more.
    assert_eq!(watch.seen.lock().len(), 4);
    let mut address = TargetAddr::new(0x4000_0000);
    while Some(address) < end {
        assert_eq!(map.locate(address), None);
        address = address.checked_add(8).unwrap();
    }
}

/// A session gives memory back before it says so.
#[test]
fn who_comes_to_lie_where_another_lay_is_told_at_once() {
    let (session, _) = session();
    load(&session, "old.o", &program()).unwrap();
    let old = session.modules().unwrap()[0].view;
    let new = ModuleView {
        id: ModuleId {
            serial: old.id.serial + 1,
            ..old.id
        },
        name: Text::of("new.o"),
        ..old
    };
    let map = AddressMap::new().unwrap();
    let graph = LinkGraph::new(MACHINE);
    let (segment, _) = old.segments().next().unwrap();
    map.loaded(&old, &graph).unwrap();
    assert_eq!(tell(&map, segment.first(), 1), "old.o: +0x1");
    map.loaded(&new, &graph).unwrap();
    assert_eq!(tell(&map, segment.first(), 1), "new.o: +0x1");
    map.removing(&old);
    assert_eq!(tell(&map, segment.first(), 1), "new.o: +0x1");
    map.removing(&new);
    assert_eq!(tell(&map, segment.first(), 1), "-");
}

#[test]
fn every_allocation_of_a_load_may_fail_and_the_map_is_as_it_was() {
    let (session, map) = session();
    let stays = load(&session, "stays.o", &program()).unwrap();
    let first = stays.address("first").unwrap();
    // So many symbols that what is left of them can't pass for room that a table of the session grew by.
    let mut source = Source::for_machine(MACHINE);
    let code = source.code(".text", &[0x90; 512]);
    for offset in 0..512 {
        source.local(&format!("symbol_{offset}"), code, offset, 1);
    }
    let bytes = source.write();
    let mut failures = 0;
    let module = loop {
        let heap = failing_heap::live_bytes();
        #[expect(unsafe_code, reason = "loading runs foreign code")]
        // SAFETY: the callers of this session call nothing.
        let load = || unsafe { session.load("program.o", &bytes) };
        match failing_heap::fail_after(failures, load) {
            Ok(module) => break module,
            Err(error) => assert!(format!("{error}").contains("heap"), "{error}"),
        }
        assert!(failing_heap::live_bytes() <= heap + 4096);
        assert_eq!(tell(&map, first, 17), "stays.o: second+0x1");
        assert_eq!(symbols(&map, stays.id()).len(), 4);
        failures += 1;
    };
    assert!(failures > 10, "{failures} allocations failed");
    assert_eq!(symbols(&map, module.id()).len(), 512);
    let heap = failing_heap::live_bytes();
    unload(module);
    assert!(failing_heap::live_bytes() < heap - 512 * 32);
    assert_eq!(tell(&map, first, 17), "stays.o: second+0x1");
}
