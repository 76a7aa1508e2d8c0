//! Every case file, each as a test of its own: its objects go through the tool as a shell would call it.

use std::ffi::OsString;
use std::path::Path;
use std::{env, fs};

use libtest_mimic::{Arguments, Failed, Trial};
use xtask::machines::MACHINES;
use xtask::toolchain::cases::{self, Case, Run};

fn main() {
    let arguments = Arguments::from_args();
    // Errors name objects as the command line does: the shorter the better.
    let folder = cases::folder();
    fs::create_dir_all(&folder)
        .and_then(|()| env::set_current_dir(&folder))
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut trials: Vec<Trial> = Vec::new();
    for &machine in MACHINES {
        let cases = cases::all(machine).unwrap_or_else(|error| panic!("{error:#}"));
        trials.extend(false_claims(&cases));
        trials.extend(cases.into_iter().map(trial));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(case: Case) -> Trial {
    let name = format!("{}::{}", case.machine.name, case.name);
    Trial::test(name, move || {
        let runs = case.runs.iter().enumerate();
        let failures: Vec<String> = runs
            .filter_map(|(number, run)| judge(&case, &number.to_string(), run).err())
            .collect();
        if failures.is_empty() {
            Ok(())
        } else {
            Err(Failed::from(failures.join("\n")))
        }
    })
}

/// Runs of a case that holds, each with one claim that does not: all must be found out.
fn false_claims(cases: &[Case]) -> Option<Trial> {
    let case = cases.iter().find(|case| case.name == "absolute_symbols")?;
    let run = case.runs.first()?.clone();
    let name = format!("{}::no_false_claim_holds", case.machine.name);
    let mut liars = vec![run.clone(); 7];
    liars[0].checks.push("pointer = 0x1239".to_owned());
    liars[1].checks.push("pointer =".to_owned());
    liars[2].checks.push("*{8}absent = 0x1238".to_owned());
    liars[3].outputs.push("nobody writes this".to_owned());
    liars[4].status = 1;
    liars[5].failures.push("all is well".to_owned());
    liars[6].options.push("-show-addrs".to_owned());
    liars[6].absent.push("\"pointer\"".to_owned());
    let case = case.clone();
    let trial = Trial::test(name, move || {
        let runs = liars.iter().enumerate();
        let mut believed = runs.filter(|(number, run)| {
            let label = format!("false.{number}");
            judge(&case, &label, run).is_ok()
        });
        match believed.next() {
            Some((_, run)) => Err(Failed::from(format!("{run:?} is believed"))),
            None => Ok(()),
        }
    });
    Some(trial)
}

/// Where a case is linked that doesn't say it itself.
const PLACE: [&str; 6] = [
    "-slab-allocate",
    "1Mb",
    "-slab-address",
    "0x10000000",
    "-slab-page-size",
    "4096",
];

/// Calls the tool for one run of a case, which has this label; says what didn't come of it as it must.
fn judge(case: &Case, label: &str, run: &Run) -> Result<(), String> {
    let (own, _) = split(&run.options);
    let is_run = !says(own, "-noexec") && !says(own, "-explain");
    if is_run && case.machine.name != env::consts::ARCH {
        return Ok(());
    }
    let (status, stdout, stderr) = call(&arguments(case, label, run)?);
    let said = || {
        let options = run.options.join(" ");
        format!("{options}\n{stdout}{stderr}")
    };
    if status != run.status {
        let wanted = run.status;
        return Err(format!("status {status} instead of {wanted}: {}", said()));
    }
    let has = |text: &str, part: &str| text.lines().any(|line| line.contains(part));
    let outputs = run.outputs.iter().map(|part| (stdout.clone(), part));
    let failures = run.failures.iter().map(|part| (stderr.clone(), part));
    if let Some(part) = run.absent.iter().find(|part| has(&stdout, part)) {
        return Err(format!("a line has `{part}`: {}", said()));
    }
    let mut all = outputs.chain(failures);
    match all.find(|(text, part)| !has(text, part)) {
        Some((_, part)) => Err(format!("no line has `{part}`: {}", said())),
        None => Ok(()),
    }
}

/// What the tool is called with.
fn arguments(case: &Case, label: &str, run: &Run) -> Result<Vec<OsString>, String> {
    let (own, program) = split(&run.options);
    let mut arguments: Vec<OsString> = own.iter().map(OsString::from).collect();
    if says(own, "-noexec") && !run.is_anywhere && !says(own, "-slab-address") {
        arguments.extend(PLACE.map(OsString::from));
    }
    if !run.checks.is_empty() {
        let name = format!("{}.{}.{label}.checks", case.machine.name, case.name);
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let rules: String = run
            .checks
            .iter()
            .map(|rule| format!("# CHECK: {rule}\n"))
            .collect();
        fs::write(&file, rules).map_err(|error| error.to_string())?;
        arguments.extend(["-check-name", "CHECK", "-check"].map(OsString::from));
        arguments.push(file.into());
    }
    let folder = cases::folder();
    let files = case.files.iter();
    let files = files.map(|file| file.strip_prefix(&folder).unwrap_or(file));
    arguments.extend(
        files
            .filter(|file| !run.names(file))
            .map(|file| file.as_os_str().to_owned()),
    );
    arguments.extend(program.iter().map(OsString::from));
    Ok(arguments)
}

/// The tool's own options, and what is the program's.
fn split(options: &[String]) -> (&[String], &[String]) {
    let own = options.iter().take_while(|option| *option != "-args");
    options.split_at(own.count())
}

fn says(options: &[String], option: &str) -> bool {
    options.iter().any(|said| said == option)
}

/// The status, the output and the errors of the tool.
fn call(arguments: &[OsString]) -> (u8, String, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = ironlink::cli::run(arguments, &mut stdout, &mut stderr);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status, text(stdout), text(stderr))
}
