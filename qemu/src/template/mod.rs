//! Templates of modules: a folder with a source that works, the kit that it includes, what the kernel offers, and how it is
//! built and run.

use crate::process;
use crate::toolchain::Language;
use anyhow::{Context, Result, anyhow, bail, ensure};
use ironlink::kit::{CHeader, RustHeader, files};
use ironlink_kernel::exports;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// How long a module's name may be, so that there is room for it in the module's record.
const LONGEST_NAME: usize = 63;

/// The folder in which a command is typed.
const HERE: &str = ".";

/// What a template is made of, for one language.
struct Template {
    /// What the language is called on the command line.
    language: &'static str,
    extension: &'static str,
    source: &'static str,
    /// The command that compiles it alone, for this machine; the source's name follows.
    compile: &'static str,
    /// The names of the kit's macros, and of what the kernel offers.
    kit: [&'static str; 2],
}

const C: Template = Template {
    language: "c",
    extension: "c",
    source: include_str!("module.c"),
    compile: "gcc -Wall -Wextra -c",
    kit: ["ironlink.h", "ironlink_kernel.h"],
};

const CXX: Template = Template {
    language: "cpp",
    extension: "cpp",
    source: include_str!("module.cpp"),
    compile: "g++ -Wall -Wextra -c",
    ..C
};

const RUST: Template = Template {
    language: "rust",
    extension: "rs",
    source: include_str!("module.rs"),
    compile: "rustc --edition=2024 --crate-type=lib -Cpanic=abort -Ccodegen-units=1 --emit=obj",
    kit: ["ironlink_module.rs", "ironlink_kernel.rs"],
};

/// Writes a module called `name` into a new folder of this name in `directory`, and returns its source's path.
///
/// # Errors
/// The name can't be that of a function and a file, there is something of that name, or it can't be written.
pub fn write_module(name: &str, language: Language, directory: &Path) -> Result<PathBuf> {
    let template = template_for(language)?;
    check_name(name)?;
    let folder = folder_of(name, directory);
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    if folder.exists() {
        bail!(
            "{} is there already, and nothing of it was touched; take another name, or --update to write the kit anew",
            folder.display()
        );
    }
    fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let file = format!("{name}.{}", template.extension);
    let source = folder.join(&file);
    write_new(&source, &template.source.replace("@NAME@", name))?;
    let quoted = |path: &Path| process::quoted(path.as_os_str());
    let in_directory = match directory == Path::new(HERE) {
        true => String::new(),
        false => format!("--dir {} ", quoted(directory)),
    };
    let readme = include_str!("README.md")
        .replace("@NAME@", name)
        .replace("@SOURCE@", &quoted(&source))
        .replace("@COMPILE@", &format!("{} {file}", template.compile))
        .replace("@FILE@", &file)
        .replace("@KIT@", template.kit[0])
        .replace("@INTERFACE@", template.kit[1])
        .replace("@LANG@", template.language)
        .replace("@DIR@", &in_directory);
    write_new(&folder.join("README.md"), &readme)?;
    write_kit(template, &folder)?;
    Ok(source)
}

/// Writes the kit's files in the folder of the module called `name` in `directory` anew, and returns the folder.
///
/// # Errors
/// There is no such module, or the files can't be written.
pub fn update_module(name: &str, language: Language, directory: &Path) -> Result<PathBuf> {
    let template = template_for(language)?;
    check_name(name)?;
    let folder = folder_of(name, directory);
    ensure!(
        folder.is_dir(),
        "{} is not there; leave --update out to make it",
        folder.display()
    );
    write_kit(template, &folder)?;
    Ok(folder)
}

fn template_for(language: Language) -> Result<&'static Template> {
    match language {
        Language::C => Ok(&C),
        Language::Cxx => Ok(&CXX),
        Language::Rust => Ok(&RUST),
        Language::Assembly => bail!("there is no template in assembly; take c, cpp or rust"),
    }
}

/// Checks that functions and files can be called so in every language.
fn check_name(name: &str) -> Result<()> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins_right = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    ensure!(
        begins_right && name.len() <= LONGEST_NAME && name.bytes().all(is_allowed),
        "`{name}` can't be a module's name: use 1 to {LONGEST_NAME} lowercase letters, digits and underscores, beginning with a letter"
    );
    Ok(())
}

/// The module's folder, as one would type it.
fn folder_of(name: &str, directory: &Path) -> PathBuf {
    match directory == Path::new(HERE) {
        true => PathBuf::from(name),
        false => directory.join(name),
    }
}

fn write_kit(template: &Template, folder: &Path) -> Result<()> {
    let interface = exports::interface().map_err(|_| anyhow!("no memory for the interface"))?;
    for file in template.kit {
        let text = match file {
            "ironlink.h" => files::IRONLINK_H.to_owned(),
            "ironlink_module.rs" => files::IRONLINK_MODULE_RS.to_owned(),
            "ironlink_kernel.h" => CHeader(&interface).to_string(),
            _ => RustHeader(&interface).to_string(),
        };
        let path = folder.join(file);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<()> {
    File::create_new(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{check_name, update_module, write_module};
    use crate::toolchain::Language;
    use std::path::PathBuf;
    use std::{env, fs};

    /// An empty folder, removed when this is dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let name = format!("ironlink-template-{test}-{}", std::process::id());
            let folder = env::temp_dir().join(name);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_module_has_its_source_the_kit_and_a_page_that_says_how_to_run_it() {
        for (language, files) in [
            (
                Language::C,
                ["README.md", "clock.c", "ironlink.h", "ironlink_kernel.h"],
            ),
            (
                Language::Cxx,
                ["README.md", "clock.cpp", "ironlink.h", "ironlink_kernel.h"],
            ),
            (
                Language::Rust,
                [
                    "README.md",
                    "clock.rs",
                    "ironlink_kernel.rs",
                    "ironlink_module.rs",
                ],
            ),
        ] {
            let folder = Folder::new("files");
            let source = write_module("clock", language, &folder.0).unwrap();
            let mut found: Vec<String> = (fs::read_dir(folder.0.join("clock")).unwrap())
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            found.sort();
            assert_eq!(found, files);
            for file in files {
                let text = fs::read_to_string(folder.0.join("clock").join(file)).unwrap();
                let is_complete = ["@NAME@", "@KIT@", "@DIR@"]
                    .iter()
                    .all(|place| !text.contains(place));
                assert!(is_complete, "{file}: {text}");
            }
            let readme = fs::read_to_string(folder.0.join("clock/README.md")).unwrap();
            let command = format!("cargo xtask run {}\n", source.display());
            assert!(readme.contains(&command), "{readme}");
        }
    }

    #[test]
    fn nothing_that_is_there_is_overwritten() {
        let folder = Folder::new("refuse");
        let source = write_module("clock", Language::C, &folder.0).unwrap();
        fs::write(&source, "mine").unwrap();
        for language in [Language::C, Language::Rust] {
            let error = write_module("clock", language, &folder.0).unwrap_err();
            assert!(error.to_string().contains("is there already"), "{error}");
        }
        assert_eq!(fs::read_to_string(source).unwrap(), "mine");
    }

    #[test]
    fn an_update_writes_the_kit_and_nothing_else() {
        let folder = Folder::new("update");
        let error = update_module("clock", Language::C, &folder.0).unwrap_err();
        assert!(error.to_string().contains("is not there"), "{error}");
        let source = write_module("clock", Language::C, &folder.0).unwrap();
        let header = source.with_file_name("ironlink_kernel.h");
        let written = fs::read_to_string(&header).unwrap();
        for file in [&source, &header] {
            fs::write(file, "old").unwrap();
        }
        update_module("clock", Language::C, &folder.0).unwrap();
        assert_eq!(fs::read_to_string(source).unwrap(), "old");
        assert_eq!(fs::read_to_string(header).unwrap(), written);
    }

    #[test]
    fn names_that_no_function_can_have_are_refused() {
        for name in [
            "",
            "Clock",
            "a-b",
            "a b",
            "1st",
            "../clock",
            "ä",
            &"n".repeat(64),
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("clock_2").is_ok());
    }
}
