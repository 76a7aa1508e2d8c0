//! Bad objects in the kernel: each gets its error, and frames, slab, window and symbols are exactly as before.

use alloc::string::ToString;

use ironlink::session::{Input, LoadError};
use ironlink_kernel::{Kernel, kernel_test};
use ironlink_tests::bad_objects::{self, BAD_OBJECTS};
use ironlink_tests::object_file::ObjectFile;

use super::modules::this_machine;
use super::programs;
use super::snapshot::Snapshot;

kernel_test! {
    fn each_bad_object_gets_its_own_error(kernel) {
        for bad in BAD_OBJECTS {
            let bytes = (bad.bytes)(this_machine());
            let error = load(kernel, &[Input::new(bad_objects::NAME, &bytes)]);
            let Err(error) = error else { panic!("{} loads", bad.name) };
            assert!((bad.is_its_error)(&error), "{}: {error}", bad.name);
            let text = error.to_string();
            for words in [bad_objects::NAME].iter().chain(bad.says) {
                assert!(text.contains(words), "{}: no `{words}` in: {text}", bad.name);
            }
        }
    }

    fn two_strong_definitions_are_refused_by_both_names(kernel) {
        let bytes = ObjectFile::good(this_machine()).to_bytes();
        let inputs = [Input::new("one.o", &bytes ), Input::new("two.o", &bytes)];
        let text = load(kernel, &inputs).map_err(|error| error.to_string());
        let text = text.expect_err("both define `main`");
        assert!(["one.o", "two.o", "main"].iter().all(|words| text.contains(words)), "{text}");
    }

    fn an_object_cut_at_any_length_is_refused(kernel) {
        let good = ObjectFile::good(this_machine()).to_bytes();
        let program = programs::named(kernel, "hello.gcc-default");
        let object = program.inputs.iter().find(|input| input.name.ends_with(".o"));
        for bytes in [&good[..], object.expect("it has an object").bytes] {
            for length in 0..bytes.len() {
                let cut = [Input::new("cut.o", &bytes[..length])];
                assert!(load(kernel, &cut).is_err(), "{length} of {} bytes load", bytes.len());
            }
        }
    }

    fn one_flipped_bit_never_panics_and_never_leaks(kernel) {
        let mut bytes = ObjectFile::good(this_machine()).to_bytes();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            // Most flips make another good object.
            let _ = load(kernel, &[Input::new("flipped.o", &bytes)]);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// Loads, unloads what loaded, and sees that all is as before.
fn load(kernel: &'static Kernel, inputs: &[Input<'_>]) -> Result<(), LoadError> {
    let before = Snapshot::of(kernel);
    // SAFETY: without initializers, nothing of it runs.
    let loaded = unsafe { kernel.session().load_all("bad", inputs) };
    let outcome = loaded.map(|module| {
        // SAFETY: nothing of it ever ran.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    });
    if let Err(LoadError::Link { .. }) = outcome {
        // An error of missing names owns their list.
        before.assert_same_but_heap_now(kernel);
    } else {
        before.assert_same_now(kernel);
    }
    outcome
}
