//! A shell's life: line after line, until one ends it or there are no more.

use alloc::string::String;

use super::{Editor, Entered, Flow, System, TOO_LONG, commands, completion};

/// What each line begins with.
pub const PROMPT: &str = "ironlink> ";

/// Reads lines and does what they say. Gives the exit status.
pub fn serve(system: &mut dyn System) -> u8 {
    system.send(format_args!(
        "Ironlink's shell: `help` shows the commands; `exit` or ctrl-d ends it.\n"
    ));
    let mut editor = Editor::new(PROMPT);
    loop {
        system.send(format_args!("{}", editor.prompt()));
        match read_line(system, &mut editor) {
            Entered::Line(line) => {
                let mut flow = Flow::Next;
                let ended = system.attempt(&mut |system| flow = commands::execute(system, &line));
                if let Err(reason) = ended {
                    system.send(format_args!("`{line}` was ended: {reason}\n"));
                }
                if let Flow::End(status) = flow {
                    return status;
                }
            }
            Entered::TooLong => system.send(format_args!("{TOO_LONG}\n")),
            Entered::Interrupted => {}
            Entered::EndOfInput => return 0,
        }
    }
}

fn read_line(system: &mut dyn System, editor: &mut Editor) -> Entered {
    loop {
        let byte = system.receive();
        let mut entered = None;
        let taken = system.attempt(&mut |system| {
            let mut echo = String::new();
            entered = editor.feed(
                byte,
                |before| completion::candidates(system, before),
                &mut echo,
            );
            if !echo.is_empty() {
                system.send(format_args!("{echo}"));
            }
        });
        if taken.is_err() {
            // The terminal's bell, as for any key that means nothing.
            system.send(format_args!("\x07"));
        }
        if let Some(entered) = entered {
            return entered;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::serve;
    use crate::shell::test_system::TestSystem;

    /// What is said after the greeting in answer to these lines, without the echo; and the exit status.
    fn dialogue(lines: &str) -> (std::string::String, u8) {
        let mut system = TestSystem::new(lines.as_bytes());
        let status = serve(&mut system);
        (system.answers(), status)
    }

    fn answer(lines: &str) -> std::string::String {
        dialogue(lines).0
    }

    #[test]
    fn the_end_of_the_input_and_exit_end_it() {
        assert_eq!(dialogue("\x04").1, 0);
        assert_eq!(dialogue("exit\n").1, 0);
        assert_eq!(dialogue("exit 7\nhelp\n").1, 7);
        let (answer, status) = dialogue("exit 256\nexit x\nexit 1 2\n\x04");
        assert_eq!(status, 0);
        assert_eq!(
            answer,
            "exit: an exit status is a number from 0 to 255\n\
             exit: an exit status is a number from 0 to 255\n\
             usage: exit [STATUS]\n"
        );
    }

    #[test]
    fn nothing_of_a_line_that_is_too_long_is_done() {
        let line = std::format!("exit 7{}1\n\x04", " ".repeat(1000));
        let (answer, status) = dialogue(&line);
        assert_eq!(status, 0);
        assert!(answer.contains(super::TOO_LONG), "{answer}");
    }

    #[test]
    fn what_is_no_command_is_told() {
        assert_eq!(
            answer("frobnicate\n   \n\"a\n\x04"),
            "there is no command `frobnicate`; `help` shows those that there are\n\
             a \" has no second one\n"
        );
    }

    #[test]
    fn help_shows_all_commands_or_one() {
        let all = answer("help\n\x04");
        assert_eq!(all.lines().count(), super::commands::COMMANDS.len());
        assert!(
            all.contains("\nload FILE... [as NAME]  link objects of the disk as one module\n"),
            "{all}"
        );
        let one = answer("help load\n\x04");
        assert!(
            one.starts_with("load FILE... [as NAME]\nlink objects")
                && one.contains("Constructors run"),
            "{one}"
        );
        assert!(answer("help x\n\x04").starts_with("help: there is no command `x`"));
    }

    #[test]
    fn modules_come_and_go() {
        assert_eq!(
            answer(
                "list\nload a.o b.o\nlist\nload b.o as other\nload a.o\nunload other\nunload other\nlist\n\x04"
            ),
            "no module is loaded; `load FILE` loads one, `files` shows which files there are\n\
             a: 20 bytes, 1 fixup\n\
             module     bytes  fixups  used by\n\
             a             20       1  nobody\n\
             other: 10 bytes, 1 fixup\n\
             load: there is a module `a` already; `unload a` first, or give another name: load ... as NAME\n\
             unload: there is no module `other`; `list` shows those that are loaded\n\
             module     bytes  fixups  used by\n\
             a             20       1  nobody\n"
        );
    }

    #[test]
    fn a_module_goes_with_its_users_if_that_is_asked_for() {
        assert_eq!(
            answer(
                "load a.o as used\nunload used\nunload used and friends\nunload used and users\nlist\n\x04"
            ),
            "used: 10 bytes, 1 fixup\n\
             unload: used is used by b\n\
             usage: unload NAME [and users]\n\
             no module is loaded; `load FILE` loads one, `files` shows which files there are\n"
        );
    }

    #[test]
    fn what_a_module_says_of_itself_is_listed() {
        assert!(answer("load a.o as told\nlist\n\x04").ends_with("nobody; clock 1.2 MIT\n"));
    }

    #[test]
    fn what_can_not_be_loaded_is_told() {
        assert_eq!(
            answer("load\nload x.o\nload a.o as\nload a.o as b as c\nload l.a\nload bad.o\n\x04"),
            "usage: load FILE... [as NAME]\n\
             load: there is no file `x.o` on the disk; `files` shows what there is\n\
             usage: load FILE... [as NAME]\n\
             usage: load FILE... [as NAME]\n\
             load: `l.a` is an archive; archives are given with every load, so name the object that wants it\n\
             load: bad.o is no object\n"
        );
    }

    #[test]
    fn calls_take_numbers_and_text() {
        assert_eq!(
            answer("call f 1 -1 0x10 \"a b\"\ncall f a\ncall f 1 2 3 4 5 6 7\ncall g\ncall\n\x04"),
            "f([Number(1), Number(18446744073709551615), Number(16), Text(\"a b\")])\n\
             f = 4 (0x4)\n\
             call: `a` is no number of 64 bits; write 12, -12 or 0xc, or text in quotes: \"a\"\n\
             call: a call takes up to 6 arguments\n\
             call: g was ended: it fell\n\
             usage: call NAME [ARGUMENT...]\n"
        );
        assert_eq!(
            answer("call main one \"two three\" 4\n\x04"),
            "main([\"one\", \"two three\", \"4\"])\nmain: status 3\n"
        );
    }

    #[test]
    fn what_is_loaded_is_shown() {
        assert_eq!(
            answer("load a.o\nload b.o\nmap\nmap b\nsymbols a\ndeps\nmap x\nmap a b\nfiles\n\x04"),
            "a: 10 bytes, 1 fixup\n\
             b: 10 bytes, 1 fixup\n\
             r-x 0x0000100000..=0x0000100fff the kernel\n\
             r-x 0x0040000000..=0x0040000fff a .text\n\
             r-x 0x0040000000..=0x0040000fff b .text\n\
             r-x 0x0040000000..=0x0040000fff b .text\n\
             0x0000000001 a: f\n\
             0x0000000002 a: g\n\
             a: nothing but the kernel\n\
             b: nothing but the kernel\n\
             map: there is no module `x`; `list` shows those that are loaded\n\
             usage: map [NAME]\n\
             a.o   object         10\n\
             b.o   object         10\n\
             bad.o object         10\n\
             l.a   archive        10\n"
        );
        assert_eq!(answer("heap\n\x04").lines().count(), 11);
    }

    #[test]
    fn a_command_and_a_key_for_which_the_heap_has_no_room_end_alone() {
        let mut system = TestSystem::new(b"load a.o\nlist\n!list\nlist\n\x04");
        // Each key is an attempt, as is each command: the second line's command fails, and the key `!`.
        system.fails_at = &[16, 17];
        assert_eq!(serve(&mut system), 0);
        assert_eq!(
            system.answers(),
            "a: 10 bytes, 1 fixup\n\
             `list` was ended: no room\n\
             module     bytes  fixups  used by\n\
             a             10       1  nobody\n\
             module     bytes  fixups  used by\n\
             a             10       1  nobody\n"
        );
    }

    #[test]
    fn a_violation_is_told_after_the_load_that_made_it() {
        let mut system = TestSystem::new(b"audit\nload a.o\naudit\n\x04");
        system.violations_after_load = 1;
        serve(&mut system);
        assert_eq!(
            system.answers(),
            "nothing that is mapped can be both written and executed\n\
             a: 10 bytes, 1 fixup\n\
             load: W^X is broken in 1 place, told above; this is an error of the linker or the kernel\n\
             audit: W^X is broken in 1 place, told above; this is an error of the linker or the kernel\n"
        );
    }

    #[test]
    fn tab_completes_names_of_what_is_there() {
        assert_eq!(
            answer("lo\ta\t\nunl\ta\t\nli\t\n\x04"),
            "a: 10 bytes, 1 fixup\n\
             no module is loaded; `load FILE` loads one, `files` shows which files there are\n"
        );
    }
}
