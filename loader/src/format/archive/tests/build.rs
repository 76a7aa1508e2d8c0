//! A writer of archives, in the forms that `ar` programs write.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// How the index and longer names are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// `/` and `//`.
    Gnu,
    /// `/SYM64/` and `//`.
    Gnu64,
    /// `__.SYMDEF` and `#1/`.
    Bsd,
    /// `__.SYMDEF SORTED`, within the header, and `#1/`.
    BsdSorted,
    /// `__.SYMDEF_64` and `#1/`.
    Bsd64,
}

pub(crate) const FORMS: [Form; 5] = [
    Form::Gnu,
    Form::Gnu64,
    Form::Bsd,
    Form::BsdSorted,
    Form::Bsd64,
];

/// A name and a content.
pub(crate) type File<'f> = (&'f str, &'f [u8]);

/// An archive of these members. Its index has names, each with the number of its member.
pub(crate) fn archive(
    form: Form,
    index: Option<&[(&str, usize)]>,
    members: &[File<'_>],
) -> Vec<u8> {
    let mut table = String::new();
    let mut body = Vec::new();
    let mut places = Vec::new();
    for (name, content) in members {
        places.push(body.len());
        body.extend(match form {
            Form::Gnu | Form::Gnu64 => member(&gnu_name(name, &mut table), content),
            Form::Bsd | Form::BsdSorted | Form::Bsd64 => bsd_member(name, content),
        });
    }
    let table = match table.as_str() {
        "" => Vec::new(),
        table => member("//", table.as_bytes()),
    };
    with_index(b"!<arch>\n", form, index, &table, &places, &body)
}

/// A thin archive that names these files, or members of other archives: `NAME:PLACE`.
pub(crate) fn thin(index: Option<&[(&str, usize)]>, paths: &[&str]) -> Vec<u8> {
    let mut table = String::new();
    let mut body = Vec::new();
    let mut places = Vec::new();
    for path in paths {
        places.push(body.len());
        let (path, place) = match path.split_once(':') {
            Some((path, place)) => (path, format!(":{place}")),
            None => (*path, String::new()),
        };
        let name = format!("/{}{place}", table.len());
        table += &format!("{path}/\n");
        body.extend(header(&name, 1234));
    }
    let table = member("//", table.as_bytes());
    with_index(b"!<thin>\n", Form::Gnu, index, &table, &places, &body)
}

/// A header and what follows it, up to an even place.
pub(crate) fn member(name: &str, content: &[u8]) -> Vec<u8> {
    let mut member = header(name, content.len());
    member.extend(content);
    member.resize(member.len().next_multiple_of(2), b'\n');
    member
}

/// A header alone.
pub(crate) fn header(name: &str, size: usize) -> Vec<u8> {
    let text = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644);
    assert_eq!(text.len(), 60, "{text}");
    text.into_bytes()
}

fn gnu_name(name: &str, table: &mut String) -> String {
    if name.len() < 16 {
        return format!("{name}/");
    }
    let place = table.len();
    *table += &format!("{name}/\n");
    format!("/{place}")
}

fn bsd_member(name: &str, content: &[u8]) -> Vec<u8> {
    if name.len() <= 16 && !name.contains(' ') {
        return member(name, content);
    }
    // Filled up with zeros.
    let mut named = name.as_bytes().to_vec();
    named.resize(name.len().next_multiple_of(4) + 4, 0);
    let name = format!("#1/{}", named.len());
    named.extend(content);
    member(&name, &named)
}

fn with_index(
    magic: &[u8],
    form: Form,
    index: Option<&[(&str, usize)]>,
    table: &[u8],
    places: &[usize],
    body: &[u8],
) -> Vec<u8> {
    let written = |first: usize| {
        let entries = index.unwrap_or_default().iter();
        let entries: Vec<(&str, u64)> = entries
            .map(|&(name, member)| (name, (first + places[member]) as u64))
            .collect();
        index_member(form, &entries)
    };
    let index = match index {
        Some(_) => written(magic.len() + written(0).len() + table.len()),
        None => Vec::new(),
    };
    [magic, &index, table, body].concat()
}

fn index_member(form: Form, entries: &[(&str, u64)]) -> Vec<u8> {
    let names: Vec<u8> = entries
        .iter()
        .flat_map(|(name, _)| [name.as_bytes(), &[0]].concat())
        .collect();
    let number = |number: u64| match form {
        Form::Gnu => (number as u32).to_be_bytes().to_vec(),
        Form::Gnu64 => number.to_be_bytes().to_vec(),
        Form::Bsd | Form::BsdSorted => (number as u32).to_le_bytes().to_vec(),
        Form::Bsd64 => number.to_le_bytes().to_vec(),
    };
    let mut content = Vec::new();
    if matches!(form, Form::Gnu | Form::Gnu64) {
        content.extend(number(entries.len() as u64));
        content.extend(entries.iter().flat_map(|&(_, place)| number(place)));
        content.extend(names);
        let name = if form == Form::Gnu { "/" } else { "/SYM64/" };
        return member(name, &content);
    }
    let pairs = entries.iter().scan(0, |end, &(name, place)| {
        let start = *end;
        *end += name.len() as u64 + 1;
        Some([number(start), number(place)].concat())
    });
    let pairs: Vec<u8> = pairs.flatten().collect();
    content.extend(number(pairs.len() as u64));
    content.extend(pairs);
    content.extend(number(names.len() as u64));
    content.extend(names);
    match form {
        Form::BsdSorted => member("__.SYMDEF SORTED", &content),
        Form::Bsd64 => bsd_index("__.SYMDEF_64", &content),
        _ => bsd_index("__.SYMDEF", &content),
    }
}

/// As Darwin and LLVM write it: even a name that is short stands before the content.
fn bsd_index(name: &str, content: &[u8]) -> Vec<u8> {
    let mut named = name.to_string().into_bytes();
    named.resize(name.len().next_multiple_of(4) + 4, 0);
    let name = format!("#1/{}", named.len());
    named.extend(content);
    member(&name, &named)
}
