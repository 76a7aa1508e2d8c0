//! What is told of a link.

use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol};

use super::workshop::{AARCH64, Workshop, X86_64, ironlink};

const PROGRAM: &str = "\
extern int outside(void);
int table[4] = {1, 2, 3, 4};
int zeros[100];
int main(void) { return outside() + table[1] + zeros[2]; }
";

#[test]
fn the_image_is_an_executable_of_the_linked_memory() {
    for machine in [&X86_64, &AARCH64] {
        let shop = Workshop::new("image", machine);
        let object = shop.object("main.c", PROGRAM);
        let image = shop.path("main.elf");
        let words = ["-noexec", "-abs=outside=0x10000", "-image", &image, &object];
        ironlink(&words).shown();
        let bytes = std::fs::read(&image).unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        let symbol = |name| {
            file.symbols()
                .find(|symbol| symbol.name() == Ok(name))
                .unwrap()
        };
        assert_eq!(file.entry(), symbol("main").address());
        let table = symbol("table");
        let section = file
            .section_by_index(table.section_index().unwrap())
            .unwrap();
        let content = section
            .data_range(table.address(), table.size())
            .unwrap()
            .unwrap();
        assert_eq!(content[..8], [1, 0, 0, 0, 2, 0, 0, 0]);
        let zeros = symbol("zeros").address();
        let mut segments = file.segments();
        let loaded =
            segments.find(|one| (one.address()..one.address() + one.size()).contains(&zeros));
        let loaded = loaded.unwrap();
        assert!(loaded.data().unwrap().len() < usize::try_from(loaded.size()).unwrap());
    }
}

#[test]
fn the_map_tells_of_sections_symbols_and_tables() {
    for machine in [&X86_64, &AARCH64] {
        let shop = Workshop::new("map", machine);
        let object = shop.object("main.c", PROGRAM);
        // Too far for a branch, so that a stub and its slot stay.
        let words = ["-noexec", "-abs=outside=0x10000", "-map=-", &object];
        let map = ironlink(&words).shown();
        for part in [
            format!("{{\"machine\":\"{}\",\"entry\":1", machine.name),
            format!("{{\"object\":\"{object}\",\"name\":\".text\",\"index\":"),
            "\"zero_fill\":true".to_owned(),
            "{\"name\":\"outside\",".to_owned(),
            "\"address\":65536,\"size\":0,\"protection\":\"none\",".to_owned(),
            "\"protection\":\"rx\",\"kind\":\"function\",".to_owned(),
            "\"size\":8,\"protection\":\"r\",\"kind\":\"address\"}".to_owned(),
            "\"protection\":\"rx\"}],\"got_base\":".to_owned(),
            "\"got\":[{\"symbol\":\"outside\",".to_owned(),
            "\"stubs\":[{\"symbol\":\"outside\",".to_owned(),
            "\"thread_storage\":null".to_owned(),
        ] {
            assert!(map.contains(&part), "{part}: {map}");
        }
    }
}

#[test]
fn thread_local_storage_is_told_where_it_is_only_looked_at() {
    let shop = Workshop::of_host("thread_local");
    let source = "_Thread_local int own = 5; int main(void) { return own; }";
    let object = shop.object("main.c", source);
    let map = ironlink(&["-noexec", "-map", "-", &object]).shown();
    assert!(map.contains("\"thread_storage\":{\"address\":"), "{map}");
    let error = ironlink(&[object]).error();
    assert!(
        error.contains("`own` needs thread-local storage"),
        "{error}"
    );
}

#[test]
fn graphs_of_wanted_files_are_shown_and_drawn() {
    let shop = Workshop::of_host("graphs");
    let main = shop.object(
        "main.c",
        "int part(void); int main(void) { return part(); }",
    );
    let part = shop.object("part.c", "int part(void) { return 7; }");
    let shown = ironlink(&["-noexec", "-show-graphs=part", &main, &part]).shown();
    assert!(
        shown.starts_with("LinkGraph \"") && shown.contains("`part`, size "),
        "{shown}"
    );
    assert!(!shown.contains("`main`, size "), "{shown}");
    let drawn = ironlink(&["-noexec", "-dot=-", &main, &part]).shown();
    assert!(drawn.starts_with("digraph"), "{drawn}");
}

#[test]
fn files_bytes_and_symbols_are_shown() {
    let shop = Workshop::of_host("shown");
    let source = ".text\n.globl main\nmain: ret\n.data\n.globl data\ndata: .ascii \"0123456789abcdefghij\"\n";
    let object = shop.object("main.s", source);
    let options = ["-noexec", "-slab-address=0x10000", "-show-linked-files"];
    let words = [
        &options[..],
        &[
            "-show-relocated-section-contents",
            "-write-symtab=-",
            &object,
        ],
    ];
    let shown = ironlink(&words.concat()).shown();
    assert!(shown.contains("Linking "), "{shown}");
    assert!(
        shown.contains("0x0000000000011010: 67 68 69 6a\n"),
        "{shown}"
    );
    assert!(shown.contains("\n0x10000 main\n"), "{shown}");
}

#[test]
fn checks_hold_or_say_both_sides() {
    for machine in [&X86_64, &AARCH64] {
        let shop = Workshop::new("check", machine);
        let object = shop.object("main.s", ".data\n.globl main\nmain: .quad main\n");
        let rules = shop.path("rules.txt");
        std::fs::write(&rules, "# jitlink-check: *{8}main = main\n").unwrap();
        ironlink(&["-noexec", "-check", &rules, &object]).shown();
        std::fs::write(&rules, "# mine: *{8}main = main + 1\n").unwrap();
        let outcome = ironlink(&["-noexec", "-check-name=mine", "-check", &rules, &object]);
        assert_eq!(outcome.status, 1);
        assert!(
            outcome.stderr.contains("is false: 0x"),
            "{}",
            outcome.stderr
        );
        let last = outcome.stderr.lines().last().unwrap();
        assert!(last.starts_with("ironlink error: Some checks in"), "{last}");
    }
}

#[test]
fn times_are_shown_beside_the_output() {
    let shop = Workshop::of_host("times");
    let object = shop.object("main.c", "int main(void) { return 0; }");
    let outcome = ironlink(&["-noexec", "-show-times", &object]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, ""));
    assert!(
        outcome.stderr.contains("link") && outcome.stderr.contains(" ms"),
        "{}",
        outcome.stderr
    );
}
