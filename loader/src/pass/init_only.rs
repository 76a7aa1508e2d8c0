//! Init-only memory: what initializers alone need is given back once they have run, and must not be missed then.
//!
//! Names of sections say what that is, as the Linux kernel's `__init` does; nothing proves it. So all that memory refers to
//! which stays is made to stay, too, and of what goes no name is left to be found. Two things may refer to it all the same:
//! the arrays of initializers, which are read once, and records of unwind information. These stay with all others, since
//! records lie at one stretch, and an initializer may unwind; later they describe addresses that nothing lies at until the
//! module is gone, so that nobody comes to ask for them.

use alloc::vec::Vec;

use crate::arch;
use crate::base::{OutOfMemory, fallible};
use crate::graph::{
    BlockId, Definition, Grouped, LinkGraph, Scope, SectionId, SectionKey, SectionRole,
};
use crate::memory::Lifetime;

use super::PassError;

/// Lets sections stay that are needed longer than their names say, and hides the symbols of those that go.
///
/// What passes add after this one must not let memory that stays refer to memory that goes.
pub(super) fn settle(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let is_any = graph.sections.ids().any(|id| is_init_only(graph, id));
    if !is_any {
        return Ok(());
    }
    let mut stays = Stays {
        blocks: graph.collect_blocks_by_section()?,
        pending: Vec::new(),
    };
    if is_code_far_apart(graph) {
        for id in graph.sections.ids() {
            if graph.sections.at(id).protection.is_executable() {
                stays.promote(graph, id)?;
            }
        }
    }
    stays.follow(graph)?;
    hide(graph);
    Ok(())
}

/// Whether a section goes once initializers have run.
fn is_init_only(graph: &LinkGraph<'_>, section: SectionId) -> bool {
    graph.sections.at(section).lifetime == Lifetime::Finalize
}

/// Whether there is so much code that a branch might not reach from one segment of it into another: veneers are made within
/// segments alone. Half is left for stubs and for gaps.
fn is_code_far_apart(graph: &LinkGraph<'_>) -> bool {
    let shape = arch::table_shape(graph.machine());
    let (_, farthest) = shape.branch.row().range.ends();
    let code = graph.blocks().filter(|(_, block)| {
        let section = graph.sections.at(block.section);
        block.is_live && section.protection.is_executable()
    });
    let sizes = code.map(|(_, block)| block.content.size_bytes());
    let size_bytes = sizes.fold(0, u64::saturating_add);
    size_bytes > farthest.unsigned_abs().wrapping_shr(1)
}

/// The search for what must stay.
struct Stays {
    blocks: Grouped<SectionKey, BlockId>,
    /// Blocks that stay, and whose edges are still to be followed.
    pending: Vec<BlockId>,
}

impl Stays {
    /// Lets all stay that is referred to by what does.
    fn follow(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
        for id in graph.blocks.ids() {
            if refers_for_good(graph, id) {
                fallible::push(&mut self.pending, id)?;
            }
            while let Some(block) = self.pending.pop() {
                self.follow_edges_of(graph, block)?;
            }
        }
        Ok(())
    }

    fn follow_edges_of(
        &mut self,
        graph: &mut LinkGraph<'_>,
        id: BlockId,
    ) -> Result<(), OutOfMemory> {
        let edges = graph.blocks.at(id).edges.indices();
        let keeps = graph.keep_range(id).indices();
        for index in edges.chain(keeps) {
            let Some(edge) = graph.edge(index) else {
                continue;
            };
            if let Definition::Block { block, .. } = graph.symbols.at(edge.target).definition {
                self.promote(graph, graph.blocks.at(block).section)?;
            }
        }
        Ok(())
    }

    /// Lets a section stay. Its blocks are followed, each but once: a section is promoted once.
    fn promote(
        &mut self,
        graph: &mut LinkGraph<'_>,
        section: SectionId,
    ) -> Result<(), OutOfMemory> {
        if !is_init_only(graph, section) {
            return Ok(());
        }
        graph.sections.at_mut(section).lifetime = Lifetime::Standard;
        for &block in self.blocks.of(section) {
            if refers_for_good(graph, block) {
                fallible::push(&mut self.pending, block)?;
            }
        }
        Ok(())
    }
}

/// Whether what a block refers to must stay.
fn refers_for_good(graph: &LinkGraph<'_>, id: BlockId) -> bool {
    let block = graph.blocks.at(id);
    let section = graph.sections.at(block.section);
    block.is_live
        && section.lifetime == Lifetime::Standard
        && !matches!(
            section.role,
            SectionRole::Initializers(_) | SectionRole::Unwind
        )
}

/// Hides the symbols that stand in what goes from all that is not linked with it.
fn hide(graph: &mut LinkGraph<'_>) {
    for id in graph.symbols.ids() {
        let symbol = graph.symbols.at(id);
        if let Definition::Block { block, .. } = symbol.definition
            && symbol.scope.is_exported()
            && is_init_only(graph, graph.blocks.at(block).section)
        {
            graph.symbols.at_mut(id).scope = Scope::Hidden;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::settle;
    use crate::base::{Machine, Name, Protection};
    use crate::edge::{DataKind, EdgeKind, X86_64Kind};
    use crate::graph::{
        BlockId, Content, Origin, Priority, RoutineOrder, Scope, SectionRole, SymbolId,
    };
    use crate::memory::Lifetime;
    use crate::pass::testing::Builder;

    const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);
    const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    const EXECUTE: Protection = Protection::ReadExecute;
    const ORDER: RoutineOrder = RoutineOrder::new(Priority::Last);

    fn lifetime(builder: &Builder, block: BlockId) -> Lifetime {
        let section = builder.graph.blocks.at(block).section;
        builder.graph.sections.at(section).lifetime
    }

    /// A block that goes once initializers have run, unless it is found to be needed longer, and a symbol for it.
    fn once(builder: &mut Builder, name: &'static str) -> (BlockId, SymbolId) {
        let block = builder.block(".init.text", EXECUTE, &[0xc3; 16]);
        let section = builder.graph.blocks.at(block).section;
        builder.graph.sections.at_mut(section).lifetime = Lifetime::Finalize;
        (block, builder.symbol(name, block, 0))
    }

    fn set_role(builder: &mut Builder, block: BlockId, role: SectionRole) {
        let section = builder.graph.blocks.at(block).section;
        builder.graph.sections.at_mut(section).role = role;
    }

    fn run(builder: &mut Builder) {
        builder.prune();
        settle(&mut builder.graph).unwrap();
        builder.graph.verify().unwrap();
    }

    #[test]
    fn what_memory_that_stays_refers_to_stays_and_what_that_refers_to() {
        let mut builder = Builder::new(Machine::X86_64);
        // What refers comes before and behind what it refers to.
        let (first, of_first) = once(&mut builder, "first");
        let (last, of_last) = once(&mut builder, "last");
        let (middle, of_middle) = once(&mut builder, "middle");
        let (alone, of_alone) = once(&mut builder, "alone");
        let data = builder.block(".data", Protection::ReadWrite, &[0; 8]);
        builder.edges(data, &[(0, POINTER, of_first, 0)]);
        builder.edges(first, &[(1, CALL, of_middle, 0)]);
        builder.edges(middle, &[(1, CALL, of_last, 0)]);
        builder.edges(alone, &[(1, CALL, of_last, 0)]);
        run(&mut builder);
        let stay = [first, middle, last].map(|block| lifetime(&builder, block));
        assert_eq!(stay, [Lifetime::Standard; 3]);
        assert_eq!(lifetime(&builder, alone), Lifetime::Finalize);
        let scope = |symbol| builder.graph.symbols.at(symbol).scope;
        assert_eq!(scope(of_middle), Scope::Default);
        assert_eq!(scope(of_alone), Scope::Hidden);
    }

    #[test]
    fn what_is_kept_by_memory_that_stays_stays() {
        let mut builder = Builder::new(Machine::X86_64);
        let (block, symbol) = once(&mut builder, "once");
        let code = builder.block(".text", EXECUTE, &[0xc3; 8]);
        builder.graph.add_keeps(&[(code, symbol)]).unwrap();
        run(&mut builder);
        assert_eq!(lifetime(&builder, block), Lifetime::Standard);
    }

    #[test]
    fn all_blocks_of_a_section_that_stays_are_followed() {
        let mut builder = Builder::new(Machine::X86_64);
        let (block, symbol) = once(&mut builder, "once");
        let (other, of_other) = once(&mut builder, "other");
        builder.edges(block, &[(9, CALL, of_other, 0)]);
        builder.graph.split_block(block, 8).unwrap();
        let data = builder.block(".data", Protection::ReadWrite, &[0; 8]);
        builder.edges(data, &[(0, POINTER, symbol, 0)]);
        run(&mut builder);
        assert_eq!(lifetime(&builder, other), Lifetime::Standard);
    }

    #[test]
    fn initializers_and_unwind_records_keep_nothing_for_good_but_finalizers_do() {
        for (role, expected) in [
            (SectionRole::Initializers(ORDER), Lifetime::Finalize),
            (SectionRole::Unwind, Lifetime::Finalize),
            (SectionRole::Finalizers(ORDER), Lifetime::Standard),
            (SectionRole::Retained, Lifetime::Standard),
        ] {
            let mut builder = Builder::new(Machine::X86_64);
            let (block, symbol) = once(&mut builder, "once");
            let array = builder.block("array", Protection::Read, &[0; 8]);
            set_role(&mut builder, array, role);
            builder.edges(array, &[(0, POINTER, symbol, 0)]);
            let of_array = builder.symbol("array", array, 0);
            builder.graph.add_keeps(&[(block, of_array)]).unwrap();
            run(&mut builder);
            assert!(builder.is_live(array));
            assert_eq!(lifetime(&builder, block), expected, "{role:?}");
        }
    }

    #[test]
    fn what_is_left_out_keeps_nothing() {
        let mut builder = Builder::new(Machine::X86_64);
        let (block, symbol) = once(&mut builder, "once");
        builder.object("member.o", Origin::Archive);
        let code = builder.block(".text", EXECUTE, &[0; 8]);
        builder.edges(code, &[(0, POINTER, symbol, 0)]);
        run(&mut builder);
        assert_eq!(lifetime(&builder, block), Lifetime::Finalize);
    }

    #[test]
    fn code_stays_where_branches_may_not_reach_all_of_it() {
        for (size_bytes, expected) in [
            (0x3f0_0000, Lifetime::Finalize),
            (0x400_0000, Lifetime::Standard),
        ] {
            let mut builder = Builder::new(Machine::Aarch64);
            let (code, _) = once(&mut builder, "once");
            let (data, _) = once(&mut builder, "data");
            let section = builder.graph.blocks.at(data).section;
            builder.graph.sections.at_mut(section).protection = Protection::ReadWrite;
            let large = builder.block(".text", EXECUTE, &[]);
            let zeros = Content::ZeroFill(size_bytes);
            builder.graph.set_content(large, zeros).unwrap();
            run(&mut builder);
            assert_eq!(lifetime(&builder, code), expected);
            assert_eq!(lifetime(&builder, data), Lifetime::Finalize);
        }
    }

    #[test]
    fn graphs_without_such_memory_are_left_as_they_are() {
        let mut builder = Builder::new(Machine::X86_64);
        let code = builder.block(".text", EXECUTE, &[0; 8]);
        builder.symbol("code", code, 0);
        builder.prune();
        let heap = crate::base::failing_heap::live_bytes();
        crate::base::failing_heap::fail_after(0, || settle(&mut builder.graph)).unwrap();
        assert_eq!(crate::base::failing_heap::live_bytes(), heap);
        let symbol = builder.graph.find(Name::from("code")).unwrap();
        assert_eq!(builder.graph.symbols.at(symbol).scope, Scope::Default);
    }
}
