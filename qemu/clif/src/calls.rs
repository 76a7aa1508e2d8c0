//! Calls that comments tell of: `; run: %fib(30) == 832040`, as Cranelift's own tests write them.

use anyhow::{Result, anyhow, ensure};
use cranelift_reader::{RunCommand, parse_run_command};
use ironlink::compiler::cranelift::codegen::data_value::DataValue;
use ironlink::compiler::cranelift::codegen::ir::Signature;

/// The call that a comment behind function `name` tells of, as a line of words; `None` if it tells of none.
///
/// # Errors
/// It isn't one that can be made.
pub(crate) fn parse(name: &str, signature: &Signature, comment: &str) -> Result<Option<String>> {
    let text = comment.trim_start_matches([';', ' ']);
    if !text.starts_with("run:") {
        return Ok(None);
    }
    let command = parse_run_command(comment, signature)
        .map_err(|error| anyhow!("`{comment}`: {}", error.message))?;
    let Some(RunCommand::Run(invocation, comparison, results)) = command else {
        return Ok(None);
    };
    ensure!(
        invocation.func == name,
        "`{comment}` stands behind %{name} and calls %{}",
        invocation.func
    );
    let mut words = vec![invocation.func];
    for argument in &invocation.args {
        words.push(decimal(argument)?);
    }
    words.push(comparison.to_string());
    ensure!(results.len() == 1, "`{comment}`: one result is compared");
    for result in &results {
        words.push(decimal(result)?);
    }
    Ok(Some(words.join(" ")))
}

fn decimal(value: &DataValue) -> Result<String> {
    Ok(match value {
        DataValue::I8(value) => value.to_string(),
        DataValue::I16(value) => value.to_string(),
        DataValue::I32(value) => value.to_string(),
        DataValue::I64(value) => value.to_string(),
        DataValue::I128(value) => value.to_string(),
        other => {
            return Err(anyhow!(
                "{other} is no integer; calls take and give integers"
            ));
        }
    })
}
