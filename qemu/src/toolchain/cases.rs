//! Case files: one behaviour of the linker each, as assembly that says in comments how it is linked and what must come of it.
//!
//! A case is a file `tests/cases/MACHINE/NAME.s`, or a folder of that name whose files are linked together. Comments at the
//! beginning of a line, in any of its files, say:
//!
//! - `# RUN: OPTIONS` — a run of the tool `ironlink` on the case's objects with these options. With `-noexec` its memory
//!   begins at 0x10000000 unless the options say otherwise. The lines below it, up to the next run, are what it must do:
//!   - `# CHECK: RULE` — a rule of the tool's `-check` language holds;
//!   - `# OUTPUT: TEXT` — standard output has a line that contains this;
//!   - `# STATUS: N` — the tool exits with this status; 0 if nothing is said;
//!   - `# FAILS: TEXT` — the tool exits with status 1, and a line of its errors contains this.
//! - `# KERNEL` — the objects are a program, too, whose `main` returns 0: the corpus of modules has it, so that it runs on
//!   the host, where that is its machine, and inside the kernel.
//! - `# RELOCATION: NUMBER becomes NUMBER` — relocations that the assembler gave one number get another: for those that
//!   assemblers don't know yet.

use super::corpus::{Member, sources, stem};
use super::{Compiler, FLAVOURS, Language, cache, command};
use crate::image;
use crate::machines::Machine;
use anyhow::{Context, Result, bail};
use object::LittleEndian;
use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader as _, SectionHeader as _};
use std::fs;
use std::path::{Path, PathBuf};

/// One behaviour.
#[derive(Debug)]
pub struct Case {
    /// The file's name, without its ending.
    pub name: String,
    /// The machine that it is for.
    pub machine: &'static Machine,
    /// Its objects, in the order of their names.
    pub objects: Vec<PathBuf>,
    /// How it is linked.
    pub runs: Vec<Run>,
    /// Whether its objects are a program that returns 0.
    pub is_program: bool,
    sources: Vec<PathBuf>,
    renumbered: Vec<(u32, u32)>,
}

/// One run of the tool, and what must come of it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Run {
    /// The options, in words.
    pub options: Vec<String>,
    /// Rules of the tool's `-check` language.
    pub checks: Vec<String>,
    /// What lines of standard output contain.
    pub outputs: Vec<String>,
    /// The exit status.
    pub status: u8,
    /// What lines of the errors contain; none if it must not fail.
    pub failures: Vec<String>,
}

/// All cases for `machine`, assembled, in the order of their names.
///
/// # Errors
/// A case says something that isn't understood, or the assembler refuses it.
pub fn all(machine: &'static Machine) -> Result<Vec<Case>> {
    let cases = read_all(machine)?;
    let folder = image::work_folder().join("cases").join(machine.name);
    command::create_dir(&folder)?;
    let _lock = super::corpus::lock(machine)?;
    cache::for_each(&cases, |case| case.assemble())?;
    Ok(cases)
}

/// The objects of those cases that are programs, under the names that the corpus gives them.
pub(super) fn programs(machine: &'static Machine) -> Result<Vec<Member>> {
    let cases = read_all(machine)?;
    let programs: Vec<Case> = cases.into_iter().filter(|case| case.is_program).collect();
    command::create_dir(&image::work_folder().join("cases").join(machine.name))?;
    cache::for_each(&programs, |case| case.assemble())?;
    Ok(programs.iter().flat_map(Case::members).collect())
}

fn read_all(machine: &'static Machine) -> Result<Vec<Case>> {
    let folder = image::workspace().join("tests/cases").join(machine.name);
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    paths.iter().map(|path| Case::read(machine, path)).collect()
}

impl Case {
    fn read(machine: &'static Machine, path: &Path) -> Result<Self> {
        let sources = if path.is_dir() {
            sources(path)?
        } else {
            vec![path.to_owned()]
        };
        let name = stem(path);
        let folder = image::work_folder().join("cases").join(machine.name);
        let object = |source: &PathBuf| match path.is_dir() {
            true => folder.join(format!("{name}.{}.o", stem(source))),
            false => folder.join(format!("{name}.o")),
        };
        let mut case = Self {
            objects: sources.iter().map(object).collect(),
            name,
            machine,
            runs: Vec::new(),
            is_program: false,
            sources,
            renumbered: Vec::new(),
        };
        for source in case.sources.clone() {
            let text = String::from_utf8_lossy(&command::read(&source)?).into_owned();
            for line in text.lines() {
                case.take(line)
                    .with_context(|| format!("{}: `{line}`", source.display()))?;
            }
        }
        if case.runs.is_empty() && !case.is_program {
            bail!("{} says nothing of what must come of it", path.display());
        }
        Ok(case)
    }

    /// Takes what a line says of the case.
    fn take(&mut self, line: &str) -> Result<()> {
        let Some(said) = line.strip_prefix("# ") else {
            return Ok(());
        };
        let (word, rest) = said.split_once(':').unwrap_or((said, ""));
        let rest = rest.trim();
        match word {
            "KERNEL" => self.is_program = true,
            "RUN" => self.runs.push(Run {
                options: rest.split_whitespace().map(str::to_owned).collect(),
                ..Run::default()
            }),
            "RELOCATION" => {
                let (from, to) = rest
                    .split_once(" becomes ")
                    .context("nothing becomes something")?;
                let number = |text: &str| text.trim().parse().context("it is no number");
                self.renumbered.push((number(from)?, number(to)?));
            }
            "CHECK" | "OUTPUT" | "STATUS" | "FAILS" => {
                let run = self.runs.last_mut().context("it belongs to no run")?;
                match word {
                    "CHECK" => run.checks.push(rest.to_owned()),
                    "OUTPUT" => run.outputs.push(rest.to_owned()),
                    "STATUS" => run.status = rest.parse().context("it is no exit status")?,
                    _ => {
                        run.failures.push(rest.to_owned());
                        run.status = 1;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn assemble(&self) -> Result<()> {
        let flavour = FLAVOURS
            .iter()
            .find(|flavour| {
                flavour.compiler == Compiler::Clang && flavour.suits(Language::Assembly)
            })
            .context("no flavour assembles")?;
        for (source, object) in self.sources.iter().zip(&self.objects) {
            let mut command = command::command(self.machine, source, flavour, &[], object)?;
            cache::make(
                &mut command,
                std::slice::from_ref(source),
                object,
                |command| {
                    command::run(command)?;
                    self.renumber(object)
                },
            )?;
        }
        Ok(())
    }

    /// Gives relocations the numbers that the case asks for.
    fn renumber(&self, object: &Path) -> Result<()> {
        if self.renumbered.is_empty() {
            return Ok(());
        }
        let mut bytes = command::read(object)?;
        for place in relocation_types(&bytes)? {
            let field = bytes
                .get_mut(place..place + 4)
                .context("a relocation is cut")?;
            let renumbered = self.renumbered.iter();
            if let Some((_, to)) = renumbered
                .copied()
                .find(|(from, _)| *field == from.to_le_bytes())
            {
                field.copy_from_slice(&to.to_le_bytes());
            }
        }
        command::write(object, &bytes)
    }

    fn members(&self) -> Vec<Member> {
        let name = |object: &PathBuf| match self.objects.len() {
            1 => format!("case_{}.clang-default.o", self.name),
            _ => {
                let part = stem(object);
                let part = part.rsplit('.').next().unwrap_or_default();
                format!("case_{}.{part}.clang-default.o", self.name)
            }
        };
        let members = self.objects.iter().map(|object| Member {
            name: name(object),
            path: object.clone(),
        });
        members.collect()
    }
}

/// Where in an object's bytes the types of its relocations stand.
fn relocation_types(bytes: &[u8]) -> Result<Vec<usize>> {
    const LE: LittleEndian = LittleEndian;
    const RELA_BYTES: usize = size_of::<elf::Rela64<LittleEndian>>();
    /// The type is the lower half of `r_info`, which stands second.
    const TYPE_OFFSET: usize = 8;
    let header = FileHeader64::<LittleEndian>::parse(bytes)?;
    let sections = header.sections(LE, bytes)?;
    let tables = sections
        .iter()
        .filter(|section| section.sh_type(LE) == elf::SHT_RELA);
    Ok(tables
        .filter_map(|table| table.file_range(LE))
        .flat_map(|(start, size)| {
            let (start, size) = (start as usize, size as usize);
            (start..start + size).step_by(RELA_BYTES)
        })
        .map(|place| place + TYPE_OFFSET)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{Case, Run};
    use crate::machines::X86_64;

    fn case(lines: &[&str]) -> anyhow::Result<Case> {
        let mut case = Case {
            name: String::new(),
            machine: &X86_64,
            objects: Vec::new(),
            runs: Vec::new(),
            is_program: false,
            sources: Vec::new(),
            renumbered: Vec::new(),
        };
        for line in lines {
            case.take(line)?;
        }
        Ok(case)
    }

    #[test]
    fn rules_belong_to_the_run_above_them() {
        let case = case(&[
            "# What it is about: nothing that is understood.",
            "# RUN: -noexec -abs a=1",
            "# CHECK: a = 1",
            "# RUN: -noexec",
            "# FAILS: `a`",
            "\t.text # CHECK: not at a line's beginning",
        ])
        .unwrap();
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(
            case.runs,
            [
                Run {
                    options: words(&["-noexec", "-abs", "a=1"]),
                    checks: words(&["a = 1"]),
                    ..Run::default()
                },
                Run {
                    options: words(&["-noexec"]),
                    failures: words(&["`a`"]),
                    status: 1,
                    ..Run::default()
                }
            ]
        );
        assert!(!case.is_program);
    }

    #[test]
    fn a_rule_without_a_run_is_an_error() {
        assert!(case(&["# CHECK: a = 1"]).is_err());
    }
}
