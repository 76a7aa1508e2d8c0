//! One run of the tool: files are read, linked, looked at, and run.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

use crate::base::{AddressRange, Alignment, Machine, Name, TargetAddr};
use crate::format::ReadOptions;
use crate::graph::LinkGraph;
use crate::link::{self, Input, LinkError, Linked, inputs};
use crate::memory::MemoryManager;
use crate::memory::hosted::HostedMemory;
use crate::memory::mock::MockMemory;
use crate::pass::{Pipeline, Point, Purpose};

use super::error::ToolError;
use super::names::Names;
use super::options::Options;
use super::picture::{Camera, Picture};
use super::roots::Roots;
use super::slab::Slab;
use super::streams::Streams;
use super::{check, fault, image, machine, map, perf, process};

/// The function that is called unless another is named.
const MAIN: &str = "main";

/// Where a link that is not run lies, in the order of preference: far above the low 4 GiB, as programs on a host lie, and
/// anywhere else for what must lie elsewhere.
const ADDRESSES: [(u64, u64); 3] = [
    (0x7f00_0000_0000, 0x7fff_ffff_ffff),
    (0x1_0000, 0x7eff_ffff_ffff),
    (0xffff_8000_0000_0000, 0xffff_ffff_ffff_efff),
];

/// A file that is linked.
struct File {
    name: String,
    bytes: Vec<u8>,
}

/// Does what the options say; returns the exit status.
pub(super) fn run(
    options: &Options,
    program_arguments: Vec<OsString>,
    streams: &mut Streams<'_>,
) -> Result<u8, ToolError> {
    if options.files.is_empty() {
        return Err(ToolError::NoFiles);
    }
    let files = options.files.iter().map(read);
    let files = files.collect::<Result<Vec<File>, ToolError>>()?;
    let machine = machine::of(files.iter().map(|file| file.bytes.as_slice()));
    let is_for_host = Machine::HOST == Some(machine);
    if !options.noexec && !is_for_host {
        return Err(ToolError::Foreign { machine });
    }
    let names = Names::new(options, is_for_host);
    let mut job = Job {
        options,
        machine,
        files,
        names,
    };
    if options.noexec {
        job.link_only(streams)?;
        return Ok(0);
    }
    job.run(program_arguments, streams)
}

fn read(path: &PathBuf) -> Result<File, ToolError> {
    let bytes = std::fs::read(path).map_err(|error| ToolError::Read {
        path: path.clone(),
        error,
    })?;
    let name = path.to_string_lossy().into_owned();
    Ok(File { name, bytes })
}

/// What one run needs.
struct Job<'o> {
    options: &'o Options,
    machine: Machine,
    files: Vec<File>,
    names: Names,
}

impl Job<'_> {
    /// Links at addresses of nobody's memory.
    fn link_only(&mut self, streams: &mut Streams<'_>) -> Result<(), ToolError> {
        let Options {
            slab_address,
            slab_allocate,
            slab_page_size,
            ..
        } = *self.options;
        if slab_address.is_none() && slab_allocate.is_none() && slab_page_size.is_none() {
            let ranges = ADDRESSES.into_iter().filter_map(|(first, last)| {
                AddressRange::new(TargetAddr::new(first), TargetAddr::new(last))
            });
            let ranges: Vec<AddressRange> = ranges.collect();
            let memory = MockMemory::new(&ranges)
                .map_err(|error| ToolError::Link(LinkError::Memory(error)))?;
            self.link(&memory, streams)?;
            return Ok(());
        }
        let page = slab_page_size.and_then(Alignment::new);
        let slab = Slab::new(
            TargetAddr::new(slab_address.unwrap_or(ADDRESSES[0].0)),
            slab_allocate,
            page.unwrap_or(Alignment::PAGE),
        );
        let linked = self.link(&slab, streams);
        match (slab.wanted_bytes.get(), slab_allocate) {
            (Some(wanted_bytes), Some(size_bytes)) if linked.is_err() => Err(ToolError::Slab {
                size_bytes,
                wanted_bytes,
            }),
            _ => linked.map(drop),
        }
    }

    /// Links into this process, and calls the program.
    fn run(
        &mut self,
        program_arguments: Vec<OsString>,
        streams: &mut Streams<'_>,
    ) -> Result<u8, ToolError> {
        let first = self.files.first().map(|file| file.name.as_str());
        let name = CString::new(first.unwrap_or_default());
        let mut arguments = Vec::from_iter(name.ok());
        for argument in program_arguments {
            let text = argument.to_string_lossy().into_owned();
            let argument = CString::new(argument.into_vec());
            arguments.push(argument.map_err(|_| ToolError::Argument { text })?);
        }
        let memory =
            HostedMemory::new().map_err(|error| ToolError::Link(LinkError::Memory(error)))?;
        let (linked, entry) = self.link(&memory, streams)?;
        let Some(entry) = entry else {
            return Err(ToolError::NoEntry {
                name: self.entry_name().to_string(),
            });
        };
        process::call_initializers(&linked.initializers);
        let status = process::call_main(TargetAddr::new(entry), &arguments);
        // What the program registered to be called at exit lies in this memory.
        std::mem::forget(linked);
        // As a system does: of the status, eight bits are told.
        let [status, ..] = status.to_le_bytes();
        Ok(status)
    }

    fn entry_name(&self) -> &str {
        self.options.entry.as_deref().unwrap_or(MAIN)
    }

    /// Links into `memory`, and tells what is asked for; returns the address of the function to begin with, too.
    fn link<M: MemoryManager>(
        &mut self,
        memory: &M,
        streams: &mut Streams<'_>,
    ) -> Result<(Linked<M::Finalized>, Option<u64>), ToolError> {
        let files = std::mem::take(&mut self.files);
        let names = &self.names;
        let inputs = files.iter().map(|file| Input {
            name: &file.name,
            bytes: &file.bytes,
        });
        let inputs: Vec<Input<'_>> = inputs.collect();
        let mut graph = inputs::read(self.machine, &inputs, ReadOptions::default(), |name| {
            names.defines(name)
        })?;
        let purpose = match self.options.noexec {
            true => Purpose::Inspect,
            false => Purpose::Run,
        };
        let mut camera = Camera::default();
        let mut roots = Roots::new(self.entry_name());
        let mut pipeline = Pipeline::standard(purpose)?;
        if !self.options.no_gc_sections {
            pipeline.without("mark live");
            pipeline.push(Point::PrePrune, "mark live", &mut roots)?;
        }
        if self.wants_picture() {
            pipeline.push_post_fix_up("picture", &mut camera)?;
        }
        let linked = link::link(&mut graph, memory, &mut pipeline, &mut self.names);
        drop(pipeline);
        let linked = linked.map_err(|error| fault::explain(&graph, error))?;
        let entry = self.entry(&graph);
        let initializers = linked.initializers.iter();
        let initializers = initializers.map(|address| address.value()).collect();
        if let Some(picture) = camera.develop(entry, &linked.segments, initializers) {
            self.tell(&picture, streams)?;
        }
        Ok((linked, entry))
    }

    /// The address of the function to begin with.
    fn entry(&self, graph: &LinkGraph<'_>) -> Option<u64> {
        let name = Name::from(self.entry_name());
        let symbol = graph
            .find(name)
            .filter(|&id| graph.symbols.at(id).is_in_graph());
        let address = symbol.and_then(|id| graph.address(id));
        address
            .map(|address| address.value())
            .or_else(|| self.names.absolute(name))
    }

    fn wants_picture(&self) -> bool {
        let Options {
            map,
            image,
            check,
            perf_support,
            ..
        } = self.options;
        map.is_some() || image.is_some() || !check.is_empty() || *perf_support
    }

    fn tell(&self, picture: &Picture, streams: &mut Streams<'_>) -> Result<(), ToolError> {
        if let Some(path) = &self.options.map {
            let json = map::json(picture);
            let json = json.map_err(|error| ToolError::Internal(error.to_string()))?;
            write(path, &json)?;
        }
        if let Some(path) = &self.options.image {
            let image = image::elf(picture);
            let image = image.map_err(|error| ToolError::Internal(error.to_string()))?;
            write(path, &image)?;
        }
        if self.options.perf_support {
            let path = perf::path();
            let told = perf::announce(picture, &path);
            told.map_err(|error| ToolError::Write { path, error })?;
        }
        for path in &self.options.check {
            check::check_file(path, &self.options.check_name, picture, streams.errors)?;
        }
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ToolError> {
    std::fs::write(path, bytes).map_err(|error| ToolError::Write {
        path: path.to_path_buf(),
        error,
    })
}
