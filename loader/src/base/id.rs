//! Typed 32-bit ids, and the arena that they index.

use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

use super::fallible::{self, OutOfMemory};
use super::int;

/// The place of a `T` in its [`Arena`]. Ids of different element types don't mix.
pub struct Id<T> {
    index: u32,
    element: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
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

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.index.cmp(&other.index)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.index)
    }
}

/// Elements that are only ever added, each named by its [`Id`].
#[derive(Clone, Debug)]
pub struct Arena<T> {
    elements: Vec<T>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Arena<T> {
    /// An arena without elements; allocates nothing.
    pub const fn new() -> Self {
        Self {
            elements: Vec::new(),
        }
    }

    /// Makes room for `additional` more elements at once.
    ///
    /// # Errors
    /// The heap has no room for them.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.elements, additional)
    }

    /// Adds an element.
    ///
    /// # Errors
    /// The heap has no room, or the arena holds 2^32 elements.
    pub fn try_push(&mut self, element: T) -> Result<Id<T>, OutOfMemory> {
        let index = u32::try_from(self.elements.len()).map_err(|_| OutOfMemory)?;
        fallible::push(&mut self.elements, element)?;
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
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.elements.get(id.index())
    }

    /// The element that `id` names, to change it.
    pub fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        self.elements.get_mut(id.index())
    }

    /// All elements with their ids, in the order of their addition.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> + ExactSizeIterator {
        self.elements
            .iter()
            .enumerate()
            .map(|(index, element)| (id_at(index), element))
    }

    /// All elements with their ids, to change them.
    pub fn iter_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = (Id<T>, &mut T)> + ExactSizeIterator {
        self.elements
            .iter_mut()
            .enumerate()
            .map(|(index, element)| (id_at(index), element))
    }

    /// The ids of all elements.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id<T>> + ExactSizeIterator + use<T> {
        (0..self.elements.len()).map(id_at)
    }

    /// Drops all elements past the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.elements.truncate(len);
    }
}

/// Own ids only: an arena's, which [`Arena::try_push`] keeps below 2^32.
#[expect(
    clippy::indexing_slicing,
    reason = "ids come from the arena that they index; a mix-up is a fault of ours, not of the input's"
)]
impl<T> core::ops::Index<Id<T>> for Arena<T> {
    type Output = T;

    fn index(&self, id: Id<T>) -> &T {
        &self.elements[id.index()]
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "ids come from the arena that they index; a mix-up is a fault of ours, not of the input's"
)]
impl<T> core::ops::IndexMut<Id<T>> for Arena<T> {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut self.elements[id.index()]
    }
}

const fn id_at<T>(index: usize) -> Id<T> {
    Id::from_index(int::low_u32(int::from_usize(index)))
}
