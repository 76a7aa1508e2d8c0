//! What each kind of symbol becomes. Source: System V gABI, "Symbol Table"; GNU extensions STB_GNU_UNIQUE and STT_GNU_IFUNC.

use std::string::{String, ToString};
use std::vec::Vec;

use object::elf;

use super::file::{
    self, ABSOLUTE, COMMON, EXTENDED, FIRST, Symbol, global, loaded, local, object, weak,
};
use super::{edges, error_of, graph_of, read, symbol};
use crate::base::{Alignment, TargetAddr};
use crate::graph::{Definition, Edge, LinkGraph, Linkage, Scope, SymbolKind};

/// An object with one section and these symbols.
fn with(symbols: &[Symbol]) -> Vec<u8> {
    object(symbols, std::vec![loaded(".text")])
}

#[test]
fn each_type_becomes_a_kind() {
    for (symbol_type, kind) in [
        (elf::STT_NOTYPE, SymbolKind::Unknown),
        (elf::STT_OBJECT, SymbolKind::Data),
        (elf::STT_FUNC, SymbolKind::Function),
        (elf::STT_COMMON, SymbolKind::Data),
        (elf::STT_TLS, SymbolKind::ThreadLocal),
        (elf::STT_GNU_IFUNC, SymbolKind::IndirectFunction),
    ] {
        for section in [0, FIRST] {
            let one = Symbol {
                symbol_type: symbol_type.0,
                ..global("one", section)
            };
            let bytes = with(&[one]);
            assert_eq!(symbol(&graph_of(&bytes), "one").kind, kind);
        }
    }
}

/// Most symbols are read in a loop of their own, which knows no extended indices.
#[test]
fn however_a_symbol_tells_its_section_it_becomes_the_same() {
    let bindings = [
        elf::STB_LOCAL,
        elf::STB_GLOBAL,
        elf::STB_WEAK,
        elf::STB_GNU_UNIQUE,
    ];
    let types = [
        elf::STT_NOTYPE,
        elf::STT_OBJECT,
        elf::STT_FUNC,
        elf::STT_SECTION,
        elf::STT_FILE,
        elf::STT_COMMON,
        elf::STT_TLS,
        elf::STT_GNU_IFUNC,
    ];
    let visibilities = [
        elf::STV_DEFAULT,
        elf::STV_INTERNAL,
        elf::STV_HIDDEN,
        elf::STV_PROTECTED,
    ];
    let all = |section| {
        let mut symbols = Vec::new();
        for binding in bindings {
            for symbol_type in types {
                for visibility in visibilities {
                    let name = std::format!("{binding:?} {symbol_type:?} {visibility:?}");
                    symbols.push(Symbol {
                        binding: binding.0,
                        symbol_type: symbol_type.0,
                        visibility: visibility.0,
                        value: symbols.len() as u64,
                        size: 3,
                        ..global(std::boxed::Box::leak(name.into_boxed_str()), section)
                    });
                }
            }
        }
        with(&symbols)
    };
    let [direct, extended] = [FIRST, FIRST + EXTENDED].map(|section| {
        let bytes = all(section);
        let graph = graph_of(&bytes);
        let symbols = graph.symbols.iter();
        let told = symbols.map(|(id, symbol)| {
            let is_settled = graph.is_settled_symbol(id);
            std::format!("{symbol:?} {is_settled}")
        });
        told.collect::<Vec<_>>()
    });
    assert_eq!(direct.len(), 4 * 7 * 4);
    assert_eq!(direct, extended);
}

#[test]
fn what_is_expected_of_a_missing_name_is_kept_by_any_that_ask_for_it() {
    let plain = with(&[global("counter", 0)]);
    let thread_local = with(&[Symbol {
        symbol_type: elf::STT_TLS.0,
        ..global("counter", 0)
    }]);
    for (first, second) in [(&plain, &thread_local), (&thread_local, &plain)] {
        let mut graph = graph_of(first);
        read(&mut graph, second).unwrap();
        assert_eq!(symbol(&graph, "counter").kind, SymbolKind::ThreadLocal);
    }
}

#[test]
fn a_name_that_is_thread_local_to_one_object_alone_is_an_error_in_any_order() {
    let of = |symbol_type: elf::SymbolType, section| {
        with(&[Symbol {
            symbol_type: symbol_type.0,
            ..global("counter", section)
        }])
    };
    let wanted = of(elf::STT_TLS, 0);
    let defined = of(elf::STT_OBJECT, FIRST);
    let referred = of(elf::STT_OBJECT, 0);
    for (first, second) in [
        (&wanted, &defined),
        (&defined, &wanted),
        (&wanted, &referred),
    ] {
        let mut graph = graph_of(first);
        let text = read(&mut graph, second).unwrap_err().to_string();
        assert!(
            text.contains("`counter` is thread-local here or at"),
            "{text}"
        );
    }
}

#[test]
fn each_binding_becomes_a_linkage() {
    for (binding, linkage) in [
        (elf::STB_GLOBAL, Linkage::Strong),
        (elf::STB_WEAK, Linkage::Weak),
        (elf::STB_GNU_UNIQUE, Linkage::Weak),
    ] {
        let one = Symbol {
            binding: binding.0,
            ..global("one", FIRST)
        };
        assert_eq!(symbol(&graph_of(&with(&[one])), "one").linkage, linkage);
    }
    let odd = Symbol {
        binding: 5,
        ..global("odd", FIRST)
    };
    assert!(error_of(&with(&[odd])).contains("`odd` has binding 5"));
}

#[test]
fn a_unique_symbol_is_the_first_of_its_name() {
    let unique = |value| Symbol {
        binding: elf::STB_GNU_UNIQUE.0,
        value,
        ..global("instance", FIRST)
    };
    let (first, second) = (with(&[unique(4)]), with(&[unique(8)]));
    let mut graph = graph_of(&first);
    read(&mut graph, &second).unwrap();
    let definition = symbol(&graph, "instance").definition;
    assert!(matches!(definition, Definition::Block { offset: 4, .. }));
}

#[test]
fn each_visibility_becomes_a_scope() {
    for (visibility, scope) in [
        (elf::STV_DEFAULT, Scope::Default),
        (elf::STV_PROTECTED, Scope::Protected),
        (elf::STV_HIDDEN, Scope::Hidden),
        (elf::STV_INTERNAL, Scope::Hidden),
    ] {
        let one = Symbol {
            visibility: visibility.0,
            ..global("one", FIRST)
        };
        assert_eq!(symbol(&graph_of(&with(&[one])), "one").scope, scope);
    }
}

#[test]
fn of_several_visibilities_the_most_constraining_counts() {
    let defined = with(&[global("one", FIRST)]);
    for (visibility, scope) in [
        (elf::STV_PROTECTED, Scope::Protected),
        (elf::STV_HIDDEN, Scope::Hidden),
    ] {
        let constrained = with(&[Symbol {
            visibility: visibility.0,
            ..global("one", 0)
        }]);
        for (first, second) in [(&constrained, &defined), (&defined, &constrained)] {
            let mut graph = graph_of(first);
            read(&mut graph, second).unwrap();
            let one = symbol(&graph, "one");
            assert_eq!(one.scope, scope);
            assert!(one.is_in_graph());
        }
    }
}

#[test]
fn a_weak_reference_stays_weak_until_a_strong_one_comes() {
    let (optional, wanted) = (with(&[weak("hook", 0)]), with(&[global("hook", 0)]));
    let mut graph = graph_of(&optional);
    assert_eq!(symbol(&graph, "hook").linkage, Linkage::Weak);
    read(&mut graph, &wanted).unwrap();
    assert_eq!(symbol(&graph, "hook").linkage, Linkage::Strong);
    read(&mut graph, &optional).unwrap();
    assert_eq!(symbol(&graph, "hook").linkage, Linkage::Strong);
}

#[test]
fn a_strong_definition_takes_the_place_of_a_weak_one() {
    let at = |symbol: Symbol, value| with(&[Symbol { value, ..symbol }]);
    let (weak, strong) = (at(weak("f", FIRST), 4), at(global("f", FIRST), 8));
    for (first, second) in [(&weak, &strong), (&strong, &weak)] {
        let mut graph = graph_of(first);
        read(&mut graph, second).unwrap();
        let f = symbol(&graph, "f");
        assert!(matches!(f.definition, Definition::Block { offset: 8, .. }));
        assert_eq!(f.linkage, Linkage::Strong);
    }
}

#[test]
fn common_symbols_are_merged_to_the_largest() {
    let common = |size, value| {
        with(&[Symbol {
            symbol_type: elf::STT_OBJECT.0,
            value,
            size,
            ..global("shared", COMMON)
        }])
    };
    let (small, large, largest) = (common(4, 32), common(100, 4), common((1 << 32) - 2, 4));
    let mut graph = graph_of(&small);
    read(&mut graph, &large).unwrap();
    let shared = symbol(&graph, "shared");
    let alignment = Alignment::new(32).unwrap();
    assert_eq!(shared.definition, Definition::Common(alignment));
    assert_eq!(shared.size_bytes, 100);
    assert!(error_of(&common(4, 3)).contains("`shared` asks for alignment 0x3"));
    let larger_than_any = error_of(&common((1 << 32) - 1, 4));
    assert!(larger_than_any.contains("`shared` asks for 0xffffffff bytes"));
    read(&mut graph, &largest).unwrap();
    assert_eq!(symbol(&graph, "shared").size_bytes, u32::MAX - 1);
}

#[test]
fn of_what_is_4_gib_or_larger_no_more_is_told() {
    for size in [(1 << 32) - 1, 1 << 32, u64::MAX] {
        let symbols = [global("global", FIRST), local("local", FIRST)];
        for large in symbols.map(|symbol| Symbol { size, ..symbol }) {
            let bytes = with(&[large]);
            let graph = graph_of(&bytes);
            let found = graph.symbols.values().next().unwrap();
            assert_eq!(found.size_bytes, crate::graph::Symbol::LARGEST_SIZE);
        }
    }
}

#[test]
fn a_large_common_symbol_is_common_on_the_machine_that_has_them() {
    let large = Symbol {
        value: 8,
        size: 4,
        ..global("large", file::LARGE_COMMON)
    };
    let bytes = with(&[large]);
    let definition = symbol(&graph_of(&bytes), "large").definition;
    assert_eq!(definition, Definition::Common(Alignment::EIGHT));
}

#[test]
fn an_absolute_symbol_is_an_address() {
    let one = Symbol {
        value: 0xfee0_0000,
        ..global("device", ABSOLUTE)
    };
    let bytes = with(&[one]);
    let definition = symbol(&graph_of(&bytes), "device").definition;
    assert_eq!(
        definition,
        Definition::Absolute(TargetAddr::new(0xfee0_0000))
    );
}

#[test]
fn aliases_past_the_end_of_a_section_and_symbols_of_no_size_are_kept_as_they_are() {
    let alias = Symbol {
        value: 12,
        size: 400,
        ..global("alias", FIRST)
    };
    let end = Symbol {
        value: 16,
        ..global("end", FIRST)
    };
    let beyond = Symbol {
        value: 64,
        ..global("beyond", FIRST)
    };
    let bytes = with(&[alias, end, beyond]);
    let graph = graph_of(&bytes);
    for (name, place, size) in [("alias", 12, 400), ("end", 16, 0), ("beyond", 64, 0)] {
        let symbol = symbol(&graph, name);
        let Definition::Block { offset, .. } = symbol.definition else {
            panic!("{name}")
        };
        assert_eq!((offset, symbol.size_bytes), (place, size), "{name}");
    }
}

#[test]
fn a_symbol_far_beyond_any_section_is_damage() {
    let at = |value| {
        with(&[Symbol {
            value,
            ..global("inner", FIRST)
        }])
    };
    graph_of(&at(1 << 47));
    for (value, shown) in [
        ((1 << 47) + 1, "0x800000000001"),
        (1 << 60, "0x1000000000000000"),
    ] {
        let text = error_of(&at(value));
        let expected = std::format!("`inner` lies {shown} bytes into its section");
        assert!(text.contains(&expected), "{text}");
    }
}

#[test]
fn a_local_symbol_without_a_place_is_damage() {
    for section in [0, COMMON] {
        assert!(
            error_of(&with(&[local("lost", section)])).contains("`lost` is local and undefined")
        );
    }
}

#[test]
fn a_definition_of_a_name_twice_in_one_object_names_both_places() {
    let again = Symbol {
        value: 8,
        ..global("twice", FIRST)
    };
    let bytes = with(&[global("twice", FIRST), again]);
    let text = error_of(&bytes);
    assert!(
        text.contains(".text+0x8: `twice` is already defined at odd.o: .text+0x0"),
        "{text}"
    );
}

/// Names that tests can tell apart by number.
fn numbered(number: usize) -> &'static str {
    std::boxed::Box::leak(std::format!("symbol {number}").into_boxed_str())
}

/// What the relocations of an object's section lead to, which has one for each of its symbols: names, and offsets. Those are
/// settled that lead to what is.
fn led_to(graph: &LinkGraph<'_>, symbols: usize) -> Vec<(String, u64)> {
    let edges = edges(graph, ".relocated");
    assert_eq!(edges.len(), symbols);
    let target = |edge: &Edge| {
        let is_settled = graph.is_settled_symbol(edge.target);
        assert_eq!(graph.is_settled(edge), is_settled);
        let symbol = graph.symbols.at(edge.target);
        let Definition::Block { offset, .. } = symbol.definition else {
            panic!("{:?}", symbol.definition)
        };
        (symbol.name.to_string(), offset)
    };
    edges.iter().map(target).collect()
}

/// An object with these symbols, and a relocation against each.
fn with_relocations(symbols: &[Symbol]) -> Vec<u8> {
    let relocation = |number: u64| [0, number << 32 | u64::from(elf::R_X86_64_64.0), 0];
    let relocations: Vec<u64> = (1..=symbols.len() as u64).flat_map(relocation).collect();
    let table = file::table(elf::SHT_RELA, FIRST, file::words(&relocations));
    object(symbols, std::vec![loaded(".relocated"), table])
}

/// Names are entered many at a time, up to one that is known.
#[test]
fn wherever_known_names_stand_among_others_each_name_leads_to_its_own_symbol() {
    const COUNT: usize = 200;
    let numbers = || 0..COUNT;
    let names: Vec<_> = numbers().map(numbered).collect();
    let at = |number: usize, binding: fn(&'static str, u32) -> Symbol| Symbol {
        value: number as u64,
        ..binding(names[number], FIRST)
    };
    let known: [&dyn Fn(usize) -> bool; 8] = [
        &|_| false,
        &|number| number == 0,
        &|number| number == 63,
        &|number| number == 64,
        &|number| number == COUNT - 1,
        &|number| number % 7 == 3,
        &|number| number > 90,
        &|_| true,
    ];
    let all = with_relocations(
        &numbers()
            .map(|number| at(number, global))
            .collect::<Vec<_>>(),
    );
    for is_known in known {
        let known = numbers().filter(|&number| is_known(number));
        let known = with(&known.map(|number| at(number, weak)).collect::<Vec<_>>());
        let mut graph = graph_of(&known);
        read(&mut graph, &all).unwrap();
        assert_eq!(graph.symbols.len(), COUNT);
        let expected: Vec<_> = numbers()
            .map(|it| (names[it].to_string(), it as u64))
            .collect();
        assert_eq!(led_to(&graph, COUNT), expected);
        for (number, name) in names.iter().enumerate() {
            let Definition::Block { offset, .. } = symbol(&graph, name).definition else {
                panic!("{name}")
            };
            assert_eq!(offset, number as u64);
        }
    }
}

#[test]
fn weak_names_among_known_ones_are_not_settled() {
    let at = |number| Symbol {
        value: number as u64,
        ..weak(numbered(number), FIRST)
    };
    let all: Vec<_> = (0..100).map(at).collect();
    let known: Vec<_> = (0..100).step_by(3).map(at).collect();
    let (known, all) = (with(&known), with_relocations(&all));
    let mut graph = graph_of(&known);
    read(&mut graph, &all).unwrap();
    assert_eq!(led_to(&graph, 100).len(), 100);
    let edges = edges(&graph, ".relocated");
    assert!(!edges.iter().any(|edge| graph.is_settled(edge)));
}

#[test]
fn a_name_that_an_object_defines_twice_is_an_error_however_many_stand_between() {
    for between in [0, 1, 62, 63, 64, 150] {
        let mut symbols: Vec<_> = (0..between).map(|it| global(numbered(it), FIRST)).collect();
        symbols.insert(0, global("twice", FIRST));
        symbols.push(global("twice", FIRST));
        let text = error_of(&with(&symbols));
        assert!(text.contains("`twice`"), "{text}");
    }
}

#[test]
fn local_symbols_that_stand_among_others_are_read_as_such() {
    let mut symbols = Vec::new();
    for number in 0..150 {
        let binding = [local, global, weak][number % 3];
        symbols.push(Symbol {
            value: number as u64,
            ..binding(numbered(number), FIRST)
        });
    }
    let mut bytes = with_relocations(&symbols);
    let headers = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().unwrap())).unwrap();
    // Where the symbol table's header tells how many local ones come first.
    let first_global = headers + 64 + 44;
    for told in [0, 1, 2, 70, 151, u32::MAX] {
        bytes[first_global..first_global + 4].copy_from_slice(&told.to_le_bytes());
        let graph = graph_of(&bytes);
        let numbers: Vec<_> = led_to(&graph, 150)
            .iter()
            .map(|&(_, offset)| offset)
            .collect();
        assert_eq!(numbers, (0..150).collect::<Vec<_>>());
        for (_, symbol) in graph.symbols.iter() {
            let is_local = symbol.scope == Scope::Local;
            let is_found = graph.find(symbol.name).is_some();
            assert!(is_local != is_found, "{symbol:?}");
        }
    }
}

#[test]
fn a_global_symbol_without_a_name_is_damage_wherever_it_stands() {
    for before in [0, 1, 63, 64, 100] {
        let mut symbols: Vec<_> = (0..before).map(|it| global(numbered(it), FIRST)).collect();
        symbols.push(global("", FIRST));
        let text = error_of(&with(&symbols));
        assert!(text.contains("a global symbol has no name"), "{text}");
    }
}
