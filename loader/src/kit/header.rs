//! Headers: what a module includes to state the interface that it is built against, written as text.

use core::fmt;

use super::Interface;

/// Shows `ironlink_NAME.h`, for C and C++: it defines `IRONLINK_NEEDS_NAME`.
#[derive(Clone, Copy, Debug)]
pub struct CHeader<'i>(
    /// What it is about.
    pub &'i Interface<'i>,
);

/// Shows `ironlink_NAME.rs`, for Rust: it defines `ironlink_needs_NAME!`.
#[derive(Clone, Copy, Debug)]
pub struct RustHeader<'i>(
    /// What it is about.
    pub &'i Interface<'i>,
);

impl fmt::Display for CHeader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(interface) = self;
        let (name, upper) = (interface.name(), Upper(interface.name()));
        write!(
            formatter,
            "/* ironlink_{name}.h: what modules may use of `{name}`, each name with its version. Written by a program: don't change it.\n \
             *\n \
             *     IRONLINK_NEEDS_{upper};\n \
             *\n \
             * stands once in a module, outside of functions, and has the linker refuse it where one of them is not there or changed. */\n\
             #ifndef IRONLINK_{upper}_H\n\
             #define IRONLINK_{upper}_H\n\n\
             #include \"ironlink.h\"\n\n\
             #define IRONLINK_NEEDS_{upper} \\\n    \
             IRONLINK_INTERFACE(\"{name}\", {:#018x}ULL, {}",
            interface.hash(),
            interface.entries().len(),
        )?;
        for entry in interface.entries() {
            write!(
                formatter,
                ", \\\n        {{\"{}\", {:#018x}ULL}}",
                entry.name, entry.version
            )?;
        }
        formatter.write_str(")\n\n#endif\n")
    }
}

impl fmt::Display for RustHeader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(interface) = self;
        let name = interface.name();
        writeln!(
            formatter,
            "// ironlink_{name}.rs: what modules may use of `{name}`, each name with its version. Written by a program: don't change it.\n\n\
             /// Has the linker refuse the module where one of the names is not there or changed: once in a module, outside of\n\
             /// functions. `ironlink_module.rs` comes first.\n\
             #[allow(unused_macros)]\n\
             macro_rules! ironlink_needs_{name} {{\n    () => {{\n        \
             ironlink_interface! {{\n            \"{name}\", {:#018x}, [",
            interface.hash(),
        )?;
        for entry in interface.entries() {
            writeln!(
                formatter,
                "                \"{}\" {:#018x},",
                entry.name, entry.version
            )?;
        }
        formatter.write_str("            ]\n        }\n    };\n}\n")
    }
}

/// Shows a name in capital letters.
struct Upper<'n>(&'n str);

impl fmt::Display for Upper<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for letter in self.0.chars() {
            formatter.write_char(letter.to_ascii_uppercase())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use super::{CHeader, RustHeader};
    use crate::base::Name;
    use crate::kit::{Interface, InterfaceEntry};

    #[test]
    fn headers_list_the_entries_in_their_order_and_the_hash_over_them() {
        let entry = |name, version| InterfaceEntry {
            name: Name::from(name),
            version,
        };
        let entries = Vec::from([entry("putc", 0x22), entry("getc", 0x11)]);
        let interface = Interface::new("mini_os", entries).unwrap();
        let hash = format!("{:#018x}", interface.hash());
        let header = format!("{}", CHeader(&interface));
        let expected = format!(
            "#define IRONLINK_NEEDS_MINI_OS \\\n    IRONLINK_INTERFACE(\"mini_os\", {hash}ULL, 2, \\\n        \
             {{\"getc\", 0x0000000000000011ULL}}, \\\n        {{\"putc\", 0x0000000000000022ULL}})\n"
        );
        assert!(header.contains(&expected), "{header}");
        let header = format!("{}", RustHeader(&interface));
        let expected = format!(
            "\"mini_os\", {hash}, [\n                \"getc\" 0x0000000000000011,\n                \"putc\" 0x0000000000000022,\n"
        );
        assert!(
            header.contains("macro_rules! ironlink_needs_mini_os {"),
            "{header}"
        );
        assert!(header.contains(&expected), "{header}");
    }
}
