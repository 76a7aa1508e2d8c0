//! What the tool says when it is called wrongly, or can't do what it is told.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};

use super::workshop::{Workshop, X86_64, ironlink};

#[test]
fn an_unknown_option_leads_to_the_known_one() {
    let error = ironlink(&["-noexce", "a.o"]).error();
    assert!(
        error.contains("there is no option -noexce; did you mean -noexec?"),
        "{error}"
    );
}

#[test]
fn each_mistake_of_the_command_line_is_told_on_one_line() {
    let no_words: [&str; 0] = [];
    for (words, part) in [
        (&no_words[..], "no file to link"),
        (&["-jd=x", "a.o"], "-jd is not there yet"),
        (&["-lazy", "a.o"], "-lazy is not there yet"),
        (&["-slab-address=1", "a.o"], "--noexec"),
        (&["-slab-page-size=3", "-noexec", "a.o"], "power of two"),
        (&["-abs", "a", "a.o"], "NAME=ADDRESS"),
        (&["-show-graphs=(", "-noexec", "a.o"], "show-graphs"),
        (&["-lx", "a.o", "-no-such"], "no option -no-such"),
        (&["/nonexistent.o"], "/nonexistent.o can't be read"),
        (&["-noexec", "-explain", "/"], "/ can't be read"),
    ] {
        let error = ironlink(words).error();
        assert!(error.contains(part), "{words:?}: {error}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for word in ["-help", "--help", "-h"] {
        let shown = ironlink(&[word]).shown();
        assert!(
            shown.contains("Usage: ironlink [OPTIONS] FILE..."),
            "{shown}"
        );
    }
    assert!(ironlink(&["-version"]).shown().starts_with("ironlink "));
}

#[test]
fn a_fixup_out_of_range_says_where_and_what() {
    let shop = Workshop::new("range", &X86_64);
    let object = shop.object("main.s", ".globl main\nmain: ret\nplace: .short far\n");
    let error = ironlink(&["-noexec", "-abs=far=0x12345", &object]).error();
    for part in [
        "section .text: relocation target 0x12345 (far) is out of range of Pointer16 fixup at address 0x",
        "(place, 0x",
        "the value 74565 is outside of",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn errors_begin_with_the_name_that_the_tool_was_called_by() {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let words = [OsString::from("-nothing")];
    let status = ironlink::cli::run_as("llvm-jitlink", &words, &mut stdout, &mut stderr);
    assert_eq!(status, 1);
    assert!(stderr.starts_with(b"llvm-jitlink error: "));
}

#[test]
fn who_reads_no_more_is_told_no_more() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let shop = Workshop::of_host("closed");
    let object = shop.object("main.c", "int main(void) { return 0; }");
    for option in ["-show-addrs", "-explain", "-map=-", "-help"] {
        let words = ["-noexec", option, &object].map(OsString::from);
        let mut stderr = Vec::new();
        let status = ironlink::cli::run(&words, &mut Closed, &mut stderr);
        assert_eq!((status, stderr.as_slice()), (1, &b""[..]), "{option}");
        // Nor does it matter who reads errors.
        let words = ["-no-such-option"].map(OsString::from);
        assert_eq!(ironlink::cli::run(&words, &mut Closed, &mut Closed), 1);
    }
}

#[test]
fn a_file_that_can_not_be_written_is_named() {
    let shop = Workshop::of_host("unwritable");
    let object = shop.object("main.c", "int main(void) { return 0; }");
    let error = ironlink(&["-noexec", "-map=/nonexistent/map", &object]).error();
    assert!(
        error.contains("/nonexistent/map can't be written"),
        "{error}"
    );
}
