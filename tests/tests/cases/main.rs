//! Every case file, each as a test of its own: its objects go through the tool as a shell would call it.

use std::ffi::OsString;
use std::path::Path;
use std::{env, fs};

use libtest_mimic::{Arguments, Failed, Trial};
use xtask::image;
use xtask::machines::MACHINES;
use xtask::toolchain::cases::{self, Case, Run};

fn main() {
    let arguments = Arguments::from_args();
    // Errors name objects as the command line does: the shorter the better.
    let folder = image::work_folder().join("cases");
    fs::create_dir_all(&folder)
        .and_then(|()| env::set_current_dir(&folder))
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let trials = MACHINES.iter().flat_map(|&machine| {
        let cases = cases::all(machine).unwrap_or_else(|error| panic!("{error:#}"));
        cases.into_iter().map(trial)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn trial(case: Case) -> Trial {
    let name = format!("{}::{}", case.machine.name, case.name);
    Trial::test(name, move || {
        let runs = case.runs.iter().enumerate();
        let failures: Vec<String> = runs
            .filter_map(|(number, run)| judge(&case, number, run).err())
            .collect();
        if failures.is_empty() {
            Ok(())
        } else {
            Err(Failed::from(failures.join("\n")))
        }
    })
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

/// Calls the tool for one run of a case; says what didn't come of it as it must.
fn judge(case: &Case, number: usize, run: &Run) -> Result<(), String> {
    let mut arguments: Vec<OsString> = run.options.iter().map(OsString::from).collect();
    let says = |option: &str| run.options.iter().any(|said| said == option);
    if says("-noexec") && !says("-slab-address") {
        arguments.extend(PLACE.map(OsString::from));
    }
    if !run.checks.is_empty() {
        let name = format!("{}.{}.{number}.checks", case.machine.name, case.name);
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
    let folder = image::work_folder().join("cases");
    let objects = case.objects.iter();
    arguments.extend(objects.map(|object| object.strip_prefix(&folder).unwrap_or(object).into()));
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = ironlink::cli::run(&arguments, &mut stdout, &mut stderr);
    let (stdout, stderr) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    let said = || {
        let options = run.options.join(" ");
        format!("{options}\n{stdout}{stderr}")
    };
    if status != run.status {
        return Err(format!(
            "status {status} instead of {}: {}",
            run.status,
            said()
        ));
    }
    let missing = |wanted: &[String], text: &str| {
        let is_there = |part: &str| text.lines().any(|line| line.contains(part));
        wanted.iter().find(|part| !is_there(part)).cloned()
    };
    let missing = missing(&run.outputs, &stdout).or_else(|| missing(&run.failures, &stderr));
    match missing {
        Some(part) => Err(format!("no line has `{part}`: {}", said())),
        None => Ok(()),
    }
}
