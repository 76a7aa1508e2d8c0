//! What Cranelift compiles through the loader's own floor of compilers: linked as other compilers' objects are.

#[path = "../host/compiled/objects.rs"]
#[expect(dead_code, reason = "the tests that run them need more of it")]
mod objects;

use crate::programs;
use ironlink::base;
use libtest_mimic::Trial;
use std::fs;
use xtask::machines::Machine;

/// A test of all functions, compiled in every way.
pub(crate) fn trial(machine: &'static Machine) -> Trial {
    let name = format!("{}::compiled", machine.name);
    let compiled_for = match machine.name {
        "x86_64" => base::Machine::X86_64,
        _ => base::Machine::Aarch64,
    };
    Trial::test(name.clone(), move || {
        let directory = programs::directory(&name);
        let mut failures = Vec::new();
        for (way, settings) in objects::WAYS {
            let compiler = objects::compiler(compiled_for, settings);
            let (bytes, _) = objects::object(&compiler, false);
            let path = directory.join(format!("{way}.o"));
            fs::write(&path, bytes).unwrap();
            failures.extend(programs::check(&[path], true, &directory));
        }
        programs::finish(failures)
    })
}
