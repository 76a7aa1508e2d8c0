//! The tracer of calls: a hook is called before each call of one function.
//!
//! Calls are led to a trampoline, which the tracer adds to each module that has any. It does so before liveness is settled: the
//! trampoline is live if a live block calls it, and keeps the function live; and before tables are made, so that what calls by
//! way of the global offset table finds the trampoline's address there.

use alloc::vec::Vec;

use crate::arch;
use crate::base::{Alignment, Name, OutOfMemory, Protection, Shared, TargetAddr, fallible, int};
use crate::edge::{DataKind, EdgeKind};
use crate::graph::{
    BlockId, Definition, LinkGraph, Linkage, Object, Origin, Scope, Section, Symbol, SymbolId,
    SymbolKind,
};
use crate::pass::{PassError, Pipeline, Point};
use crate::session::{ModuleView, Plugin, PluginError};

/// A plugin that lets a hook be called before each call of one function, in all modules that are loaded from then on. Clones
/// are the same tracer.
///
/// A call is one that an object leaves to the linker, by the function's name, and that takes no address: through a pointer the
/// function is called directly, and of calls within one object an assembler may leave nothing. Of two tracers of one function,
/// the first that was added sees its calls.
#[derive(Clone, Debug)]
pub struct CallTracer {
    shared: Shared<Traced>,
}

#[derive(Debug)]
struct Traced {
    function: Vec<u8>,
    hook: TargetAddr,
    number: u64,
}

/// The section of trampolines.
const SECTION: &str = "$__TRAMPOLINE";

/// The name by which a fault report knows a trampoline.
const TRAMPOLINE: &str = "call_tracer_trampoline";

impl CallTracer {
    /// A tracer of the function of this name, as objects spell it, whether modules define it or what they are linked against.
    /// `hook` is the address of an `extern "C" fn(usize)` of the machine that is linked for, which is given `number`. It may
    /// change all registers that C lets a function change, but must return: nothing unwinds through the trampoline. It is
    /// called in the midst of whatever calls the function, and must not call it by way of a traced module.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn new(function: &str, hook: TargetAddr, number: u64) -> Result<Self, OutOfMemory> {
        let function = fallible::copy_of(function.as_bytes())?;
        let shared = Shared::new(Traced {
            function,
            hook,
            number,
        })?;
        Ok(Self { shared })
    }
}

impl Plugin for CallTracer {
    fn name(&self) -> &str {
        "call tracer"
    }

    fn modify_passes<'p>(
        &'p self,
        _module: &ModuleView,
        _graph: &LinkGraph<'_>,
        pipeline: &mut Pipeline<'p>,
    ) -> Result<(), PluginError> {
        let traced = &*self.shared;
        let pass = |graph: &mut LinkGraph<'_>| traced.redirect(graph);
        Ok(pipeline.push_owned(Point::PrePrune, "call tracer", pass)?)
    }
}

impl Traced {
    /// Leads all calls of the function to a trampoline, which is made for the first.
    fn redirect(&self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        let Some(function) = graph.find(Name::new(&self.function)) else {
            return Ok(());
        };
        let mut trampoline = None;
        for id in graph.blocks.ids() {
            let block = graph.blocks.at(id);
            if !graph.sections.at(block.section).protection.is_executable() {
                continue;
            }
            for index in block.edges.indices() {
                let Some(addend) = call_of(graph, id, index, function) else {
                    continue;
                };
                let target = match trampoline {
                    Some(known) => known,
                    None => *trampoline.insert(self.add_trampoline(graph, function)?),
                };
                graph.retarget(index, target, addend)?;
            }
        }
        Ok(())
    }

    /// Adds a trampoline to a function. Its own way there is none of the calls that are looked for.
    fn add_trampoline(
        &self,
        graph: &mut LinkGraph<'_>,
        function: SymbolId,
    ) -> Result<SymbolId, PassError> {
        let shape = arch::trampoline_shape(graph.machine());
        let object = graph.add_object(Object {
            origin: Origin::Linker,
            ..Object::new("<linker>")
        })?;
        let section = Section::new(SECTION, object, Protection::ReadExecute);
        let section = graph.add_section(section)?;
        let block = graph.add_content_block(section, shape.bytes, Alignment::SIXTEEN)?;
        let start = int::usize_from_u32(shape.number_offset);
        let number = graph.content_mut(block)?.get_mut(start..);
        if let Some(number) = number.and_then(<[u8]>::first_chunk_mut) {
            *number = self.number.to_le_bytes();
        }
        let symbol = Symbol {
            name: Name::from(TRAMPOLINE),
            definition: Definition::Block { block, offset: 0 },
            size_bytes: int::saturate_u32(int::from_usize(shape.bytes.len())),
            object,
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Function,
            is_live: false,
        };
        let trampoline = graph.add_symbol(symbol)?;
        let hook = graph.add_symbol(Symbol {
            name: Name::default(),
            definition: Definition::Absolute(self.hook),
            size_bytes: 0,
            ..symbol
        })?;
        let pointer = EdgeKind::Data(DataKind::Pointer64);
        let first = graph.open_edges();
        graph.add_edge(shape.hook_offset, pointer, hook, 0)?;
        graph.add_edge(shape.function_offset, pointer, function, 0)?;
        graph.close_edges(block, first)?;
        Ok(trampoline)
    }
}

/// The addend of an edge of a block, if it is a call of this function.
fn call_of(graph: &LinkGraph<'_>, block: BlockId, index: usize, function: SymbolId) -> Option<i64> {
    let edge = graph.edge(index).filter(|edge| edge.target == function)?;
    let addend = graph.addend(edge);
    let before = graph
        .content(block)?
        .get(..int::usize_from_u32(edge.offset))?;
    arch::is_call(graph.machine(), edge.kind, addend, before).then_some(addend)
}
