//! Lives of several modules that depend on each other: in which orders they go, and who owns them.

use alloc::string::String;
use alloc::vec::Vec;

use ironlink::session::{ArchiveGenerator, LoadOptions, TrackerId, UnloadError, Users};
use ironlink_kernel::{Kernel, kernel_test, log};
use ironlink_tests::lives;

use super::sessions::{self, OwnSession};
use super::snapshot::Snapshot;

kernel_test! {
    fn modules_of_a_program_and_two_archives_go_in_every_legal_order_and_no_other(kernel) {
        for flavour in ["gcc-default", "clang-O2"] {
            sessions::leaves_no_trace(kernel, || {
                let session = with_archives(kernel, flavour);
                load_and_call(kernel, &session, flavour);
                remove_all(&session);
                let (before, known) = (Snapshot::of(kernel), session.statistics());
                let load = || load_and_call(kernel, &session, flavour);
                let look = || {
                    assert_eq!(session.statistics(), known);
                    before.assert_same_now(kernel);
                };
                let legal = lives::unload_in_every_order(&session, lives::MUTUAL_OBJECTS, load, look);
                assert_eq!(legal, lives::LEGAL_ORDERS);
            });
        }
    }

    fn a_tracker_removes_what_it_owns_and_refuses_while_others_use_it(kernel) {
        sessions::leaves_no_trace(kernel, || {
            let session = with_archives(kernel, "gcc-default");
            let tracker = session.create_tracker();
            let objects = lives::mutual_objects(&kernel.initrd().inputs, "gcc-default");
            let options = LoadOptions { tracker: Some(tracker.id()), ..LoadOptions::default() };
            // SAFETY: the corpus is part of this project.
            let program = unsafe { session.load_with("mutual_objects", &objects, options) };
            let program = program.unwrap_or_else(|error| panic!("{error}"));
            sessions::expect_success(&program);
            assert_eq!((tracker.module_count(), session.default_tracker().module_count()), (1, 4));
            // SAFETY: no call into them is on its way.
            let refused = unsafe { session.default_tracker().remove(Users::Refuse) };
            let Err(UnloadError::InUse { users, .. }) = refused else { panic!("{refused:?}") };
            assert_eq!(users.names.as_str(), "mutual_objects");
            // SAFETY: as above.
            let held = unsafe { tracker.remove(Users::Refuse) };
            assert!(matches!(held, Err(UnloadError::Held { handles: 1, .. })), "{held:?}");
            drop(program);
            // SAFETY: as above.
            unsafe { tracker.remove(Users::Refuse) }.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((tracker.module_count(), session.default_tracker().module_count()), (0, 4));
            remove_all(&session);
            assert_eq!(session.statistics().modules, 0);
        });
    }

    fn modules_that_are_handed_on_go_with_their_new_owner(kernel) {
        sessions::leaves_no_trace(kernel, || {
            let session = with_archives(kernel, "gcc-default");
            load_and_call(kernel, &session, "gcc-default");
            let (one, other) = (session.create_tracker(), session.create_tracker());
            for (from, to) in [(TrackerId::DEFAULT, one.id()), (one.id(), other.id())] {
                let from = if from == one.id() { &one } else { &session.default_tracker() };
                from.transfer_to(to).unwrap_or_else(|error| panic!("{error}"));
            }
            assert_eq!((one.module_count(), other.module_count()), (0, 5));
            // SAFETY: no call into them is on its way.
            unsafe { one.remove(Users::TakeAlong) }.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(session.statistics().modules, 5);
            // SAFETY: as above.
            unsafe { other.remove(Users::Refuse) }.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(session.statistics().modules, 0);
        });
    }

    fn a_program_of_several_crates_takes_them_from_generators(kernel) {
        for flavour in ["rustc-O0", "rustc-O3"] {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open(kernel);
                let crates = ["numbers", "shapes"]
                    .map(|name| alloc::format!("rust_crates.{name}.{flavour}.rlib"));
                let mut archives = rust_archives(kernel);
                archives.extend(crates.iter().map(String::as_str));
                add_archives(kernel, &session, "rust", &archives);
                // The allocator's names are hidden: each who allocates needs its own.
                let inputs = [
                    sessions::file(kernel, &alloc::format!("rust_crates.main.{flavour}.o")),
                    sessions::file(kernel, "librust_support.a"),
                ];
                let program = sessions::load(&session, "rust_crates", &inputs);
                let program = program.unwrap_or_else(|error| panic!("{error}"));
                sessions::expect_success(&program);
                drop(program);
                for (module, uses) in lives::uses(&session) {
                    log!("{module} uses {}", uses.join(", "));
                }
                remove_all(&session);
                assert_eq!(session.statistics().modules, 0);
            });
        }
    }
}

/// A session whose dylibs `first` and `second` have the archives of `mutual_objects`.
fn with_archives(kernel: &'static Kernel, flavour: &str) -> OwnSession {
    let session = sessions::open(kernel);
    for dylib in ["first", "second"] {
        let file = alloc::format!("mutual_objects.{dylib}.{flavour}.a");
        add_archives(kernel, &session, dylib, &[&file]);
    }
    session
}

/// Adds a dylib whose names archives of the disk give. Of one archive, members are told by the dylib's name.
fn add_archives(
    kernel: &'static Kernel,
    session: &OwnSession,
    dylib: &'static str,
    files: &[&str],
) {
    let added = session.create_dylib(dylib).and_then(|added| {
        for file in files.iter().rev() {
            let archive = sessions::file(kernel, file);
            let name = match dylib {
                "first" => "first.a",
                "second" => "second.a",
                _ => archive.name,
            };
            added.add_generator(ArchiveGenerator::new(name, archive.bytes)?)?;
        }
        Ok(())
    });
    added.unwrap_or_else(|error| panic!("{error}"));
}

/// The archives that Rust programs need beside their own crates.
fn rust_archives(kernel: &'static Kernel) -> Vec<&'static str> {
    let names = kernel.initrd().archives().map(|archive| archive.name);
    let is_of_rust = |name: &&str| {
        let is_of_all = name.matches('.').count() == 1;
        is_of_all && *name != "libgcc.a"
    };
    names.filter(is_of_rust).collect()
}

fn load_and_call(kernel: &'static Kernel, session: &OwnSession, flavour: &str) {
    let objects = lives::mutual_objects(&kernel.initrd().inputs, flavour);
    let program = sessions::load(session, "mutual_objects", &objects);
    let program = program.unwrap_or_else(|error| panic!("{error}"));
    sessions::expect_success(&program);
}

fn remove_all(session: &OwnSession) {
    // SAFETY: no call into any of them is on its way.
    let removed = unsafe { session.default_tracker().remove(Users::Refuse) };
    removed.unwrap_or_else(|error| panic!("{error}"));
}
