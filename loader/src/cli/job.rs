//! One run of the tool: files are read, linked, looked at, and run.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::string::ToString;
use std::vec::Vec;

use crate::base::{AddressRange, Alignment, Machine, Name, OutOfMemory, TargetAddr};
use crate::format::ReadOptions;
use crate::graph::LinkGraph;
use crate::link::{self, LinkError, Linked, inputs};
use crate::memory::hosted::HostedMemory;
use crate::memory::mock::MockMemory;
use crate::memory::{MemoryError, MemoryManager};
use crate::pass::{Pipeline, Point, Purpose, standard};

use super::camera::Camera;
use super::changes::{self, Changes, PhonyWithin, SectionFiles};
use super::error::ToolError;
use super::explain::Explanation;
use super::files::Files;
use super::graphs::Graphs;
use super::names::Names;
use super::options::Options;
use super::roots::Roots;
use super::self_relocations::SelfRelocations;
use super::slab::Slab;
use super::streams::Streams;
use super::times::Times;
use super::{fault, process, report};

/// The function that is called unless another is named.
const MAIN: &str = "main";

/// Where a link that is not run lies, in the order of preference: far above the low 4 GiB, as programs on a host lie, and
/// anywhere else for what must lie elsewhere.
const ADDRESSES: [(u64, u64); 3] = [
    (0x7f00_0000_0000, 0x7fff_ffff_ffff),
    (0x1_0000, 0x7eff_ffff_ffff),
    (0xffff_8000_0000_0000, 0xffff_ffff_ffff_efff),
];

/// Does what the options say; returns the exit status.
pub(super) fn run(
    options: &Options,
    program_arguments: Vec<OsString>,
    streams: &mut Streams<'_>,
) -> Result<u8, ToolError> {
    let mut times = Times::new(options.show_times);
    let status = times
        .measure("read", || Files::read(options))
        .and_then(|files| {
            let job = Job {
                options,
                machine: files.machine(),
                files,
                sections: SectionFiles::read(options)?,
            };
            if options.explain {
                return job.explain(streams);
            }
            match options.noexec {
                true => job.link_only(streams, &mut times),
                false => job.link_and_run(program_arguments, streams, &mut times),
            }
        });
    times.show(streams.errors);
    status
}

/// What one run needs.
struct Job<'o> {
    options: &'o Options,
    machine: Machine,
    files: Files,
    sections: SectionFiles<'o>,
}

impl Job<'_> {
    /// Says whether the files would load.
    fn explain(&self, streams: &mut Streams<'_>) -> Result<u8, ToolError> {
        let explanation = Explanation {
            machine: self.machine,
            inputs: &self.files.inputs(),
            names: &self.names(),
            is_to_run: !self.options.noexec,
            entry: self.entry_name(),
            keeps_all: self.options.no_gc_sections,
        };
        explanation.tell(streams)
    }

    fn names(&self) -> Names {
        Names::new(self.options, Machine::HOST == Some(self.machine))
    }

    /// Links at addresses of nobody's memory.
    fn link_only(&self, streams: &mut Streams<'_>, times: &mut Times) -> Result<u8, ToolError> {
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
            let memory = MockMemory::new(&ranges).map_err(LinkError::Memory)?;
            self.link(&memory, streams, times)?;
            return Ok(0);
        }
        let slab = Slab::new(
            TargetAddr::new(slab_address.unwrap_or(ADDRESSES[0].0)),
            slab_allocate,
            slab_page_size
                .and_then(Alignment::new)
                .unwrap_or(Alignment::PAGE),
        );
        self.link(&slab, streams, times)
            .map_err(|error| self.of_slab(error, slab.wanted_bytes.get()))?;
        Ok(0)
    }

    /// Links into this process, and calls the program.
    fn link_and_run(
        &self,
        program_arguments: Vec<OsString>,
        streams: &mut Streams<'_>,
        times: &mut Times,
    ) -> Result<u8, ToolError> {
        let machine = self.machine;
        if Machine::HOST != Some(machine) {
            return Err(ToolError::Foreign { machine });
        }
        let arguments = self.arguments(program_arguments)?;
        let memory = match self.options.slab_allocate {
            Some(size_bytes) => HostedMemory::of_size(size_bytes),
            None => HostedMemory::new(),
        };
        let memory = memory.map_err(LinkError::Memory)?;
        let (mut linked, entry) = self
            .link(&memory, streams, times)
            .map_err(|error| self.of_slab(error, None))?;
        let main = entry.function.ok_or_else(|| self.no_entry())?;
        // The program may write without this one knowing: what was said so far comes first.
        streams.output.flush().map_err(ToolError::Output)?;
        if let Some(records) = entry.unwind_records {
            process::register_unwind_records(records);
        }
        let routines = core::mem::take(&mut linked.routines);
        let status = times.measure("run", || process::call_program(routines, main, &arguments));
        // What the program registered to be called at exit lies in this memory.
        std::mem::forget(linked);
        // As a system does: of the status, eight bits are told.
        let [status, ..] = status.to_le_bytes();
        Ok(status)
    }

    /// The words that main gets: first the name of the program, that of the first file.
    fn arguments(&self, program_arguments: Vec<OsString>) -> Result<Vec<CString>, ToolError> {
        let name = OsString::from(self.files.first_path());
        let words = [name].into_iter().chain(program_arguments);
        let words = words.map(|word| {
            let text = word.to_string_lossy().into_owned();
            CString::new(word.into_vec()).map_err(|_| ToolError::Argument { text })
        });
        words.collect()
    }

    /// Links into `memory`, and tells what is asked for; returns what running begins with, too.
    fn link<M: MemoryManager>(
        &self,
        memory: &M,
        streams: &mut Streams<'_>,
        times: &mut Times,
    ) -> Result<(Linked<M::Finalized>, Entry), ToolError> {
        let mut names = self.names();
        let mut graph = times.measure("graph", || self.graph(&names))?;
        let wants_entry = !self.options.noexec || self.options.entry.is_some();
        if wants_entry && !self.has_entry(&graph, &names) {
            return Err(self.no_entry());
        }
        if self.options.show_linked_files {
            report::linked_files(&graph, &self.files, streams)?;
        }
        let mut changes = Changes::new(&self.options.alias, &self.files.hidden);
        let mut phony = PhonyWithin;
        let mut roots = Roots::new(self.entry_name());
        let mut self_relocations = SelfRelocations;
        let mut camera = Camera::new(&self.files);
        let is_drawn = self.options.dot.is_some();
        let mut graphs = Graphs::new(&self.files, self.options.show_graphs.as_ref(), is_drawn);
        let mut pipeline = standard_passes(self.options)?;
        pipeline.push(Point::PrePrune, "command line", &mut changes)?;
        if self.options.phony_externals {
            // After the tables: the start of one may be such a name.
            pipeline.push(Point::PostPrune, "phony names", &mut phony)?;
        }
        if self.options.add_self_relocations {
            pipeline.push(Point::PrePrune, "self relocations", &mut self_relocations)?;
        }
        if !self.options.no_gc_sections {
            pipeline.without("mark live");
            pipeline.push(Point::PrePrune, "mark live", &mut roots)?;
        }
        if self.options.no_relax {
            pipeline.without("relax");
        }
        if report::wants_picture(self.options) {
            pipeline.push_post_fix_up("picture", &mut camera)?;
        }
        if is_drawn || self.options.show_graphs.is_some() {
            pipeline.push_post_fix_up("graphs", &mut graphs)?;
        }
        let linked = times.measure("link", || {
            link::link(&mut graph, memory, &mut pipeline, &mut names)
        });
        drop(pipeline);
        let linked = linked.map_err(|error| fault::explain(&graph, error))?;
        let entry = Entry {
            function: self.entry(&graph, &names),
            unwind_records: graph.unwind_records.map(AddressRange::first),
        };
        report::graphs(self.options, &graphs, streams)?;
        if let Some(picture) = camera.develop(entry.function, &linked) {
            report::picture(self.options, &picture, streams)?;
        }
        Ok((linked, entry))
    }

    /// All that is linked, as it was read.
    fn graph(&self, names: &Names) -> Result<LinkGraph<'_>, ToolError> {
        let mut graph = LinkGraph::new(self.machine);
        self.sections.add_to(&mut graph)?;
        let aliases = self.options.alias.iter();
        let aliases = aliases.flat_map(|alias| [alias.name.as_str(), alias.stands_for.as_str()]);
        let entry = self.options.entry.as_deref();
        let entry = entry.or_else(|| (!self.options.noexec).then_some(MAIN));
        changes::ask_for(&mut graph, entry.into_iter().chain(aliases))?;
        let options = ReadOptions {
            debug: self.options.debug_info || self.options.image.is_some(),
        };
        let inputs = self.files.inputs();
        inputs::read_into(&mut graph, &inputs, options, |name| names.defines(name))?;
        Ok(graph)
    }

    fn entry_name(&self) -> &str {
        self.options.entry.as_deref().unwrap_or(MAIN)
    }

    fn no_entry(&self) -> ToolError {
        ToolError::NoEntry {
            name: self.entry_name().to_string(),
        }
    }

    /// Whether the link has the function to begin with: one of this process is never meant.
    fn has_entry(&self, graph: &LinkGraph<'_>, names: &Names) -> bool {
        let name = Name::from(self.entry_name());
        let symbol = graph.find(name).map(|id| graph.symbols.at(id));
        names.defines(name) || symbol.is_some_and(|symbol| !symbol.is_external())
    }

    /// The address of the function to begin with.
    fn entry(&self, graph: &LinkGraph<'_>, names: &Names) -> Option<TargetAddr> {
        let name = Name::from(self.entry_name());
        if !self.has_entry(graph, names) {
            return None;
        }
        let symbol = graph.find(name)?;
        graph.address(symbol)
    }

    /// Says of memory that doesn't suffice by how much it doesn't, if its size was chosen.
    fn of_slab(&self, error: ToolError, wanted_bytes: Option<u64>) -> ToolError {
        let exhausted = match &error {
            ToolError::Link(
                LinkError::Memory(MemoryError::WindowExhausted { size_bytes, .. })
                | LinkError::OutOfReach {
                    memory: Some(MemoryError::WindowExhausted { size_bytes, .. }),
                    ..
                },
            ) => Some(*size_bytes),
            _ => None,
        };
        match (self.options.slab_allocate, wanted_bytes.or(exhausted)) {
            (Some(size_bytes), Some(wanted_bytes)) if wanted_bytes > size_bytes => {
                ToolError::Slab {
                    size_bytes,
                    wanted_bytes,
                }
            }
            _ => error,
        }
    }
}

/// What running a program begins with.
struct Entry {
    /// The function to begin with.
    function: Option<TargetAddr>,
    /// Where the unwind records begin.
    unwind_records: Option<TargetAddr>,
}

/// The standard passes that go with the options.
fn standard_passes<'p>(options: &Options) -> Result<Pipeline<'p>, OutOfMemory> {
    if !options.noexec {
        return Pipeline::standard(Purpose::Run);
    }
    if !options.relax_to_immediates {
        return Pipeline::standard(Purpose::Inspect);
    }
    let mut pipeline = Pipeline::standard(Purpose::Run)?;
    pipeline.without(standard::THREAD_LOCAL_REFUSAL.name());
    Ok(pipeline)
}
