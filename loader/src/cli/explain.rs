//! What would become of files, without linking them: whether each would load, what its relocations ask for, and what is
//! missing.

use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::io::{self, Write};
use std::string::{String, ToString};
use std::vec::Vec;

use crate::arch::relax;
use crate::base::{Machine, Name};
use crate::edge::{EdgeKind, Formula, KindRow, Table, ValueRange};
use crate::format::elf::{Meaning, RelocationRow, relocations_of};
use crate::format::{self, Archive, FileKind, FormatError, Member, ReadOptions};
use crate::graph::{LinkGraph, Linkage, Object, SectionRole, SymbolKind};
use crate::link::{Input, LinkError, inputs};
use crate::memory::Lifetime;
use crate::pass::{self, Pipeline, Point, Purpose};

use super::census::{self, Census};
use super::error::ToolError;
use super::machine;
use super::names::Names;
use super::roots::Roots;
use super::streams::Streams;

/// How many names one line shows.
const SHOWN_NAMES: usize = 12;

/// Why a file would not load that a link which only is looked at takes.
const THREAD_LOCAL: &str =
    "it needs thread-local storage, which can be linked with -noexec only yet";

/// Why a member of an archive would not load that is an archive itself.
const NESTED: &str = "an archive within an archive, into which no link looks; name it by itself";

/// What is explained, and for whom.
pub(super) struct Explanation<'e> {
    pub(super) machine: Machine,
    pub(super) inputs: &'e [Input<'e>],
    pub(super) names: &'e Names,
    /// Whether it is to run: what can only be computed is refused then.
    pub(super) is_to_run: bool,
    /// The name of the function to begin with.
    pub(super) entry: &'e str,
    /// Whether what nothing reaches is linked, too.
    pub(super) keeps_all: bool,
}

impl Explanation<'_> {
    /// Says of each file, and of all together, whether they would load. The exit status is 1 if not.
    pub(super) fn tell(&self, streams: &mut Streams<'_>) -> Result<u8, ToolError> {
        let output = &mut *streams.output;
        let mut would_load = true;
        for input in self.inputs {
            let told = match FileKind::of(input.bytes) {
                FileKind::Archive if input.is_whole => self.whole_archive(input, output),
                FileKind::Archive => self.archive(input, output),
                FileKind::Elf | FileKind::Unknown => self.object(input.name, input.bytes, output),
            };
            would_load &= told.map_err(ToolError::Output)?;
        }
        if would_load {
            would_load = self.together(output).map_err(ToolError::Output)?;
        }
        Ok(u8::from(!would_load))
    }

    /// An archive's members aren't linked unless something needs them: that one would not load is worth a line, no more.
    fn archive(&self, input: &Input<'_>, output: &mut dyn Write) -> io::Result<bool> {
        let archive = Archive::parse_with(Name::from(input.name), input.bytes, input.members);
        let archive = match archive {
            Ok(archive) => archive,
            Err(error) => return would_not_load(input, &error, output),
        };
        let mut count = 0;
        let faults = archive.members().filter_map(|member| {
            count += 1;
            match member {
                Ok(member) => Some(format!("{}: {}", member.name, self.member(&member)?)),
                Err(error) => Some(fault_of(input, &error)),
            }
        });
        let faults: Vec<_> = faults.collect();
        writeln!(
            output,
            "{}: an archive of {} objects, which load where something needs them; {} would not",
            input.name,
            count,
            faults.len()
        )?;
        for fault in faults.iter().take(SHOWN_NAMES) {
            writeln!(output, "  {fault}")?;
        }
        match faults.len().saturating_sub(SHOWN_NAMES) {
            0 => {}
            more => writeln!(output, "  and {more} more")?,
        }
        Ok(true)
    }

    /// Why a member of an archive would not load.
    fn member(&self, member: &Member<'_>) -> Option<String> {
        if FileKind::of(member.bytes) == FileKind::Archive {
            return Some(NESTED.to_string());
        }
        let mut graph = LinkGraph::new(self.machine);
        let object = Object::new(member.name);
        let read = format::read_object(&mut graph, object, member.bytes, ReadOptions::default());
        match read {
            Ok(_) if self.refuses(&graph) => Some(THREAD_LOCAL.to_string()),
            Ok(_) => None,
            Err(error) => Some(fault(&error)),
        }
    }

    /// All objects of a whole archive are linked: each is told as if it had been given by itself.
    fn whole_archive(&self, input: &Input<'_>, output: &mut dyn Write) -> io::Result<bool> {
        let members = match input.all_members() {
            Ok(members) => members,
            Err(error) => return would_not_load(input, &error, output),
        };
        let mut would_load = true;
        for member in members {
            would_load &= match member {
                Ok(member) if member.is_object() => {
                    let name = format!("{}({})", input.name, member.name);
                    self.object(&name, member.bytes, output)?
                }
                Ok(_) => true,
                Err(error) => would_not_load(input, &error, output)?,
            };
        }
        Ok(would_load)
    }

    fn object(&self, name: &str, bytes: &[u8], output: &mut dyn Write) -> io::Result<bool> {
        let mut graph = LinkGraph::new(self.machine);
        let object = Object::new(name);
        let read = format::read_object(&mut graph, object, bytes, ReadOptions::default());
        // What is said of relocations is said in the words of the machine that is linked for.
        let is_for_machine = machine::of_object(bytes) == Some(self.machine);
        let census = census::of(bytes).ok().filter(|_| is_for_machine);
        let rows = self.rows(&census.unwrap_or_default());
        let is_refused = |row: &Row| row.remedy.is_some();
        let is_refused = rows.iter().any(is_refused) || self.refuses(&graph);
        let verdict = match &read {
            Ok(_) if !is_refused => "would load".to_string(),
            Ok(_) => format!("would not load: {THREAD_LOCAL}"),
            Err(error) => format!("would not load: {}", fault(error)),
        };
        writeln!(output, "{name}: {verdict}")?;
        if read.is_ok() {
            contents(&graph, output)?;
        }
        table(&rows, output)?;
        Ok(read.is_ok() && !is_refused)
    }

    /// Whether what was read of a file needs what a link that runs doesn't have.
    fn refuses(&self, graph: &LinkGraph<'_>) -> bool {
        let mut blocks = graph.blocks.iter();
        self.is_to_run
            && blocks.any(|(id, block)| {
                let section = graph.sections.at(block.section);
                let is_storage =
                    section.role == SectionRole::ThreadLocal && block.content.size_bytes() > 0;
                let mut edges = graph.edges(id).iter();
                section.lifetime != Lifetime::NoAlloc
                    && (is_storage || edges.any(|edge| edge.kind.row().is_thread_local()))
            })
    }

    /// What becomes of each relocation that the census counted.
    fn rows(&self, census: &Census) -> Vec<Row> {
        let known = relocations_of(self.machine);
        let rows = census.counts.iter().map(|(&number, &count)| {
            let mut known = known.iter();
            let row = known.find(|row| u32::from(row.number) == number);
            self.row(number, count, row)
        });
        rows.collect()
    }

    fn row(&self, number: u32, count: u64, known: Option<&RelocationRow>) -> Row {
        let Some(known) = known else {
            return Row {
                name: format!("number {number}"),
                count,
                becomes: format!("unknown for {}", self.machine),
                remedy: Some("refused; use other code-model options, or report it"),
            };
        };
        let (becomes, remedy) = match known.meaning {
            Meaning::Nothing => ("nothing".to_string(), None),
            Meaning::Refused => (
                "nothing that a relocatable object should hold".to_string(),
                Some("refused; compile with -fPIC or other code-model options"),
            ),
            Meaning::Edge(kind) if kind.row().is_thread_local() && self.is_to_run => (
                becomes(kind),
                Some("refused; make it an ordinary variable, or link with -noexec"),
            ),
            Meaning::Edge(kind) => (becomes(kind), None),
        };
        Row {
            name: known.name.to_string(),
            count,
            becomes,
            remedy,
        }
    }

    /// What all files miss, and what they define twice.
    fn together(&self, output: &mut dyn Write) -> io::Result<bool> {
        let mut graph = LinkGraph::new(self.machine);
        let is_defined = |name: Name<'_>| self.names.defines(name);
        let options = ReadOptions::default();
        let read = inputs::read_into(&mut graph, self.inputs, options, is_defined);
        let prepared = read.map_err(|error| error.to_string()).and_then(|()| {
            let prepared = self.prepare(&mut graph);
            prepared.map_err(|error| error.to_string())
        });
        if let Err(error) = prepared {
            writeln!(output, "together: would not load: {error}")?;
            return Ok(false);
        }
        let mut outside = BTreeSet::new();
        let mut missing = Vec::new();
        for &id in graph.undefined() {
            let symbol = graph.symbols.at(id);
            if !symbol.is_external() || !symbol.is_live {
                continue;
            }
            // What must be defined within isn't looked for outside.
            let found = match symbol.scope.may_be_elsewhere() {
                true => self.names.find(symbol.name),
                false => self.names.within(),
            };
            match found {
                Some(_) => outside.insert(symbol.name.to_string()),
                None if symbol.linkage == Linkage::Weak => continue,
                None => {
                    missing.push((symbol.name, graph.objects.at(symbol.object)));
                    continue;
                }
            };
        }
        if !outside.is_empty() {
            writeln!(output, "wanted from outside: {}", list(&outside))?;
        }
        if !missing.is_empty() {
            writeln!(
                output,
                "together: would not load: nothing defines these; name the files that do, or give -abs or -phony-externals"
            )?;
        }
        for (name, object) in &missing {
            writeln!(output, "  {name} (wanted by {object})")?;
        }
        Ok(missing.is_empty())
    }
}

impl Explanation<'_> {
    /// Does what a link does before it looks for names: what it makes itself isn't missing.
    fn prepare(&self, graph: &mut LinkGraph<'_>) -> Result<(), LinkError> {
        let purpose = match self.is_to_run {
            true => Purpose::Run,
            false => Purpose::Inspect,
        };
        let mut roots = Roots::new(self.entry);
        let mut pipeline = Pipeline::standard(purpose)?;
        if !self.keeps_all {
            pipeline.without("mark live");
            pipeline.push(Point::PrePrune, "mark live", &mut roots)?;
        }
        pipeline.run(Point::PrePrune, graph)?;
        pass::prune(graph)?;
        pipeline.run(Point::PostPrune, graph)?;
        Ok(())
    }
}

/// A line of the table of relocations.
struct Row {
    name: String,
    count: u64,
    /// What is made of it.
    becomes: String,
    /// What to do if it is refused.
    remedy: Option<&'static str>,
}

fn table(rows: &[Row], output: &mut dyn Write) -> io::Result<()> {
    const NAME: &str = "relocation";
    const COUNT: &str = "count";
    if rows.is_empty() {
        return Ok(());
    }
    let names = rows.iter().map(|row| row.name.len());
    let name_width = names.max().unwrap_or(0).max(NAME.len());
    let counts = rows.iter().map(|row| row.count.to_string().len());
    let count_width = counts.max().unwrap_or(0).max(COUNT.len());
    writeln!(
        output,
        "  {NAME:name_width$}  {COUNT:count_width$}  what is written"
    )?;
    for row in rows {
        let Row {
            name,
            count,
            becomes,
            remedy,
        } = row;
        write!(
            output,
            "  {name:name_width$}  {count:count_width$}  {becomes}"
        )?;
        match remedy {
            Some(remedy) => writeln!(output, ": {remedy}")?,
            None => writeln!(output)?,
        }
    }
    Ok(())
}

/// What the memory of an object is, and what of it is out of the ordinary.
fn contents(graph: &LinkGraph<'_>, output: &mut dyn Write) -> io::Result<()> {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    let mut thread_local = 0;
    let (mut initializers, mut finalizers) = (0, 0);
    for (id, block) in graph.blocks.iter() {
        let section = graph.sections.at(block.section);
        let size = block.content.size_bytes();
        match section.role {
            SectionRole::ThreadLocal => thread_local += size,
            SectionRole::Initializers(_) => initializers += graph.edges(id).len(),
            SectionRole::Finalizers(_) => finalizers += graph.edges(id).len(),
            _ => {}
        }
        *sizes.entry(section.protection.to_string()).or_default() += size;
    }
    let sizes = sizes.iter().filter(|(_, size)| **size > 0);
    let mut facts: Vec<String> = sizes
        .map(|(protection, size)| format!("{protection}: {size} bytes"))
        .collect();
    if initializers > 0 {
        facts.push(format!("initializers: {initializers}"));
    }
    if finalizers > 0 {
        facts.push(format!("finalizers: {finalizers}"));
    }
    if thread_local > 0 {
        facts.push(format!("thread-local: {thread_local} bytes"));
    }
    let symbols = graph.symbols.iter();
    let indirect = symbols.filter(|(_, symbol)| symbol.kind == SymbolKind::IndirectFunction);
    match indirect.count() {
        0 => {}
        count => facts.push(format!("indirect functions: {count}")),
    }
    if facts.is_empty() {
        facts.push("nothing in memory".to_string());
    }
    writeln!(output, "  {}", facts.join(", "))
}

/// What is made of an edge of this kind.
fn becomes(kind: EdgeKind) -> String {
    let row = kind.row();
    let Some(request) = row.request else {
        return direct(row);
    };
    match request.table {
        Table::Got if is_relaxable(request.becomes) => {
            "a GOT entry, or none where the instruction can do without".to_string()
        }
        Table::Stub => {
            "a branch, through a stub where the target lies outside of the link".to_string()
        }
        Table::Got => "a GOT entry".to_string(),
        Table::StubAlways => "a stub".to_string(),
        Table::GotBase => "the start of the GOT".to_string(),
        table => table.to_string(),
    }
}

/// What is written without a table's help.
fn direct(row: &KindRow) -> String {
    let value = match row.formula {
        Formula::Nothing => return "nothing".to_string(),
        Formula::Absolute => "the address",
        Formula::Relative => "the distance",
        Formula::NegativeRelative => "the distance back",
        Formula::PageRelative => "the distance between pages",
        Formula::PageOffset => "the offset in the page",
        Formula::TableRelative => "the distance from the GOT",
        Formula::TablePageRelative => "the distance from the GOT's page",
        Formula::Size => "the size",
        Formula::ThreadOffset => "the distance from the thread pointer",
        Formula::ThreadBlockOffset => "the offset in thread-local storage",
        Formula::ThreadModule => "the number of the module",
    };
    let (bits, sign) = match row.range {
        ValueRange::Any => return value.to_string(),
        ValueRange::Signed(bits) => (bits, ", signed"),
        ValueRange::Unsigned(bits) => (bits, ", unsigned"),
        ValueRange::Either(bits) => (bits, ""),
    };
    let place = match row.formula {
        Formula::Absolute => ", so that the memory must lie low; -fPIC lets it lie anywhere",
        _ => "",
    };
    format!("{value} in {bits} bits{sign}{place}")
}

/// Whether a pass may do without the table's entry later on.
const fn is_relaxable(kind: EdgeKind) -> bool {
    match kind {
        EdgeKind::X86_64(kind) => relax::x86_64::is_relaxable(kind),
        EdgeKind::Aarch64(kind) => relax::aarch64::is_relaxable(kind),
        EdgeKind::Data(_) => false,
    }
}

/// What is wrong, without the name of the object, which stands before it.
fn fault(error: &FormatError) -> String {
    let section = error.site.section.as_str();
    match section.is_empty() {
        true => error.fault.to_string(),
        false => format!("{section}+{:#x}: {}", error.site.offset, error.fault),
    }
}

/// Says of an archive that it would not load.
fn would_not_load(
    input: &Input<'_>,
    error: &FormatError,
    output: &mut dyn Write,
) -> io::Result<bool> {
    let reason = fault_of(input, error);
    writeln!(output, "{}: would not load: {reason}", input.name)?;
    Ok(false)
}

/// What is wrong with an archive or one of its members, without the archive's name before it if it concerns all of it.
fn fault_of(input: &Input<'_>, error: &FormatError) -> String {
    let text = error.to_string();
    let own = text.strip_prefix(&format!("{}: ", input.name));
    own.unwrap_or(&text).to_string()
}

/// The first names of many.
fn list(names: &BTreeSet<String>) -> String {
    let first: Vec<&str> = names.iter().take(SHOWN_NAMES).map(String::as_str).collect();
    let first = first.join(", ");
    match names.len().saturating_sub(SHOWN_NAMES) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
