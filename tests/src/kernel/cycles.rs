//! Ten thousand loads and unloads: nothing grows, and nothing is lost.

use ironlink::session::Input;
use ironlink_kernel::{clock, kernel_test, log};
use ironlink_tests::notes;
use ironlink_tests::object_file::ObjectFile;

use super::modules::this_machine;
use super::sessions::{self, OwnSession};
use super::snapshot::Snapshot;

/// How often each is loaded: a small object, a C++ program whose objects have constructors and destructors, and a module with
/// init and exit function.
const ROUNDS: [usize; 3] = [9_000, 700, 300];

kernel_test! {
    fn ten_thousand_loads_and_unloads_leave_all_as_it_was(kernel) {
        assert_eq!(ROUNDS.iter().sum::<usize>(), 10_000);
        sessions::leaves_no_trace(kernel, || {
            let session = sessions::open_noting(kernel);
            let small = ObjectFile::good(this_machine()).to_bytes();
            let small = [Input::new("small.o", &small)];
            let round = |kind: usize| match kind {
                0 => cycle(&session, &small, ["", ""]),
                1 => cycle(
                    &session,
                    &[sessions::file(kernel, "ends_of_objects.gcc-O2.o")],
                    ["early first second", "~second ~first ~early end"],
                ),
                _ => cycle(
                    &session,
                    &[sessions::file(kernel, "module_kit_c.gcc-default.o")],
                    ["begin module_kit_c: init", "module_kit_c: exit end"],
                ),
            };
            // The session's tables grow with the first.
            (0..3).for_each(round);
            let (before, known) = (Snapshot::of(kernel), session.statistics());
            let start = clock::nanoseconds();
            // Mixed: after each so many small ones comes one of each of the others.
            for number in 0..ROUNDS[0] {
                round(0);
                for kind in [1, 2] {
                    let due = |number: usize| number * ROUNDS[kind] / ROUNDS[0];
                    (due(number)..due(number + 1)).for_each(|_| round(kind));
                }
            }
            let seconds = (clock::nanoseconds() - start) / 1_000_000_000;
            log!("10000 loads and unloads in {seconds} s");
            assert_eq!(session.statistics(), known);
            before.assert_same_now(kernel);
        });
    }
}

/// Loads and unloads a module, which says this at its beginning and that at its end.
fn cycle(session: &OwnSession, inputs: &[Input<'_>], says: [&str; 2]) {
    let module = sessions::load(session, "cycle", inputs);
    let module = module.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(notes::take(), says[0]);
    sessions::unload(module);
    assert_eq!(notes::take(), says[1]);
}
