//! Damaged files: whatever the bytes are, the tool tells an error or links them, and never panics.

use super::workshop::{AARCH64, Workshop, X86_64, ironlink};

const PROGRAM: &str = "\
extern int outside(void);
static int local(void) { return 3; }
_Thread_local int own;
int table[4] = {1, 2, 3, 4};
int zeros[100];
int main(void) { return outside() + table[1] + zeros[2] + own + local(); }
";

#[test]
fn damaged_objects_do_no_harm() {
    for machine in [&X86_64, &AARCH64] {
        let shop = Workshop::new("hostile", machine);
        let object = shop.object("main.c", PROGRAM);
        let bytes = std::fs::read(&object).unwrap();
        let damaged = shop.path("damaged.o");
        let mut random = 1_u64;
        for round in 0..300 {
            // xorshift64
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let place = usize::try_from(random >> 8).unwrap() % bytes.len();
            let mut changed = bytes.clone();
            if round % 4 == 0 {
                changed.truncate(place);
            } else {
                changed[place] = random.to_le_bytes()[0];
            }
            std::fs::write(&damaged, changed).unwrap();
            tell_all(&["-explain", &damaged]);
            tell_all(&[
                "-noexec",
                "-phony-externals",
                "-no-gc-sections",
                "-debug-info",
                "-add-self-relocations",
                "-show-addrs",
                "-show-relocated-section-contents",
                "-show-graphs=.",
                "-map=-",
                "-dot=-",
                "-write-symtab=-",
                &format!("-image={}", shop.path("damaged.elf")),
                "-slab-allocate=16Mb",
                &damaged,
            ]);
            tell_all(&["-noexec", "-phony-externals", &damaged, "-harness", &object]);
            tell_all(&["-noexec", "-phony-externals", &object, "-harness", &damaged]);
        }
    }
}

fn tell_all(words: &[&str]) {
    let outcome = ironlink(words);
    assert!(outcome.status <= 1, "{words:?}: {outcome:?}");
}
