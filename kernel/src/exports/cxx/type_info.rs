//! Type information: the layouts (Itanium C++ ABI 2.9.5), the virtual tables of its classes, and the objects for fundamental
//! types, which every C++ library has.
//!
//! A compiler makes the type information of a program's own classes and lets its first word point 16 bytes into one of these
//! tables, where the first virtual function's address stands. Nothing but the C++ library calls those functions.

use core::ffi::{CStr, c_char, c_uint};

use crate::exports::Export;
use crate::exports::host::abort;

/// `std::type_info`, which every kind of type information begins with.
#[repr(C)]
pub(super) struct TypeInfo {
    /// The first function of the virtual table of one of the classes below: it tells the kind.
    pub(super) table: *const Function,
    /// The mangled name; one that begins with `*` is the object's own, whatever else is spelled so.
    pub(super) name: *const c_char,
}

// SAFETY: it is never written.
unsafe impl Sync for TypeInfo {}

/// `abi::__si_class_type_info`: a class with one base, public, not virtual, at offset 0.
#[repr(C)]
pub(super) struct SingleClass {
    pub(super) info: TypeInfo,
    pub(super) base: *const TypeInfo,
}

/// `abi::__vmi_class_type_info`: any other class with bases; `base_count` of them follow.
#[repr(C)]
pub(super) struct ManifoldClass {
    pub(super) info: TypeInfo,
    pub(super) flags: c_uint,
    pub(super) base_count: c_uint,
}

/// `abi::__base_class_type_info`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Base {
    pub(super) info: *const TypeInfo,
    /// The flags below, and from bit 8 the offset: of the base, or, if it is virtual, of its offset in the virtual table.
    pub(super) offset_and_flags: isize,
}

impl Base {
    pub(super) const VIRTUAL: isize = 1;
    pub(super) const PUBLIC: isize = 2;
    pub(super) const OFFSET_SHIFT: u32 = 8;
}

/// `abi::__pointer_type_info`.
#[repr(C)]
struct Pointer {
    info: TypeInfo,
    flags: c_uint,
    pointee: *const TypeInfo,
}

// SAFETY: it is never written.
unsafe impl Sync for Pointer {}

impl Pointer {
    /// The pointee is `const`.
    const CONST: c_uint = 1;
}

pub(super) type Function = extern "C" fn() -> !;

/// A virtual table of one of the C++ library's own classes.
#[repr(C)]
pub(super) struct Table {
    offset_to_top: isize,
    info: *const TypeInfo,
    functions: [Function; 9],
}

// SAFETY: it is never written.
unsafe impl Sync for Table {}

impl Table {
    const NEW: Self = Self {
        offset_to_top: 0,
        info: core::ptr::null(),
        functions: [never_called; 9],
    };

    /// What the first word of type information of this kind points to.
    pub(super) const fn first_function(&'static self) -> *const Function {
        self.functions.as_ptr()
    }
}

extern "C" fn never_called() -> ! {
    abort!("a virtual function of std::type_info was called");
}

pub(super) static CLASS: Table = Table::NEW;
pub(super) static SINGLE_CLASS: Table = Table::NEW;
pub(super) static MANIFOLD_CLASS: Table = Table::NEW;
static POINTER: Table = Table::NEW;
static POINTER_TO_MEMBER: Table = Table::NEW;
static FUNDAMENTAL_TYPE: Table = Table::NEW;
static FUNCTION_TYPE: Table = Table::NEW;
static ENUM: Table = Table::NEW;
static ARRAY: Table = Table::NEW;

/// Whether two objects stand for one type.
///
/// # Safety
/// Both are type information.
pub(super) unsafe fn is_same(left: *const TypeInfo, right: *const TypeInfo) -> bool {
    if left == right {
        return true;
    }
    // SAFETY: the caller's promise.
    let left = unsafe { (*left).name };
    // SAFETY: the caller's promise.
    let right = unsafe { (*right).name };
    if left == right {
        return true;
    }
    // SAFETY: names are C strings.
    let left = unsafe { CStr::from_ptr(left) };
    // SAFETY: names are C strings.
    let right = unsafe { CStr::from_ptr(right) };
    !left.to_bytes().starts_with(b"*") && left == right
}

/// `bool std::type_info::operator==(const std::type_info &) const`, which libstdc++'s headers may leave out of line.
unsafe extern "C" fn equals(left: *const TypeInfo, right: *const TypeInfo) -> bool {
    // SAFETY: the module's promise.
    unsafe { is_same(left, right) }
}

exports! {
    pub(super) static EXPORTS:
    data CLASS as "_ZTVN10__cxxabiv117__class_type_infoE";
    data SINGLE_CLASS as "_ZTVN10__cxxabiv120__si_class_type_infoE";
    data MANIFOLD_CLASS as "_ZTVN10__cxxabiv121__vmi_class_type_infoE";
    data POINTER as "_ZTVN10__cxxabiv119__pointer_type_infoE";
    data POINTER_TO_MEMBER as "_ZTVN10__cxxabiv129__pointer_to_member_type_infoE";
    data FUNDAMENTAL_TYPE as "_ZTVN10__cxxabiv123__fundamental_type_infoE";
    data FUNCTION_TYPE as "_ZTVN10__cxxabiv120__function_type_infoE";
    data ENUM as "_ZTVN10__cxxabiv116__enum_type_infoE";
    data ARRAY as "_ZTVN10__cxxabiv117__array_type_infoE";
    function equals(_, _) -> _ as "_ZNKSt9type_infoeqERKS_";
}

/// For each fundamental type X, the type information of X, X * and const X * (Itanium C++ ABI 2.9.2).
macro_rules! fundamental {
    ($($code:literal)*) => {
        &[$(
            {
                static INFO: TypeInfo = named(&FUNDAMENTAL_TYPE, concat!($code, "\0"));
                Export::data(concat!("_ZTI", $code), &raw const INFO)
            },
            {
                static INFO: TypeInfo = named(&FUNDAMENTAL_TYPE, concat!($code, "\0"));
                static TO: Pointer = pointer(concat!("P", $code, "\0"), 0, &INFO);
                Export::data(concat!("_ZTIP", $code), &raw const TO)
            },
            {
                static INFO: TypeInfo = named(&FUNDAMENTAL_TYPE, concat!($code, "\0"));
                static TO: Pointer = pointer(concat!("PK", $code, "\0"), Pointer::CONST, &INFO);
                Export::data(concat!("_ZTIPK", $code), &raw const TO)
            },
        )*]
    };
}

const fn named(table: &'static Table, name: &'static str) -> TypeInfo {
    TypeInfo {
        table: table.first_function(),
        name: name.as_ptr().cast(),
    }
}

const fn pointer(name: &'static str, flags: c_uint, pointee: &'static TypeInfo) -> Pointer {
    Pointer {
        info: named(&POINTER, name),
        flags,
        pointee,
    }
}

/// By their codes in mangled names (Itanium C++ ABI 5.1.5.2): void, wchar_t, bool, the characters and integers from
/// `signed char` to `unsigned __int128`, the floating-point types, `char32_t`, `char16_t`, `char8_t`, `nullptr_t`.
pub(super) static FUNDAMENTAL: &[Export] = fundamental! {
    "v" "w" "b" "c" "a" "h" "s" "t" "i" "j" "l" "m" "x" "y" "n" "o" "f" "d" "e" "g" "Di" "Ds" "Du" "Dn"
};

#[cfg(test)]
mod tests {
    use super::{CLASS, FUNDAMENTAL, FUNDAMENTAL_TYPE, POINTER, Pointer, TypeInfo, is_same, named};

    #[test]
    fn type_information_points_at_the_first_function() {
        let table = (&raw const CLASS).addr();
        assert_eq!(CLASS.first_function().addr(), table + 16);
    }

    #[test]
    fn fundamental_types_come_with_their_pointers() {
        let find = |name| {
            FUNDAMENTAL
                .iter()
                .find(|export| export.name == name)
                .unwrap()
                .address
        };
        let long = find("_ZTIl").cast::<TypeInfo>();
        let to_const = find("_ZTIPKl").cast::<Pointer>();
        // SAFETY: the table says what stands there.
        let long = unsafe { long.as_ref() }.unwrap();
        // SAFETY: as above.
        let to_const = unsafe { to_const.as_ref() }.unwrap();
        assert_eq!(long.table, FUNDAMENTAL_TYPE.first_function());
        assert_eq!(to_const.info.table, POINTER.first_function());
        assert_eq!(to_const.flags, Pointer::CONST);
        // SAFETY: both are type information.
        assert!(unsafe { is_same(to_const.pointee, long) });
    }

    #[test]
    fn types_are_the_same_by_name_unless_it_is_private() {
        let [first, second] = [named(&CLASS, "4Base\0"), named(&CLASS, "4Base\0")];
        // SAFETY: both are type information.
        assert!(unsafe { is_same(&first, &second) });
        static PRIVATE: [&str; 2] = ["*4Base\0", "?*4Base\0"];
        let [first, second] = [named(&CLASS, PRIVATE[0]), named(&CLASS, &PRIVATE[1][1..])];
        // SAFETY: both are type information.
        assert!(!unsafe { is_same(&first, &second) });
    }
}
