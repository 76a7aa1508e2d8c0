//! Bytes that are read: texts that are hashed, and found by pointers in other data.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use cranelift_module::{DataDescription, Linkage, ModuleResult};

use crate::unit::Unit;

const WORDS: [&str; 6] = [
    "the linker",
    "knows",
    "where",
    "everything",
    "is",
    "but this",
];

/// Behind all words, and before the one that is hashed alone.
const PREFIX: &str = "not this: ";
const LAST: &str = "but all of this";

/// The offset basis and the prime of FNV-1a, of 64 bits.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x100_0000_01b3;

fn hash(text: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    text.iter().fold(BASIS, step)
}

pub(crate) fn build(unit: &mut Unit<'_>) -> ModuleResult<()> {
    let text: Vec<u8> = (0..=255).chain(WORDS.concat().bytes()).collect();
    let data = unit.bytes("text", false, &text)?;
    let hash_bytes = unit.declare("hash_bytes", Linkage::Local, 2)?;
    unit.define(hash_bytes, |it| {
        let (start, len) = (it.argument(0), it.argument(1));
        let hash = it.counter(BASIS.cast_signed());
        it.count(0, len, |it, place| {
            let byte = it.builder.ins().iadd(start, place);
            let byte = it.load_byte(byte);
            let known = it.get(hash);
            let mixed = it.builder.ins().bxor(known, byte);
            let prime = it.integer(PRIME.cast_signed());
            let mixed = it.builder.ins().imul(mixed, prime);
            it.set(hash, mixed);
        });
        it.get(hash)
    })?;
    let function = unit.entry("hash_text", |it| {
        let (text, len) = (it.address_of_data(data), it.argument(0));
        it.call(hash_bytes, &[text, len])
    })?;
    let len = i64::try_from(text.len()).expect("it is small");
    let expected = hash(&text).cast_signed();
    unit.expect("a hash of data", function, [len, 0], expected);

    // A table of pointers to texts without names; the last points behind the beginning of one.
    let mut table = DataDescription::new();
    table.define(vec![0; (WORDS.len() + 1) * 8].into());
    table.set_align(8);
    let mut offset = 0;
    let mut pointers = Vec::new();
    for word in WORDS {
        let mut bytes = word.as_bytes().to_vec();
        bytes.push(0);
        pointers.push((unit.anonymous(&bytes)?, 0));
    }
    let last = [PREFIX, LAST, "\0"].concat();
    let behind = i64::try_from(PREFIX.len()).expect("it is small");
    pointers.push((unit.anonymous(last.as_bytes())?, behind));
    for (text, addend) in pointers {
        let text = unit.module.declare_data_in_data(text, &mut table);
        table.write_data_addr(offset, text, addend);
        offset += 8;
    }
    let texts = (unit.module).declare_data("texts", Linkage::Export, false, false)?;
    unit.module.define_data(texts, &table)?;
    let function = unit.entry("hash_text_of_table", |it| {
        let (texts, place, zero) = (it.address_of_data(texts), it.argument(0), it.integer(0));
        let start = it.element(texts, place);
        let start = it.load(types::I64, start);
        let len = it.counter(0);
        it.while_true(
            |it| {
                let end = it.get(len);
                let end = it.builder.ins().iadd(start, end);
                let byte = it.load_byte(end);
                it.compare(IntCC::NotEqual, byte, zero)
            },
            |it| it.advance(len),
        );
        let len = it.get(len);
        it.call(hash_bytes, &[start, len])
    })?;
    for (place, text) in (0..).zip(WORDS.iter().chain(&[LAST])) {
        let expected = hash(text.as_bytes()).cast_signed();
        unit.expect("pointers from data to data", function, [place, 0], expected);
    }
    Ok(())
}
