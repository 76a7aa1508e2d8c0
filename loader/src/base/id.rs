//! Typed 32-bit ids, and the arena that they index.

use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

use super::fallible::{self, OutOfMemory};
use super::int;

/// The place of an element in its [`Arena`]. `K` is a type without values that names the kind of element, so that ids of
/// different kinds don't mix.
pub struct Id<K> {
    index: u32,
    element: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// The id of the element at `index`.
    pub const fn from_index(index: u32) -> Self {
        Self {
            index,
            element: PhantomData,
        }
    }

    /// The position in the arena, as a number to be stored or printed.
    pub const fn number(self) -> u32 {
        self.index
    }

    /// The position in the arena, as an index for side tables.
    pub const fn index(self) -> usize {
        int::usize_from_u32(self.index)
    }
}

/// The id of the first element.
impl<K> Default for Id<K> {
    fn default() -> Self {
        Self::from_index(0)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.index.cmp(&other.index)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.index)
    }
}

/// Elements that are only ever added, each named by its [`Id`] of kind `K`.
#[derive(Clone, Debug)]
pub struct Arena<K, T> {
    elements: Vec<T>,
    key: PhantomData<fn() -> K>,
}

impl<K, T> Default for Arena<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, T> Arena<K, T> {
    /// An arena without elements; allocates nothing.
    pub const fn new() -> Self {
        Self {
            elements: Vec::new(),
            key: PhantomData,
        }
    }

    /// Makes room for `additional` more elements at once; for more than that, if it isn't the first time.
    ///
    /// # Errors
    /// The heap has no room for them.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.elements, additional)
    }

    /// Adds an element. Large arenas are reserved for what was counted, and grow by little beyond it.
    ///
    /// # Errors
    /// The heap has no room, or the arena holds 2^32 elements.
    pub fn try_push(&mut self, element: T) -> Result<Id<K>, OutOfMemory> {
        let index = u32::try_from(self.elements.len()).map_err(|_| OutOfMemory)?;
        fallible::push_beyond(&mut self.elements, element)?;
        Ok(Id::from_index(index))
    }

    /// Adds elements as long as there is room for them; it allocates nothing. What there is no room for is not taken.
    #[inline]
    pub(crate) fn fill(&mut self, elements: impl Iterator<Item = T>) {
        fallible::fill(&mut self.elements, elements);
    }

    /// Takes back all elements but the first `len`, whose ids nobody has.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.elements.truncate(len);
    }

    /// The id that the next element gets, for which there is room then.
    ///
    /// # Errors
    /// The heap has no room, or the arena holds 2^32 elements.
    pub fn next_id(&mut self) -> Result<Id<K>, OutOfMemory> {
        let index = u32::try_from(self.elements.len()).map_err(|_| OutOfMemory)?;
        fallible::reserve_beyond(&mut self.elements)?;
        Ok(Id::from_index(index))
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The element that `id` names; `None` if the id is another arena's.
    pub fn get(&self, id: Id<K>) -> Option<&T> {
        self.elements.get(id.index())
    }

    /// The element that `id` names, to change it.
    pub fn get_mut(&mut self, id: Id<K>) -> Option<&mut T> {
        self.elements.get_mut(id.index())
    }

    /// The element that an id of this arena names. An id of another arena is a fault of ours, never of the input's.
    pub fn at(&self, id: Id<K>) -> &T {
        match self.elements.get(id.index()) {
            Some(element) => element,
            None => foreign_id(),
        }
    }

    /// The element that an id of this arena names, to change it.
    pub fn at_mut(&mut self, id: Id<K>) -> &mut T {
        match self.elements.get_mut(id.index()) {
            Some(element) => element,
            None => foreign_id(),
        }
    }

    /// The first element that `is_it` takes, of those from a place on. Eight are looked at together: who asks for one looks for
    /// what few are.
    #[inline]
    pub fn find_from(&self, first: usize, is_it: impl Fn(&T) -> bool) -> Option<Id<K>> {
        let elements = self.elements.get(first..)?;
        let (eights, _) = elements.as_chunks::<8>();
        let without = eights.iter().take_while(|eight| !eight.iter().any(&is_it));
        let passed = without.count().wrapping_mul(8);
        let found = elements.get(passed..)?.iter().position(is_it)?;
        Some(id_at(first.saturating_add(passed).saturating_add(found)))
    }

    /// All elements with their ids, in the order of their addition.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<K>, &T)> + ExactSizeIterator {
        self.elements
            .iter()
            .enumerate()
            .map(|(index, element)| (id_at(index), element))
    }

    /// All elements, in the order of their addition.
    #[inline]
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.elements.iter()
    }

    /// All elements, to change them.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = &mut T> {
        self.elements.iter_mut()
    }

    /// The ids of the elements that were added when there were `first` already, and later.
    pub fn ids_since(&self, first: u32) -> impl ExactSizeIterator<Item = Id<K>> + use<K, T> {
        (int::usize_from_u32(first)..self.elements.len()).map(id_at)
    }

    /// The ids of all elements.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id<K>> + ExactSizeIterator + use<K, T> {
        (0..self.elements.len()).map(id_at)
    }
}

/// What becomes of an id that its arena has no element for. Told without the number: an arena is asked at so many places that
/// to hand that over is a kilobyte of code.
#[cold]
#[inline(never)]
#[expect(clippy::panic, reason = "ids come from the arena that they index")]
fn foreign_id() -> ! {
    panic!("an id was used with another arena than its own");
}

const fn id_at<K>(index: usize) -> Id<K> {
    Id::from_index(int::low_u32(int::from_usize(index)))
}
