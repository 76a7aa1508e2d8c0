//! The reader alone: whatever the bytes are, they make a graph or an error that says what is wrong.

use ironlink::base::Name;
use ironlink::format::{self, Archive, FileKind, ReadOptions};
use ironlink::graph::{LinkGraph, Object, Origin};

use crate::files;

/// Reads the files of `input`, each into a graph of its own; of an archive, its index.
pub fn read(input: &[u8]) {
    let machine = files::machine(input);
    for file in files::split(input) {
        let name = Name::from("object");
        let read = if FileKind::of(file) == FileKind::Archive {
            Archive::parse(name, file).map(drop)
        } else {
            let mut graph = LinkGraph::new(machine);
            let origin = Origin::Given;
            let options = ReadOptions { debug: true };
            format::read_object(&mut graph, Object { origin, ..Object::new(name) }, file, options).map(drop)
        };
        if let Err(error) = read {
            // An error is put together only when it is shown.
            assert!(!error.to_string().is_empty());
        }
    }
}
