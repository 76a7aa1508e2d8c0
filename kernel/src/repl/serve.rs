//! Lines that are read and answered, until one ends it or there are no more.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::{array, fmt};

use ironlink::base::int;
use ironlink::session::Input;

use super::Problem;
use super::engine::Engine;
use super::words::KEYWORDS;
use crate::kernel::Kernel;
use crate::protocol::{STATUS_KERNEL_FAILED, STATUS_NOT_LOADED};
use crate::shell::{Editor, Entered, PROMPT, TOO_LONG};
use crate::{clock, console, heap, log};

const GREETING: &str = "Ironlink's compiler: each line is compiled, linked and run; `:help` shows what there is, `:quit` or ctrl-d ends it.\n";

const HELP: &str = "\
fn fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)
fn area(a, b) { let c = a * b; c }    functions; define one anew, and its callers see that
fn odd(n)                             one that is defined later
let x = 5; x = x + 1; x               variables; the value of an expression is shown
while x > 0 { x = x - 1 }             if x { ... } else { ... }; + - * / % == != < <= > >= && || !
printf(\"%d\\n\", 'A'); strlen(\"abc\")    whatever the kernel and its modules offer; up to 6 words
int(f(x))                             what a module's f gives, if that is an int: it may be negative then
:list                                 what was defined
:memory                               what is in use
:repeat N LINE                        a line done so often, and what the second half of that left in memory
:quit                                 ends the machine
";

/// What can be typed beside lines of the language.
const COMMANDS: [&str; 5] = [":help", ":list", ":memory", ":quit", ":repeat"];

/// The most that a line is repeated.
const MOST_TIMES: u32 = 1_000_000;

/// Links the objects on the disk, if there are any, and serves lines until their end. Gives the exit status.
pub fn run(kernel: &'static Kernel) -> u8 {
    let disk = kernel.initrd();
    let mut inputs: Vec<Input<'_>> = disk.objects().collect();
    if !inputs.is_empty() {
        inputs.extend(disk.archives());
        // SAFETY: whoever starts the machine with these objects trusts them as the kernel.
        match unsafe { kernel.load("disk", &inputs) } {
            // It stays without a handle.
            Ok(module) => drop(module),
            Err(error) => {
                log!("{error}");
                return STATUS_NOT_LOADED;
            }
        }
    }
    match Engine::new(kernel) {
        Ok(engine) => {
            send(format_args!("{GREETING}"));
            serve(kernel, engine);
            0
        }
        Err(error) => {
            log!("{}", error.message);
            STATUS_KERNEL_FAILED
        }
    }
}

fn serve(kernel: &'static Kernel, mut engine: Engine) {
    let mut editor = Editor::new(PROMPT);
    loop {
        send(format_args!("{}", editor.prompt()));
        match read_line(&engine, &mut editor) {
            Entered::Line(line) if line.trim() == ":quit" => return,
            Entered::Line(line) => answer(kernel, &mut engine, &line),
            Entered::TooLong => send(format_args!("{TOO_LONG}\n")),
            Entered::Interrupted => {}
            Entered::EndOfInput => return,
        }
        let violations = kernel.audit();
        if violations > 0 {
            send(format_args!(
                "W^X is broken in {violations} places, told above; this is an error of the linker or the kernel\n"
            ));
        }
    }
}

fn read_line(engine: &Engine, editor: &mut Editor) -> Entered {
    let words = || engine.names().chain(KEYWORDS).chain(COMMANDS);
    let candidates = |_: &str| words().map(String::from).collect();
    loop {
        let byte = console::receive();
        let mut echo = String::new();
        let entered = editor.feed(byte, candidates, &mut echo);
        if !echo.is_empty() {
            send(format_args!("{echo}"));
        }
        if let Some(entered) = entered {
            return entered;
        }
    }
}

/// Does what a line says, and tells what came of it.
fn answer(kernel: &Kernel, engine: &mut Engine, typed: &str) {
    let line = typed.trim();
    let Some(command) = line.strip_prefix(':') else {
        return tell(typed, line, engine.evaluate(line));
    };
    let (word, rest) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    match (word, rest.trim()) {
        ("help", "") => send(format_args!("{HELP}")),
        ("list", "") => list(engine),
        ("memory", "") => {
            let [modules, pages, heap] = in_use(kernel);
            let most = heap::statistics().peak_bytes;
            send(format_args!(
                "{modules} modules, {pages} pages, {heap} bytes of the heap, at most {most}\n"
            ));
        }
        ("repeat", rest) => match times_and_line(rest) {
            Some((times, line)) => repeat(kernel, engine, typed, times, line),
            None => send(format_args!(
                "usage: :repeat N LINE, with N from 1 to {MOST_TIMES}\n"
            )),
        },
        _ => send(format_args!(
            "there is no command `:{command}`; `:help` shows those that there are\n"
        )),
    }
}

/// Tells what came of a line, which is the last part of what was typed.
fn tell(typed: &str, line: &str, answer: Result<Option<String>, Problem>) {
    let problem = match answer {
        Ok(None) => return,
        Ok(Some(answer)) => return send(format_args!("{answer}\n")),
        Err(problem) => problem,
    };
    let indent = PROMPT.len();
    let before = match &problem.source {
        Some(source) => {
            send(format_args!("{:indent$}{source}\n", ""));
            indent
        }
        // The line stands above, behind the prompt.
        None => indent + typed.trim_end().chars().count() - line.chars().count(),
    };
    if let Some(column) = problem.column {
        send(format_args!("{:width$}^ ", "", width = before + column));
    }
    send(format_args!("{}\n", problem.message));
}

fn list(engine: &Engine) {
    for source in engine.functions() {
        send(format_args!("{source}\n"));
    }
    for (name, value) in engine.variables() {
        send(format_args!("{name} = {value}\n"));
    }
}

fn times_and_line(text: &str) -> Option<(u32, &str)> {
    let (times, line) = text.split_once(char::is_whitespace)?;
    let times = times.parse().ok()?;
    (1..=MOST_TIMES)
        .contains(&times)
        .then_some((times, line.trim_start()))
}

/// Does a line again and again, and tells what that left in memory after the first half, by which all has settled.
fn repeat(kernel: &Kernel, engine: &mut Engine, typed: &str, times: u32, line: &str) {
    let start = clock::nanoseconds();
    let mut answer = Ok(None);
    let mut before = in_use(kernel);
    for time in 0..times {
        if time == times.div_ceil(2) {
            before = in_use(kernel);
        }
        answer = engine.evaluate(line);
        if answer.is_err() {
            return tell(typed, line, answer);
        }
    }
    let nanoseconds = (clock::nanoseconds() - start) / u64::from(times);
    let after = in_use(kernel);
    tell(typed, line, answer);
    let left = array::from_fn(|of| after[of].wrapping_sub(before[of]).cast_signed());
    let [modules, pages, heap]: [i64; 3] = left;
    send(format_args!(
        "{times} times, {} us each; left: {modules} modules, {pages} pages, {heap} bytes of the heap\n",
        nanoseconds / 1000
    ));
}

/// How many modules, pages, and bytes of the heap are in use.
fn in_use(kernel: &Kernel) -> [u64; 3] {
    [
        int::from_usize(kernel.session().statistics().modules),
        kernel.space().statistics().page_frames,
        int::from_usize(heap::statistics().used_bytes),
    ]
}

fn send(text: fmt::Arguments<'_>) {
    console::write_output(format!("{text}").as_bytes());
}
