//! Modules that say what they are, made from the kit's templates: when their functions run, what others find of them, and what
//! they must have been built against.

use alloc::string::{String, ToString};
use alloc::vec;

use ironlink::session::{Input, LoadError};
use ironlink_kernel::{Kernel, exports, kernel_test};
use ironlink_tests::notes;
use ironlink_tests::object_file::{ObjectFile, Relocation, Section, Symbol};

use super::modules::this_machine;
use super::sessions;

/// The modules that the templates make, by name and flavour.
pub(crate) const MODULES: [(&str, &str); 3] = [
    ("module_kit_c", "gcc-default"),
    ("module_kit_cxx", "gcc-default"),
    ("module_kit_rust", "rustc-O3"),
];

kernel_test! {
    fn init_runs_after_constructors_and_exit_before_destructors(kernel) {
        for (name, flavour) in MODULES {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open_noting(kernel);
                let module = sessions::load_file(kernel, &session, &alloc::format!("{name}.{flavour}"));
                let module = module.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(notes::take(), alloc::format!("begin {name}: init"));
                let about = session.modules().ok().and_then(|modules| modules[0].about);
                let about = about.expect("it says what it is");
                assert_eq!((about.name.as_str(), about.version.as_str()), (name, "0.1.0"));
                sessions::unload(module);
                assert_eq!(notes::take(), alloc::format!("{name}: exit end"));
            });
        }
    }

    fn an_init_that_says_no_undoes_the_load(kernel) {
        sessions::leaves_no_trace(kernel, || {
            let session = sessions::open_noting(kernel);
            let error = refusal(kernel, &session, "module_kit_failing");
            assert!(matches!(error, LoadError::Initializer { .. }), "{error}");
            assert_eq!(
                error.to_string(),
                "module_kit_failing: the initializer module_kit_failing_init failed: it returned -5; the module is not loaded"
            );
            assert_eq!(notes::take(), "module_kit_failing: init");
        });
    }

    fn other_modules_find_what_a_module_exports_and_nothing_else(kernel) {
        for (name, flavour) in MODULES {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open_noting(kernel);
                let module = sessions::load_file(kernel, &session, &alloc::format!("{name}.{flavour}"));
                let module = module.unwrap_or_else(|error| panic!("{error}"));
                let double = alloc::format!("{name}_double");
                let number = module.function::<unsafe extern "C" fn(i32) -> i32>(&double);
                // SAFETY: it is the template's function.
                let number = number.map(|double| unsafe { double(21) });
                assert_eq!(number, Ok(42));
                assert!(module.address("not_exported").is_none());
                let user = match name {
                    "module_kit_c" => user_of("module_kit_c_double"),
                    "module_kit_cxx" => user_of("module_kit_cxx_double"),
                    _ => user_of("module_kit_rust_double"),
                };
                let user = sessions::load(&session, "user", &[Input::new("user.o", &user)]);
                let user = user.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(session.dependencies(user.id()).as_deref(), Ok(&[module.id()][..]));
                sessions::unload(user);
                let other = user_of("not_exported");
                let other = sessions::load(&session, "other", &[Input::new("other.o", &other)]);
                let error = other.map(|_| ()).expect_err("it is not exported").to_string();
                assert!(error.contains("not_exported"), "{error}");
                sessions::unload(module);
            });
        }
    }

    fn a_module_of_another_interface_is_refused_with_both_hashes_and_the_names_that_changed(kernel) {
        let offered = exports::interface().map(|interface| interface.hash());
        let offered = alloc::format!("{:#018x}", offered.unwrap_or_else(|error| panic!("{error}")));
        for (name, names) in [
            ("module_kit_changed", ": `puts` changed; rebuild"),
            ("module_kit_missing", ": `put_twice` not there; rebuild"),
            ("module_kit_edited", "but what it lists has"),
        ] {
            sessions::leaves_no_trace(kernel, || {
                let session = sessions::open_noting(kernel);
                let error = refusal(kernel, &session, name);
                assert!(matches!(error, LoadError::Interface { .. }), "{error}");
                let text = error.to_string();
                assert!(text.starts_with(name) && text.contains(names) && text.contains(&offered), "{text}");
                let hashes = text.matches("0x").count();
                assert_eq!(hashes, 2, "{text}");
                assert_eq!(notes::take(), "", "nothing of it ran");
            });
        }
    }
}

/// Why a module in C is not loaded.
fn refusal(kernel: &'static Kernel, session: &sessions::OwnSession, name: &str) -> LoadError {
    let object: String = alloc::format!("{name}.gcc-default");
    let loaded = sessions::load_file(kernel, session, &object);
    let error = loaded.map(|_| ()).expect_err("it must be refused");
    assert_eq!(session.statistics().modules, 0);
    error
}

/// An object whose data hold the address of a name that it wants.
fn user_of(name: &'static str) -> vec::Vec<u8> {
    let mut object = ObjectFile::empty(this_machine());
    let kind = object.address_relocation();
    object.sections.push(Section {
        relocations: vec![Relocation {
            offset: 0,
            symbol: 1,
            kind,
            addend: 0,
        }],
        ..Section::data(".data", vec![0; 8])
    });
    object.symbols.push(Symbol::undefined(name));
    object.to_bytes()
}
