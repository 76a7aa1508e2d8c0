//! Text of Cranelift's representation as a unit on the wire: what a kernel without cranelift-reader, which needs an operating
//! system, decodes and compiles.
//!
//! Functions have names, `%name`, and all texts that are read together see each other's. A name that none of them defines is
//! imported: whatever is linked beside them defines it, as a function where it is called and as data where it is a `symbol`.

mod calls;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use cranelift_reader::{Details, ParseOptions, parse_test};
use ironlink::base::{Machine, Name};
use ironlink::compiler::cranelift::codegen::ir::{
    ExternalName, Function, GlobalValueData, UserFuncName,
};
use ironlink::compiler::cranelift::codegen::isa::CallConv;
use ironlink::compiler::cranelift::codegen::verifier::{VerifierErrors, verify_function};
use ironlink::compiler::cranelift::{Cranelift, Unit, check_for_panics, wire};
use ironlink_kernel::clif::{Call, compiler};

/// A text, and the file that it is from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path, for errors.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// Reads `sources` as one unit. Gives it as a kernel decodes it.
///
/// # Errors
/// Says in which file, at which line, what is wrong.
pub fn read(sources: &[Source]) -> Result<Vec<u8>> {
    // What is wrong is so for each machine.
    let compiler = compiler(Machine::X86_64)?;
    let mut unit = Unit::default();
    let mut names = HashSet::new();
    for Source { path, text } in sources {
        for (function, details) in parse(path, text)? {
            let line = details.location.line_number;
            let name = name_of(&function).map_err(|error| at(path, line, error))?;
            if !names.insert(name.clone()) {
                return Err(at(path, line, format!("%{name} is defined twice")));
            }
            check_callees(&function).map_err(|error| at(path, line, error))?;
            verify(&compiler, &function, &details)
                .map_err(|(line, fault)| at(path, line, format!("%{name}: {fault}")))?;
            unit.add_function(Name::from(name.as_str()), Some(function), false)?;
        }
    }
    import(&mut unit)?;
    unit.number_names()?;
    Ok(wire::encode(&unit)?)
}

/// What comments in `sources` tell of calls.
///
/// # Errors
/// Says in which file, at which line, a call is that can't be made.
pub fn calls(sources: &[Source]) -> Result<Vec<Call>> {
    let mut calls = Vec::new();
    for Source { path, text } in sources {
        for (function, details) in parse(path, text)? {
            let name = name_of(&function).map_err(|error| at(path, 1, error))?;
            for comment in &details.comments {
                let call = calls::parse(&name, &function.signature, comment.text);
                let call = call.map_err(|error| at(path, line_of(text, comment.text), error))?;
                calls.extend(call);
            }
        }
    }
    Ok(calls)
}

fn parse<'t>(path: &Path, text: &'t str) -> Result<Vec<(Function, Details<'t>)>> {
    let options = ParseOptions {
        // As C has it: what is called may be C's.
        default_calling_convention: CallConv::SystemV,
        ..ParseOptions::default()
    };
    let test = parse_test(text, options)
        .map_err(|error| at(path, error.location.line_number, error.message))?;
    Ok(test.functions)
}

fn at(path: &Path, line: usize, what: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{}:{line}: {what}", path.display())
}

/// The line on which a part of a text begins.
fn line_of(text: &str, part: &str) -> usize {
    let before = part.as_ptr().addr() - text.as_ptr().addr();
    1 + text.bytes().take(before).filter(|&it| it == b'\n').count()
}

/// Checks a function; says where it is wrong first.
fn verify(
    compiler: &Cranelift,
    function: &Function,
    details: &Details<'_>,
) -> Result<(), (usize, String)> {
    check_for_panics(function)
        .map_err(|fault| (details.location.line_number, fault.to_string()))?;
    if let Err(VerifierErrors(errors)) = verify_function(function, &**compiler.isa())
        && let Some(first) = errors.first()
    {
        let location = details.map.location(first.location);
        let location = location.unwrap_or(details.location);
        return Err((location.line_number, first.to_string()));
    }
    Ok(())
}

fn name_of(function: &Function) -> Result<String> {
    match &function.name {
        UserFuncName::Testcase(name) => {
            Ok(String::from_utf8(name.raw().to_vec()).context("a name is no text")?)
        }
        name @ UserFuncName::User(_) => bail!("{name} is a number; functions have names: %name"),
    }
}

/// Refuses numbers where names belong: they would be taken for places in the unit.
fn check_callees(function: &Function) -> Result<()> {
    let is_number = |name: &ExternalName| matches!(name, ExternalName::User(_));
    let mut callees = function.dfg.ext_funcs.values();
    let mut values = function.global_values.values();
    let is_any = callees.any(|callee| is_number(&callee.name))
        || values
            .any(|value| matches!(value, GlobalValueData::Symbol { name, .. } if is_number(name)));
    ensure!(
        !is_any,
        "it refers to something by number; functions and data have names: %name"
    );
    Ok(())
}

/// Declares what functions refer to and none defines.
fn import(unit: &mut Unit) -> Result<()> {
    let (mut functions, mut data) = (Vec::new(), Vec::new());
    for body in unit.functions.iter().filter_map(|it| it.body.as_ref()) {
        let callees = body.dfg.ext_funcs.values();
        functions.extend(callees.filter_map(|callee| text_name(&callee.name)));
        data.extend(body.global_values.values().filter_map(|it| match it {
            GlobalValueData::Symbol { name, .. } => text_name(name),
            _ => None,
        }));
    }
    for name in functions {
        if !has_function(unit, &name) {
            unit.add_function(Name::new(&name), None, true)?;
        }
    }
    for name in data {
        let is_known = unit.data.iter().any(|data| data.name == name);
        if !is_known && !has_function(unit, &name) {
            unit.add_data(Name::new(&name), None, true)?;
        }
    }
    Ok(())
}

fn has_function(unit: &Unit, name: &[u8]) -> bool {
    unit.functions.iter().any(|function| function.name == name)
}

fn text_name(name: &ExternalName) -> Option<Vec<u8>> {
    match name {
        ExternalName::TestCase(name) => Some(name.raw().to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, calls, read};
    use ironlink::base::Machine;
    use ironlink::compiler::CompilerBuilder;
    use ironlink::compiler::cranelift::{CraneliftBuilder, Unit, wire};

    fn sources(texts: &[&str]) -> Vec<Source> {
        let sources = texts.iter().zip(1..).map(|(text, number)| Source {
            path: format!("{number}.clif").into(),
            text: (*text).to_owned(),
        });
        sources.collect()
    }

    fn unit(texts: &[&str]) -> Unit {
        let unit = read(&sources(texts)).unwrap();
        let compiler = CraneliftBuilder::new(Machine::X86_64).unwrap();
        wire::decode(&compiler.build().unwrap(), &unit).unwrap()
    }

    fn refusal(texts: &[&str]) -> String {
        format!("{:#}", read(&sources(texts)).unwrap_err())
    }

    const CALLS_TWICE: &str = "
function %main(i64) -> i64 {
    gv0 = symbol %table
    fn0 = %twice(i64) -> i64
block0(v0: i64):
    v1 = call fn0(v0)
    v2 = symbol_value.i64 gv0
    v3 = iadd v1, v2
    return v3
}
; run: %main(4) == 8
; run: %main(-1) != -3
";
    const TWICE: &str = "
function %twice(i64) -> i64 {
block0(v0: i64):
    v1 = iadd v0, v0
    return v1
}";

    #[test]
    fn names_that_no_text_defines_are_imported() {
        let alone = unit(&[CALLS_TWICE]);
        let names = alone.functions.iter().map(|it| it.name.as_slice());
        assert_eq!(names.collect::<Vec<_>>(), [&b"main"[..], b"twice"]);
        assert!(alone.functions[0].body.is_some() && alone.functions[1].body.is_none());
        assert_eq!(alone.data.len(), 1);
        assert!(alone.data[0].name == b"table" && alone.data[0].content.is_none());
        let both = unit(&[CALLS_TWICE, TWICE]);
        assert!(both.functions.len() == 2 && both.functions[1].body.is_some());
    }

    #[test]
    fn a_function_is_called_as_c_does_unless_it_says_otherwise() {
        let calls = unit(&[TWICE]).functions.swap_remove(0).body.unwrap();
        assert_eq!(calls.signature.call_conv.to_string(), "system_v");
    }

    #[test]
    fn comments_tell_of_calls() {
        let calls = calls(&sources(&[CALLS_TWICE, TWICE])).unwrap();
        let calls: Vec<String> = calls.iter().map(ToString::to_string).collect();
        assert_eq!(calls, ["main 4 == 8", "main -1 != -3"]);
    }

    #[test]
    fn what_is_wrong_in_a_text_is_told_with_its_line() {
        let broken = TWICE.replace("iadd", "iadmire");
        let told = refusal(&[CALLS_TWICE, &broken]);
        assert!(told.starts_with("2.clif:4: "), "{told}");
        assert!(told.contains("iadmire"), "{told}");
        let told = refusal(&[TWICE, TWICE]);
        assert_eq!(told, "2.clif:2: %twice is defined twice");
        let told = refusal(&[&TWICE.replace("%twice", "u0:7")]);
        assert!(told.starts_with("1.clif:2: u0:7 is a number"), "{told}");
        let told = refusal(&[&CALLS_TWICE.replace("%twice(", "u0:7(")]);
        assert!(told.starts_with("1.clif:2: it refers"), "{told}");
    }

    #[test]
    fn what_the_verifier_finds_is_told_with_its_line() {
        let wrong = TWICE.replace("return v1", "v2 = iconst.i32 1\n    return v2");
        let told = refusal(&[CALLS_TWICE, &wrong]);
        assert!(told.starts_with("2.clif:6: %twice: inst2 "), "{told}");
        let told = refusal(&["function %empty() {\n}"]);
        assert!(told.starts_with("1.clif:1: %empty: "), "{told}");
    }

    #[test]
    fn what_compiling_would_panic_over_is_told_with_its_line() {
        let gives_both = TWICE.replace("(i64) ->", "(i64 sret) ->");
        let calls_such = CALLS_TWICE.replace("%twice(i64) ->", "%twice(i64 sret) ->");
        for text in [gives_both, calls_such] {
            let told = refusal(&[&text]);
            assert!(told.starts_with("1.clif:2: %"), "{told}");
            assert!(told.contains("it has results beside"), "{told}");
        }
    }

    #[test]
    fn a_call_that_cannot_be_made_is_told_with_its_line_and_hinders_no_reading() {
        for call in [
            "%twice(1, 2) == 2",
            "%other(1) == 2",
            "%twice(0x1.8p0) == 2",
        ] {
            let text = format!("{TWICE}\n; run: {call}");
            let told = calls(&sources(&[&text])).unwrap_err().to_string();
            assert!(told.starts_with("1.clif:7: "), "{told}");
            assert_eq!(unit(&[&text]).functions.len(), 1);
        }
    }
}
