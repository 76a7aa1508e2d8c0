//! Calls that comments tell of: `; run: %fib(30) == 832040`, as Cranelift's own tests write them.

use anyhow::{Result, anyhow, bail, ensure};
use cranelift_reader::{Comparison, RunCommand, parse_run_command};
use ironlink::compiler::cranelift::codegen::data_value::DataValue;
use ironlink::compiler::cranelift::codegen::ir::Signature;
use ironlink_kernel::clif::Call;

/// The call that a comment behind function `name` tells of; `None` if it tells of none.
///
/// # Errors
/// It isn't one that can be made.
pub(crate) fn parse(name: &str, signature: &Signature, comment: &str) -> Result<Option<Call>> {
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
    let [result] = results.as_slice() else {
        bail!("`{comment}`: one result is compared");
    };
    let arguments = invocation.args.iter().map(integer);
    Ok(Some(Call {
        function: invocation.func,
        arguments: arguments.collect::<Result<_>>()?,
        is_equal: matches!(comparison, Comparison::Equals),
        result: integer(result)?,
    }))
}

fn integer(value: &DataValue) -> Result<i128> {
    Ok(match value {
        DataValue::I8(value) => i128::from(*value),
        DataValue::I16(value) => i128::from(*value),
        DataValue::I32(value) => i128::from(*value),
        DataValue::I64(value) => i128::from(*value),
        DataValue::I128(value) => *value,
        other => bail!("{other} is no integer; calls take and give integers"),
    })
}
