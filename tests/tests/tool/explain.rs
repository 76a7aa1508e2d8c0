//! `-explain`: what would become of files.

use super::workshop::{AARCH64, Workshop, X86_64, ironlink};

#[test]
fn what_would_load_is_said_relocation_by_relocation() {
    for (machine, branch) in [(&X86_64, "R_X86_64_PLT32"), (&AARCH64, "R_AARCH64_CALL26")] {
        let shop = Workshop::new("explain", machine);
        let object = shop.object(
            "main.c",
            "int outside(int); int main(void) { return outside(1) + outside(2); }",
        );
        let shown = ironlink(&["-explain", "-abs=outside=1", &object]).shown();
        assert!(shown.contains(": would load\n"), "{shown}");
        let mut lines = shown.lines();
        let line = lines.find(|line| line.contains(branch)).unwrap();
        assert!(
            line.contains(" 2  a branch, through a stub where"),
            "{line}"
        );
        assert!(shown.contains("wanted from outside: outside"), "{shown}");
    }
}

#[test]
fn what_is_missing_is_said_and_fails() {
    let shop = Workshop::of_host("explain_missing");
    let object = shop.object(
        "main.c",
        "int nowhere(void); int main(void) { return nowhere(); }",
    );
    let outcome = ironlink(&["-explain", &object]);
    assert_eq!(outcome.status, 1);
    assert!(
        outcome.stdout.contains("\n  nowhere (wanted by "),
        "{}",
        outcome.stdout
    );
}

#[test]
fn thread_local_storage_is_refused_but_for_looking() {
    let shop = Workshop::of_host("explain_thread_local");
    let object = shop.object(
        "main.c",
        "_Thread_local int own; int main(void) { return own; }",
    );
    let outcome = ironlink(&["-explain", &object]);
    assert_eq!(outcome.status, 1);
    assert!(
        outcome
            .stdout
            .contains("refused; make it an ordinary variable"),
        "{}",
        outcome.stdout
    );
    assert_eq!(ironlink(&["-explain", "-noexec", &object]).status, 0);
}

#[test]
fn each_file_that_would_not_load_is_told_with_its_reason() {
    let shop = Workshop::of_host("explain_bad");
    let good = shop.object("main.c", "int main(void) { return 0; }");
    let text = shop.path("text.o");
    std::fs::write(&text, "no object").unwrap();
    let archive = shop.archive("libbad.a", &[&good, &text]);
    let outcome = ironlink(&["-explain", &good, &text, &archive]);
    assert_eq!(outcome.status, 1);
    let has = |part: &str| assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
    has("main.");
    has("would not load: neither an ELF object nor an archive");
    has("an archive of 2 objects, which load where something needs them; 1 would not");
}

#[test]
fn storage_that_no_relocation_asks_for_is_refused_in_files_and_archives() {
    let shop = Workshop::of_host("explain_storage");
    let own = shop.object(
        "main.c",
        "_Thread_local int own = 1; int main(void) { return 0; }",
    );
    let inner = shop.archive("libinner.a", &[&own]);
    let outer = shop.archive("libouter.a", &[&inner, &own]);
    for (words, parts) in [
        (
            ["-explain", &own],
            [": would not load: it needs thread-local", "thread-local: 4"],
        ),
        (
            ["-explain", &outer],
            [" 2 would not\n", "an archive within an archive"],
        ),
    ] {
        let outcome = ironlink(&words);
        for part in parts {
            assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
        }
    }
}
