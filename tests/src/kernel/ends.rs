//! What runs at modules' ends: destructors, in the reverse of what ran at their beginnings, and what goes wrong there.

use alloc::string::ToString;

use ironlink::session::{LoadError, UnloadError};
use ironlink_kernel::{kernel_test, program};
use ironlink_tests::{lives, notes};

use super::sessions;

kernel_test! {
    fn destructors_run_in_reverse_once_the_module_goes(kernel) {
        for flavour in ["gcc-default", "gcc-O2", "clang-default"] {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open_noting(kernel);
                let name = alloc::format!("ends_in_reverse.{flavour}");
                let module = sessions::load_file(kernel, &session, &name);
                let module = module.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(notes::take(), "begin_101 begin_200 begin");
                sessions::expect_success(&module);
                assert_eq!(notes::take(), "main at_exit_of_second at_exit");
                sessions::unload(module);
                let ends = notes::take();
                assert!(lives::ENDS_IN_REVERSE.contains(&ends.as_str()), "{flavour}: {ends}");
            });
        }
    }

    fn destructors_of_objects_run_as_main_ends_or_else_as_the_module_goes(kernel) {
        for flavour in ["gcc-default", "gcc-O2", "clang-default"] {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open_noting(kernel);
                let name = alloc::format!("ends_of_objects.{flavour}");
                for is_called in [true, false] {
                    let module = sessions::load_file(kernel, &session, &name);
                    let module = module.unwrap_or_else(|error| panic!("{error}"));
                    assert_eq!(notes::take(), "early first second");
                    if is_called {
                        sessions::expect_success(&module);
                        assert_eq!(notes::take(), "local main at_exit ~local ~second ~first ~early");
                    }
                    sessions::unload(module);
                    let at_end = if is_called { "end" } else { "~second ~first ~early end" };
                    assert_eq!(notes::take(), at_end, "{flavour}");
                }
            });
        }
    }

    fn an_initializer_that_fails_in_the_middle_is_followed_by_the_ends_of_those_before_it(kernel) {
        for flavour in ["gcc-default", "clang-default"] {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open_noting(kernel);
                let name = alloc::format!("module_failing_start.{flavour}");
                let loaded = sessions::load_file(kernel, &session, &name);
                let error = loaded.map(|_| ()).expect_err("an initializer faults");
                assert!(matches!(error, LoadError::Initializer { .. }), "{error}");
                assert!(error.to_string().contains("the initializer begin_103 failed"), "{error}");
                assert_eq!(notes::take(), "begin_101 begin_102 end_102 end_101");
                assert!(program::take_unreturned().is_some());
                assert_eq!(session.statistics().modules, 0);
            });
        }
    }

    fn destructors_that_fault_are_told_and_the_others_run_and_the_module_is_gone(kernel) {
        for flavour in ["gcc-default", "clang-default"] {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open_noting(kernel);
                let name = alloc::format!("module_failing_end.{flavour}");
                let module = sessions::load_file(kernel, &session, &name);
                let module = module.unwrap_or_else(|error| panic!("{error}"));
                // SAFETY: its functions fault in guarded calls.
                let error = unsafe { module.unload() }.expect_err("a destructor faults");
                assert!(matches!(error, UnloadError::Finalizer { .. }), "{error}");
                let text = error.to_string();
                assert!(text.starts_with("module_failing_end is unloaded, but its finalizer at "), "{text}");
                assert!(text.contains("write"), "{text}");
                assert_eq!(notes::take(), "at_exit end_103 end_101");
                assert!(session.module_named("module_failing_end").is_none());
                assert!(program::take_unreturned().is_some());
            });
        }
    }
}
