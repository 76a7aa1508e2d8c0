//! Programs that the tool runs in its own process.

use std::process::Command;

use super::workshop::{AARCH64, Workshop, X86_64, ironlink};

#[test]
fn the_status_is_that_of_main_which_gets_the_words_after_args() {
    let shop = Workshop::of_host("status");
    let object = shop.object(
        "main.c",
        "#include <string.h>\n\
         int main(int count, char **words) { return 10 * count + (int)strlen(words[count - 1]); }",
    );
    assert_eq!(ironlink(&[&object, "-args", "a", "-noexec"]).status, 37);
    assert_eq!(
        ironlink(&[&object, "--args"]).status,
        u8::try_from(10 + object.len()).unwrap()
    );
}

#[test]
fn initializers_run_before_main_by_their_priority() {
    let shop = Workshop::of_host("initializers");
    let object = shop.object(
        "main.c",
        "static int order;\n\
         __attribute__((constructor)) static void last(void) { order = order * 10 + 3; }\n\
         __attribute__((constructor(200))) static void second(void) { order = order * 10 + 2; }\n\
         __attribute__((constructor(101))) static void first(void) { order = order * 10 + 1; }\n\
         int main(void) { return order; }",
    );
    assert_eq!(ironlink(&[object]).status, 123);
}

/// Names the object that this process is to run as the tool, instead of testing.
const OBJECT_TO_RUN: &str = "IRONLINK_TEST_OBJECT_TO_RUN";

#[test]
fn finalizers_run_last_and_in_reverse_however_the_program_ends() {
    if let Ok(object) = std::env::var(OBJECT_TO_RUN) {
        std::process::exit(ironlink(&[object]).status.into());
    }
    let shop = Workshop::of_host("finalizers");
    let source = |end: &str| {
        format!(
            "#include <stdio.h>\n#include <stdlib.h>\n\
             static void registered(void) {{ puts(\"!registered\"); }}\n\
             __attribute__((destructor(101))) static void last(void) {{ puts(\"!last\"); }}\n\
             __attribute__((destructor(200))) static void second(void) {{ puts(\"!second\"); }}\n\
             __attribute__((destructor)) static void first(void) {{ puts(\"!first\"); }}\n\
             int main(void) {{ atexit(registered); {end}; }}"
        )
    };
    for (name, end) in [("returns.c", "return 3"), ("exits.c", "exit(3)")] {
        let object = shop.object(name, &source(end));
        // What runs at exit is seen from outside: of a process that does this test for the object alone.
        let own_name = "running::finalizers_run_last_and_in_reverse_however_the_program_ends";
        let ended = Command::new(std::env::current_exe().unwrap())
            .args([own_name, "--exact", "--nocapture"])
            .env(OBJECT_TO_RUN, object)
            .output()
            .unwrap();
        let output = String::from_utf8(ended.stdout).unwrap();
        let lines: Vec<&str> = output.lines().filter(|it| it.starts_with('!')).collect();
        assert_eq!(
            lines,
            ["!registered", "!first", "!second", "!last"],
            "{name}"
        );
        assert_eq!(ended.status.code(), Some(3));
    }
}

#[test]
fn another_function_is_called_if_it_is_named() {
    let shop = Workshop::of_host("entry");
    let object = shop.object(
        "main.c",
        "int main(void) { return 1; } int other(void) { return 2; }",
    );
    assert_eq!(ironlink(&["-entry=other", &object]).status, 2);
    let error = ironlink(&["-entry", "third", &object]).error();
    assert!(error.contains("no file defines `third`"), "{error}");
}

#[test]
fn a_main_of_this_process_is_not_meant() {
    let shop = Workshop::of_host("no_main");
    let object = shop.object("other.c", "int other(void) { return 2; }");
    let error = ironlink(&[object]).error();
    assert!(error.contains("no file defines `main`"), "{error}");
}

#[test]
fn objects_for_another_machine_are_not_run() {
    let machine = match cfg!(target_arch = "aarch64") {
        true => &X86_64,
        false => &AARCH64,
    };
    let object = Workshop::new("foreign", machine).object("main.c", "int main(void) { return 1; }");
    let error = ironlink(&[object]).error();
    assert!(error.contains("-noexec"), "{error}");
}

#[test]
fn memory_comes_from_a_slab_of_a_size() {
    let shop = Workshop::of_host("run_in_slab");
    let object = shop.object(
        "main.c",
        "int zeros[3000]; int main(void) { return zeros[2999] + 5; }",
    );
    assert_eq!(ironlink(&["-slab-allocate", "1Mb", &object]).status, 5);
    let error = ironlink(&["-slab-allocate", "4Kb", &object]).error();
    assert!(
        error.contains("too small") && error.contains("-slab-allocate"),
        "{error}"
    );
}

#[test]
fn exceptions_find_their_way() {
    let shop = Workshop::of_host("exceptions");
    let object = shop.object(
        "main.cpp",
        "__attribute__((noinline)) static int thrower(int x) { if (x) throw x; return 0; }\n\
         int main() { try { return thrower(9); } catch (int x) { return x; } }",
    );
    // The C++ library, as the system finds it.
    let library = host_library("libstdc++.so.6");
    assert_eq!(ironlink(&[&object, &library]).status, 9);
}

/// Where g++ finds a library.
fn host_library(name: &str) -> String {
    let found = Command::new("g++")
        .arg(format!("-print-file-name={name}"))
        .output()
        .unwrap();
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}
