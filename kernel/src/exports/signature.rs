//! How an exported function is called, as its type says: what is refused for the sake of floats, and what modules are built
//! against.

use core::fmt;

use ironlink::base::Text;
use ironlink::kit;

/// How an exported name is used, as far as its row says. It is alike on all machines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signature {
    /// A function whose row doesn't say it: assembly that adapts what C can say and Rust can't.
    Shim,
    /// A function with parameters and a result, each by [`Word::TEXT`].
    Function {
        /// The parameters.
        parameters: &'static [&'static str],
        /// The result.
        result: &'static str,
    },
    /// An object in memory.
    Data {
        /// Its size in bytes.
        size_bytes: usize,
    },
}

impl Signature {
    /// The version of a name that is used so, in a kernel's interface.
    pub fn version(&self, number: u32) -> u64 {
        let text: Text<160> = Text::display(self);
        kit::entry_version(text.as_str(), number)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Shim => formatter.write_str("shim"),
            Self::Function { parameters, result } => {
                formatter.write_str("fn(")?;
                for (place, parameter) in parameters.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    write!(formatter, "{comma}{parameter}")?;
                }
                write!(formatter, ") -> {result}")
            }
            Self::Data { size_bytes } => write!(formatter, "data of {size_bytes} bytes"),
        }
    }
}

/// A value that travels in integer registers under both ABIs (System V x86-64 3.2.3, class INTEGER; AAPCS64 6.8.2).
///
/// No floating-point type implements this: the kernel for x86-64 is compiled for soft float and would look for a `double`
/// in an integer register, where no compiler of modules puts it.
pub trait Word {
    /// What it is called in signatures; what no register tells apart is called alike.
    const TEXT: &'static str;
}

/// A function pointer whose parameters and result are all [`Word`]s.
pub trait IntegerSignature {
    /// How it is called.
    const SIGNATURE: Signature;
}

/// Refuses, at compile time, a function that takes or returns a floating-point number.
pub const fn require_integers<F: IntegerSignature>(_function: &F) {}

macro_rules! words {
    ($($word:ty = $text:literal)*) => { $(impl Word for $word { const TEXT: &'static str = $text; })* };
}

words! {
    () = "()"
    bool = "bool"
    u8 = "u8"
    i8 = "i8"
    u16 = "u16"
    i16 = "i16"
    u32 = "u32"
    i32 = "i32"
    u64 = "u64"
    i64 = "i64"
    usize = "u64"
    isize = "i64"
    u128 = "u128"
    i128 = "i128"
}

impl<T> Word for *const T {
    const TEXT: &'static str = "pointer";
}

impl<T> Word for *mut T {
    const TEXT: &'static str = "pointer";
}

macro_rules! signatures {
    ($($parameter:ident)*) => {
        impl<$($parameter: Word,)* R: Word> IntegerSignature for unsafe extern "C" fn($($parameter),*) -> R {
            const SIGNATURE: Signature = Signature::Function {
                parameters: &[$($parameter::TEXT),*],
                result: R::TEXT,
            };
        }
        impl<$($parameter: Word),*> IntegerSignature for unsafe extern "C" fn($($parameter),*) -> ! {
            const SIGNATURE: Signature = Signature::Function {
                parameters: &[$($parameter::TEXT),*],
                result: "!",
            };
        }
        // A callback, null or not.
        impl<$($parameter: Word,)* R: Word> Word for Option<unsafe extern "C" fn($($parameter),*) -> R> {
            const TEXT: &'static str = "callback";
        }
        impl<$($parameter: Word,)* R: Word> Word for unsafe extern "C" fn($($parameter),*) -> R {
            const TEXT: &'static str = "callback";
        }
    };
}

signatures!();
signatures!(A);
signatures!(A B);
signatures!(A B C);
signatures!(A B C D);
signatures!(A B C D E);
signatures!(A B C D E F);

#[cfg(test)]
mod tests {
    use core::ffi::{c_char, c_int, c_long, c_void};

    use super::{IntegerSignature, Signature};

    fn text<F: IntegerSignature>() -> String {
        F::SIGNATURE.to_string()
    }

    #[test]
    fn a_signature_names_what_registers_tell_apart() {
        type Sort = unsafe extern "C" fn(
            *mut c_void,
            usize,
            usize,
            unsafe extern "C" fn(*const c_void, *const c_void) -> c_int,
        );
        assert_eq!(text::<Sort>(), "fn(pointer, u64, u64, callback) -> ()");
        type Measure = unsafe extern "C" fn(*const c_char) -> c_long;
        assert_eq!(text::<Measure>(), "fn(pointer) -> i64");
        assert_eq!(text::<unsafe extern "C" fn() -> !>(), "fn() -> !");
    }

    #[test]
    fn a_version_changes_with_the_signature_and_the_number() {
        let int = <unsafe extern "C" fn(c_int) -> c_int>::SIGNATURE;
        let long = <unsafe extern "C" fn(c_long) -> c_int>::SIGNATURE;
        let data = |size_bytes| Signature::Data { size_bytes };
        assert_eq!(int.version(1), int.version(1));
        assert_ne!(int.version(1), int.version(2));
        assert_ne!(int.version(1), long.version(1));
        assert_ne!(data(4).version(1), data(8).version(1));
        assert_ne!(data(4).version(1), Signature::Shim.version(1));
    }

    #[test]
    fn the_longest_signature_is_told_whole() {
        type Longest = unsafe extern "C" fn(
            Option<unsafe extern "C" fn()>,
            Option<unsafe extern "C" fn()>,
            Option<unsafe extern "C" fn()>,
            Option<unsafe extern "C" fn()>,
            Option<unsafe extern "C" fn()>,
            Option<unsafe extern "C" fn()>,
        ) -> Option<unsafe extern "C" fn()>;
        assert!(text::<Longest>().len() <= 160);
    }
}
