//! The library through which the comparison calls LLVM's JITLink; it is made where LLVM's headers are installed.

use super::{cache, command};
use crate::image;
use crate::report;
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// What asks where LLVM is: the plain name, or that of a version.
const QUESTIONERS: [&str; 3] = ["llvm-config", "llvm-config-22", "llvm-config-14"];

/// The library; `None` where LLVM's headers are missing, which is said.
///
/// # Errors
/// The headers are there, but the compiler refuses them.
pub fn library() -> Result<Option<PathBuf>> {
    let Some(options) = QUESTIONERS.iter().find_map(|name| options_of(name)) else {
        report::say("LLVM's headers are not installed: JITLink is left out");
        return Ok(None);
    };
    let source = image::workspace().join("tests/bench/jitlink/harness.cpp");
    let folder = image::work_folder().join("jitlink");
    command::create_dir(&folder)?;
    let library = folder.join("libjitlink.so");
    let mut compiler = Command::new("clang++");
    compiler
        .args(["-shared", "-fPIC", "-O2", "-o"])
        .arg(&library);
    compiler.arg(&source).args(options);
    cache::make(&mut compiler, &[source], &library, |compiler| {
        command::run(compiler).map(|_| ())
    })?;
    Ok(Some(library))
}

/// What the compiler is told, if `questioner` is there, and the headers that it knows of.
fn options_of(questioner: &str) -> Option<Vec<String>> {
    let ask = |questions: &[&str]| {
        let answer = command::run(Command::new(questioner).args(questions)).ok()?;
        String::from_utf8(answer).ok()
    };
    let headers = PathBuf::from(ask(&["--includedir"])?.trim());
    let is_there = headers
        .join("llvm/ExecutionEngine/JITLink/JITLink.h")
        .is_file();
    let options = ask(&["--cxxflags", "--ldflags", "--libs"]).filter(|_| is_there)?;
    Some(options.split_whitespace().map(str::to_owned).collect())
}
