//! The address map with many modules that come and go; no session, so that each step is chosen here.

use core::array;
use std::format;
use std::string::String;
use std::time::{Duration, Instant};
use std::vec::Vec;

use crate::base::{AddressRange, Decimal, Machine, Protection, TargetAddr, Text};
use crate::graph::LinkGraph;
use crate::link::{LinkedSegment, Segments};
use crate::memory::Lifetime;
use crate::session::id::ModuleSlot;
use crate::session::plugins::AddressMap;
use crate::session::{DylibId, ModuleId, ModuleView, Plugin, TrackerId};

/// Segments lie in cells of so many bytes.
const CELL: u64 = 0x1000;

fn cell(place: u64) -> AddressRange {
    AddressRange::from_size(TargetAddr::new((place + 16) * CELL), CELL / 2).unwrap()
}

/// A module with segments in these cells.
fn view(serial: u64, slot: u32, cells: &[u64]) -> ModuleView {
    let id = ModuleId {
        serial,
        slot: ModuleSlot::from_index(slot),
    };
    let segments: Segments = array::from_fn(|place| {
        Some(LinkedSegment {
            range: cell(*cells.get(place)?),
            protection: Protection::Read,
            lifetime: Lifetime::Standard,
        })
    });
    let dylib = Text::display(format_args!("{:?}", DylibId::MAIN));
    ModuleView {
        segments,
        ..ModuleView::new(id, Decimal(serial), dylib, TrackerId::DEFAULT)
    }
}

fn add(map: &AddressMap, view: &ModuleView) {
    let graph = LinkGraph::new(Machine::X86_64);
    map.loaded(view, &graph).unwrap();
}

/// Numbers that look drawn by lot, and are the same each time.
struct Lots(u64);

impl Lots {
    fn draw(&mut self, below: u64) -> u64 {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Who lies in each cell, as the map says.
fn told(map: &AddressMap, cells: u64) -> Vec<Option<String>> {
    let name = |place| {
        let found = map.locate(cell(place).last())?;
        assert_eq!(map.locate(cell(place).last().checked_add(1).unwrap()), None);
        Some(format!("{}", found.module))
    };
    (0..cells).map(name).collect()
}

#[test]
fn whoever_comes_shrinks_and_goes_in_whichever_order_each_address_is_its_modules() {
    const CELLS: u64 = 96;
    const SLOTS: u32 = 24;
    // Twice, as if two clones had been added to the session.
    let map = AddressMap::new().unwrap();
    let maps = [map.clone(), map.clone()];
    let mut lots = Lots(1);
    let mut modules: Vec<Option<(ModuleView, Vec<u64>)>> = (0..SLOTS).map(|_| None).collect();
    let mut cells: Vec<Option<u64>> = (0..CELLS).map(|_| None).collect();
    for serial in 1..3000 {
        let slot = u32::try_from(lots.draw(u64::from(SLOTS))).unwrap();
        let place = usize::try_from(slot).unwrap();
        match modules[place].take() {
            None => {
                let mut own: Vec<u64> = (0..4).map(|_| lots.draw(CELLS)).collect();
                own.sort_unstable();
                own.dedup();
                own.retain(|&it| cells[usize::try_from(it).unwrap()].is_none());
                let view = view(serial, slot, &own);
                maps.iter().for_each(|map| add(map, &view));
                own.iter()
                    .for_each(|&it| cells[usize::try_from(it).unwrap()] = Some(serial));
                modules[place] = Some((view, own));
            }
            Some((old, mut own)) if own.len() > 1 && lots.draw(2) == 0 => {
                let gone = own.remove(usize::try_from(lots.draw(2)).unwrap());
                cells[usize::try_from(gone).unwrap()] = None;
                let view = view(old.id.serial, slot, &own);
                maps.iter().for_each(|map| map.ready(&view));
                modules[place] = Some((view, own));
            }
            Some((view, own)) => {
                maps.iter().for_each(|map| map.removing(&view));
                own.iter()
                    .for_each(|&it| cells[usize::try_from(it).unwrap()] = None);
            }
        }
        let expected: Vec<_> = cells.iter().map(|it| Some(format!("{}", (*it)?))).collect();
        assert_eq!(told(&map, CELLS), expected, "after step {serial}");
    }
}

/// A session gives memory back, and a slot away, before it tells that the load failed which had them.
#[test]
fn who_comes_where_a_load_that_failed_was_stays_when_that_is_told() {
    let two = || Some(String::from("2"));
    for slot in [0, 1] {
        let map = AddressMap::new().unwrap();
        let [failed, stays] = [view(1, 0, &[0, 3]), view(2, slot, &[3, 5])];
        add(&map, &failed);
        add(&map, &stays);
        map.removing(&failed);
        assert_eq!(told(&map, 6), [None, None, None, two(), None, two()]);
        map.removing(&stays);
        assert_eq!(told(&map, 6), [const { None }; 6]);
    }
}

/// What it takes for one of so many modules to come and go, at the best of several times.
fn time_of_one(count: u32) -> Duration {
    let round = |_| {
        let map = AddressMap::new().unwrap();
        // Whoever goes lies below all that are left, and came before them: nothing of them must be moved for it.
        let view_of = |number: u32| {
            let first = 3 * u64::from(number);
            view(
                u64::from(number) + 1,
                number,
                &[first, first + 1, first + 2],
            )
        };
        let views: Vec<_> = (0..count).map(view_of).collect();
        let start = Instant::now();
        views.iter().for_each(|view| add(&map, view));
        views.iter().for_each(|view| map.ready(view));
        views.iter().for_each(|view| map.removing(view));
        start.elapsed() / count
    };
    (0..5).map(round).min().unwrap()
}

#[test]
fn a_module_comes_and_goes_as_fast_among_thousands_as_among_a_hundred() {
    let [few, many] = [128, 128 * 64].map(time_of_one);
    assert!(many < few * 12, "{many:?} among many, {few:?} among few");
}
