//! Sources that are too long to keep: they are written when they are compiled.

use super::command;
use super::corpus::{Part, Program};
use crate::machines::Machine;
use anyhow::Result;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

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

/// Functions of five relocations each: three calls of others, near and far, and two uses of data. Each in a section of its
/// own, or all in one.
pub(super) fn functions(machine: &Machine, count: u32, is_apart: bool) -> Result<String> {
    let mut text = String::from("\t.data\n\t.balign 8\nwords:\n\t.zero 4096\n\t.text\n");
    for index in 0..count {
        let callees = [1, 7, 31].map(|step: u64| {
            let index = u64::from(index);
            (index * step + step) % u64::from(count)
        });
        if is_apart {
            writeln!(text, "\t.section .text.function_{index},\"ax\",%progbits")?;
        }
        writeln!(
            text,
            "\t.globl function_{index}\n\t.type function_{index}, %function\nfunction_{index}:"
        )?;
        let word = index % 512 * 8;
        for callee in callees {
            match machine.name {
                "x86_64" => writeln!(text, "\tcall function_{callee}@PLT")?,
                _ => writeln!(text, "\tbl function_{callee}")?,
            }
        }
        match machine.name {
            "x86_64" => writeln!(
                text,
                "\tleaq words+{word}(%rip), %rdi\n\tmovq words(%rip), %rax\n\tret"
            )?,
            _ => writeln!(
                text,
                "\tadrp x0, words+{word}\n\tadd x0, x0, :lo12:words+{word}\n\tret"
            )?,
        }
        writeln!(text, "\t.size function_{index}, . - function_{index}")?;
    }
    Ok(text)
}

/// C++ whose every template makes section groups: functions that throw, functions that catch, classes with their tables
/// and type information.
pub(super) fn templates(count: u32) -> Result<String> {
    let mut text = String::from(
        "int observe(int);\nstruct Problem { int code; };\n\
         struct Base { virtual int value(int) const = 0; virtual ~Base(); };\n\
         template <int N> __attribute__((noinline)) int step(int x)\n\
         { if (x == N) throw Problem{N}; return observe(x + N); }\n\
         template <int N> struct Node : Base {\n\
         int value(int x) const override { return step<N>(x) * observe(N); } };\n\
         template <int N> __attribute__((noinline)) int guarded(int x)\n\
         { try { Node<N> node; const Base &base = node; return base.value(x) + step<N>(x); }\n\
         catch (const Problem &problem) { return problem.code; } }\n\
         template <int N> __attribute__((noinline)) Base *made() { return new Node<N>; }\n\
         int all(int x)\n{\n    int sum = 0;\n",
    );
    for index in 0..count {
        writeln!(text, "    sum += guarded<{index}>(x);")?;
        writeln!(text, "    sum += made<{index}>()->value(x);")?;
    }
    text.push_str("    return sum;\n}\n");
    Ok(text)
}

fn program(
    name: &str,
    extension: &str,
    text: &str,
    flavours: &[&str],
    directory: &Path,
) -> Result<Program> {
    let source = source(name, extension, text, directory)?;
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

/// Writes a source, and says where it is.
pub(super) fn source(name: &str, extension: &str, text: &str, directory: &Path) -> Result<PathBuf> {
    let source = directory.join(name).with_extension(extension);
    command::create_dir(directory)?;
    // Another command may be compiling what is there.
    if fs::read(&source).ok().as_deref() != Some(text.as_bytes()) {
        command::write(&source, text.as_bytes())?;
    }
    Ok(source)
}
