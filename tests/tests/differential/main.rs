//! Differential tests: what Ironlink makes of the objects of real programs is what the ABIs say, by a reader that shares
//! nothing with the loader, and what `ld.lld` makes of them at the same addresses.
//!
//! [`verify`] is that reader: it knows where a link put the sections, and recomputes every relocation. It believes the
//! linker no value, only where things are. [`compare`] is the comparison with the link by [`lld`].

mod aarch64;
mod aarch64_relaxed;
mod archives;
mod compare;
mod compiled;
mod elf;
mod far;
mod figures;
mod formula;
mod instructions;
mod labels;
mod linked;
mod lld;
mod map;
mod names;
mod programs;
mod stubs;
mod support;
mod tool;
mod unwind;
mod verifier_checks;
mod verify;
mod x86_64;
mod x86_64_relaxed;

use libtest_mimic::Arguments;
use xtask::machines::MACHINES;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = verifier_checks::trials();
    trials.extend(far::trials());
    for &machine in MACHINES {
        trials.extend(programs::trials(machine));
        trials.extend(archives::trials(machine));
        trials.push(compiled::trial(machine));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        println!("differential: {}", figures::sum());
    }
    conclusion.exit();
}
