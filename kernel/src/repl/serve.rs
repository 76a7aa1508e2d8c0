//! Lines that are read and answered, until one ends it or there are no more.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ironlink::session::Input;

use super::Problem;
use super::engine::{Answer, Counts, Engine, Failure};
use crate::kernel::Kernel;
use crate::protocol::{STATUS_KERNEL_FAILED, STATUS_NOT_LOADED};
use crate::shell::{Editor, Entered, PROMPT};
use crate::{clock, console, log};

const GREETING: &str = "Ironlink's compiler: each line is compiled, linked and run; `:help` shows what there is, `:quit` or ctrl-d ends it.\n";

const HELP: &str = "\
fn fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)
fn area(a, b) { let c = a * b; c }    functions; define one anew, and its callers see that
fn odd(n)                             one that is defined later
let x = 5; x = x + 1; x               variables; the value of an expression is shown
while x > 0 { x = x - 1 }             if x { ... } else { ... }; + - * / % == != < <= > >= && || !
printf(\"%d\\n\", 'A'); strlen(\"abc\")    whatever the kernel and its modules offer; up to 6 words
:list                                 what was defined
:memory                               what is in use
:repeat N LINE                        a line done so often, and what the second half of that left in memory
:quit                                 ends the machine
";

/// What can be typed beside lines of the language, and keywords.
const WORDS: [&str; 11] = [
    ":help", ":list", ":memory", ":quit", ":repeat", "else", "fn", "if", "let", "then", "while",
];

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
            log!("{error}");
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
            Entered::Line(line) => answer(&mut engine, &line),
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
    let candidates = |_: &str| engine.names().chain(WORDS).map(String::from).collect();
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
fn answer(engine: &mut Engine, line: &str) {
    let Some(command) = line.trim().strip_prefix(':') else {
        let answer = engine.evaluate(line);
        return tell(answer, line);
    };
    let (word, rest) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    match (word, rest.trim()) {
        ("help", "") => send(format_args!("{HELP}")),
        ("list", "") => list(engine),
        ("memory", "") => send(format_args!("{}\n", InUse(engine.counts()))),
        ("repeat", rest) => match times_and_line(rest) {
            Some((times, rest)) => repeat(engine, times, rest),
            None => send(format_args!(
                "usage: :repeat N LINE, with N from 1 to {MOST_TIMES}\n"
            )),
        },
        _ => send(format_args!(
            "there is no command `:{command}`; `:help` shows those that there are\n"
        )),
    }
}

fn tell(answer: Result<Answer, Failure>, line: &str) {
    match answer {
        Ok(Answer::Nothing) => {}
        Ok(Answer::Value(value)) => send(format_args!("{value}\n")),
        Ok(Answer::Defined { name, size_bytes }) => {
            send(format_args!("{name}: {size_bytes} bytes of code\n"))
        }
        Ok(Answer::Declared { name }) => send(format_args!("{name}: declared\n")),
        // The line stands above, behind the prompt.
        Err(Failure::Line(problem)) => send(format_args!(
            "{}\n",
            Mark {
                problem: &problem,
                line
            }
        )),
        Err(Failure::Function { source, problem }) => {
            let mark = Mark {
                problem: &problem,
                line: &source,
            };
            send(format_args!(
                "{:width$}{source}\n{mark}\n",
                "",
                width = PROMPT.len()
            ));
        }
        Err(Failure::Because(reason)) => send(format_args!("{reason}\n")),
    }
}

fn list(engine: &Engine) {
    for function in engine.functions() {
        send(format_args!("{}\n", function.source));
    }
    for (name, value) in engine.variables() {
        send(format_args!("let {name} = {value}\n"));
    }
}

fn times_and_line(text: &str) -> Option<(u32, &str)> {
    let (times, line) = text.split_once(char::is_whitespace)?;
    let times = times.parse().ok()?;
    (1..=MOST_TIMES).contains(&times).then_some((times, line))
}

/// Does a line so often, and tells what the second half of that left in memory: the first has all in place that stays.
fn repeat(engine: &mut Engine, times: u32, line: &str) {
    let start = clock::nanoseconds();
    let mut answer = Ok(Answer::Nothing);
    let mut before = engine.counts();
    for time in 0..times {
        if time == times.div_ceil(2) {
            before = engine.counts();
        }
        answer = engine.evaluate(line);
        if answer.is_err() {
            return tell(answer, line);
        }
    }
    let nanoseconds = (clock::nanoseconds() - start) / u64::from(times);
    let after = engine.counts();
    tell(answer, line);
    let left = |before: usize, after: usize| after.wrapping_sub(before).cast_signed();
    send(format_args!(
        "{times} times, {} us each; left: {} modules, {} pages, {} bytes of the heap\n",
        nanoseconds / 1000,
        left(before.modules, after.modules),
        after
            .page_frames
            .wrapping_sub(before.page_frames)
            .cast_signed(),
        left(before.heap_bytes, after.heap_bytes)
    ));
}

/// What is in use, as it is shown.
struct InUse(Counts);

impl fmt::Display for InUse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            modules,
            page_frames,
            heap_bytes,
            most_heap_bytes,
        } = self.0;
        write!(
            formatter,
            "{modules} modules, {page_frames} pages, {heap_bytes} bytes of the heap, at most {most_heap_bytes}"
        )
    }
}

/// Marks the place of a problem below its line.
struct Mark<'m> {
    problem: &'m Problem,
    line: &'m str,
}

impl fmt::Display for Mark<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.problem.column.min(self.line.chars().count());
        let width = PROMPT.len() + column;
        write!(formatter, "{:width$}^ {}", "", self.problem.message)
    }
}

fn send(text: fmt::Arguments<'_>) {
    console::write_output(format!("{text}").as_bytes());
}
