//! One load: all of it, or nothing.

use std::format;
use std::vec::Vec;

use object::write::{StandardSection, SymbolSection};

use super::{Source, digest, exported, load, memory, program, returns, session, unload};
use crate::base::{TargetAddr, Text, failing_heap};
use crate::graph::{LinkGraph, Site};
use crate::link::LinkError;
use crate::memory::mock::MockMemory;
use crate::pass::{PassError, Pipeline, Point, Purpose};
use crate::session::{
    AbsoluteSymbol, CallFailed, Input, LoadError, LoadOptions, LookupError, Session,
};

fn passes(pipeline: Pipeline<'_>) -> LoadOptions<'_, MockMemory> {
    LoadOptions {
        pipeline: Some(pipeline),
        ..LoadOptions::default()
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_module_of_the_host_can_be_called() {
    use crate::memory::hosted::HostedMemory;
    let session = Session::new(HostedMemory::new().unwrap());
    session
        .create_dylib("host")
        .unwrap()
        .define(&[exported()])
        .unwrap();
    // SAFETY: the object has no initializers.
    let module = unsafe { session.load("program.o", &program()) }.unwrap();
    let main = module
        .function::<unsafe extern "C" fn() -> i32>("main")
        .unwrap();
    // SAFETY: `main` takes nothing and returns an int.
    let result = unsafe { main() };
    assert_eq!(result, 42);
}

#[test]
fn a_module_may_lie_in_other_memory_than_the_session_gives() {
    let (session, elsewhere) = (session(), memory());
    let used = session.memory().used_bytes();
    let options = LoadOptions {
        memory: Some(&elsewhere),
        ..LoadOptions::default()
    };
    let (name, bytes) = ("program.o", program());
    // SAFETY: nothing runs a mock's code.
    let module = unsafe { session.load_with(name, &[Input::new(name, &bytes)], options) };
    let module = module.unwrap();
    assert_eq!(session.memory().used_bytes(), used);
    assert_eq!(elsewhere.reservations(), 1);
    unload(module).unwrap();
    assert_eq!(elsewhere.reservations(), 0);
}

#[test]
fn of_a_load_that_other_memory_refuses_nothing_is_left() {
    let (session, elsewhere) = (session(), memory());
    elsewhere.fail_after(0);
    let before = digest(&session);
    let options = LoadOptions {
        memory: Some(&elsewhere),
        ..LoadOptions::default()
    };
    let bytes = program();
    // SAFETY: nothing runs a mock's code.
    let refused = unsafe { session.load_with("a.o", &[Input::new("a.o", &bytes)], options) };
    assert!(matches!(refused, Err(LoadError::Link { .. })));
    assert_eq!(digest(&session), before);
    assert_eq!(elsewhere.reservations(), 0);
}

#[test]
fn every_allocation_of_a_load_may_fail_and_nothing_is_left() {
    let session = session();
    let bytes = program();
    let before = (session.statistics(), session.memory().used_bytes());
    let mut failures = 0;
    loop {
        let heap = failing_heap::live_bytes();
        match failing_heap::fail_after(failures, || load(&session, "program.o", &bytes)) {
            Ok(module) => {
                assert!(module.address("main").is_some());
                break;
            }
            Err(error) => {
                let line = format!("{error}");
                assert!(line.contains("heap"), "{line}");
                drop(error);
                // What a table of the session grew by is kept for the next load; nothing else is.
                assert!(failing_heap::live_bytes() <= heap + 4096);
            }
        }
        assert_eq!(
            (session.statistics(), session.memory().used_bytes()),
            before
        );
        failures += 1;
    }
    assert!(failures > 10, "{failures} allocations failed");
}

#[test]
fn names_of_earlier_modules_are_found_and_unloading_takes_them_away() {
    let session = session();
    let library = Source::new()
        .define("shared", StandardSection::Data, &[1; 8], &[])
        .write();
    let user = Source::new()
        .define("user", StandardSection::Data, &[0; 8], &[(0, "shared")])
        .write();
    let before = session.statistics();
    assert!(matches!(
        load(&session, "user.o", &user),
        Err(LoadError::Link {
            error: LinkError::Missing(_),
            ..
        })
    ));
    let library = load(&session, "library.o", &library).unwrap();
    let module = load(&session, "user.o", &user).unwrap();
    assert_eq!(session.statistics().modules, 2);
    for module in [module, library] {
        // SAFETY: nothing runs a mock's code.
        unsafe { module.unload() }.unwrap();
    }
    assert_eq!(session.statistics(), before);
    assert_eq!(session.memory().used_bytes(), 0);
    assert!(load(&session, "user.o", &user).is_err());
}

#[test]
fn a_second_strong_definition_is_refused_and_a_weak_one_gives_way() {
    let session = session();
    let define = || Source::new().define("shared", StandardSection::Data, &[1; 8], &[]);
    let first = load(&session, "first.o", &define().write()).unwrap();
    let error = load(&session, "second.o", &define().write()).unwrap_err();
    let LoadError::Duplicate {
        first: known,
        second,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((known.as_str(), second.as_str()), ("first.o", "second.o"));
    load(&session, "weak.o", &define().weak("shared").write()).unwrap();
    let user = Source::new().define("user", StandardSection::Data, &[0; 8], &[(0, "shared")]);
    load(&session, "user.o", &user.write()).unwrap();
    assert!(first.address("shared").is_some());
}

#[test]
fn objects_of_one_load_refer_to_each_other() {
    let session = session();
    let one = Source::new()
        .define("one", StandardSection::Data, &[0; 8], &[(0, "two")])
        .write();
    let two = Source::new()
        .define("two", StandardSection::Data, &[0; 8], &[(0, "one")])
        .write();
    let inputs = [Input::new("one.o", &one), Input::new("two.o", &two)];
    // SAFETY: the initializers' caller calls nothing.
    let module = unsafe { session.load_all("both", &inputs) }.unwrap();
    assert!(module.address("one").is_some() && module.address("two").is_some());
}

#[test]
fn a_protected_export_can_not_be_defined_by_a_module() {
    let session = session();
    let row = AbsoluteSymbol {
        name: "guarded",
        is_protected: true,
        ..exported()
    };
    session
        .create_dylib("safety")
        .unwrap()
        .define(&[row])
        .unwrap();
    let bytes = Source::new()
        .define("guarded", StandardSection::Data, &[1; 8], &[])
        .write();
    let error = load(&session, "thief.o", &bytes).unwrap_err();
    assert!(
        format!("{error}").contains("`guarded` is already defined by safety"),
        "{error}"
    );
}

#[test]
fn an_initializer_that_fails_undoes_the_load() {
    let session = session();
    session.set_code_caller(|_| {
        Err(CallFailed {
            reason: Text::of("it was told to"),
        })
    });
    let source = Source::new()
        .define("start", StandardSection::Text, &returns(0), &[])
        .array(".init_array", &["start"]);
    let before = session.statistics();
    let error = load(&session, "fails.o", &source.write()).unwrap_err();
    let line = format!("{error}");
    assert!(
        line.contains("start") && line.contains("it was told to"),
        "{line}"
    );
    assert_eq!(
        (session.statistics(), session.memory().used_bytes()),
        (before, 0)
    );
}

#[test]
fn data_is_not_callable_and_unknown_names_are_told() {
    type F = unsafe extern "C" fn();
    let session = session();
    let module = load(&session, "program.o", &program()).unwrap();
    let data = module.function::<F>("table").unwrap_err();
    assert!(matches!(data, LookupError::NotCallable { .. }), "{data}");
    let missing = module.function::<F>("nothing").unwrap_err();
    assert!(matches!(missing, LookupError::Missing { .. }), "{missing}");
}

#[test]
fn rows_are_defined_all_or_none() {
    let session = session();
    let dylib = session.create_dylib("more").unwrap();
    let before = session.statistics();
    let other = AbsoluteSymbol {
        name: "other",
        ..exported()
    };
    assert!(dylib.define(&[other, exported(), exported()]).is_err());
    assert_eq!(session.statistics(), before);
    dylib.define(&[other, exported()]).unwrap();
}

#[test]
fn a_weak_definition_is_found_again_once_the_strong_one_is_gone() {
    let session = session();
    let one = Source::new().define("pick", StandardSection::Text, &returns(1), &[]);
    let weak = load(&session, "one.o", &one.weak("pick").write()).unwrap();
    let before = session.statistics();
    let two = Source::new().define("pick", StandardSection::Text, &returns(2), &[]);
    let strong = load(&session, "two.o", &two.write()).unwrap();
    let user = Source::new().define("user", StandardSection::Data, &[0; 8], &[(0, "pick")]);
    let user = user.write();
    // SAFETY: nothing runs the module.
    unsafe { strong.unload() }.unwrap();
    assert_eq!(session.statistics(), before);
    assert!(load(&session, "user.o", &user).is_ok());
    assert!(weak.address("pick").is_some());
}

#[test]
fn a_strong_row_after_a_weak_one_is_the_one_that_counts() {
    let session = session();
    let dylib = session.create_dylib("more").unwrap();
    let strong = AbsoluteSymbol::function("again", TargetAddr::new(1));
    let weak = AbsoluteSymbol {
        linkage: crate::graph::Linkage::Weak,
        ..strong
    };
    dylib.define(&[weak, strong]).unwrap();
    for rows in [&[strong][..], &[weak, strong]] {
        let error = dylib.define(rows).unwrap_err();
        assert!(matches!(error, LoadError::Duplicate { .. }), "{error}");
    }
}

#[test]
fn a_number_that_a_module_defines_is_found_by_the_next() {
    let session = session();
    let mut source = Source::new();
    let number = source.symbol("number", SymbolSection::Absolute);
    source.object.symbol_mut(number).value = 0x55;
    let _ = load(&session, "number.o", &source.write()).unwrap();
    let user = Source::new().define("user", StandardSection::Data, &[0; 8], &[(0, "number")]);
    let _ = load(&session, "user.o", &user.write()).unwrap();
}

#[test]
fn what_a_module_with_an_indirect_function_refers_to_is_not_taken_for_its_own() {
    let session = session();
    session.set_code_caller(|_| Ok(0x9000));
    let first = Source::new().define("helper", StandardSection::Text, &returns(1), &[]);
    let _first = load(&session, "first.o", &first.write()).unwrap();
    let second = Source::new()
        .define("choice", StandardSection::Text, &returns(2), &[])
        .define(
            "table",
            StandardSection::Data,
            &[0; 16],
            &[(0, "helper"), (8, "choice")],
        )
        .indirect("choice");
    let second = load(&session, "second.o", &second.write()).unwrap();
    assert!(second.address("choice").is_some());
}

#[test]
fn passes_of_ones_own_go_with_a_load() {
    let session = session();
    let mut names = Vec::new();
    let mut note = |graph: &mut LinkGraph<'_>| {
        let sections = graph.sections.iter();
        names.extend(sections.map(|(_, section)| format!("{}", section.name)));
        Ok(())
    };
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    pipeline.push(Point::PrePrune, "note", &mut note).unwrap();
    let bytes = program();
    let input = Input::new("program.o", &bytes);
    // SAFETY: the initializers' caller of this session calls nothing.
    let module = unsafe { session.load_with("program", &[input], passes(pipeline)) }.unwrap();
    assert!(module.address("main").is_some());
    assert!(names.iter().any(|name| name == ".text"), "{names:?}");
}

#[test]
fn a_pass_of_ones_own_that_fails_leaves_nothing_of_the_load() {
    let session = session();
    let before = (session.statistics(), session.memory().used_bytes());
    let mut refuse =
        |_: &mut LinkGraph<'_>| Err(PassError::at(Site::object("program.o"), "not today"));
    let mut pipeline = Pipeline::standard(Purpose::Run).unwrap();
    pipeline
        .push(Point::PostAllocation, "refuse", &mut refuse)
        .unwrap();
    let bytes = program();
    let input = Input::new("program.o", &bytes);
    // SAFETY: nothing of the module runs.
    let error = unsafe { session.load_with("program", &[input], passes(pipeline)) }.unwrap_err();
    assert!(format!("{error}").contains("not today"), "{error}");
    assert_eq!(
        (session.statistics(), session.memory().used_bytes()),
        before
    );
}
