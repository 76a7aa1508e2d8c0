//! Changes inputs as somebody would who knows what an object file is.
//!
//! Bytes changed blindly seldom get past the headers. Here a table of an object is chosen, and an entry in it changed:
//! a field takes a value that lies at some limit, entries trade places, one stands for another, or the table grows. Now
//! and then whole files are dropped or doubled. The engine's own mutations are mixed in.

use std::ops::Range;

use libfuzzer_sys::fuzzer_mutate;

use crate::elf::{self, Table};
use crate::files;
use crate::random::Random;

/// How many changes one input gets at most.
const MOST_CHANGES: usize = 4;

/// The numbers of relocations lie below this one on both machines.
const MOST_KINDS: u64 = 1040;

/// Changes the first `size` bytes of `data` and returns how many there are then: no more than `max_size`.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    if random.below(4) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut input = data[..size].to_vec();
    for _ in 0..=random.below(MOST_CHANGES) {
        if random.below(16) == 0 {
            change_files(&mut input, &mut random);
        } else {
            change_object(&mut input, &mut random);
        }
    }
    if input.len() > max_size || input == data[..size] {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..input.len()].copy_from_slice(&input);
    input.len()
}

/// Changes the text that an input begins with, and leaves the other files alone but for one time in eight. Returns how many
/// bytes there are then: no more than `max_size`.
pub fn mutate_text(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let text_size = files::split(&data[..size])[0].len();
    let rest = data[text_size..size].to_vec();
    let room = max_size.saturating_sub(rest.len());
    if room == 0 || seed.is_multiple_of(8) {
        return fuzzer_mutate(data, size, max_size);
    }
    let text_size = fuzzer_mutate(data, text_size.min(room), room);
    data[text_size..text_size + rest.len()].copy_from_slice(&rest);
    text_size + rest.len()
}

/// Takes the files of two inputs and makes one of them; returns its size, which is no more than that of `out`.
pub fn cross_over(first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut random = Random::new(seed);
    let mut files = files::split(first);
    for file in files::split(second) {
        if random.below(2) == 0 {
            files.insert(random.below(files.len() + 1), file);
        }
    }
    let joined = files::join(&files);
    let size = joined.len().min(out.len());
    out[..size].copy_from_slice(&joined[..size]);
    size
}

/// Drops a file, doubles one, or has two trade places.
fn change_files(input: &mut Vec<u8>, random: &mut Random) {
    let mut files: Vec<&[u8]> = files::split(input);
    let (one, other) = (random.below(files.len()), random.below(files.len()));
    match random.below(3) {
        0 if files.len() > 1 => drop(files.remove(one)),
        1 => files.insert(other, files[one]),
        _ => files.swap(one, other),
    }
    *input = files::join(&files);
}

/// Changes a table of one object, in place or by moving it to the object's end, where it can grow.
fn change_object(input: &mut Vec<u8>, random: &mut Random) {
    let Some(&begin) = random.choose(&files::elf_files(input)) else {
        return;
    };
    let end = begin + files::split(&input[begin..])[0].len();
    let mut object = input[begin..end].to_vec();
    // One table in eight is a table of sections: a change there changes all.
    let tables = elf::tables(&object);
    let table = match tables.split_last() {
        Some((sections, _)) if random.below(8) == 0 => Some(sections),
        _ => random.choose(&tables),
    };
    if let Some(table) = table {
        change_table(&mut object, table, random);
        input.splice(begin..end, object);
    }
}

fn change_table(object: &mut Vec<u8>, table: &Table, random: &mut Random) {
    let (one, other) = (random.below(table.count), random.below(table.count));
    match random.below(16) {
        0 => swap(object, table, one, other),
        1 => object.copy_within(table.entry(one), table.entry(other).start),
        2 => grow(object, table, one),
        _ => {
            let field = random.below(table.fields.len());
            let place = table.field(one, field);
            let known = |range: Range<usize>| elf::number(object, range.start, range.len());
            let own = known(place.clone()).unwrap_or(0);
            let others = known(table.field(other, field)).unwrap_or(0);
            let value = limit(object.len() as u64, own, others, random);
            elf::set_number(object, place, value);
        }
    }
}

fn swap(object: &mut [u8], table: &Table, one: usize, other: usize) {
    let first = object[table.entry(one)].to_vec();
    object.copy_within(table.entry(other), table.entry(one).start);
    object[table.entry(other)].copy_from_slice(&first);
}

/// Puts a copy of the table at the object's end, with one entry there twice.
fn grow(object: &mut Vec<u8>, table: &Table, doubled: usize) {
    let offset = object.len().next_multiple_of(8);
    let entries = table.entry(0).start..table.entry(table.count - 1).end;
    object.resize(offset, 0);
    object.extend_from_within(entries);
    object.extend_from_within(table.entry(doubled));
    elf::move_table(object, table, offset, table.count + 1);
}

/// A value near which a reader may be wrong: about the file's `length`, about what the field holds now (`own`) or holds
/// elsewhere (`others`), a power of two, a small number.
fn limit(length: u64, own: u64, others: u64, random: &mut Random) -> u64 {
    let power = 1_u64 << random.below(64);
    let step = [0, 1, u64::MAX, 8, 8_u64.wrapping_neg()][random.below(5)];
    let base = match random.below(8) {
        0 => length,
        1 => others,
        2 => power,
        3 => power.wrapping_neg(),
        4 => return own ^ power,
        5 => return random.next() % MOST_KINDS,
        6 => return random.next(),
        _ => own,
    };
    base.wrapping_add(step)
}

#[cfg(test)]
mod tests {
    use super::{change_object, grow, swap};
    use crate::elf::{self, SizeField, Table};
    use crate::random::Random;

    /// An object of a file header, four words of content, and two section headers: none, and the content's.
    fn object() -> Vec<u8> {
        let mut object = vec![0; 64 + 16 + 128];
        object[..4].copy_from_slice(b"\x7fELF");
        elf::set_number(&mut object, 40..48, 80);
        elf::set_number(&mut object, 60..62, 2);
        for (place, number) in (64_usize..).step_by(4).zip(1..=4) {
            elf::set_number(&mut object, place..place + 4, number);
        }
        let header = 80 + 64;
        for (field, value) in [(4..8, 1), (24..32, 64), (32..40, 16)] {
            elf::set_number(&mut object, header + field.start..header + field.end, value);
        }
        object
    }

    fn words(object: &[u8], table: &Table) -> Vec<u64> {
        let word = |index| elf::number(object, table.entry(index).start, 4).unwrap();
        (0..table.count).map(word).collect()
    }

    #[test]
    fn tables_are_found_and_cut_to_the_file() {
        let mut object = object();
        let tables = elf::tables(&object);
        assert_eq!(tables.len(), 2);
        assert_eq!(words(&object, &tables[0]), [1, 2, 3, 4]);
        assert!(matches!(tables[1].size, SizeField::SectionCount));
        elf::set_number(&mut object, 60..62, 0xffff);
        assert_eq!(elf::tables(&object).last().unwrap().count, 2);
    }

    #[test]
    fn a_table_that_grew_has_one_entry_twice() {
        let mut object = object();
        let table = elf::tables(&object)[0];
        swap(&mut object, &table, 0, 3);
        grow(&mut object, &table, 1);
        assert_eq!(words(&object, &elf::tables(&object)[0]), [4, 2, 3, 1, 2]);
    }

    #[test]
    fn the_same_seed_makes_the_same_change() {
        for seed in 0..1000 {
            let (mut first, mut second) = (object(), object());
            change_object(&mut first, &mut Random::new(seed));
            change_object(&mut second, &mut Random::new(seed));
            assert_eq!(first, second);
            assert!(first.len() >= object().len());
        }
    }
}
