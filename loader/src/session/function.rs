//! Functions of a module, or of code made at run time, as this program's function pointers.
#![expect(unsafe_code, reason = "an address becomes a function pointer")]

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use crate::base::{TargetAddr, int};

/// A function of a module, or of code made at run time: callable as `F` for as long as what it is of is borrowed.
#[derive(Clone, Copy)]
pub struct Function<'module, F> {
    pointer: F,
    address: TargetAddr,
    module: PhantomData<&'module ()>,
}

impl<F: FunctionPointer> Function<'_, F> {
    /// The function at `address`, which the caller found to be code of this machine in a module that stays loaded for as
    /// long as the value lives.
    pub(crate) fn new(address: TargetAddr) -> Self {
        // SAFETY: the address is one of code of this machine, so not null; the pointer is called under its own `unsafe`,
        // where the caller answers for the signature.
        let pointer = unsafe { F::from_address(int::to_usize(address.value())) };
        Self {
            pointer,
            address,
            module: PhantomData,
        }
    }

    /// The address of its first instruction.
    pub const fn address(&self) -> TargetAddr {
        self.address
    }
}

impl<F> Deref for Function<'_, F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.pointer
    }
}

impl<F> fmt::Debug for Function<'_, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Function({})", self.address)
    }
}

/// Types of function pointers that a module's function can be called through: `unsafe extern "C"`, since nothing can check
/// that the module's function has the signature.
///
/// # Safety
/// Implementors are function pointers, as large as an address.
pub unsafe trait FunctionPointer: Copy {
    /// The pointer to the function at `address`.
    ///
    /// # Safety
    /// `address` is not zero.
    unsafe fn from_address(address: usize) -> Self;
}

macro_rules! function_pointers {
    ($( ( $($argument:ident)* ) )*) => {
        $(
            // SAFETY: it is a function pointer.
            unsafe impl<R, $($argument),*> FunctionPointer for unsafe extern "C" fn($($argument),*) -> R {
                unsafe fn from_address(address: usize) -> Self {
                    // SAFETY: a function pointer has the size of an address, and the caller gives one that is not null.
                    unsafe { core::mem::transmute::<usize, Self>(address) }
                }
            }
        )*
    };
}

function_pointers! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E G) (A B C D E G H) (A B C D E G H I) }
