//! `dynamic_cast` down and across a hierarchy (C++17 8.2.7; Itanium C++ ABI 2.9.7). Every subobject of the whole object is
//! visited, from the most derived class up.

use core::ffi::c_void;
use core::ptr;

use super::type_info::{
    Base, MANIFOLD_CLASS, ManifoldClass, SINGLE_CLASS, SingleClass, TypeInfo, is_same,
};
use crate::exports::raw;

/// A subobject: where, and of what class.
#[derive(Clone, Copy)]
struct Subobject {
    address: *const u8,
    class: *const TypeInfo,
}

/// The subobjects of the target class that come into question.
#[derive(Clone, Copy, Default)]
enum Found {
    #[default]
    None,
    One {
        address: *const u8,
        is_public: bool,
    },
    /// An ambiguity, public or not.
    Several,
}

impl Found {
    /// One more, or the same on another way.
    fn add(&mut self, address: *const u8, is_public: bool) {
        *self = match *self {
            Self::None => Self::One { address, is_public },
            Self::One {
                address: known,
                is_public: was_public,
            } if known == address => Self::One {
                address,
                is_public: is_public || was_public,
            },
            _ => Self::Several,
        }
    }

    fn unambiguous_public(self) -> Option<*const u8> {
        match self {
            Self::One {
                address,
                is_public: true,
            } => Some(address),
            _ => None,
        }
    }
}

/// What the visit of all subobjects is to find out.
struct Search {
    source: Subobject,
    target: *const TypeInfo,
    /// Targets that the source is a base of.
    derived: Found,
    /// Targets anywhere in the whole object.
    anywhere: Found,
    is_source_public: bool,
}

/// The way down to a subobject.
#[derive(Clone, Copy)]
struct Path {
    is_public: bool,
    /// The target on the way, and whether all behind it is public.
    target: Option<(*const u8, bool)>,
}

impl Search {
    /// # Safety
    /// `place` is a live subobject.
    unsafe fn visit(&mut self, place: Subobject, mut path: Path) {
        // SAFETY: the caller's promise; both are type information.
        if unsafe { is_same(place.class, self.target) } {
            self.anywhere.add(place.address, path.is_public);
            path.target = Some((place.address, true));
        }
        // SAFETY: both are type information.
        let is_of_source_class = unsafe { is_same(place.class, self.source.class) };
        if is_of_source_class && place.address == self.source.address {
            self.is_source_public |= path.is_public;
            if let Some((target, is_public)) = path.target {
                self.derived.add(target, is_public);
            }
        }
        let mut index = 0;
        // SAFETY: the caller's promise.
        while let Some((base, is_public)) = unsafe { base_at(place, index) } {
            let path = Path {
                is_public: path.is_public && is_public,
                target: path
                    .target
                    .map(|(target, was_public)| (target, was_public && is_public)),
            };
            // SAFETY: the base is a part of a live subobject.
            unsafe { self.visit(base, path) };
            index += 1;
        }
    }

    /// C++17 8.2.7, paragraph 8.
    fn result(&self) -> Option<*const u8> {
        let across = || {
            self.anywhere
                .unambiguous_public()
                .filter(|_| self.is_source_public)
        };
        self.derived.unambiguous_public().or_else(across)
    }
}

/// The direct base of a subobject with this index, and whether it is public. `None` behind the last.
///
/// # Safety
/// `place` is a live subobject.
unsafe fn base_at(place: Subobject, index: usize) -> Option<(Subobject, bool)> {
    // SAFETY: the caller's promise: it has type information.
    let kind = unsafe { (*place.class).table };
    if kind == SINGLE_CLASS.first_function() && index == 0 {
        // SAFETY: the table says that it is of this kind.
        let class = unsafe { (*place.class.cast::<SingleClass>()).base };
        return Some((Subobject { class, ..place }, true));
    }
    if kind != MANIFOLD_CLASS.first_function() {
        return None;
    }
    let header = place.class.cast::<ManifoldClass>();
    // SAFETY: the table says that it is of this kind.
    if index >= unsafe { (*header).base_count } as usize {
        return None;
    }
    let first = header.wrapping_add(1).cast::<Base>();
    // SAFETY: so many bases follow the header.
    let base = unsafe { raw::load(first.wrapping_add(index)) };
    let mut offset = base.offset_and_flags >> Base::OFFSET_SHIFT;
    if base.offset_and_flags & Base::VIRTUAL != 0 {
        // SAFETY: a class with virtual bases has a virtual table, whose address the subobject begins with.
        let table = unsafe { raw::load(place.address.cast::<*const u8>()) };
        // SAFETY: the offset is in the table (ABI 2.5.2).
        offset = unsafe { raw::load(table.wrapping_offset(offset).cast::<isize>()) };
    }
    let base_place = Subobject {
        address: place.address.wrapping_offset(offset),
        class: base.info,
    };
    Some((base_place, base.offset_and_flags & Base::PUBLIC != 0))
}

/// `void *__dynamic_cast(const void *, const __class_type_info *, const __class_type_info *, ptrdiff_t)`. The last, a hint
/// at where the source lies in the target, isn't needed.
unsafe extern "C" fn dynamic_cast(
    object: *const u8,
    source: *const TypeInfo,
    target: *const TypeInfo,
    _hint: isize,
) -> *mut c_void {
    // SAFETY: the module's promise: an object of a class with virtual functions begins with its table's address.
    let table = unsafe { raw::load(object.cast::<*const u8>()) };
    // SAFETY: ABI 2.5.2: before the first function stand the type information and the offset to the whole object.
    let class = unsafe { raw::load(table.cast::<*const TypeInfo>().wrapping_sub(1)) };
    // SAFETY: as above.
    let offset_to_top = unsafe { raw::load(table.cast::<isize>().wrapping_sub(2)) };
    let whole = Subobject {
        address: object.wrapping_offset(offset_to_top),
        class,
    };
    let mut search = Search {
        source: Subobject {
            address: object,
            class: source,
        },
        target,
        derived: Found::None,
        anywhere: Found::None,
        is_source_public: false,
    };
    let path = Path {
        is_public: true,
        target: None,
    };
    // SAFETY: the whole object is live, as the source is a part of it.
    unsafe { search.visit(whole, path) };
    search
        .result()
        .map_or(ptr::null_mut(), |address| address.cast_mut().cast())
}

exports! {
    pub(super) static EXPORTS:
    function dynamic_cast(_, _, _, _) -> _ as "__dynamic_cast";
}

#[cfg(test)]
mod tests {
    use core::ffi::c_char;

    use super::super::type_info::{
        Base, CLASS, Function, MANIFOLD_CLASS, ManifoldClass, SINGLE_CLASS, SingleClass, TypeInfo,
    };
    use super::dynamic_cast;

    #[repr(C)]
    struct TwoBases {
        class: ManifoldClass,
        bases: [Base; 2],
    }

    /// The part of a virtual table that `dynamic_cast` reads.
    #[repr(C)]
    struct Table {
        virtual_base_offset: isize,
        offset_to_top: isize,
        class: *const TypeInfo,
        functions: [usize; 1],
    }

    fn info(table: *const Function, name: *const c_char) -> TypeInfo {
        TypeInfo { table, name }
    }

    fn class(name: &'static core::ffi::CStr) -> TypeInfo {
        info(CLASS.first_function(), name.as_ptr())
    }

    fn two_bases(name: &'static core::ffi::CStr, bases: [(&TypeInfo, isize); 2]) -> TwoBases {
        TwoBases {
            class: ManifoldClass {
                info: info(MANIFOLD_CLASS.first_function(), name.as_ptr()),
                flags: 0,
                base_count: 2,
            },
            bases: bases.map(|(info, offset_and_flags)| Base {
                info,
                offset_and_flags,
            }),
        }
    }

    fn table(class: &TypeInfo, offset_to_top: isize, virtual_base_offset: isize) -> Table {
        Table {
            virtual_base_offset,
            offset_to_top,
            class,
            functions: [0],
        }
    }

    /// The index of the word of the object that the cast gives.
    fn cast(
        object: &[*const [usize; 1]],
        from: usize,
        source: &TypeInfo,
        target: &TypeInfo,
    ) -> Option<usize> {
        let start = object.as_ptr();
        // SAFETY: the object is laid out as its type information says.
        let found = unsafe { dynamic_cast(start.wrapping_add(from).cast(), source, target, -1) };
        (!found.is_null()).then(|| (found.addr() - start.addr()) / 8)
    }

    const PUBLIC: isize = Base::PUBLIC;

    fn at(words: isize) -> isize {
        (words * 8) << Base::OFFSET_SHIFT
    }

    #[test]
    fn casts_go_down_and_across_two_bases() {
        let (left, right, other) = (class(c"4Left"), class(c"5Right"), class(c"5Other"));
        let both = two_bases(
            c"4Both",
            [(&left, at(0) | PUBLIC), (&right, at(1) | PUBLIC)],
        );
        let most = SingleClass {
            info: info(SINGLE_CLASS.first_function(), c"4Most".as_ptr()),
            base: &raw const both.class.info,
        };
        let tables = [table(&most.info, 0, 0), table(&most.info, -8, 0)];
        let object = [
            &raw const tables[0].functions,
            &raw const tables[1].functions,
        ];
        assert_eq!(cast(&object, 1, &right, &both.class.info), Some(0));
        assert_eq!(cast(&object, 1, &right, &most.info), Some(0));
        assert_eq!(cast(&object, 1, &right, &left), Some(0));
        assert_eq!(cast(&object, 0, &left, &right), Some(1));
        assert_eq!(cast(&object, 0, &left, &other), None);
    }

    #[test]
    fn a_private_base_can_not_be_cast_from_or_to() {
        let (left, right) = (class(c"4Left"), class(c"5Right"));
        let both = two_bases(c"4Both", [(&left, at(0) | PUBLIC), (&right, at(1))]);
        let tables = [
            table(&both.class.info, 0, 0),
            table(&both.class.info, -8, 0),
        ];
        let object = [
            &raw const tables[0].functions,
            &raw const tables[1].functions,
        ];
        assert_eq!(cast(&object, 0, &left, &both.class.info), Some(0));
        assert_eq!(cast(&object, 0, &left, &right), None);
        assert_eq!(cast(&object, 1, &right, &both.class.info), None);
    }

    #[test]
    fn a_base_that_occurs_twice_is_ambiguous_unless_it_is_virtual() {
        let root = class(c"4Root");
        let single = |name: &'static core::ffi::CStr| SingleClass {
            info: info(SINGLE_CLASS.first_function(), name.as_ptr()),
            base: &raw const root,
        };
        let (left, right, other) = (single(c"4Left"), single(c"5Right"), class(c"5Other"));
        let sides = two_bases(
            c"5Sides",
            [(&left.info, at(0) | PUBLIC), (&right.info, at(1) | PUBLIC)],
        );
        let whole = two_bases(
            c"5Whole",
            [
                (&sides.class.info, at(0) | PUBLIC),
                (&other, at(2) | PUBLIC),
            ],
        );
        let tables = [0, -8, -16].map(|offset| table(&whole.class.info, offset, 0));
        let object = [
            &raw const tables[0].functions,
            &raw const tables[1].functions,
            &raw const tables[2].functions,
        ];
        assert_eq!(cast(&object, 2, &other, &root), None);
        assert_eq!(cast(&object, 1, &root, &right.info), Some(1));

        // The same with one root, at the end, that both sides share. Its offset stands 24 bytes before the functions.
        let shared = -24 << Base::OFFSET_SHIFT | Base::VIRTUAL | PUBLIC;
        let side = |name| TwoBases {
            class: ManifoldClass {
                base_count: 1,
                ..two_bases(name, [(&root, shared); 2]).class
            },
            ..two_bases(name, [(&root, shared); 2])
        };
        let (left, right) = (side(c"4Left"), side(c"5Right"));
        let whole = two_bases(
            c"5Whole",
            [
                (&left.class.info, at(0) | PUBLIC),
                (&right.class.info, at(1) | PUBLIC),
            ],
        );
        let tables = [
            table(&whole.class.info, 0, 16),
            table(&whole.class.info, -8, 8),
            table(&whole.class.info, -16, 0),
        ];
        let object = [
            &raw const tables[0].functions,
            &raw const tables[1].functions,
            &raw const tables[2].functions,
        ];
        assert_eq!(cast(&object, 0, &left.class.info, &root), Some(2));
        assert_eq!(cast(&object, 2, &root, &right.class.info), Some(1));
        assert_eq!(cast(&object, 2, &root, &whole.class.info), Some(0));
    }
}
