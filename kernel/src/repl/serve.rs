//! Lines that are read and answered, until one ends it or there are no more.

use alloc::string::String;
use alloc::vec::Vec;

use ironlink::base::Text;

use super::{Engine, Problem};
use crate::kernel::Kernel;
use crate::protocol::{STATUS_KERNEL_FAILED, STATUS_NOT_LOADED};
use crate::shell::{Editor, Entered, PROMPT, TOO_LONG};
use crate::{console, guard, log};

const GREETING: &str = "Ironlink's compiler: each line is compiled, linked and run; `:help` shows what there is, `:quit` or ctrl-d ends it.\n";

const HELP: &str = "\
fn fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
fn area(a, b) = let c = a * b; c      a function; define it anew, and its callers see that
let x = 5; x = x + 1; x               variables: a function's own, or else of all lines
while x > 0 { x = x - 1 }             + - * / % == != < <= > >= ( )
printf(\"%d, \", x); strlen(\"abc\")     what the kernel and its modules offer
:quit                                 ends the machine
";

/// Links the objects on the disk, if there are any, and serves lines until their end. Gives the exit status.
pub fn run(kernel: &'static Kernel) -> u8 {
    let inputs = &kernel.initrd().inputs;
    if !inputs.is_empty() {
        // SAFETY: whoever starts the machine with these objects trusts them as the kernel. They stay without a handle.
        if let Err(error) = unsafe { kernel.load("disk", inputs) } {
            log!("{error}");
            return STATUS_NOT_LOADED;
        }
    }
    match Engine::new(kernel) {
        Ok(engine) => serve(kernel, engine),
        Err(error) => {
            log!("{}", error.message);
            STATUS_KERNEL_FAILED
        }
    }
}

fn serve(kernel: &Kernel, mut engine: Engine) -> u8 {
    console::write_text(format_args!("{GREETING}"));
    let mut editor = Editor::new(PROMPT);
    loop {
        console::write_text(format_args!("{PROMPT}"));
        match read_line(&mut editor) {
            Entered::Line(line) => match line.trim() {
                ":quit" => return 0,
                ":help" => console::write_text(format_args!("{HELP}")),
                "" => {}
                _ => answer(&line, engine.evaluate(&line)),
            },
            Entered::TooLong => console::write_text(format_args!("{TOO_LONG}\n")),
            Entered::Interrupted => {}
            Entered::EndOfInput => return 0,
        }
        let violations = attempt(|| kernel.audit());
        assert_eq!(violations.unwrap_or(0), 0, "W^X is broken");
    }
}

/// Does what may find the heap used up, as a line can leave it, which is told then.
fn attempt<T>(work: impl FnOnce() -> T) -> Option<T> {
    match guard::run(work) {
        Ok(done) => Some(done),
        Err(outcome) => {
            console::write_text(format_args!("{outcome}\n"));
            None
        }
    }
}

fn read_line(editor: &mut Editor) -> Entered {
    loop {
        let byte = console::receive();
        let entered = attempt(|| {
            let mut echo = String::new();
            let entered = editor.feed(byte, |_| Vec::new(), &mut echo);
            console::write_text(format_args!("{echo}"));
            entered
        });
        if let Some(Some(entered)) = entered {
            return entered;
        }
    }
}

/// Tells what came of a line; what is wrong, below its place.
fn answer(line: &str, answer: Result<Text<200>, Problem>) {
    match answer {
        Ok(answer) => console::write_text(format_args!("{answer}\n")),
        Err(problem) => {
            if let Some(place) = problem.place {
                let column = PROMPT.len() + line[..place].chars().count();
                console::write_text(format_args!("{:column$}^ ", ""));
            }
            console::write_text(format_args!("{}\n", problem.message));
        }
    }
}
