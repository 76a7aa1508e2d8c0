//! Physical frames: one bit for each, over all memory that may be used.
//!
//! Pages are given from the bottom, page tables from the top, and no block of 2 MiB ever holds both: so the large page of the
//! direct map that shows a page can be split without unmapping the table that says so.

use core::fmt;

use ironlink::base::Digest;
use ironlink::memory::paging::{Frame, FrameSource, FrameUse, PAGE_SIZE_BYTES, PhysicalAddr};
use spin::Mutex;

use crate::boot::{MemoryMap, PhysicalRange};

/// How many frames there are, and what they are used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FrameStatistics {
    /// Frames that were free in the beginning.
    pub total: u64,
    /// Frames in use as pages.
    pub pages: u64,
    /// Frames in use as page tables.
    pub tables: u64,
    /// The most frames that were ever in use at once.
    pub most_in_use: u64,
}

impl FrameStatistics {
    /// Frames in use.
    pub const fn in_use(&self) -> u64 {
        self.pages + self.tables
    }

    /// Frames that are free.
    pub const fn free(&self) -> u64 {
        self.total - self.in_use()
    }
}

impl fmt::Display for FrameStatistics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} of {} frames free, {} pages and {} tables in use, {} at most",
            self.free(),
            self.total,
            self.pages,
            self.tables,
            self.most_in_use
        )
    }
}

/// The frames of the machine, to be shared.
#[derive(Debug)]
pub struct SharedFrames<'a>(Mutex<Frames<'a>>);

impl<'a> SharedFrames<'a> {
    /// Shares these frames.
    pub const fn new(frames: Frames<'a>) -> Self {
        Self(Mutex::new(frames))
    }

    /// How many there are, and what they are used for.
    pub fn statistics(&self) -> FrameStatistics {
        self.0.lock().statistics
    }

    /// A digest of which frames are free.
    pub fn digest(&self) -> u64 {
        Digest::of(self.0.lock().free_bits.iter().copied()).value()
    }

    /// Gives this many more frames for a use, and no other until it is set again, as if there were no others; `None` lifts
    /// that. For tests.
    pub fn set_allowance(&self, wanted_for: FrameUse, frames: Option<u64>) {
        *self.0.lock().allowance_of(wanted_for) = frames;
    }
}

// SAFETY: the frames behind the lock keep the promise, and the lock makes each call one step.
unsafe impl FrameSource for &SharedFrames<'_> {
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame> {
        self.0.lock().allocate(wanted_for)
    }

    fn free(&mut self, frame: Frame, used_for: FrameUse) {
        self.0.lock().free(frame, used_for);
    }
}

/// How many frames one large page shows.
const FRAMES_PER_LARGE_PAGE: u64 = 512;

/// Which frames are free.
#[derive(Debug)]
pub struct Frames<'a> {
    /// A bit for each frame from `first` on, set while it is free.
    free_bits: &'a mut [u64],
    /// The number of the first frame: its address in pages.
    first: u64,
    /// No word before this one has a free frame.
    hint: usize,
    /// Blocks with pages end here, and blocks with tables begin there, both at a multiple of [`FRAMES_PER_LARGE_PAGE`].
    pages_end: u64,
    tables_first: u64,
    /// How many more pages and tables are given; no end to them if `None`.
    page_allowance: Option<u64>,
    table_allowance: Option<u64>,
    statistics: FrameStatistics,
}

impl<'a> Frames<'a> {
    /// How many words [`new`](Self::new) needs for this memory.
    pub fn words_for(map: &MemoryMap) -> usize {
        let (first, end) = Self::span(map);
        (end - first).div_ceil(u64::BITS.into()) as usize
    }

    /// The usable frames of `map` that are not taken, not even in part.
    ///
    /// # Safety
    /// That memory is nobody's.
    pub unsafe fn new(free_bits: &'a mut [u64], map: &MemoryMap) -> Self {
        free_bits.fill(0);
        let (first, end) = Self::span(map);
        let mut frames = Self {
            free_bits,
            first,
            hint: 0,
            pages_end: 0,
            tables_first: end.next_multiple_of(FRAMES_PER_LARGE_PAGE),
            page_allowance: None,
            table_allowance: None,
            statistics: FrameStatistics::default(),
        };
        let whole = |range: PhysicalRange| range.aligned_inward(PAGE_SIZE_BYTES);
        for number in map.usable().filter_map(whole).flat_map(numbers) {
            frames.set_free(number, true);
        }
        let touched = |range: PhysicalRange| range.aligned_outward(PAGE_SIZE_BYTES);
        for number in map.taken().filter_map(touched).flat_map(numbers) {
            frames.set_free(number, false);
        }
        // Page tables name frame 0 where they name none.
        frames.set_free(0, false);
        let free_count = frames.free_bits.iter().map(|word| word.count_ones());
        frames.statistics.total = free_count.map(u64::from).sum();
        frames
    }

    /// The numbers of the first usable frame and of the first beyond the last.
    fn span(map: &MemoryMap) -> (u64, u64) {
        let first = map.usable().map(PhysicalRange::first).min().unwrap_or(0);
        let end = map.usable().map(PhysicalRange::end).max().unwrap_or(0);
        (first / PAGE_SIZE_BYTES, end / PAGE_SIZE_BYTES)
    }

    /// The word and the bit in it that stand for a frame; `None` beyond all.
    fn place(&self, number: u64) -> Option<(usize, u64)> {
        let index = number.checked_sub(self.first)?;
        let bits = u64::from(u64::BITS);
        let word = usize::try_from(index / bits).ok()?;
        (word < self.free_bits.len()).then_some((word, 1 << (index % bits)))
    }

    /// Marks a frame; says whether it was marked otherwise before.
    fn set_free(&mut self, number: u64, is_free: bool) -> bool {
        let Some((word, bit)) = self.place(number) else {
            return false;
        };
        let was_free = self.free_bits[word] & bit != 0;
        if is_free {
            self.free_bits[word] |= bit;
            self.hint = self.hint.min(word);
        } else {
            self.free_bits[word] &= !bit;
        }
        was_free != is_free
    }

    /// The lowest free frame that may be a page.
    fn find_page(&mut self) -> Option<u64> {
        let later_words = self.free_bits.get(self.hint..)?;
        self.hint += later_words.iter().position(|word| *word != 0)?;
        let bit = self.free_bits[self.hint].trailing_zeros();
        let number = self.first + self.hint as u64 * u64::from(u64::BITS) + u64::from(bit);
        if number >= self.tables_first {
            return None;
        }
        let block_end = (number + 1).next_multiple_of(FRAMES_PER_LARGE_PAGE);
        self.pages_end = self.pages_end.max(block_end);
        Some(number)
    }

    /// The highest free frame that may be a table.
    fn find_table(&mut self) -> Option<u64> {
        let word = self.free_bits.iter().rposition(|word| *word != 0)?;
        let bit = u64::BITS - 1 - self.free_bits[word].leading_zeros();
        let number = self.first + word as u64 * u64::from(u64::BITS) + u64::from(bit);
        if number < self.pages_end {
            return None;
        }
        let block_first = number - number % FRAMES_PER_LARGE_PAGE;
        self.tables_first = self.tables_first.min(block_first);
        Some(number)
    }

    fn allowance_of(&mut self, wanted_for: FrameUse) -> &mut Option<u64> {
        match wanted_for {
            FrameUse::Page => &mut self.page_allowance,
            FrameUse::Table => &mut self.table_allowance,
        }
    }

    fn count_of(&mut self, used_for: FrameUse) -> &mut u64 {
        match used_for {
            FrameUse::Page => &mut self.statistics.pages,
            FrameUse::Table => &mut self.statistics.tables,
        }
    }
}

/// The numbers of the frames of a range of whole frames.
fn numbers(range: PhysicalRange) -> core::ops::Range<u64> {
    range.first() / PAGE_SIZE_BYTES..range.end() / PAGE_SIZE_BYTES
}

// SAFETY: a frame whose bit is set is nobody's, by `new`'s contract; giving it clears the bit until it comes back.
unsafe impl FrameSource for Frames<'_> {
    fn allocate(&mut self, wanted_for: FrameUse) -> Option<Frame> {
        if let Some(allowance) = self.allowance_of(wanted_for) {
            *allowance = allowance.checked_sub(1)?;
        }
        let number = match wanted_for {
            FrameUse::Page => self.find_page(),
            FrameUse::Table => self.find_table(),
        }?;
        self.set_free(number, false);
        *self.count_of(wanted_for) += 1;
        let in_use = self.statistics.in_use();
        self.statistics.most_in_use = self.statistics.most_in_use.max(in_use);
        Frame::new(PhysicalAddr::new(number * PAGE_SIZE_BYTES))
    }

    fn free(&mut self, frame: Frame, used_for: FrameUse) {
        let was_in_use = self.set_free(frame.start().value() / PAGE_SIZE_BYTES, true);
        assert!(was_in_use, "{} was given back twice", frame.start());
        *self.count_of(used_for) -= 1;
    }
}

#[cfg(test)]
mod tests {
    use ironlink::memory::paging::{FrameSource, FrameUse};
    use std::vec::Vec;

    use super::{Frames, SharedFrames};
    use crate::boot::{MemoryMap, PhysicalRange};

    fn map(usable: &[(u64, u64)], taken: &[(u64, u64)]) -> MemoryMap {
        let mut map = MemoryMap::new();
        for &(first, end) in usable {
            map.add_usable(PhysicalRange::between(first, end).unwrap());
        }
        for &(first, end) in taken {
            map.take(PhysicalRange::between(first, end).unwrap());
        }
        map
    }

    fn drain(frames: &mut Frames<'_>) -> Vec<u64> {
        core::iter::from_fn(|| frames.allocate(FrameUse::Page))
            .map(|frame| frame.start().value())
            .collect()
    }

    #[test]
    fn only_whole_frames_that_nobody_has_taken_are_given_lowest_first() {
        let map = map(
            &[(0, 0x3800), (0x10_0000, 0x10_4000)],
            &[(0x10_0fff, 0x10_1001)],
        );
        let mut words = std::vec![u64::MAX; Frames::words_for(&map)];
        // SAFETY: nobody uses the frames: they are numbers here.
        let mut frames = unsafe { Frames::new(&mut words, &map) };
        assert_eq!(drain(&mut frames), [0x1000, 0x2000, 0x10_2000, 0x10_3000]);
        assert_eq!(frames.statistics.free(), 0);
    }

    #[test]
    fn a_frame_that_comes_back_is_given_again() {
        let map = map(&[(0x4000_0000, 0x4100_0000)], &[]);
        let mut words = std::vec![0; Frames::words_for(&map)];
        // SAFETY: nobody uses the frames: they are numbers here.
        let mut frames = unsafe { Frames::new(&mut words, &map) };
        let all = drain(&mut frames);
        assert_eq!(all.len(), 0x1000);
        let frame = ironlink::memory::paging::Frame::new(
            ironlink::memory::paging::PhysicalAddr::new(all[77]),
        )
        .unwrap();
        frames.free(frame, FrameUse::Page);
        assert_eq!(frames.statistics.free(), 1);
        assert_eq!(drain(&mut frames), [all[77]]);
        assert_eq!(frames.statistics.most_in_use, 0x1000);
    }

    #[test]
    fn pages_and_tables_share_no_large_page() {
        let map = map(&[(0x20_0000, 0x80_0000)], &[]);
        let mut words = std::vec![0; Frames::words_for(&map)];
        // SAFETY: nobody uses the frames: they are numbers here.
        let mut frames = unsafe { Frames::new(&mut words, &map) };
        let table = frames.allocate(FrameUse::Table).unwrap();
        assert_eq!(table.start().value(), 0x7f_f000);
        let pages = drain(&mut frames);
        assert_eq!((pages[0], pages.len()), (0x20_0000, 1024));
        let more_tables = core::iter::from_fn(|| frames.allocate(FrameUse::Table));
        assert_eq!(more_tables.count(), 511);
    }

    #[test]
    fn an_allowance_for_one_use_acts_like_memory_used_up_for_it_alone() {
        let map = map(&[(0x1000, 0x80_0000)], &[]);
        let mut words = std::vec![0; Frames::words_for(&map)];
        // SAFETY: nobody uses the frames: they are numbers here.
        let frames = SharedFrames::new(unsafe { Frames::new(&mut words, &map) });
        frames.set_allowance(FrameUse::Table, Some(1));
        assert!((&frames).allocate(FrameUse::Table).is_some());
        assert!((&frames).allocate(FrameUse::Table).is_none());
        assert!((&frames).allocate(FrameUse::Page).is_some());
        frames.set_allowance(FrameUse::Table, None);
        assert!((&frames).allocate(FrameUse::Table).is_some());
        assert_eq!(frames.statistics().in_use(), 3);
    }

    #[test]
    fn the_digest_is_the_same_once_all_frames_have_come_back() {
        let map = map(&[(0x1000, 0x80_0000)], &[]);
        let mut words = std::vec![0; Frames::words_for(&map)];
        // SAFETY: nobody uses the frames: they are numbers here.
        let frames = SharedFrames::new(unsafe { Frames::new(&mut words, &map) });
        let before = frames.digest();
        let uses = [FrameUse::Page, FrameUse::Table, FrameUse::Page];
        let taken = uses.map(|wanted_for| (&frames).allocate(wanted_for).unwrap());
        (&frames).free(taken[1], FrameUse::Table);
        (&frames).free(taken[0], FrameUse::Page);
        assert_ne!(frames.digest(), before);
        (&frames).free(taken[2], FrameUse::Page);
        assert_eq!(frames.digest(), before);
    }
}
