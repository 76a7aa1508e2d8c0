//! Modules' lives: who depends on whom, who may go, and what runs then.

use std::format;
use std::string::{String, ToString};
use std::sync::Mutex;
use std::vec::Vec;

use object::write::StandardSection;

use super::{Source, data, digest, load, returns, session, unload};
use crate::base::{TargetAddr, Text};
use crate::graph::LinkGraph;
use crate::memory::mock::MockMemory;
use crate::pass::Pipeline;
use crate::session::{
    CallFailed, Input, LoadError, LoadOptions, Module, ModuleView, Plugin, PluginError, Session,
    TrackerId, UnloadError, Users,
};

/// Three modules, each of which uses the one before.
fn chain(session: &Session<MockMemory>) -> [Module<'_, MockMemory>; 3] {
    let load = |name: &str, bytes: &[u8]| load(session, name, bytes).unwrap();
    [
        load("bottom.o", &data("bottom", &[])),
        load("middle.o", &data("middle", &["bottom"])),
        load("top.o", &data("top", &["middle", "bottom"])),
    ]
}

#[test]
fn a_module_that_others_use_stays_and_the_error_names_them() {
    let session = session();
    let [bottom, middle, top] = chain(&session);
    assert_eq!(session.dependencies(bottom.id()).unwrap(), []);
    assert_eq!(session.dependencies(middle.id()).unwrap(), [bottom.id()]);
    let both = [bottom.id(), middle.id()];
    assert_eq!(session.dependencies(top.id()).unwrap(), both);
    let before = digest(&session);
    let id = bottom.id();
    let error = unload(bottom).unwrap_err();
    let UnloadError::InUse { module, users } = error else {
        panic!("{error}")
    };
    assert_eq!((module.as_str(), users.more), ("bottom.o", 0));
    assert_eq!(users.names.as_str(), "middle.o, top.o");
    // It is as it was, but for the handle that is gone.
    let bottom = session.module(id).unwrap();
    assert_eq!(digest(&session), before);
    for module in [top, middle, bottom] {
        unload(module).unwrap();
    }
    assert_eq!(session.memory().used_bytes(), 0);
}

#[test]
fn users_are_taken_along_when_that_is_asked_for_unless_somebody_holds_them() {
    let session = session();
    let before = digest(&session);
    let [bottom, middle, top] = chain(&session);
    let apart = load(&session, "apart.o", &data("apart", &[])).unwrap();
    let id = bottom.id();
    // SAFETY: nothing runs a mock's code.
    let held = unsafe { bottom.unload_with_users() }.unwrap_err();
    assert!(
        matches!(held, UnloadError::Held { handles: 1, .. }),
        "{held}"
    );
    drop((middle, top));
    let bottom = session.module(id).unwrap();
    // SAFETY: likewise.
    unsafe { bottom.unload_with_users() }.unwrap();
    let names = session.modules().unwrap();
    assert_eq!(names.len(), 1);
    unload(apart).unwrap();
    assert_eq!(digest(&session), before);
}

#[test]
fn handles_keep_a_module_and_stale_ones_find_nothing() {
    let session = session();
    let one = load(&session, "one.o", &data("one", &[])).unwrap();
    let (id, other) = (one.id(), one.clone());
    let error = unload(one).unwrap_err();
    assert!(
        matches!(error, UnloadError::Held { handles: 1, .. }),
        "{error}"
    );
    unload(other).unwrap();
    // The slot is another's now, and so is its number.
    let two = load(&session, "two.o", &data("two", &[])).unwrap();
    assert!(session.module(id).is_none() && two.id() != id);
    assert!(session.module_named("one.o").is_none());
    assert_eq!(
        session.module_named("two.o").map(|it| it.id()),
        Some(two.id())
    );
}

#[test]
fn a_tracker_removes_what_it_owns_and_what_was_handed_on_to_it() {
    let session = session();
    let before = digest(&session);
    let [one, other] = [(); 2].map(|()| session.create_tracker());
    let load_for = |tracker: TrackerId, name: &str, bytes: &[u8]| {
        let options = LoadOptions {
            tracker: Some(tracker),
            ..LoadOptions::default()
        };
        // SAFETY: nothing of it runs.
        drop(unsafe { session.load_with(name, &[Input::new(name, bytes)], options) }.unwrap());
    };
    load_for(one.id(), "a.o", &data("a", &[]));
    load_for(one.id(), "b.o", &data("b", &["a"]));
    load_for(other.id(), "c.o", &data("c", &["b"]));
    assert_eq!((one.module_count(), other.module_count()), (2, 1));
    // SAFETY: nothing runs a mock's code.
    let error = unsafe { one.remove(Users::Refuse) }.unwrap_err();
    assert_eq!(
        format!("{error}"),
        "b.o is used by c.o; unload them first, or along with it"
    );
    other.transfer_to(one.id()).unwrap();
    assert_eq!((one.module_count(), other.module_count()), (3, 0));
    // SAFETY: likewise.
    unsafe { one.remove(Users::Refuse) }.unwrap();
    assert_eq!(digest(&session), before);
    load_for(one.id(), "a.o", &data("a", &[]));
    load_for(other.id(), "b.o", &data("b", &["a"]));
    // SAFETY: likewise.
    unsafe { one.remove(Users::TakeAlong) }.unwrap();
    assert_eq!(digest(&session), before);
}

/// What a plugin was told, and what was called.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Tests that look at it take turns.
static TURN: Mutex<()> = Mutex::new(());

fn told() -> Vec<String> {
    core::mem::take(&mut *TOLD.lock().unwrap())
}

fn tell(what: impl ToString) {
    TOLD.lock().unwrap().push(what.to_string());
}

/// A plugin that notes what it is told, and fails when it is told to.
struct Note {
    fails_at: &'static str,
}

impl Note {
    fn note(&self, what: &str, module: &ModuleView) -> Result<(), PluginError> {
        tell(format!("{what} {}", module.name));
        match what == self.fails_at {
            true => Err(PluginError::new("it was told to")),
            false => Ok(()),
        }
    }
}

impl Plugin for Note {
    fn name(&self) -> &str {
        "note"
    }

    fn modify_passes<'p>(
        &'p self,
        module: &ModuleView,
        _: &LinkGraph<'_>,
        _: &mut Pipeline<'p>,
    ) -> Result<(), PluginError> {
        self.note("passes", module)
    }

    fn loaded(&self, module: &ModuleView, _: &LinkGraph<'_>) -> Result<(), PluginError> {
        self.note("loaded", module)
    }

    fn emitted(&self, module: &ModuleView) -> Result<(), PluginError> {
        self.note("emitted", module)
    }

    fn ready(&self, module: &ModuleView) {
        let _ = self.note("ready", module);
    }

    fn failed(&self, module: &ModuleView, _: &LoadError) {
        let _ = self.note("failed", module);
    }

    fn finalizing(&self, module: &ModuleView) {
        let _ = self.note("finalizing", module);
    }

    fn removing(&self, module: &ModuleView) {
        let _ = self.note("removing", module);
    }

    fn transferring(&self, module: &ModuleView, to: TrackerId) {
        assert_ne!(module.tracker, to);
        let _ = self.note("transferring", module);
    }
}

/// An object with initializers `a` to `c` and finalizers `x` to `z`, of priorities 1 to 3, each a byte of code.
fn with_routines() -> Vec<u8> {
    let mut source = Source::new();
    for name in ["a", "b", "c", "x", "y", "z"] {
        source = source.define(name, StandardSection::Text, &[0xc3; 8], &[]);
    }
    source
        .array(".init_array.00002", &["b"])
        .array(".init_array.00001", &["a"])
        .array(".init_array.00003", &["c"])
        .array(".fini_array.00002", &["y"])
        .array(".fini_array.00001", &["x"])
        .array(".fini_array.00003", &["z"])
        .write()
}

/// The name of the function at an address: they stand one after the other, 8 bytes each.
fn name_of(function: TargetAddr) -> &'static str {
    let place = function.value() / 8 % 512;
    ["a", "b", "c", "x", "y", "z"][usize::try_from(place).unwrap()]
}

/// What is told of a module with routines until the last of its initializers runs.
const BEGINNING: [&str; 6] = ["passes m", "loaded m", "emitted m", "a", "b", "c"];

#[test]
fn a_module_begins_and_ends_by_its_routines_and_plugins_hear_of_each_step() {
    let _turn = TURN.lock();
    let session = session();
    session.add_plugin(Note { fails_at: "" }).unwrap();
    session.set_code_caller(|function| {
        tell(name_of(function));
        Ok(0)
    });
    told();
    let module = load(&session, "m", &with_routines()).unwrap();
    let beginning = told();
    unload(module).unwrap();
    let end = told();
    assert_eq!(beginning, [&BEGINNING[..], &["ready m"]].concat());
    assert_eq!(end, ["finalizing m", "z", "y", "x", "removing m"]);
}

#[test]
fn an_initializer_that_fails_is_undone_by_the_finalizers_of_those_that_ran() {
    let _turn = TURN.lock();
    let session = session();
    session.add_plugin(Note { fails_at: "" }).unwrap();
    session.set_code_caller(|function| {
        tell(name_of(function));
        match name_of(function) {
            "c" => Err(CallFailed {
                reason: Text::of("c does not return"),
            }),
            _ => Ok(0),
        }
    });
    let before = digest(&session);
    told();
    let error = load(&session, "m", &with_routines());
    assert!(matches!(error, Err(LoadError::Initializer { .. })));
    let end = ["finalizing m", "y", "x", "failed m"];
    assert_eq!(told(), [&BEGINNING[..], &end].concat());
    assert_eq!(digest(&session), before);
}

#[test]
fn whichever_step_a_plugin_refuses_nothing_is_left_and_it_hears_of_the_failure() {
    let _turn = TURN.lock();
    for fails_at in ["passes", "loaded", "emitted"] {
        let session = session();
        session.add_plugin(Note { fails_at }).unwrap();
        let before = digest(&session);
        told();
        let error = load(&session, "m", &data("m", &[])).unwrap_err();
        assert_eq!(format!("{error}"), "m: refused by note: it was told to");
        assert_eq!(told().last().map(String::as_str), Some("failed m"));
        assert_eq!(digest(&session), before);
    }
}

#[test]
fn a_finalizer_that_fails_is_told_and_the_module_is_gone_all_the_same() {
    let session = session();
    session.set_code_caller(|function| match name_of(function) {
        "y" => Err(CallFailed {
            reason: Text::of("y does not return"),
        }),
        _ => Ok(0),
    });
    let before = digest(&session);
    let module = load(&session, "m", &with_routines()).unwrap();
    let error = unload(module).unwrap_err();
    assert!(matches!(error, UnloadError::Finalizer { .. }), "{error}");
    assert!(format!("{error}").contains("y does not return"), "{error}");
    assert_eq!(digest(&session), before);
}

#[test]
fn plugins_hear_of_modules_that_are_handed_on() {
    let _turn = TURN.lock();
    let session = session();
    session.add_plugin(Note { fails_at: "" }).unwrap();
    let _module = load(&session, "m", &data("m", &[])).unwrap();
    told();
    let tracker = session.create_tracker();
    session.default_tracker().transfer_to(tracker.id()).unwrap();
    assert_eq!(told(), ["transferring m"]);
}

#[test]
fn nobody_takes_names_of_a_module_whose_initializers_run() {
    static INNER: Mutex<Option<bool>> = Mutex::new(None);
    // A session that the initializer can reach.
    static SESSION: std::sync::OnceLock<Session<MockMemory>> = std::sync::OnceLock::new();
    let session = SESSION.get_or_init(session);
    session.set_code_caller(|_| {
        let user = data("user", &["early"]);
        *INNER.lock().unwrap() = Some(load(SESSION.get().unwrap(), "user.o", &user).is_ok());
        Ok(0)
    });
    let source = Source::new()
        .define("early", StandardSection::Text, &[0xc3; 8], &[])
        .array(".init_array", &["early"]);
    let _module = load(session, "early.o", &source.write()).unwrap();
    assert_eq!(*INNER.lock().unwrap(), Some(false));
    session.set_code_caller(|_| Ok(0));
    load(session, "user.o", &data("user", &["early"])).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn threads_load_call_and_unload_at_the_same_time() {
    use crate::memory::hosted::HostedMemory;
    const THREADS: u8 = 4;
    const ROUNDS: usize = 50;
    let session = Session::new(HostedMemory::new().unwrap());
    let common = data("common", &[]);
    // SAFETY: nothing of it runs.
    let common = unsafe { session.load("common.o", &common) }.unwrap();
    let before = (session.statistics(), session.memory().used_bytes());
    let work = |thread: u8| {
        let (base, user) = (format!("base{thread}"), format!("user{thread}"));
        let code = Source::new().define(&base, StandardSection::Text, &returns(thread), &[]);
        let (code, data) = (code.write(), data(&user, &[&base, "common"]));
        for round in 0..ROUNDS {
            // SAFETY: the object has no initializers.
            let one = unsafe { session.load(&base, &code) }.unwrap();
            let function = one
                .function::<unsafe extern "C" fn() -> i32>(&base)
                .unwrap();
            // SAFETY: it takes nothing and returns an int.
            assert_eq!(unsafe { function() }, i32::from(thread));
            // SAFETY: as above.
            let two = unsafe { session.load(&user, &data) }.unwrap();
            match round % 2 {
                0 => drop(two),
                // SAFETY: nobody uses it.
                _ => unsafe { two.unload() }.unwrap(),
            }
            // SAFETY: its function has returned.
            unsafe { one.unload_with_users() }.unwrap();
        }
    };
    let work = &work;
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || work(thread));
        }
    });
    assert_eq!(
        (session.statistics(), session.memory().used_bytes()),
        before
    );
    // SAFETY: all who used it are gone.
    unsafe { common.unload() }.unwrap();
}
