//! The memory that lines of the REPL leave.

use ironlink::base::Text;
use ironlink::memory::paging::FrameUse;
use ironlink_kernel::repl::{Engine, Problem};
use ironlink_kernel::{Kernel, heap};

/// A function that is redefined, a line that is run, and lines that fail when they are read, and when they are run.
const LINES: [&str; 6] = [
    "fn rate(n) = if n > 5 { n * 2 } else { n / 3 }",
    "let z = rate(z) + strlen(\"text\")",
    "let new = z + $",
    "fn broken(n) = rate(n) + broken()",
    "let new = 1; let newer = new / 0",
    "rate(1, 2)",
];

/// Evaluates lines again and again, which leave nothing once all has settled.
pub(super) fn leaves_nothing(kernel: &'static Kernel) {
    let mut engine = Engine::new(kernel).unwrap_or_else(|problem| panic!("{problem:?}"));
    let mut rounds = |count| {
        for _ in 0..count {
            let outcomes = LINES.map(|line| engine.evaluate(line).is_ok());
            assert_eq!(outcomes, [true, true, false, false, false, false]);
        }
        [
            kernel.session().statistics().modules as u64,
            kernel.space().statistics().page_frames,
            heap::statistics().used_bytes as u64,
        ]
    };
    let settled = rounds(60);
    assert_eq!(rounds(60), settled);
    is_unknown(&mut engine, "new");
    // Nor do lines that can't be linked.
    let frames = kernel.frames();
    frames.set_allowance(FrameUse::Page, Some(0));
    let outcomes = ["fn rate(n) = 1", "let lost = 1"].map(|line| engine.evaluate(line).is_ok());
    frames.set_allowance(FrameUse::Page, None);
    assert_eq!(outcomes, [false, false]);
    assert_eq!(engine.evaluate("rate(6)"), Ok(Text::display(12)));
    is_unknown(&mut engine, "lost");
}

fn is_unknown(engine: &mut Engine, variable: &str) {
    let problem: Problem = engine.evaluate(variable).unwrap_err();
    assert_eq!(problem.place, Some(0), "{}", problem.message);
}
