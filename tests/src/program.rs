//! Programs of the corpus as their objects' names tell them, and what each must do.
//!
//! An object is called `PROGRAM.FLAVOUR.o` or `PROGRAM.PART.FLAVOUR.o`, and an archive of one program alone
//! `PROGRAM.PART.FLAVOUR.a` or `….rlib`; other archives are for all. What is called `module_X` is no program, but for tests of
//! its own.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use ironlink::session::Input;

/// What a program must do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected<'a> {
    /// Load, and end with this status.
    Status(i32),
    /// Load, and be ended by the kernel for what it does.
    Fault,
    /// Not load; the error says this.
    Refused(&'a str),
}

/// Objects that make one module.
#[derive(Clone, Debug)]
pub struct Program<'a> {
    /// Program and flavour, as in `hello.gcc-default`.
    pub name: String,
    /// The program's own name.
    pub program: &'a str,
    /// Its objects, and the archives that give what they miss.
    pub inputs: Vec<Input<'a>>,
}

impl<'a> Program<'a> {
    /// All programs that `files` make, in the order of their names.
    pub fn all_in(files: &[Input<'a>]) -> Vec<Self> {
        let mut programs: BTreeMap<String, Self> = BTreeMap::new();
        for file in files {
            let Some((program, flavour)) = program_and_flavour(file.name) else {
                continue;
            };
            let name = format!("{program}.{flavour}");
            let entry = programs.entry(name.clone());
            let program = entry.or_insert_with(|| Self {
                name,
                program,
                inputs: archives_for(program, flavour, files),
            });
            program.inputs.push(*file);
        }
        programs.into_values().collect()
    }

    /// The archives that give what its objects miss.
    pub fn archives(&self) -> impl Iterator<Item = &Input<'a>> {
        self.inputs.iter().filter(|input| !is_object(input))
    }

    /// Its objects with the names of their parts; empty ones, if there is one object alone.
    pub fn parts(&self) -> impl Iterator<Item = (&'a str, &Input<'a>)> {
        let objects = self.inputs.iter().filter(|input| is_object(input));
        objects.map(|input| (part(input.name).unwrap_or_default(), input))
    }

    /// What the program must do, as its name says.
    pub fn expected(&self) -> Expected<'a> {
        if let Some(culprit) = self.program.strip_prefix("refused_") {
            return Expected::Refused(culprit);
        }
        if self.program.starts_with("faults_") {
            return Expected::Fault;
        }
        let status = self.program.strip_prefix("exits_").and_then(|rest| {
            let (number, _) = rest.split_once('_')?;
            number.parse().ok()
        });
        Expected::Status(status.unwrap_or(0))
    }
}

fn is_object(file: &Input<'_>) -> bool {
    file.name.ends_with(".o")
}

/// The part of an object's name that says which part of a program it is.
fn part(file: &str) -> Option<&str> {
    let (front, _flavour) = file.strip_suffix(".o")?.rsplit_once('.')?;
    Some(front.split_once('.')?.1)
}

/// The parts of the name of a program's file; `None` if it is no program's.
fn program_and_flavour(file: &str) -> Option<(&str, &str)> {
    let (stem, _) = file.rsplit_once('.')?;
    let (front, flavour) = stem.rsplit_once('.')?;
    let program = front.split('.').next()?;
    (!program.starts_with("module_")).then_some((program, flavour))
}

/// What the compilers of a program's objects would have linked it with: C's helpers, or all that Rust needs.
fn archives_for<'a>(program: &str, flavour: &str, files: &[Input<'a>]) -> Vec<Input<'a>> {
    let is_archive = |file: &&Input<'a>| {
        let is_named_so = file.name.ends_with(".a") || file.name.ends_with(".rlib");
        is_named_so && program_and_flavour(file.name).is_none()
    };
    let wants_all = program.starts_with("mixed_");
    let is_of_rust = |file: &Input<'a>| file.name != "libgcc.a";
    let wants_rust = flavour.starts_with("rustc");
    files
        .iter()
        .filter(is_archive)
        .filter(|file| wants_all || is_of_rust(file) == wants_rust)
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Expected, Program};
    use alloc::vec::Vec;
    use ironlink::session::Input;

    fn programs(names: &[&'static str]) -> Vec<Program<'static>> {
        let files: Vec<Input<'static>> = names.iter().map(|&name| Input::new(name, &[])).collect();
        Program::all_in(&files)
    }

    fn names<'a>(program: &Program<'a>) -> Vec<&'a str> {
        program.inputs.iter().map(|input| input.name).collect()
    }

    #[test]
    fn objects_of_one_program_and_flavour_belong_together() {
        let programs = programs(&["a.main.gcc.o", "a.main.clang.o", "a.other.gcc.o", "b.gcc.o"]);
        assert_eq!(programs.len(), 3);
        assert_eq!(names(&programs[1]), ["a.main.gcc.o", "a.other.gcc.o"]);
    }

    #[test]
    fn archives_of_one_program_go_to_it_in_their_flavour() {
        let files = [
            "a.main.gcc.o",
            "a.lib.gcc.a",
            "a.lib.clang.a",
            "a.main.clang.o",
        ];
        let programs = programs(&files);
        assert_eq!(names(&programs[0]), ["a.lib.clang.a", "a.main.clang.o"]);
        assert_eq!(names(&programs[1]), ["a.main.gcc.o", "a.lib.gcc.a"]);
    }

    #[test]
    fn modules_that_are_no_programs_are_left_out() {
        let programs = programs(&["module_a.gcc.o", "module.gcc.o"]);
        assert_eq!(programs.len(), 1);
        assert_eq!(programs[0].name, "module.gcc");
    }

    #[test]
    fn archives_go_to_those_whose_compilers_would_have_added_them() {
        let archives = ["libgcc.a", "librust_support.a", "libcore-1.rlib"];
        let all = programs(
            &[
                archives.as_slice(),
                &["c.gcc.o", "r.rustc-O0.o", "mixed_c.gcc.o"],
            ]
            .concat(),
        );
        assert_eq!(names(&all[0]), ["libgcc.a", "c.gcc.o"]);
        assert_eq!(
            names(&all[1]),
            [
                "libgcc.a",
                "librust_support.a",
                "libcore-1.rlib",
                "mixed_c.gcc.o"
            ]
        );
        assert_eq!(
            names(&all[2]),
            ["librust_support.a", "libcore-1.rlib", "r.rustc-O0.o"]
        );
    }

    #[test]
    fn a_name_says_what_is_expected() {
        let all = programs(&[
            "exits_3_x.g.o",
            "faults_x.g.o",
            "hello.g.o",
            "refused_x.g.o",
        ]);
        let expected: Vec<Expected<'_>> = all.iter().map(Program::expected).collect();
        assert_eq!(
            expected,
            [
                Expected::Status(3),
                Expected::Fault,
                Expected::Status(0),
                Expected::Refused("x")
            ]
        );
    }
}
