//! Sources that are too long to keep: they are written when they are compiled.

use super::command;
use super::corpus::{Part, Program};
use crate::machines::Machine;
use anyhow::Result;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// More than 0xff00 sections, so that a symbol's section index doesn't fit its field: `main` is the last of them, and
/// goes through a pointer to the first.
pub(super) fn many_sections(machine: &Machine, directory: &Path) -> Result<Program> {
    const COUNT: u32 = 66_000;
    let (return_zero, jump) = match machine.name {
        "x86_64" => ("xorl %eax, %eax\n\tret", "jmp *first(%rip)"),
        _ => (
            "mov w0, wzr\n\tret",
            "adrp x0, first\n\tldr x0, [x0, :lo12:first]\n\tbr x0",
        ),
    };
    let mut text = String::new();
    for index in 0..COUNT {
        writeln!(
            text,
            "\t.section .text.f{index},\"ax\",%progbits\nf{index}:\n\t{return_zero}"
        )?;
    }
    writeln!(
        text,
        "\t.section .data.first,\"aw\",%progbits\n\t.balign 8\nfirst:\n\t.quad f0"
    )?;
    writeln!(
        text,
        "\t.section .text.main,\"ax\",%progbits\n\t.globl main\n\t.type main, %function\nmain:\n\t{jump}"
    )?;
    program("many_sections", "s", &text, &["gcc-default"], directory)
}

/// A thousand functions that call each other and touch data: what the bench loads.
pub(super) fn thousand_functions(directory: &Path) -> Result<Program> {
    const COUNT: u32 = 1000;
    let mut text = String::from("#include <string.h>\nint total;\nconst char *last_word;\n");
    for index in 0..COUNT {
        writeln!(text, "int function_{index}(int depth);")?;
    }
    for index in 0..COUNT {
        let (near, far) = ((index + 1) % COUNT, (index * 7 + 3) % COUNT);
        writeln!(
            text,
            "int function_{index}(int depth)\n{{\n    total += {index};\n    last_word = \"word {index}\";\n    \
             if (depth <= 0)\n        return (int)strlen(last_word);\n    \
             return function_{near}(depth - 1) + function_{far}(depth - 2);\n}}"
        )?;
    }
    text.push_str("int main(void)\n{\n    return function_0(8) > 0 && total > 0 ? 0 : 1;\n}\n");
    program("thousand_functions", "c", &text, &["gcc-O1"], directory)
}

fn program(
    name: &str,
    extension: &str,
    text: &str,
    flavours: &[&str],
    directory: &Path,
) -> Result<Program> {
    let source = directory.join(name).with_extension(extension);
    command::create_dir(directory)?;
    // Another command may be compiling what is there.
    if fs::read(&source).ok().as_deref() != Some(text.as_bytes()) {
        command::write(&source, text.as_bytes())?;
    }
    Ok(Program {
        name: name.to_owned(),
        parts: vec![Part {
            source,
            flavours: flavours.iter().map(|&name| name.to_owned()).collect(),
            ..Part::default()
        }],
        ..Program::default()
    })
}
