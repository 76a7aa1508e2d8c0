//! What takes part in a load panics on a host: the panic goes on, and nothing of the load stays behind.

use std::boxed::Box;
use std::format;
use std::panic::{self, AssertUnwindSafe};
use std::string::String;
use std::sync::Mutex;
use std::vec::Vec;

use super::generators::archive;
use super::{data, digest, load, session, unload};
use crate::base::TargetAddr;
use crate::graph::LinkGraph;
use crate::memory::mock::MockMemory;
use crate::pass::{PassError, Pipeline, Point, Purpose};
use crate::session::{
    ArchiveGenerator, Input, LoadError, LoadOptions, ModuleView, Plugin, PluginError, Session,
    Wanted,
};

/// As `panic!`, but that nothing is printed.
fn trip() -> ! {
    panic::resume_unwind(Box::new("it was told to"))
}

/// Runs what panics, and sees that the panic comes through and that all is as it was, with loads that go on.
fn survives(session: &Session<MockMemory>, run: impl FnOnce()) {
    let before = digest(session);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    let told = result.unwrap_err();
    assert_eq!(told.downcast_ref(), Some(&"it was told to"));
    assert_eq!(digest(session), before);
    let after = load(session, "after.o", &data("after", &[])).unwrap();
    unload(after).unwrap();
    assert_eq!(digest(session), before);
}

/// A plugin that panics at a step of the module `bad.o`.
struct Trips(&'static str);

impl Trips {
    fn step(&self, step: &str, module: &ModuleView) {
        if self.0 == step && module.name.as_str() == "bad.o" {
            trip();
        }
    }
}

impl Plugin for Trips {
    fn name(&self) -> &str {
        "trips"
    }

    fn modify_passes<'p>(
        &'p self,
        module: &ModuleView,
        _: &LinkGraph<'_>,
        _: &mut Pipeline<'p>,
    ) -> Result<(), PluginError> {
        self.step("modify_passes", module);
        Ok(())
    }

    fn loaded(&self, module: &ModuleView, _: &LinkGraph<'_>) -> Result<(), PluginError> {
        self.step("loaded", module);
        Ok(())
    }

    fn emitted(&self, module: &ModuleView) -> Result<(), PluginError> {
        self.step("emitted", module);
        Ok(())
    }

    fn ready(&self, module: &ModuleView) {
        self.step("ready", module);
    }
}

/// Notes the failures that it is told of.
#[derive(Default)]
struct Failures(Mutex<Vec<String>>);

impl Plugin for &'static Failures {
    fn name(&self) -> &str {
        "failures"
    }

    fn failed(&self, _: &ModuleView, error: &LoadError) {
        self.0.lock().unwrap().push(format!("{error}"));
    }
}

fn failures() -> &'static Failures {
    Box::leak(Box::default())
}

#[test]
fn of_a_load_in_which_a_plugin_panics_nothing_is_left_and_the_others_are_told() {
    for step in ["modify_passes", "loaded", "emitted"] {
        let session = session();
        let failures = failures();
        session.add_plugin(failures).unwrap();
        session.add_plugin(Trips(step)).unwrap();
        let library = load(&session, "library.o", &data("library", &[])).unwrap();
        let bad = data("bad", &["library"]);
        survives(&session, || drop(load(&session, "bad.o", &bad)));
        let told = failures.0.lock().unwrap().clone();
        assert_eq!(
            told,
            ["bad.o: a plugin, a generator or a pass panicked; the module is not loaded"]
        );
        // The load held it.
        unload(library).unwrap();
    }
}

#[test]
fn a_plugin_that_panics_once_a_module_is_there_costs_the_handle_alone() {
    let session = session();
    session.add_plugin(Trips("ready")).unwrap();
    let before = digest(&session);
    let load_it = || drop(load(&session, "bad.o", &data("bad", &[])));
    panic::catch_unwind(AssertUnwindSafe(load_it)).unwrap_err();
    let module = session.module_named("bad.o").unwrap();
    unload(module).unwrap();
    assert_eq!(digest(&session), before);
}

#[test]
fn of_a_load_for_which_a_generator_panics_nothing_is_left_nor_of_what_was_loaded_for_it() {
    let session = session();
    let failures = failures();
    session.add_plugin(failures).unwrap();
    let library = session.create_dylib("library").unwrap();
    let members = archive(&[
        ("sound.o", data("sound", &[])),
        ("unsound.o", data("unsound", &["trips"])),
    ]);
    let members = ArchiveGenerator::owned("library.a", members).unwrap();
    library.add_generator(members).unwrap();
    let generator = |wanted: Wanted<'_>| -> Option<TargetAddr> {
        (wanted.name.bytes() == b"trips").then(|| trip())
    };
    library.add_generator(generator).unwrap();
    let bad = data("bad", &["sound", "unsound"]);
    survives(&session, || drop(load(&session, "bad.o", &bad)));
    assert!(
        failures.0.lock().unwrap().is_empty(),
        "nobody was told of these modules"
    );
}

#[test]
fn of_a_load_with_a_pass_that_panics_nothing_is_left() {
    let session = session();
    let bad = data("bad", &[]);
    for point in [
        Point::PrePrune,
        Point::PostPrune,
        Point::PostAllocation,
        Point::PreFixUp,
    ] {
        let mut pass = |_: &mut LinkGraph<'_>| -> Result<(), PassError> { trip() };
        let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
        pipeline.push(point, "trips", &mut pass).unwrap();
        let options = LoadOptions {
            pipeline: Some(pipeline),
            ..LoadOptions::default()
        };
        survives(&session, || {
            // SAFETY: nothing of it runs.
            drop(unsafe { session.load_with("bad.o", &[Input::new("bad.o", &bad)], options) });
        });
    }
}
