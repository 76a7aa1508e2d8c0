//! Lives of several modules in this process: the cases that the kernel has, too.

use std::sync::Mutex;

use ironlink::base::Machine;
use ironlink::memory::hosted::HostedMemory;
use ironlink::session::{ArchiveGenerator, Input, Session, Users};
use ironlink_tests::{lives, notes};

use crate::corpus::{Corpus, facts_of};
use crate::host_library;

/// What modules say is kept in one place.
static TURN: Mutex<()> = Mutex::new(());

fn machine() -> Machine {
    Machine::HOST.expect("Ironlink links for this machine")
}

#[test]
fn modules_of_a_program_and_two_archives_go_in_every_legal_order_and_no_other() {
    let corpus = Corpus::of(machine());
    let files = corpus.inputs();
    for flavour in ["gcc-default", "clang-O2"] {
        let memory = HostedMemory::new().unwrap();
        let session = Session::new(memory.clone());
        for dylib in ["first", "second"] {
            let archive = corpus.bytes(&format!("mutual_objects.{dylib}.{flavour}.a"));
            let archive = ArchiveGenerator::owned(&format!("{dylib}.a"), archive.to_vec());
            let dylib = session.create_dylib(dylib).unwrap();
            dylib.add_generator(archive.unwrap()).unwrap();
        }
        let before = (session.statistics(), memory.used_bytes());
        let load = || {
            let objects = lives::mutual_objects(&files, flavour);
            // SAFETY: the corpus is part of this project.
            let program = unsafe { session.load_all("mutual_objects", &objects) }.unwrap();
            let main = program.function::<unsafe extern "C" fn() -> i32>("main");
            // SAFETY: it takes no arguments.
            assert_eq!(unsafe { main.unwrap()() }, 0);
        };
        let look = || assert_eq!((session.statistics(), memory.used_bytes()), before);
        let legal = lives::unload_in_every_order(&session, lives::MUTUAL_OBJECTS, load, look);
        assert_eq!(legal, lives::LEGAL_ORDERS);
    }
}

#[test]
fn destructors_run_in_reverse_once_the_module_goes() {
    let _turn = TURN.lock();
    let corpus = Corpus::of(machine());
    for flavour in ["gcc-default", "gcc-O2", "clang-default"] {
        let session = Session::new(HostedMemory::new().unwrap());
        session.main_dylib().define(&notes::rows()).unwrap();
        host_library::define(&session, facts_of(machine()));
        let _ = notes::take();
        let name = format!("ends_in_reverse.{flavour}.o");
        // SAFETY: the corpus is part of this project.
        let module = unsafe { session.load_all(&name, &[Input::new(&name, corpus.bytes(&name))]) };
        drop(module.unwrap());
        assert_eq!(notes::take(), "begin_101 begin_200 begin");
        // SAFETY: nothing of it runs.
        unsafe { session.module_named(&name).unwrap().unload() }.unwrap();
        let ends = notes::take();
        assert!(
            lives::ENDS_IN_REVERSE.contains(&ends.as_str()),
            "{flavour}: {ends}"
        );
    }
}

#[test]
fn what_a_tracker_owns_goes_users_first() {
    let corpus = Corpus::of(machine());
    let files = corpus.inputs();
    let memory = HostedMemory::new().unwrap();
    let session = Session::new(memory.clone());
    for dylib in ["first", "second"] {
        let archive = corpus.bytes(&format!("mutual_objects.{dylib}.gcc-default.a"));
        let archive = ArchiveGenerator::owned(&format!("{dylib}.a"), archive.to_vec());
        let dylib = session.create_dylib(dylib).unwrap();
        dylib.add_generator(archive.unwrap()).unwrap();
    }
    let before = (session.statistics(), memory.used_bytes());
    let objects = lives::mutual_objects(&files, "gcc-default");
    // SAFETY: the corpus is part of this project.
    drop(unsafe { session.load_all("mutual_objects", &objects) }.unwrap());
    let tracker = session.create_tracker();
    session.default_tracker().transfer_to(tracker.id()).unwrap();
    assert_eq!(tracker.module_count(), lives::MUTUAL_OBJECTS.len());
    // SAFETY: nothing of them runs.
    unsafe { tracker.remove(Users::Refuse) }.unwrap();
    assert_eq!((session.statistics(), memory.used_bytes()), before);
}
