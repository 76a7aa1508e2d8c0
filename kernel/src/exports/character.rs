//! `<ctype.h>` in the C locale (C17 7.4), and the tables behind glibc's macros (LSB, `__ctype_b_loc` and its two siblings).

use core::ffi::c_int;
use core::sync::atomic::AtomicPtr;

/// A character class, as its bit in glibc's table: `_ISbit` of its headers, on a little-endian machine.
const UPPER: u16 = 1 << 8;
const LOWER: u16 = 1 << 9;
const ALPHA: u16 = 1 << 10;
const DIGIT: u16 = 1 << 11;
const HEX_DIGIT: u16 = 1 << 12;
const SPACE: u16 = 1 << 13;
const PRINT: u16 = 1 << 14;
const GRAPH: u16 = 1 << 15;
const BLANK: u16 = 1;
const CONTROL: u16 = 1 << 1;
const PUNCTUATION: u16 = 1 << 2;
const ALPHANUMERIC: u16 = 1 << 3;

const fn classes_of(byte: u8) -> u16 {
    let mut classes = 0;
    let rules = [
        (byte.is_ascii_uppercase(), UPPER),
        (byte.is_ascii_lowercase(), LOWER),
        (byte.is_ascii_alphabetic(), ALPHA),
        (byte.is_ascii_digit(), DIGIT),
        (byte.is_ascii_hexdigit(), HEX_DIGIT),
        (is_space(byte), SPACE),
        (matches!(byte, b' '..=b'~'), PRINT),
        (byte.is_ascii_graphic(), GRAPH),
        (matches!(byte, b' ' | b'\t'), BLANK),
        (byte.is_ascii_control(), CONTROL),
        (byte.is_ascii_punctuation(), PUNCTUATION),
        (byte.is_ascii_alphanumeric(), ALPHANUMERIC),
    ];
    let mut index = 0;
    while index < rules.len() {
        if rules[index].0 {
            classes |= rules[index].1;
        }
        index += 1;
    }
    classes
}

/// `isspace`: unlike Rust's, with the vertical tab.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// glibc's tables are indexed from -128, so that a negative `char` finds its class, to 255.
const LOWEST: i32 = -128;
const ENTRIES: usize = 384;

static CLASSES: [u16; ENTRIES] = {
    let mut table = [0; ENTRIES];
    let mut byte = 0;
    while byte < 128 {
        table[byte + LOWEST.unsigned_abs() as usize] = classes_of(byte as u8);
        byte += 1;
    }
    table
};

static LOWERCASE: [i32; ENTRIES] = case_table(false);
static UPPERCASE: [i32; ENTRIES] = case_table(true);

const fn case_table(is_upper: bool) -> [i32; ENTRIES] {
    let mut table = [0; ENTRIES];
    let mut index = 0;
    while index < ENTRIES {
        let value = index as i32 + LOWEST;
        table[index] = match value {
            0..128 if is_upper => (value as u8).to_ascii_uppercase() as i32,
            0..128 => (value as u8).to_ascii_lowercase() as i32,
            // EOF, and what is no ASCII, stay as they are; a negative character is the byte that it is stored as.
            -1 | 128.. => value,
            _ => value & 0xff,
        };
        index += 1;
    }
    table
}

/// The entry of a table for character 0, where C code finds it.
struct Origin<T>(AtomicPtr<T>);

impl<T> Origin<T> {
    const fn of(table: &'static [T; ENTRIES]) -> Self {
        let zero = table.as_ptr().wrapping_add(LOWEST.unsigned_abs() as usize);
        Self(AtomicPtr::new(zero.cast_mut()))
    }

    fn address(&'static self) -> *const *mut T {
        self.0.as_ptr().cast_const()
    }
}

static CLASSES_ORIGIN: Origin<u16> = Origin::of(&CLASSES);
static LOWERCASE_ORIGIN: Origin<i32> = Origin::of(&LOWERCASE);
static UPPERCASE_ORIGIN: Origin<i32> = Origin::of(&UPPERCASE);

/// `const unsigned short **__ctype_b_loc(void)`.
extern "C" fn classes_location() -> *const *mut u16 {
    CLASSES_ORIGIN.address()
}

/// `const int32_t **__ctype_tolower_loc(void)`.
extern "C" fn lowercase_location() -> *const *mut i32 {
    LOWERCASE_ORIGIN.address()
}

/// `const int32_t **__ctype_toupper_loc(void)`.
extern "C" fn uppercase_location() -> *const *mut i32 {
    UPPERCASE_ORIGIN.address()
}

/// The entry of a table for a character; `None` for one that no table has.
fn entry<T: Copy>(table: &[T; ENTRIES], character: c_int) -> Option<T> {
    let index = usize::try_from(character.checked_sub(LOWEST)?).ok()?;
    table.get(index).copied()
}

extern "C" fn tolower(character: c_int) -> c_int {
    entry(&LOWERCASE, character).unwrap_or(character)
}

extern "C" fn toupper(character: c_int) -> c_int {
    entry(&UPPERCASE, character).unwrap_or(character)
}

macro_rules! classifiers {
    ($($name:ident = $class:ident;)*) => {
        $(extern "C" fn $name(character: c_int) -> c_int {
            c_int::from(entry(&CLASSES, character).unwrap_or(0) & $class)
        })*
    };
}

classifiers! {
    isupper = UPPER;
    islower = LOWER;
    isalpha = ALPHA;
    isdigit = DIGIT;
    isxdigit = HEX_DIGIT;
    isspace = SPACE;
    isprint = PRINT;
    isgraph = GRAPH;
    isblank = BLANK;
    iscntrl = CONTROL;
    ispunct = PUNCTUATION;
    isalnum = ALPHANUMERIC;
}

/// `size_t __ctype_get_mb_cur_max(void)`: one byte a character.
extern "C" fn longest_character() -> usize {
    1
}

exports! {
    pub(super) static EXPORTS:
    function classes_location() -> _ as "__ctype_b_loc";
    function lowercase_location() -> _ as "__ctype_tolower_loc";
    function uppercase_location() -> _ as "__ctype_toupper_loc";
    function longest_character() -> _ as "__ctype_get_mb_cur_max";
    function tolower(_) -> _;
    function toupper(_) -> _;
    function isupper(_) -> _;
    function islower(_) -> _;
    function isalpha(_) -> _;
    function isdigit(_) -> _;
    function isxdigit(_) -> _;
    function isspace(_) -> _;
    function isprint(_) -> _;
    function isgraph(_) -> _;
    function isblank(_) -> _;
    function iscntrl(_) -> _;
    function ispunct(_) -> _;
    function isalnum(_) -> _;
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{CLASSES, LOWERCASE, UPPERCASE, isalpha, isspace, tolower, toupper};

    /// The tables of the C library of the host, which is in the C locale as no test sets another.
    mod host {
        unsafe extern "C" {
            pub(super) safe fn __ctype_b_loc() -> *const *const u16;
            pub(super) safe fn __ctype_tolower_loc() -> *const *const i32;
            pub(super) safe fn __ctype_toupper_loc() -> *const *const i32;
        }
    }

    /// # Safety
    /// `location` is that of one of the tables.
    unsafe fn table<T: Copy>(location: *const *const T) -> [T; 384] {
        // SAFETY: the caller's promise.
        let zero = unsafe { *location };
        // SAFETY: the caller's promise: a table begins at -128.
        unsafe { zero.wrapping_sub(128).cast::<[T; 384]>().read() }
    }

    #[test]
    fn the_tables_are_the_c_librarys() {
        // SAFETY: it is the table's location.
        assert_eq!(unsafe { table(host::__ctype_b_loc()) }, CLASSES);
        // SAFETY: as above.
        assert_eq!(unsafe { table(host::__ctype_tolower_loc()) }, LOWERCASE);
        // SAFETY: as above.
        assert_eq!(unsafe { table(host::__ctype_toupper_loc()) }, UPPERCASE);
    }

    #[test]
    fn functions_take_any_number() {
        assert_eq!(
            (toupper(i32::from(b'a')), tolower(i32::from(b'Z'))),
            (65, 122)
        );
        assert_eq!(
            (toupper(-1), toupper(1000), tolower(i32::MIN)),
            (-1, 1000, i32::MIN)
        );
        assert_eq!((isalpha(-1), isalpha(i32::MAX), isalpha(-129)), (0, 0, 0));
        assert!(isspace(0x0b) != 0);
    }
}
