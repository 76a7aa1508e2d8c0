//! One exported name, and the macro that writes tables of them.
//!
//! A table gives addresses of plain Rust functions, so that nothing here is visible to the linker that builds the kernel:
//! its host tests link a C library whose `printf` and `malloc` must stay what they are.

use ironlink::base::{Name, TargetAddr, int};
use ironlink::graph::{Linkage, SymbolKind};
use ironlink::kit::InterfaceEntry;
use ironlink::session::AbsoluteSymbol;

use super::signature::{IntegerSignature, Signature};

/// A name that modules may link against: an [`AbsoluteSymbol`] that can stand in a table, where an address is not yet a
/// number.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// The symbol's name, as objects spell it.
    pub name: &'static str,
    /// Where it is: the first instruction, or the first byte.
    pub address: *const (),
    /// The size of data in bytes; 0 for a function.
    pub size_bytes: usize,
    /// What stands there.
    pub kind: SymbolKind,
    /// Weak if a program may bring a definition of its own: C++ lets it replace operators new and delete.
    pub linkage: Linkage,
    /// Whether every module must get this definition, so that none may bring its own.
    pub is_protected: bool,
    /// How it is called, as far as the row says.
    pub signature: Signature,
    /// 1, and one more whenever the name comes to mean something else that its signature doesn't show: modules that were built
    /// before are refused then.
    pub version: u32,
}

// SAFETY: the address is never dereferenced through an `Export`; all else is plain data.
unsafe impl Sync for Export {}

// SAFETY: as above.
unsafe impl Send for Export {}

impl Export {
    /// A function of which the row doesn't say how it is called.
    pub const fn function(name: &'static str, address: *const ()) -> Self {
        Self {
            name,
            address,
            size_bytes: 0,
            kind: SymbolKind::Function,
            linkage: Linkage::Strong,
            is_protected: false,
            signature: Signature::Shim,
            version: 1,
        }
    }

    /// The same function, called as `F` is: one that takes or returns a floating-point number is refused at compile time.
    pub const fn called_as<F: IntegerSignature>(self, _function: &F) -> Self {
        Self {
            signature: F::SIGNATURE,
            ..self
        }
    }

    /// An object in memory, of the size of `T`.
    pub const fn data<T>(name: &'static str, address: *const T) -> Self {
        Self {
            size_bytes: size_of::<T>(),
            kind: SymbolKind::Data,
            signature: Signature::Data {
                size_bytes: size_of::<T>(),
            },
            ..Self::function(name, address.cast())
        }
    }

    /// The same name, which a program may define for itself.
    pub const fn weak(self) -> Self {
        Self {
            linkage: Linkage::Weak,
            ..self
        }
    }

    /// The same name, which no module can redefine.
    pub const fn protected(self) -> Self {
        Self {
            is_protected: true,
            ..self
        }
    }

    /// The same name, in another version.
    pub const fn in_version(self, version: u32) -> Self {
        Self { version, ..self }
    }

    /// The row as an entry of the kernel's interface.
    pub fn interface_entry(&self) -> InterfaceEntry<'static> {
        InterfaceEntry {
            name: Name::from(self.name),
            version: self.signature.version(self.version),
        }
    }

    /// The row as a session's dylib takes it.
    pub fn symbol(&self) -> AbsoluteSymbol<'static> {
        AbsoluteSymbol {
            name: self.name,
            address: TargetAddr::new(int::from_usize(self.address.addr())),
            size_bytes: int::from_usize(self.size_bytes),
            kind: self.kind,
            linkage: self.linkage,
            is_protected: self.is_protected,
        }
    }
}

/// A function without a signature: assembly that adapts a C interface that Rust can't write.
pub type Shim = unsafe extern "C" fn();

/// Writes a table of [`Export`]s. Each row says what it exports and, where the name isn't the Rust item's own, as what:
///
/// - `function f(_, _) -> _;` a function in C's calling convention. Its parameters and result must be integers or pointers:
///   a `double` would be looked for in the wrong registers, so it doesn't compile.
/// - `weak f(_) -> _;` the same, and a program may bring its own.
/// - `protected f() -> !;` the same, and no module may bring its own.
/// - `shim f;` a naked function, for what C can say and Rust can't. Its macro has checked what it calls.
/// - `data X;` an object; `protected_data X;` one that no module may redefine.
///
/// `[version 2]` before the semicolon says that the name means something else than it did, although it is called as before:
/// modules that were built against the version before are refused.
///
/// ```
/// use core::ffi::c_int;
///
/// unsafe extern "C" fn add(left: c_int, right: c_int) -> c_int {
///     left.wrapping_add(right)
/// }
///
/// ironlink_kernel::exports! {
///     static EXPORTS:
///     function add(_, _) -> _;
///     function add(_, _) -> _ as "plus" [version 2];
/// }
/// assert_eq!(EXPORTS[1].name, "plus");
/// assert_eq!(EXPORTS[0].signature.to_string(), "fn(i32, i32) -> i32");
/// ```
///
/// ```compile_fail,E0277
/// unsafe extern "C" fn half(whole: f64) -> u32 {
///     (whole / 2.0) as u32
/// }
///
/// ironlink_kernel::exports! {
///     static EXPORTS:
///     function half(_) -> _;
/// }
/// ```
///
/// ```compile_fail,E0277
/// unsafe extern "C" fn ratio(whole: u32, part: u32) -> f32 {
///     part as f32 / whole as f32
/// }
///
/// ironlink_kernel::exports! {
///     static EXPORTS:
///     function ratio(_, _) -> _;
/// }
/// ```
#[macro_export]
macro_rules! exports {
    ($visibility:vis static $table:ident:
     $($kind:ident $item:ident $(($($parameter:ty),*) $(-> $result:ty)?)? $(as $name:literal)?
       $([version $version:literal])?;)*) => {
        $visibility static $table: &[$crate::exports::Export] = &[$(
            $crate::exports!(@$kind
                $crate::exports!(@name $item $($name)?),
                $item $(($($parameter),*) $(-> $result)?)?)
            $(.in_version($version))?
        ),*];
    };
    (@name $item:ident) => { stringify!($item) };
    (@name $item:ident $name:literal) => { $name };
    (@function $name:expr, $item:ident ($($parameter:ty),*) $(-> $result:ty)?) => {{
        let function = $item as unsafe extern "C" fn($($parameter),*) $(-> $result)?;
        $crate::exports::Export::function($name, function as *const ()).called_as(&function)
    }};
    (@weak $($row:tt)*) => { $crate::exports!(@function $($row)*).weak() };
    (@protected $($row:tt)*) => { $crate::exports!(@function $($row)*).protected() };
    (@shim $name:expr, $item:ident) => {
        $crate::exports::Export::function($name, $item as $crate::exports::Shim as *const ())
    };
    (@data $name:expr, $item:ident) => { $crate::exports::Export::data($name, &raw const $item) };
    (@protected_data $($row:tt)*) => { $crate::exports!(@data $($row)*).protected() };
}

#[cfg(test)]
mod tests {
    use super::{Linkage, SymbolKind};

    unsafe extern "C" fn increment(value: u32) -> u32 {
        value.wrapping_add(1)
    }

    static NUMBER: u64 = 7;

    exports! {
        static EXPORTS:
        function increment(_) -> _;
        weak increment(_) -> _ as "next" [version 2];
        protected_data NUMBER as "number";
    }

    #[test]
    fn rows_carry_the_name_the_address_and_the_kind() {
        let [function, alias, data] = EXPORTS else {
            panic!("three rows")
        };
        assert_eq!((function.name, alias.name), ("increment", "next"));
        assert_eq!(function.address, alias.address);
        assert_eq!(
            (function.linkage, alias.linkage),
            (Linkage::Strong, Linkage::Weak)
        );
        assert_eq!((data.kind, data.size_bytes), (SymbolKind::Data, 8));
        assert_eq!(data.address, (&raw const NUMBER).cast());
        assert!(data.is_protected);
        assert_eq!(data.symbol().address.value(), data.address.addr() as u64);
    }

    #[test]
    fn rows_carry_what_modules_are_built_against() {
        let signatures = EXPORTS.iter().map(|export| export.signature.to_string());
        let expected = ["fn(u32) -> u32", "fn(u32) -> u32", "data of 8 bytes"];
        assert!(signatures.eq(expected));
        let versions: Vec<u32> = EXPORTS.iter().map(|export| export.version).collect();
        assert_eq!(versions, [1, 2, 1]);
        let [function, alias] = [0, 1].map(|index| EXPORTS[index].interface_entry());
        assert_ne!(function.version, alias.version);
    }
}
