//! What is asked for names that nothing defines.

use std::format;
use std::sync::Mutex;
use std::vec::Vec;

use object::write::StandardSection;

use super::{Source, data, data_source, digest, load, session, unload};
use crate::base::{Name, TargetAddr, failing_heap};
use crate::graph::Linkage;
use crate::memory::mock::MockMemory;
use crate::session::{
    Aliases, ArchiveGenerator, Generated, Generator, GeneratorError, Input, LoadError, Module,
    ModuleView, Plugin, ReExports, Session, Users, Wanted,
};

/// A GNU archive without an index, of members with short names.
pub(super) fn archive(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let name = format!("{name}/");
        let size = content.len();
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644);
        bytes.extend(header.as_bytes());
        bytes.extend(content);
        if size % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn names(session: &Session<MockMemory>) -> Vec<std::string::String> {
    let modules = session.modules().unwrap();
    modules
        .iter()
        .map(|module| format!("{}", module.view.name))
        .collect()
}

/// Where the first word of a module's data points.
pub(super) fn points_to(
    session: &Session<MockMemory>,
    module: &Module<'_, MockMemory>,
) -> TargetAddr {
    let books = session.books.lock();
    let memory = books.modules.of(module.id()).unwrap().memory.as_ref();
    let segments: Vec<_> = memory.unwrap().segments().collect();
    let bytes = segments[0].bytes[..8].try_into().unwrap();
    TargetAddr::new(u64::from_le_bytes(bytes))
}

#[test]
fn a_closure_is_asked_for_what_is_missing_and_the_last_added_first() {
    let session = session();
    let main = session.main_dylib();
    let all = |address| move |_: Wanted<'_>| Some(TargetAddr::new(address));
    main.add_generator(all(0x1000)).unwrap();
    let user = data("user", &["anything"]);
    let module = load(&session, "user.o", &user).unwrap();
    assert_eq!(points_to(&session, &module), TargetAddr::new(0x1000));
    unload(module).unwrap();
    main.add_generator(all(0x2000)).unwrap();
    let module = load(&session, "user.o", &user).unwrap();
    assert_eq!(points_to(&session, &module), TargetAddr::new(0x2000));
    // What is defined is not missing.
    let module = load(&session, "other.o", &data("other", &["exported"]));
    assert_eq!(
        points_to(&session, &module.unwrap()),
        TargetAddr::new(0x2000)
    );
}

#[test]
fn a_definition_of_an_earlier_dylib_counts_more_than_a_generator_of_a_later_one() {
    let session = session();
    let late = session.create_dylib("late").unwrap();
    late.add_generator(|_: Wanted<'_>| Some(TargetAddr::new(0x2000)))
        .unwrap();
    let module = load(&session, "user.o", &data("user", &["exported"])).unwrap();
    assert_eq!(points_to(&session, &module), TargetAddr::new(0x1234));
    let module = load(&session, "other.o", &data("other", &["missing"])).unwrap();
    assert_eq!(points_to(&session, &module), TargetAddr::new(0x2000));
}

#[test]
fn a_weak_reference_asks_a_closure_and_no_archive() {
    let session = session();
    let bytes = archive(&[("a.o", data("wanted", &[]))]);
    let archive = ArchiveGenerator::owned("lib.a", bytes).unwrap();
    session.main_dylib().add_generator(archive).unwrap();
    let mut source = data_source("user", &["wanted"]);
    let symbol = source.find("wanted").unwrap();
    source.object.symbol_mut(symbol).weak = true;
    let user = source.write();
    let module = load(&session, "user.o", &user).unwrap();
    assert_eq!(points_to(&session, &module), TargetAddr::ZERO);
    unload(module).unwrap();
    let closure =
        |wanted: Wanted<'_>| (wanted.linkage == Linkage::Weak).then_some(TargetAddr::new(0x3000));
    session.main_dylib().add_generator(closure).unwrap();
    let module = load(&session, "user.o", &user).unwrap();
    assert_eq!(points_to(&session, &module), TargetAddr::new(0x3000));
}

#[test]
fn an_archive_of_another_dylib_is_shared_by_all_who_miss_its_names() {
    let session = session();
    let library = session.create_dylib("library").unwrap();
    let bytes = archive(&[
        ("a.o", data("first", &["second"])),
        ("b.o", data("second", &[])),
        ("c.o", data("unused", &["nowhere"])),
    ]);
    library
        .add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
        .unwrap();
    let before = digest(&session);
    let one = load(&session, "one.o", &data("one", &["first"])).unwrap();
    // Members that ask for each other are one module.
    assert_eq!(names(&session), ["one.o", "lib.a(a.o)"]);
    let two = load(&session, "two.o", &data("two", &["second"])).unwrap();
    assert_eq!(session.modules().unwrap().len(), 3);
    let shared = session.module_named("lib.a(a.o)").unwrap();
    for user in [&one, &two] {
        assert_eq!(session.dependencies(user.id()).unwrap(), [shared.id()]);
    }
    let id = shared.id();
    assert!(unload(shared).is_err());
    unload(one).unwrap();
    unload(two).unwrap();
    unload(session.module(id).unwrap()).unwrap();
    assert_eq!(digest(&session), before);
}

#[test]
fn shared_modules_that_nobody_uses_go_when_that_is_asked_for() {
    let session = session();
    let [first, second] = ["first", "second"].map(|name| session.create_dylib(name).unwrap());
    second.set_link_order(&[first.id()]).unwrap();
    for (dylib, name, others) in [(&first, "one", &[][..]), (&second, "two", &["one"])] {
        let bytes = archive(&[("m.o", data(name, others))]);
        dylib
            .add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
            .unwrap();
    }
    let before = digest(&session);
    let user = load(&session, "user.o", &data("user", &["two"])).unwrap();
    // SAFETY: nothing runs a mock's code.
    let unload_unused = || unsafe { session.unload_unused() }.unwrap();
    assert_eq!(unload_unused(), 0);
    unload(user).unwrap();
    assert_eq!(session.modules().unwrap().len(), 2);
    assert_eq!(unload_unused(), 2);
    assert_eq!(digest(&session), before);
}

#[test]
fn what_generators_gave_goes_after_who_asked_for_it() {
    let session = session();
    let library = session.create_dylib("library").unwrap();
    let bytes = archive(&[("a.o", data("first", &[]))]);
    library
        .add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
        .unwrap();
    let before = digest(&session);
    let load = || load(&session, "one.o", &data("one", &["first"])).unwrap();
    // Its load began before that of the member.
    drop(load());
    let shared = session.module_named("lib.a(a.o)").unwrap();
    // SAFETY: nothing of them runs.
    unsafe { shared.unload_with_users() }.unwrap();
    assert_eq!(digest(&session), before);
    static REMOVED: Mutex<Vec<std::string::String>> = Mutex::new(Vec::new());
    struct Note;
    impl Plugin for Note {
        fn name(&self) -> &str {
            "note"
        }
        fn removing(&self, module: &ModuleView) {
            REMOVED.lock().unwrap().push(format!("{}", module.name));
        }
    }
    session.add_plugin(Note).unwrap();
    drop(load());
    // SAFETY: nothing of them runs.
    unsafe { session.default_tracker().remove(Users::Refuse) }.unwrap();
    assert_eq!(*REMOVED.lock().unwrap(), ["one.o", "lib.a(a.o)"]);
}

#[test]
fn what_a_member_hides_is_looked_for_elsewhere_each_time() {
    let session = session();
    let library = session.create_dylib("library").unwrap();
    let mut hiding = data_source("first", &[]);
    let symbol = hiding.find("first").unwrap();
    hiding.object.symbol_mut(symbol).scope = object::SymbolScope::Linkage;
    let bytes = archive(&[("a.o", hiding.write())]);
    library
        .add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
        .unwrap();
    let other = archive(&[("b.o", data("first", &[]))]);
    for name in ["one", "two"] {
        let user = data(name, &["first"]);
        let inputs = [Input::new(name, &user), Input::new("other.a", &other)];
        assert!(load(&session, name, &user).is_err());
        // SAFETY: nothing of it runs.
        let module = unsafe { session.load_all(name, &inputs) }.unwrap();
        assert_eq!(
            Some(points_to(&session, &module)),
            module.address("first"),
            "{name}"
        );
        unload(module).unwrap();
        assert_eq!(names(&session), ["lib.a(a.o)"], "read once");
    }
}

#[test]
fn an_archive_of_the_dylib_itself_is_linked_together_with_who_misses_its_names() {
    let session = session();
    let bytes = archive(&[
        ("a.o", data("first", &["second", "main"])),
        ("b.o", data("second", &["first"])),
    ]);
    session
        .main_dylib()
        .add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
        .unwrap();
    let main = load(&session, "main.o", &data("main", &["first"])).unwrap();
    assert_eq!(names(&session), ["main.o"]);
    assert!(main.address("second").is_some());
}

#[test]
fn what_was_loaded_for_a_load_that_fails_goes_with_it() {
    let session = session();
    let library = session.create_dylib("library").unwrap();
    let bytes = archive(&[("a.o", data("first", &[]))]);
    library
        .add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
        .unwrap();
    let before = digest(&session);
    assert!(load(&session, "one.o", &data("one", &["first", "nowhere"])).is_err());
    assert_eq!(digest(&session), before);
}

#[test]
fn aliases_and_re_exports_lead_to_the_definition_and_hold_its_module() {
    let session = session();
    let hidden = session.create_dylib("hidden").unwrap();
    // SAFETY: nothing of it runs.
    let target = unsafe { hidden.load("target.o", &data("target", &[])) }.unwrap();
    session.main_dylib().set_link_order(&[]).unwrap();
    let main = session.main_dylib();
    let user = data("user", &["alias"]);
    assert!(load(&session, "user.o", &user).is_err());
    main.add_generator(ReExports::only(hidden.id(), |name| {
        name != Name::from("no")
    }))
    .unwrap();
    main.add_generator(Aliases::new(&[("alias", "target"), ("zero", "no")]).unwrap())
        .unwrap();
    let module = load(&session, "user.o", &user).unwrap();
    assert_eq!(Some(points_to(&session, &module)), target.address("target"));
    assert_eq!(session.dependencies(module.id()).unwrap(), [target.id()]);
    assert!(load(&session, "other.o", &data("other", &["zero"])).is_err());
}

#[test]
fn names_that_stand_for_each_other_are_told_as_a_circle() {
    let session = session();
    let aliases = Aliases::new(&[("one", "two"), ("two", "one")]).unwrap();
    session.main_dylib().add_generator(aliases).unwrap();
    let error = load(&session, "user.o", &data("user", &["one"])).unwrap_err();
    assert!(matches!(error, LoadError::Circle { .. }), "{error}");
}

#[test]
fn a_generator_that_has_no_answer_says_why() {
    struct Broken;
    impl Generator for Broken {
        fn generate(&self, _: Wanted<'_>) -> Result<Option<Generated<'_>>, GeneratorError> {
            Err(GeneratorError::new("the disk is gone"))
        }
    }
    let session = session();
    session.main_dylib().add_generator(Broken).unwrap();
    let error = load(&session, "user.o", &data("user", &["name"])).unwrap_err();
    let line = format!("{error}");
    assert!(
        line.contains("name") && line.contains("the disk is gone"),
        "{line}"
    );
}

/// An object with 16 bytes in a section `table`.
fn with_table(name: &str) -> Vec<u8> {
    let mut source = Source::new();
    let section =
        source
            .object
            .add_section(Vec::new(), b"table".to_vec(), object::SectionKind::Data);
    let symbol = source.symbol(name, object::write::SymbolSection::Section(section));
    source.object.add_symbol_data(symbol, section, &[7; 16], 8);
    source.write()
}

#[test]
fn bounds_of_sections_span_another_modules_sections_but_not_two_modules() {
    let session = session();
    let main = session.main_dylib();
    main.add_section_bounds().unwrap();
    let user = data("user", &["__start_table", "__stop_table"]);
    assert!(load(&session, "user.o", &user).is_err());
    let one = load(&session, "one.o", &with_table("one")).unwrap();
    let module = load(&session, "user.o", &user).unwrap();
    assert_eq!(Some(points_to(&session, &module)), one.address("one"));
    assert_eq!(session.dependencies(module.id()).unwrap(), [one.id()]);
    load(&session, "two.o", &with_table("two")).unwrap();
    let error = load(&session, "other.o", &data("other", &["__start_table"])).unwrap_err();
    assert!(format!("{error}").contains("several modules"), "{error}");
    // Who has such sections means its own.
    let own = Source::new()
        .define(
            "own",
            StandardSection::Data,
            &[0; 8],
            &[(0, "__start_table")],
        )
        .write();
    let table = with_table("three");
    let inputs = [Input::new("own.o", &own), Input::new("table.o", &table)];
    // SAFETY: nothing of it runs.
    unsafe { session.load_all("own", &inputs) }.unwrap();
}

#[test]
fn every_allocation_of_a_load_with_generators_may_fail() {
    let session = session();
    let library = session.create_dylib("library").unwrap();
    let bytes = archive(&[
        ("a.o", data("first", &[])),
        ("b.o", data("second", &["first"])),
    ]);
    library
        .add_generator(ArchiveGenerator::owned("lib.a", bytes).unwrap())
        .unwrap();
    let aliases = Aliases::new(&[("alias", "second")]).unwrap();
    session.main_dylib().add_generator(aliases).unwrap();
    let user = data("user", &["alias", "first"]);
    let before = digest(&session);
    let mut failures = 0;
    loop {
        let heap = failing_heap::live_bytes();
        match failing_heap::fail_after(failures, || load(&session, "user.o", &user)) {
            Ok(_) => break,
            Err(error) => {
                assert!(format!("{error}").contains("heap"), "{failures}: {error}");
            }
        }
        assert_eq!(
            digest(&session),
            before,
            "after allocation {failures} failed"
        );
        assert_eq!(failing_heap::live_bytes(), heap, "after {failures}");
        failures += 1;
    }
    assert!(failures > 30, "{failures} allocations failed");
}

#[test]
fn a_name_that_a_member_keeps_to_its_dylib_is_missing_and_the_error_says_who_has_it() {
    let session = session();
    let library = session.create_dylib("library").unwrap();
    let helper = data_source("helper", &[]).hidden("helper").write();
    let members = archive(&[("helper.o", helper)]);
    let members = ArchiveGenerator::owned("library.a", members).unwrap();
    library.add_generator(members).unwrap();
    let before = digest(&session);
    // What a load has had loaded for it goes with it: so it is told each time.
    for _ in 0..2 {
        let error = load(&session, "user.o", &data("user", &["helper"])).unwrap_err();
        let line = format!("{error}");
        assert!(
            line.contains("; library.a(helper.o) has it, but hidden)"),
            "{line}"
        );
        assert_eq!(digest(&session), before);
    }
}
