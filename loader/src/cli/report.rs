//! Everything that is told of a link, where the options ask for it.

use std::path::Path;
use std::string::ToString;
use std::vec::Vec;

use crate::graph::{LinkGraph, Origin};

use super::error::ToolError;
use super::files::Files;
use super::graphs::Graphs;
use super::options::Options;
use super::picture::Picture;
use super::streams::Streams;
use super::{check, image, map, perf, show};

/// Shows the name of each object that is linked.
pub(super) fn linked_files(
    graph: &LinkGraph<'_>,
    files: &Files,
    streams: &mut Streams<'_>,
) -> Result<(), ToolError> {
    for (_, object) in graph.objects.iter() {
        if object.origin != Origin::Linker {
            writeln!(streams.output, "Linking {}", files.path(object))
                .map_err(ToolError::Output)?;
        }
    }
    Ok(())
}

/// Shows and writes what was taken of the graph.
pub(super) fn graphs(
    options: &Options,
    graphs: &Graphs<'_>,
    streams: &mut Streams<'_>,
) -> Result<(), ToolError> {
    write!(streams.output, "{}", graphs.text).map_err(ToolError::Output)?;
    match &options.dot {
        Some(path) => write_file(path, graphs.drawing.as_bytes(), streams),
        None => Ok(()),
    }
}

/// Whether something is asked for that a picture is needed for.
pub(super) const fn wants_picture(options: &Options) -> bool {
    options.map.is_some()
        || options.image.is_some()
        || options.write_symtab.is_some()
        || options.show_addrs
        || options.show_relocated_section_contents
        || options.perf_support
        || !options.check.is_empty()
}

/// Shows, writes and checks what the picture is asked for.
pub(super) fn picture(
    options: &Options,
    picture: &Picture,
    streams: &mut Streams<'_>,
) -> Result<(), ToolError> {
    let internal = |error: &dyn std::fmt::Display| ToolError::Internal(error.to_string());
    if options.show_addrs {
        show::addresses(picture, streams.output).map_err(ToolError::Output)?;
    }
    if options.show_relocated_section_contents {
        show::contents(picture, streams.output).map_err(ToolError::Output)?;
    }
    if let Some(path) = &options.map {
        let bytes = map::json(picture).map_err(|error| internal(&error))?;
        write_file(path, &bytes, streams)?;
    }
    if let Some(path) = &options.image {
        let bytes = image::elf(picture).map_err(|error| internal(&error))?;
        write_file(path, &bytes, streams)?;
    }
    if let Some(path) = &options.write_symtab {
        let mut table = Vec::new();
        show::symbol_table(picture, &mut table).map_err(|error| internal(&error))?;
        write_file(path, &table, streams)?;
    }
    if options.perf_support {
        let path = perf::path();
        perf::announce(picture, &path).map_err(|error| ToolError::Write { path, error })?;
    }
    for path in &options.check {
        check::check_file(path, &options.check_name, picture, streams.errors)?;
    }
    Ok(())
}

/// Writes to a file, or to standard output if its name is a dash.
fn write_file(path: &Path, bytes: &[u8], streams: &mut Streams<'_>) -> Result<(), ToolError> {
    if path.as_os_str() == "-" {
        return streams.output.write_all(bytes).map_err(ToolError::Output);
    }
    std::fs::write(path, bytes).map_err(|error| ToolError::Write {
        path: path.to_path_buf(),
        error,
    })
}
