//! `new-module`: writes a module to start from.

use crate::report;
use crate::template;
use crate::toolchain::Language;
use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;
use std::process::ExitCode;

/// Write a module to start from: a folder with a source that works, the kit, and how it is built and run.
///
/// Nothing that is there is overwritten.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The module's name: lowercase letters, digits and underscores
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Its language
    #[arg(long = "lang", value_name = "LANG", value_parser = language_parser())]
    pub language: Language,

    /// Where its folder is made
    #[arg(long = "dir", value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,

    /// Write the kit's files of a module that is there anew, and leave its source alone
    #[arg(long)]
    pub update: bool,
}

/// Runs the command.
///
/// # Errors
/// The name is none, there is something of that name, or it can't be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments {
        name,
        language,
        directory,
        update,
    } = arguments;
    if *update {
        let folder = template::update_module(name, *language, directory)?;
        report::say(format!("{} has this kernel's kit", folder.display()));
    } else {
        let source = template::write_module(name, *language, directory)?;
        report::say(format!("to run it: cargo xtask run {}", source.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the name of a language that there is a template for.
fn language_parser() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(["c", "cpp", "rust"]).map(|name| match name.as_str() {
        "c" => Language::C,
        "cpp" => Language::Cxx,
        _ => Language::Rust,
    })
}
