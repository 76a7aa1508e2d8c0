//! The reader alone: whatever the bytes are, they make a graph that is sound, or an error that says what is wrong.

use ironlink::base::Name;
use ironlink::format::{self, Archive, FileKind, FormatError, ReadOptions};
use ironlink::graph::{LinkGraph, Object, Origin};

use crate::files;

/// Reads the files of `input`, each into a graph of its own; of an archive, its index and where its members lie. A thin one
/// finds itself under one name.
pub fn read(input: &[u8]) {
    let machine = files::machine(input);
    for file in files::split(input) {
        let mut graph = LinkGraph::new(machine);
        match read_into(&mut graph, file) {
            Ok(()) => graph.verify().expect("a sound graph"),
            // An error is put together only when it is shown.
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

fn read_into<'a>(graph: &mut LinkGraph<'a>, file: &'a [u8]) -> Result<(), FormatError> {
    let name = Name::from("file");
    if FileKind::of(file) == FileKind::Archive {
        let files: &[(&str, &[u8])] = &[("a.o", file)];
        let mut members = Archive::parse_with(name, file, Some(&files))?.members();
        return members.try_for_each(|member| member.map(drop));
    }
    let object = Object {
        origin: Origin::Given,
        ..Object::new(name)
    };
    let options = ReadOptions { debug: true };
    format::read_object(graph, object, file, options).map(drop)
}
