//! Whatever is defined, in whatever order, discarded in between and finalized in parts: all of it holds its own bytes in the end, with
//! the addresses of what it refers to.

use std::vec::Vec;

use super::runs::{Module, free, memory, module, session};
use crate::base::{Alignment, TargetAddr};
use crate::compiler::Relocation;
use crate::edge::{DataKind, EdgeKind};
use crate::jit::{Content, DataId, FuncId, Storage, Target};

/// Numbers that look random, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        // Knuth's factor; the upper bits are the better ones.
        self.0 = (self.0.wrapping_mul(0x5851_f42d_4c95_7f2d)).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % end
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        let place = self.below(all.len() as u64);
        all[usize::try_from(place).unwrap()]
    }
}

#[derive(Clone, Copy)]
enum Id {
    Function(FuncId),
    Data(DataId),
}

/// What was defined, to be compared with what lies in memory.
struct Defined {
    id: Id,
    alignment: Alignment,
    bytes: Vec<u8>,
    relocations: Vec<Relocation<Target>>,
}

fn address(module: &Module<'_>, id: Id) -> TargetAddr {
    match id {
        Id::Function(id) => module.finalized_function(id).unwrap(),
        Id::Data(id) => module.finalized_data(id).unwrap().0,
    }
}

impl Defined {
    /// Something for `id`, which refers to some of `all`.
    fn of(id: Id, all: &[Id], numbers: &mut Numbers) -> Self {
        let size = numbers.pick(&[1, 7, 8, 26, 32, 33, 64, 100, 300]);
        let bytes: Vec<u8> = (0..size).map(|_| numbers.below(256) as u8).collect();
        let alignment = numbers.pick(&[1, 2, 8, 16, 16, 16, 32, 64, 128, 4096]);
        let mut relocations = Vec::new();
        // Every other word, in one order or in the other.
        for offset in (0..size / 8).step_by(2).map(|word| word * 8) {
            let addend = numbers.pick(&[0, 1, -4, i64::from(i32::MAX) + 1, i64::MIN]);
            relocations.push(Relocation {
                offset,
                kind: EdgeKind::Data(DataKind::Pointer64),
                target: match (numbers.below(6), numbers.pick(all)) {
                    (0, _) => Target::Itself,
                    (1, _) => Target::Address(TargetAddr::new(numbers.below(1 << 48))),
                    (_, Id::Function(id)) => Target::Function(id),
                    (_, Id::Data(id)) => Target::Data(id),
                },
                addend,
            });
        }
        if numbers.below(2) == 0 {
            relocations.reverse();
        }
        let alignment = Alignment::new(alignment).unwrap();
        Self {
            id,
            alignment,
            bytes,
            relocations,
        }
    }

    fn define(&self, module: &mut Module<'_>) {
        let (bytes, relocations) = (&self.bytes, &self.relocations);
        let defined = match self.id {
            Id::Function(id) => module.define_function(id, bytes, self.alignment, relocations),
            Id::Data(id) => {
                let bytes = Content::Bytes(bytes);
                module.define_data(id, bytes, self.alignment, relocations)
            }
        };
        defined.unwrap();
    }

    /// Compares with what lies in memory.
    fn check(&self, module: &Module<'_>) {
        let address_here = address(module, self.id);
        assert!(address_here.is_aligned(self.alignment));
        let mut expected = self.bytes.clone();
        for relocation in &self.relocations {
            let target = match relocation.target {
                Target::Itself => address_here,
                Target::Address(address) => address,
                Target::Function(id) => address(module, Id::Function(id)),
                Target::Data(id) => address(module, Id::Data(id)),
            };
            let value = target.wrapping_offset(relocation.addend).value();
            let start = usize::try_from(relocation.offset).unwrap();
            expected[start..start + 8].copy_from_slice(&value.to_le_bytes());
        }
        assert_eq!(memory(address_here, expected.len() as u64), expected);
    }
}

#[test]
fn whatever_is_defined_holds_its_own_bytes_in_the_end() {
    let session = session();
    let mut numbers = Numbers(1);
    for _ in 0..150 {
        let mut module = module(&session);
        let count = 1 + numbers.below(30);
        let all: Vec<Id> = (0..count)
            .map(|_| match numbers.below(4) {
                0 => Id::Data(module.declare_anonymous_data(Storage::ReadOnly).unwrap()),
                1 => Id::Data(module.declare_anonymous_data(Storage::Writable).unwrap()),
                _ => Id::Function(module.declare_anonymous_function().unwrap()),
            })
            .collect();
        let mut defined: Vec<Defined> = Vec::new();
        // First some that are forgotten again, all or but for the first.
        for &id in &all {
            let new = Defined::of(id, &all, &mut numbers);
            new.define(&mut module);
            defined.push(new);
        }
        let kept = usize::try_from(numbers.below(count)).unwrap();
        module.discard_definitions_after(kept);
        defined.truncate(kept);
        for &id in &all[kept..] {
            let new = Defined::of(id, &all, &mut numbers);
            new.define(&mut module);
            defined.push(new);
        }
        // What one of them needs, and then all others.
        if let Id::Function(function) = numbers.pick(&all) {
            module.finalize_function(function, usize::MAX).unwrap();
            module.finalized_function(function).unwrap();
        }
        module.finalize_definitions().unwrap();
        for definition in &defined {
            definition.check(&module);
        }
        free(module);
    }
}

#[test]
fn aliases_and_zeros_between_definitions_change_nothing_of_them() {
    let session = session();
    let mut numbers = Numbers(2);
    let mut module = module(&session);
    let all: Vec<Id> = (0..20)
        .map(|_| Id::Function(module.declare_anonymous_function().unwrap()))
        .collect();
    let mut defined: Vec<Defined> = Vec::new();
    let (mut aliases, mut zeros) = (Vec::new(), Vec::new());
    for &id in &all {
        let new = Defined::of(id, &all, &mut numbers);
        new.define(&mut module);
        defined.push(new);
        let Id::Function(function) = id else { continue };
        if numbers.below(3) == 0 {
            let alias = module.declare_anonymous_function().unwrap();
            module.alias_function(alias, function).unwrap();
            aliases.push((alias, function));
        }
        if numbers.below(3) == 0 {
            let data = module.declare_anonymous_data(Storage::Writable).unwrap();
            let content = Content::Zeros(24);
            module
                .define_data(data, content, Alignment::EIGHT, &[])
                .unwrap();
            zeros.push(data);
        }
    }
    module.finalize_definitions().unwrap();
    for definition in &defined {
        definition.check(&module);
    }
    for (alias, function) in aliases {
        let [alias, function] = [alias, function].map(|id| module.finalized_function(id).unwrap());
        assert_eq!(alias, function);
    }
    for data in zeros {
        let (address, size_bytes) = module.finalized_data(data).unwrap();
        assert_eq!(memory(address, size_bytes), [0; 24]);
    }
    free(module);
}
