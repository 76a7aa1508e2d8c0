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
use ironlink::base::Name;
use ironlink::compiler::cranelift::codegen::ir::{
    ExternalName, Function, GlobalValueData, UserFuncName,
};
use ironlink::compiler::cranelift::codegen::isa::CallConv;
use ironlink::compiler::cranelift::{Unit, wire};

/// A text, and the file that it is from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path, for errors.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// What texts are together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// Their functions, as a kernel decodes them.
    pub unit: Vec<u8>,
    /// What their comments say of calls, one a line: the function's name, decimal arguments, `==` or `!=`, a decimal result.
    pub calls: Vec<String>,
}

/// Reads `sources` as one unit.
///
/// # Errors
/// Says in which file, at which line, what is wrong.
pub fn read(sources: &[Source]) -> Result<Program> {
    let mut unit = Unit::default();
    let mut calls = Vec::new();
    let mut names = HashSet::new();
    for Source { path, text } in sources {
        let options = ParseOptions {
            // As C has it: what is called may be C's.
            default_calling_convention: CallConv::SystemV,
            ..ParseOptions::default()
        };
        let test = parse_test(text, options)
            .map_err(|error| at(path, error.location.line_number, error.message))?;
        for (function, details) in test.functions {
            let line = details.location.line_number;
            let name = name_of(&function).map_err(|error| at(path, line, error))?;
            if !names.insert(name.clone()) {
                return Err(at(path, line, format!("%{name} is defined twice")));
            }
            check_callees(&function).map_err(|error| at(path, line, error))?;
            let own = calls_of(&name, &function, &details);
            calls.extend(own.map_err(|error| at(path, line, error))?);
            unit.add_function(Name::from(name.as_str()), Some(function), false)?;
        }
    }
    import(&mut unit)?;
    unit.number_names()?;
    let unit = wire::encode(&unit)?;
    Ok(Program { unit, calls })
}

fn at(path: &Path, line: usize, what: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{}:{line}: {what}", path.display())
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

/// The calls that comments in a function, or behind it, tell of.
fn calls_of(name: &str, function: &Function, details: &Details<'_>) -> Result<Vec<String>> {
    let comments = details.comments.iter().map(|comment| comment.text);
    let calls = comments.map(|text| calls::parse(name, &function.signature, text));
    calls.filter_map(Result::transpose).collect()
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
    use super::{Program, Source, read};
    use ironlink::base::Machine;
    use ironlink::compiler::CompilerBuilder;
    use ironlink::compiler::cranelift::{CraneliftBuilder, Unit, wire};

    fn read_all(texts: &[&str]) -> anyhow::Result<Program> {
        let sources = texts.iter().zip(1..).map(|(text, number)| Source {
            path: format!("{number}.clif").into(),
            text: (*text).to_owned(),
        });
        read(&sources.collect::<Vec<_>>())
    }

    fn unit(texts: &[&str]) -> Unit {
        let program = read_all(texts).unwrap();
        let compiler = CraneliftBuilder::new(Machine::X86_64).unwrap();
        wire::decode(&compiler.build().unwrap(), &program.unit).unwrap()
    }

    fn refusal(texts: &[&str]) -> String {
        format!("{:#}", read_all(texts).unwrap_err())
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
        let calls = read_all(&[CALLS_TWICE, TWICE]).unwrap().calls;
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
    fn a_call_that_cannot_be_made_is_told() {
        let wrong = |call: &str| refusal(&[&format!("{TWICE}\n; run: {call}")]);
        assert!(wrong("%twice(1, 2) == 2").starts_with("1.clif:2: "));
        assert!(wrong("%other(1) == 2").contains("%other"));
    }
}
