//! The plugins that come with Ironlink, over the kernel's memory and clock.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use ironlink::base::TargetAddr;
use ironlink::session::plugins::{CallTracer, LoadLog, LogEntry, Standing};
use ironlink_kernel::guard::Outcome;
use ironlink_kernel::{Kernel, clock, kernel_test, log, report};
use ironlink_tests::program::Program;

use super::hook::count_and_forget;
use super::programs;
use super::sessions;

kernel_test! {
    fn the_log_of_loads_tells_sizes_and_instructions(kernel) {
        sessions::leaves_no_trace(kernel, || {
            let session = sessions::open(kernel);
            let noted = LoadLog::new(4, clock::instructions).unwrap_or_else(|error| panic!("{error}"));
            let added = session.add_plugin(noted.clone());
            added.unwrap_or_else(|error| panic!("{error}"));
            let refused = sessions::load_file(kernel, &session, "refused_second_missing.gcc-default");
            assert!(refused.is_err());
            drop(refused);
            let module = sessions::load_file(kernel, &session, "formatted_output.gcc-default");
            let module = module.unwrap_or_else(|error| panic!("{error}"));
            let entries = entries_of(&noted);
            let [failed, loaded] = &entries[..] else { panic!("{} entries", entries.len()) };
            assert_eq!((loaded.name.as_str(), loaded.standing), ("formatted_output", Standing::Ready));
            assert_eq!(loaded.statistics, module.statistics());
            assert!(loaded.statistics.content_bytes > 1000 && loaded.statistics.fixups > 10);
            let times = [loaded.until_loaded, loaded.until_emitted, loaded.until_ready];
            let [Some(linked), Some(emitted), Some(ready)] = times else { panic!("{loaded}") };
            assert!(0 < linked && linked < emitted && emitted < ready, "{loaded}");
            assert!(failed.began < loaded.began, "{failed}, {loaded}");
            assert!(matches!(failed.standing, Standing::Failed { .. }), "{failed}");
            assert_eq!(failed.until_loaded, None);
            for entry in &entries {
                log!("{entry}");
            }
            sessions::unload(module);
            assert_eq!(entries_of(&noted)[1].standing, Standing::Unloaded);
        });
    }

    fn a_tracer_counts_the_calls_of_a_function_and_they_arrive(kernel) {
        for flavour in ["gcc-default", "gcc-O2", "clang-default", "clang-O2"] {
            for (program, function, calls) in [
                ("mutual_objects", "is_odd", 11),
                ("mutual_objects", "scale", 1),
                ("mutual_objects", "add", 4),
                ("passed_across_objects", "shift", 1),
                ("passed_across_objects", "scale", 1),
                ("passed_across_objects", "weigh", 1),
            ] {
                let counted = calls_of(kernel, &alloc::format!("{program}.{flavour}"), function);
                assert_eq!(counted, calls, "{function} in {program}.{flavour}");
            }
        }
    }

    fn a_tracer_counts_the_calls_of_what_the_kernel_exports(kernel) {
        for flavour in ["gcc-default", "gcc-O2", "clang-default"] {
            let calls = calls_of(kernel, &alloc::format!("formatted_output.{flavour}"), "snprintf");
            assert_eq!(calls, 11, "{flavour}");
            let calls = calls_of(kernel, &alloc::format!("ends_in_reverse.{flavour}"), "puts");
            assert_eq!(calls, 13, "{flavour}");
        }
    }

    fn a_fault_in_a_static_function_is_told_by_module_function_and_offset(kernel) {
        for flavour in ["gcc-default", "clang-default"] {
            let name = alloc::format!("faults_in_a_static_function.{flavour}");
            let module = programs::load(kernel, &programs::named(kernel, &name));
            let module = module.unwrap_or_else(|error| panic!("{error}"));
            let outcome = programs::call(&module);
            let Outcome::Fault(fault) = outcome else { panic!("{outcome}") };
            let place = report::place_of(&fault).to_string();
            let offset = place.strip_prefix(&alloc::format!("{name}: write_nowhere+0x"));
            let offset = offset.and_then(|offset| u64::from_str_radix(offset, 16).ok());
            assert!(offset.is_some_and(|offset| 0 < offset && offset < 64), "{place}");
            // SAFETY: the call into it has ended.
            unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

fn entries_of(noted: &LoadLog) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    noted.for_each(|entry| entries.push(*entry));
    entries
}

/// How often a function is called, beginning and end of the program included, which must end well.
fn calls_of(kernel: &'static Kernel, program: &str, function: &str) -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    sessions::leaves_no_trace(kernel, || {
        let session = sessions::open(kernel);
        let hook = TargetAddr::new((count_and_forget as *const ()).expose_provenance() as u64);
        let tracer = CallTracer::new(function, hook, COUNT.as_ptr().expose_provenance() as u64);
        let added = tracer.and_then(|tracer| session.add_plugin(tracer));
        added.unwrap_or_else(|error| panic!("{error}"));
        let Program { name, inputs, .. } = programs::named(kernel, program);
        COUNT.store(0, Ordering::Relaxed);
        let module = sessions::load(&session, &name, &inputs);
        let module = module.unwrap_or_else(|error| panic!("{error}"));
        sessions::expect_success(&module);
        sessions::unload(module);
    });
    COUNT.load(Ordering::Relaxed)
}
