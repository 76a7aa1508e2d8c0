//! What is compiled together: functions and data that refer to each other by numbers.

use alloc::vec::Vec;

use cranelift_codegen::ir::{ExternalName, Function, GlobalValueData, UserExternalName};

use crate::base::{Alignment, Name, OutOfMemory, Text, fallible};

use super::{data_name, function_name};

/// Functions and data that refer to each other by numbers: their places in these tables.
#[derive(Clone, Default)]
pub struct Unit {
    /// The functions.
    pub functions: Vec<UnitFunction>,
    /// The data.
    pub data: Vec<UnitData>,
}

/// A function of a unit.
#[derive(Clone)]
pub struct UnitFunction {
    /// Its name.
    pub name: Vec<u8>,
    /// Its instructions; `None` if another unit, or another module, defines it.
    pub body: Option<Function>,
    /// Whether others see it.
    pub is_global: bool,
}

/// Data of a unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitData {
    /// Its name.
    pub name: Vec<u8>,
    /// Its bytes; `None` if another unit, or another module, defines it.
    pub content: Option<DataContent>,
    /// Whether others see it.
    pub is_global: bool,
}

/// What data holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataContent {
    /// The bytes that it begins with.
    pub bytes: Vec<u8>,
    /// How many zeros follow them.
    pub zeros_bytes: u32,
    /// What its first byte's address is a multiple of.
    pub alignment: Alignment,
    /// Whether it may be written.
    pub is_writable: bool,
}

/// A name of the text form that is nothing of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownName(pub Text<80>);

impl core::fmt::Display for UnknownName {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            formatter,
            "`{}` is neither a function nor data of the unit; declare it",
            self.0
        )
    }
}

impl core::error::Error for UnknownName {}

impl Unit {
    /// Appends a function and gives its number.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_function(
        &mut self,
        name: Name<'_>,
        body: Option<Function>,
        is_global: bool,
    ) -> Result<u32, OutOfMemory> {
        let number = number_of(self.functions.len())?;
        let function = UnitFunction {
            name: fallible::copy_of(name.bytes())?,
            body,
            is_global,
        };
        fallible::push(&mut self.functions, function)?;
        Ok(number)
    }

    /// Appends data and gives its number.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_data(
        &mut self,
        name: Name<'_>,
        content: Option<DataContent>,
        is_global: bool,
    ) -> Result<u32, OutOfMemory> {
        let number = number_of(self.data.len())?;
        let data = UnitData {
            name: fallible::copy_of(name.bytes())?,
            content,
            is_global,
        };
        fallible::push(&mut self.data, data)?;
        Ok(number)
    }

    /// Gives functions that refer to others as the text form does (`%name`) the numbers of these instead.
    ///
    /// # Errors
    /// A name is nothing of the unit; the functions before have their numbers then.
    pub fn number_names(&mut self) -> Result<(), UnknownName> {
        let (functions, data) = (&mut self.functions, &self.data);
        // A body is taken out while names are looked for among all functions.
        for place in 0..functions.len() {
            let body = functions.get_mut(place);
            let Some(mut body) = body.and_then(|function| function.body.take()) else {
                continue;
            };
            let result = number_names_in(&mut body, functions, data);
            if let Some(function) = functions.get_mut(place) {
                function.body = Some(body);
            }
            result?;
        }
        Ok(())
    }
}

fn number_names_in(
    body: &mut Function,
    functions: &[UnitFunction],
    data: &[UnitData],
) -> Result<(), UnknownName> {
    let find = |name: &ExternalName| -> Result<Option<UserExternalName>, UnknownName> {
        let ExternalName::TestCase(text) = name else {
            return Ok(None);
        };
        let place = functions
            .iter()
            .position(|function| function.name == text.raw());
        if let Some(number) = place.and_then(|place| u32::try_from(place).ok()) {
            return Ok(Some(function_name(number)));
        }
        let place = data.iter().position(|data| data.name == text.raw());
        match place.and_then(|place| u32::try_from(place).ok()) {
            Some(number) => Ok(Some(data_name(number))),
            None => Err(UnknownName(Text::of(Name::new(text.raw())))),
        }
    };
    let params = &mut body.params;
    for callee in body.stencil.dfg.ext_funcs.values_mut() {
        if let Some(name) = find(&callee.name)? {
            callee.name = ExternalName::user(params.ensure_user_func_name(name));
        }
    }
    for value in body.stencil.global_values.values_mut() {
        if let GlobalValueData::Symbol { name, .. } = value
            && let Some(found) = find(name)?
        {
            *name = ExternalName::user(params.ensure_user_func_name(found));
        }
    }
    Ok(())
}

fn number_of(count: usize) -> Result<u32, OutOfMemory> {
    u32::try_from(count).map_err(|_| OutOfMemory)
}
