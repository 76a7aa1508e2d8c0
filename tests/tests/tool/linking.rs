//! What is linked: names from the command line, libraries, harnesses, sections of files.

use super::workshop::{AARCH64, Workshop, X86_64, ironlink};

#[test]
fn archives_give_what_is_missing_and_libraries_are_looked_for() {
    let shop = Workshop::of_host("archives");
    let main = shop.object(
        "main.c",
        "int part(void); int main(void) { return part(); }",
    );
    let part = shop.object("part.c", "int part(void) { return 7; }");
    let unused = shop.object(
        "unused.c",
        "int nowhere(void); int unused(void) { return nowhere(); }",
    );
    let archive = shop.archive("libparts.a", &[&part, &unused]);
    assert_eq!(ironlink(&[&main, &archive]).status, 7);
    let folder = format!("-L{}", shop.path(""));
    for library in ["-lparts", "-hidden-lparts"] {
        assert_eq!(ironlink(&[&main, &folder, library]).status, 7);
    }
    assert_eq!(ironlink(&[&main, "-load_hidden", &archive]).status, 7);
    let error = ironlink(&["-all_load", &main, &archive]).error();
    assert!(error.contains("nothing defines `nowhere`"), "{error}");
    let error = ironlink(&[&main, &folder, "-lother"]).error();
    assert!(error.contains("libother.a"), "{error}");
}

#[test]
fn archives_of_every_kind_that_ar_makes_are_linked() {
    let shop = Workshop::of_host("kinds_of_archives");
    let main = shop.object(
        "main.c",
        "int first(void); int main(void) { return first(); }",
    );
    let first = shop.object(
        "first.c",
        "int second(void); int first(void) { return second() + 1; }",
    );
    let second = shop.object("second.c", "int second(void) { return 6; }");
    let long = shop.object("a_name_of_more_than_sixteen.c", "int unused;");
    let parts = [first.as_str(), &second, &long];
    let inner = shop.archive("libinner.a", &parts);
    let folder = shop.path("");
    for (operation, members) in [
        ("rcs", &parts[..]),
        ("rcS", &parts),
        ("rcsT", &parts),
        ("rcST", &parts),
        // GNU's thin archives name members of others in a way of their own.
        ("rcsT", &[inner.as_str()]),
        ("rcST", &[inner.as_str()]),
    ] {
        let archive = shop.archive_by(operation, "libkind.a", members);
        for words in [
            &[main.as_str(), &archive][..],
            &["-all_load", &main, &archive],
        ] {
            assert_eq!(ironlink(words).status, 7, "{operation} {members:?}");
        }
        let shown = ironlink(&["-noexec", "-show-linked-files", &main, &archive]).shown();
        assert_eq!(shown.lines().count(), 3, "{shown}");
        let words = ["-explain", "-all_load", &main, &archive];
        let explained = ironlink(&words).shown();
        let would_load = explained.matches(": would load\n").count();
        assert_eq!(would_load, 4, "{explained}");
        let explained = ironlink(&["-explain", &format!("-L{folder}"), "-lkind", &main]).shown();
        assert!(explained.contains("an archive of 3 objects"), "{explained}");
    }
}

#[test]
fn a_file_that_a_thin_archive_names_and_that_is_gone_is_told() {
    let shop = Workshop::of_host("thin_gone");
    let main = shop.object(
        "main.c",
        "int part(void); int main(void) { return part(); }",
    );
    let part = shop.object("part.c", "int part(void) { return 7; }");
    let gone = shop.path("gone.o");
    std::fs::copy(&part, &gone).unwrap();
    let archive = shop.archive_by("rcsT", "libgone.a", &[&gone]);
    std::fs::remove_file(&gone).unwrap();
    for words in [
        &[main.as_str(), &archive][..],
        &["-all_load", &main, &archive],
    ] {
        let error = ironlink(words).error();
        let parts = [
            "libgone.a: a thin archive",
            "/gone.o` can't be read",
            "`ar rc`",
        ];
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    let explained = ironlink(&["-explain", &main, &archive]);
    assert_eq!(explained.status, 1);
    let parts = ["1 would not\n", "  a thin archive, and its member"];
    for part in parts {
        assert!(explained.stdout.contains(part), "{part}: {explained:?}");
    }
}

#[test]
fn a_crate_of_several_units_is_a_library() {
    let shop = Workshop::of_host("units");
    let main = shop.object(
        "main.c",
        "int first(int); int main(void) { return first(3); }",
    );
    let source = shop.path("units.rs");
    let text = "#![no_std]
        pub mod inner { #[inline(never)] pub fn second(n: i32) -> i32 { n.wrapping_mul(2) } }
        pub mod other { #[inline(never)] pub fn third(n: i32) -> i32 { n.wrapping_add(1) } }
        #[unsafe(no_mangle)]
        pub extern \"C\" fn first(n: i32) -> i32 { inner::second(n).wrapping_add(other::third(n)) }";
    std::fs::write(&source, text).unwrap();
    let library = shop.path("libunits.rlib");
    let mut rustc = std::process::Command::new("rustc");
    rustc.args(["--edition=2024", "--crate-type=rlib", "-Ccodegen-units=8"]);
    rustc.args(["-Cpanic=abort", "-o", &library, &source]);
    assert!(rustc.status().unwrap().success());
    assert_eq!(ironlink(&[&main, &library]).status, 10);
    let shown = ironlink(&[
        "-noexec",
        "-show-linked-files",
        "-all_load",
        &main,
        &library,
    ])
    .shown();
    let units = shown.matches(".rcgu.o)").count();
    assert!(units > 1, "{shown}");
}

#[test]
fn a_library_gives_main_too() {
    let shop = Workshop::of_host("main_in_archive");
    let main = shop.object("main.c", "int main(void) { return 4; }");
    let archive = shop.archive("libmain.a", &[&main]);
    assert_eq!(ironlink(&[archive]).status, 4);
}

#[test]
fn names_get_addresses_and_stand_for_others() {
    for machine in [&X86_64, &AARCH64] {
        let shop = Workshop::new("names", machine);
        let object = shop.object(
            "main.c",
            "extern char far[], other[]; char *a = far, *b = other; int main(void) { return 0; }",
        );
        let words = [
            "-noexec",
            "-show-addrs",
            "-abs",
            "far=0x1234",
            "-alias=other=main",
        ];
        let shown = ironlink(&[&words[..], &[object.as_str()]].concat()).shown();
        assert!(
            shown.contains("\"far\" target addr = 0x0000000000001234"),
            "{shown}"
        );
        let address = |name: &str| {
            let mut lines = shown.lines();
            let line = lines.find(|line| line.contains(&format!("\"{name}\"")));
            line.unwrap().split(" = ").nth(1).unwrap()[..18].to_owned()
        };
        assert_eq!(address("other"), address("main"));
        let error = ironlink(&["-noexec", "-alias=main=other", "-abs=far=1", &object]).error();
        assert!(error.contains("defines `main` already"), "{error}");
    }
}

#[test]
fn names_that_nothing_defines_are_phony_only_if_asked() {
    for machine in [&X86_64, &AARCH64] {
        let shop = Workshop::new("phony", machine);
        let object = shop.object(
            "main.c",
            "int nowhere(void); int main(void) { return nowhere(); }",
        );
        let error = ironlink(&["-noexec", &object]).error();
        assert!(
            error.contains("`nowhere` (wanted by")
                && error.contains("main.")
                && error.contains(".text+0x"),
            "{error}"
        );
        ironlink(&["-noexec", "-phony-externals", &object]).shown();
    }
}

#[test]
fn hidden_names_are_phony_too() {
    let shop = Workshop::of_host("hidden_phony");
    let object = shop.object(
        "main.c",
        "__attribute__((visibility(\"hidden\"))) extern char hidden[]; char *place = hidden;\n\
         int main(void) { return 0; }",
    );
    let error = ironlink(&["-noexec", &object]).error();
    assert!(error.contains("`hidden`"), "{error}");
    ironlink(&["-noexec", "-phony-externals", &object]).shown();
}

#[test]
fn a_harness_sees_local_names_and_its_definitions_count() {
    let shop = Workshop::of_host("harness");
    let test = shop.object(
        "test.c",
        "int replaced(void) { return 1; }\n\
         __attribute__((noinline, used)) static int local(void) { return replaced() * 10; }\n\
         int user(void) { return local(); }",
    );
    let harness = shop.object(
        "harness.c",
        "int local(void); int user(void);\n\
         int replaced(void) { return 3; }\n\
         int main(void) { return local() + user(); }",
    );
    assert_eq!(ironlink(&[&test, "-harness", &harness]).status, 60);
}

#[test]
fn a_section_holds_a_file() {
    let shop = Workshop::of_host("sectcreate");
    let object = shop.object(
        "main.c",
        "extern char text[]; int main(void) { return text[0]; }",
    );
    let file = shop.path("a@b.txt");
    std::fs::write(&file, "xyz").unwrap();
    let option = format!("-sectcreate=data,{file}@start=0,text=2");
    assert_eq!(ironlink(&[&option, &object]).status, b'z');
    let option = format!("-sectcreate=data,{file}@end=3,text=4");
    let error = ironlink(&[&option, &object]).error();
    assert!(
        error.contains("`text` at 0x4 lies past the 0x3 bytes"),
        "{error}"
    );
}

#[test]
fn what_nothing_reaches_is_left_out_unless_it_is_to_be_kept() {
    let shop = Workshop::of_host("unreached");
    let source = ".section .far,\"a\"\n.quad nowhere\n.text\n.globl main\nmain: ret\n";
    let object = shop.object("main.s", source);
    ironlink(&["-noexec", &object]).shown();
    let error = ironlink(&["-noexec", "-no-gc-sections", &object]).error();
    assert!(error.contains("nowhere"), "{error}");
}

#[test]
fn a_slab_lies_where_it_is_told_to() {
    for machine in [&X86_64, &AARCH64] {
        let shop = Workshop::new("slab", machine);
        let source = ".text\n.globl main\nmain: ret\n.data\n.globl data\ndata: .quad main\n";
        let object = shop.object("main.s", source);
        let place = ["-noexec", "-slab-allocate=64Kb", "-slab-address=0xfff00000"];
        let page = "-slab-page-size=0x8000";
        let shown = ironlink(&[&place[..], &[page, "-show-addrs", &object]].concat()).shown();
        assert!(
            shown.contains("\"main\" target addr = 0x00000000fff00000"),
            "{shown}"
        );
        assert!(
            shown.contains("\"data\" target addr = 0x00000000fff08000"),
            "{shown}"
        );
        let words = [&place[..], &["-slab-page-size=0x20000", &object]].concat();
        let error = ironlink(&words).error();
        assert!(
            error.contains("the slab of 0x10000 bytes is 0x10008 too small"),
            "{error}"
        );
    }
}
