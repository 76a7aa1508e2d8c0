//! How a function that is being built refers to others of its unit, and to data.

use cranelift_codegen::ir::{
    ExtFuncData, ExternalName, FuncRef, Function, GlobalValue, GlobalValueData, Signature,
};

use super::{data_name, function_name};

/// Lets `code` call function `number` of its unit. `is_near` says that it lies near, as what is linked in one module does.
pub fn function_in(
    code: &mut Function,
    number: u32,
    signature: Signature,
    is_near: bool,
) -> FuncRef {
    let name = code.declare_imported_user_function(function_name(number));
    let signature = code.import_signature(signature);
    code.import_function(ExtFuncData {
        name: ExternalName::user(name),
        signature,
        colocated: is_near,
        patchable: false,
    })
}

/// Lets `code` take the address of data `number` of its unit. `is_near` is as for [`function_in`].
pub fn data_in(code: &mut Function, number: u32, is_near: bool) -> GlobalValue {
    let name = code.declare_imported_user_function(data_name(number));
    code.create_global_value(GlobalValueData::Symbol {
        name: ExternalName::user(name),
        offset: 0.into(),
        colocated: is_near,
        tls: false,
    })
}
