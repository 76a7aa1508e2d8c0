//! The limit: what a load can't do without. One copy of the bytes, one store for each relocation, and two protections, for
//! code and for constants, in a fresh mapping or in memory that was touched before.
//!
//! Where bytes and stores go is known beforehand: nothing is read, resolved or computed.

use super::pages::{PAGE_BYTES, Pages};
use super::{Linker, Loaded};
use crate::object_file::{ObjectFile, is_loaded};
use ironlink::base::Protection;
use object::elf::{SHF_EXECINSTR, SHF_WRITE};
use object::{Object, ObjectSection, SectionFlags};
use std::ops::Range;

/// The loaded bytes of an object as they will lie, and where relocations are.
struct Image {
    bytes: Vec<u8>,
    /// Bytes after them that stay zero.
    size_bytes: usize,
    code: Range<usize>,
    constants: Range<usize>,
    /// Offsets of the words that relocations write.
    words: Vec<u32>,
}

impl Image {
    fn of(object: &ObjectFile) -> Result<Self, String> {
        let file = object::File::parse(&*object.bytes).map_err(|error| error.to_string())?;
        let mut image = Self {
            bytes: Vec::new(),
            size_bytes: 0,
            code: 0..0,
            constants: 0..0,
            words: Vec::new(),
        };
        image.code = image.append(&file, Protection::ReadExecute)?;
        image.constants = image.append(&file, Protection::Read)?;
        image.append(&file, Protection::ReadWrite)?;
        let zero = file.sections().filter(is_loaded).filter(is_zero);
        let zero_bytes: u64 = zero.map(|section| section.size()).sum();
        image.size_bytes = image.bytes.len() + usize::try_from(zero_bytes).unwrap_or_default();
        Ok(image)
    }

    /// Appends the sections of one protection, at pages of their own.
    fn append(
        &mut self,
        file: &object::File<'_>,
        protection: Protection,
    ) -> Result<Range<usize>, String> {
        let start = self.bytes.len();
        for section in file.sections() {
            if !is_loaded(&section) || is_zero(&section) || protection_of(&section) != protection {
                continue;
            }
            let alignment = usize::try_from(section.align().max(1)).unwrap_or(1);
            let place = self.bytes.len().next_multiple_of(alignment);
            self.bytes.resize(place, 0);
            let data = section.data().map_err(|error| error.to_string())?;
            self.bytes.extend_from_slice(data);
            for (offset, _) in section.relocations() {
                let word = place as u64 + offset;
                self.words.push(u32::try_from(word).unwrap_or_default());
            }
        }
        let end = self.bytes.len().next_multiple_of(PAGE_BYTES);
        self.bytes.resize(end, 0);
        Ok(start..end)
    }

    /// What is timed.
    fn write_to(&self, pages: &Pages) -> Result<(), String> {
        let start = pages.start();
        // SAFETY: the pages are writable, as many as the image needs, and none of its bytes lie in them.
        unsafe { start.copy_from_nonoverlapping(self.bytes.as_ptr(), self.bytes.len()) };
        for word in &self.words {
            let place = start.wrapping_add(*word as usize).cast::<u32>();
            // SAFETY: the word lies in the image, as its object said.
            unsafe { place.write_unaligned(*word) };
        }
        pages.protect(self.code.clone(), Protection::ReadExecute)?;
        pages.protect(self.constants.clone(), Protection::Read)
    }
}

fn is_zero<'d>(section: &impl ObjectSection<'d>) -> bool {
    section.file_range().is_none()
}

fn protection_of<'d>(section: &impl ObjectSection<'d>) -> Protection {
    match section.flags() {
        SectionFlags::Elf { sh_flags, .. } if sh_flags.contains(SHF_EXECINSTR) => {
            Protection::ReadExecute
        }
        SectionFlags::Elf { sh_flags, .. } if sh_flags.contains(SHF_WRITE) => Protection::ReadWrite,
        _ => Protection::Read,
    }
}

/// The limit in a fresh mapping.
pub(super) fn fresh(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    Ok(Box::new(Fresh(Image::of(object)?)))
}

struct Fresh(Image);

impl Linker for Fresh {
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String> {
        let pages = Pages::new(self.0.size_bytes, None)?;
        self.0.write_to(&pages)?;
        Ok(Box::new(pages))
    }
}

/// The limit in memory that was touched before.
pub(super) fn touched(object: &ObjectFile) -> Result<Box<dyn Linker + '_>, String> {
    let image = Image::of(object)?;
    let pages = Pages::new(image.size_bytes, None)?;
    Ok(Box::new(Touched { image, pages }))
}

struct Touched {
    image: Image,
    pages: Pages,
}

impl Linker for Touched {
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String> {
        self.image.write_to(&self.pages)?;
        Ok(Box::new(Writable(&self.pages)))
    }
}

/// Pages that become writable again once they are not in use.
struct Writable<'p>(&'p Pages);

impl Drop for Writable<'_> {
    fn drop(&mut self) {
        let all = 0..self.0.size_bytes();
        self.0
            .protect(all, Protection::ReadWrite)
            .expect("they were writable before");
    }
}
