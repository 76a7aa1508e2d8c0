//! The log of loads.

use core::sync::atomic::{AtomicU64, Ordering};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use object::SectionKind;

use super::{Source, load, mock_session, unload};
use crate::base::{Machine, failing_heap};
use crate::graph::LinkGraph;
use crate::memory::mock::MockMemory;
use crate::pass::{Pipeline, Purpose};
use crate::session::plugins::{LoadLog, LogEntry, Standing};
use crate::session::{ModuleView, Plugin, PluginError, Session};

const MACHINE: Machine = Machine::X86_64;

std::thread_local! {
    static NOW: AtomicU64 = const { AtomicU64::new(0) };
}

/// Each look at the clock takes 10.
fn clock() -> u64 {
    NOW.with(|now| now.fetch_add(10, Ordering::Relaxed))
}

fn session(capacity: usize) -> (Session<MockMemory>, LoadLog) {
    let session = mock_session(MACHINE);
    let log = LoadLog::new(capacity, clock).unwrap();
    session.add_plugin(log.clone()).unwrap();
    (session, log)
}

fn program() -> Source {
    let mut source = Source::for_machine(MACHINE);
    source.code(".text", &[0x90; 24]);
    source.section(".bss", SectionKind::UninitializedData, &[0; 40]);
    source
}

fn entries(log: &LoadLog) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    log.for_each(|entry| entries.push(*entry));
    entries
}

fn names(log: &LoadLog) -> Vec<String> {
    let entries = entries(log);
    entries.iter().map(|entry| entry.name.to_string()).collect()
}

/// Refuses modules of this name when they are about to be run.
struct Refuses(&'static str);

impl Plugin for Refuses {
    fn name(&self) -> &str {
        "refuses"
    }

    fn emitted(&self, module: &ModuleView) -> Result<(), PluginError> {
        if module.name.as_str() == self.0 {
            return Err(PluginError::new("it was told to"));
        }
        Ok(())
    }
}

#[test]
fn a_load_is_noted_with_its_sizes_and_times() {
    let (session, log) = session(4);
    let module = load(&session, "program.o", &program()).unwrap();
    let [entry] = entries(&log)[..] else {
        panic!("{log:?}")
    };
    assert_eq!(entry.id, module.id());
    assert_eq!(entry.statistics, module.statistics());
    let times = [entry.until_loaded, entry.until_emitted, entry.until_ready];
    assert_eq!(times, [10, 20, 30].map(Some));
    assert_eq!(
        format!("{entry}"),
        "program.o: ready; 24 bytes and 40 of zeros, 2 blocks, 0 fixups; loaded after 10; emitted after 20; ready after 30"
    );
    unload(module);
    assert_eq!(entries(&log)[0].standing, Standing::Unloaded);
    assert!(format!("{}", entries(&log)[0]).starts_with("program.o: unloaded; 24 bytes"));
}

#[test]
fn a_load_that_fails_is_noted_as_far_as_it_came() {
    let (session, log) = session(4);
    session.add_plugin(Refuses("late.o")).unwrap();
    let _ = load(&session, "late.o", &program()).unwrap_err();
    session.memory().fail_after(0);
    let _ = load(&session, "early.o", &program()).unwrap_err();
    let [late, early] = entries(&log)[..] else {
        panic!("{log:?}")
    };
    let line = format!("{late}");
    assert!(line.starts_with("late.o: failed: "), "{line}");
    assert!(line.contains("it was told to"), "{line}");
    assert!(
        line.ends_with("loaded after 10; emitted after 20"),
        "{line}"
    );
    assert!(matches!(early.standing, Standing::Failed { .. }));
    assert_eq!(early.until_loaded, None);
}

/// Shows the log while a module is being loaded.
struct Looks(LoadLog);

impl Plugin for Looks {
    fn name(&self) -> &str {
        "looks"
    }

    fn emitted(&self, _module: &ModuleView) -> Result<(), PluginError> {
        let standing = entries(&self.0).last().map(|entry| entry.standing);
        assert_eq!(standing, Some(Standing::Loading));
        Ok(())
    }
}

#[test]
fn a_load_that_is_on_its_way_is_noted_as_such() {
    let (session, log) = session(4);
    session.add_plugin(Looks(log.clone())).unwrap();
    load(&session, "program.o", &program()).unwrap();
    assert_eq!(entries(&log).len(), 1);
}

#[test]
fn who_is_over_makes_room_before_who_is_there() {
    let (session, log) = session(3);
    session.add_plugin(Refuses("fails.o")).unwrap();
    let a = load(&session, "a.o", &program()).unwrap();
    let b = load(&session, "b.o", &program()).unwrap();
    let _ = load(&session, "fails.o", &program()).unwrap_err();
    let _c = load(&session, "c.o", &program()).unwrap();
    assert_eq!(names(&log), ["a.o", "b.o", "c.o"]);
    unload(b);
    let _d = load(&session, "d.o", &program()).unwrap();
    assert_eq!(names(&log), ["a.o", "c.o", "d.o"]);
    let _e = load(&session, "e.o", &program()).unwrap();
    assert_eq!(names(&log), ["c.o", "d.o", "e.o"]);
    // Of whom nothing is noted any more, nothing is.
    unload(a);
    assert_eq!(names(&log), ["c.o", "d.o", "e.o"]);
}

#[test]
fn a_log_takes_its_memory_when_it_is_made() {
    let (_, log) = session(2);
    let other = mock_session(MACHINE);
    let views: Vec<ModuleView> = (0..5)
        .map(|number| {
            let module = load(&other, &format!("{number}.o"), &program()).unwrap();
            let mut modules = other.modules().unwrap();
            let place = modules.iter().position(|it| it.view.id == module.id());
            modules.remove(place.unwrap()).view
        })
        .collect();
    let graph = LinkGraph::new(MACHINE);
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    failing_heap::fail_after(0, || {
        for view in &views {
            log.modify_passes(view, &graph, &mut pipeline).unwrap();
            log.loaded(view, &graph).unwrap();
            log.ready(view);
        }
    });
    assert_eq!(names(&log), ["3.o", "4.o"]);
    let (session, none) = session(0);
    load(&session, "program.o", &program()).unwrap();
    assert!(entries(&none).is_empty());
}
