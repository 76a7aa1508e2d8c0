//! The simplest JIT: emit bytes, seal them, call them.

use core::fmt;

use crate::base::{Alignment, Machine, Protection, TargetAddr, int};
use crate::memory::{
    InFlight, Lifetime, MemoryError, MemoryManager, MemoryRequest, Reach, SegmentRequest,
};
use crate::session::{Function, FunctionPointer};

/// Memory that takes code and can't be run. Dropping it gives the memory back.
///
/// # A first function
///
/// Two instructions make a function that returns 1: one that puts the number where a result belongs, and one that returns.
/// On x86-64 the result belongs in `eax`, and both are six bytes together:
///
/// ```text
/// b8 01 00 00 00    mov eax, 1
/// c3                ret
/// ```
///
/// A [`CodeBuffer`] takes them while its memory can be written and not run. Sealing turns it into [`SealedCode`], which can
/// be run and never be written again. The types keep the order: what is not sealed has no functions, what is sealed takes no
/// bytes.
///
/// ```
/// # #[cfg(all(feature = "std", target_arch = "x86_64", target_os = "linux"))] {
/// use ironlink::jit::CodeBuffer;
/// use ironlink::memory::hosted::HostedMemory;
///
/// let memory = HostedMemory::new()?;
/// let mut buffer = CodeBuffer::new(&memory, 64)?;
/// buffer.emit(&[0xb8, 1, 0, 0, 0])?; // mov eax, 1
/// buffer.emit(&[0xc3])?; // ret
/// let code = buffer.seal()?;
/// let one = code.function::<unsafe extern "C" fn() -> i32>(0)?;
/// // SAFETY: the bytes above are a C function without arguments that returns an int.
/// assert_eq!(unsafe { one() }, 1);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Two arguments
///
/// C hands the first two integers over in `edi` and `esi`. Adding them is one instruction more, and one buffer may hold
/// several functions: [`emit`](CodeBuffer::emit) tells where each begins.
///
/// ```
/// # #[cfg(all(feature = "std", target_arch = "x86_64", target_os = "linux"))] {
/// # use ironlink::jit::CodeBuffer;
/// # use ironlink::memory::hosted::HostedMemory;
/// # let memory = HostedMemory::new()?;
/// let mut buffer = CodeBuffer::new(&memory, 64)?;
/// let add = buffer.emit(&[
///     0x8d, 0x04, 0x37, // lea eax, [rdi + rsi]
///     0xc3, // ret
/// ])?;
/// buffer.align(ironlink::base::Alignment::SIXTEEN)?;
/// let subtract = buffer.emit(&[
///     0x89, 0xf8, // mov eax, edi
///     0x29, 0xf0, // sub eax, esi
///     0xc3, // ret
/// ])?;
/// let code = buffer.seal()?;
/// type Binary = unsafe extern "C" fn(i32, i32) -> i32;
/// let (add, subtract) = (code.function::<Binary>(add)?, code.function::<Binary>(subtract)?);
/// // SAFETY: the bytes above are C functions of two integers.
/// assert_eq!(unsafe { (add(40, 2), subtract(40, 2)) }, (42, 38));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// On AArch64 arguments and result are in `w0` and `w1`; every instruction is four bytes, lowest first: `add w0, w0, w1` is
/// `0x0b01_0000`, `ret` is `0xd65f_03c0`. What was written is made known to the instruction cache when the code is sealed.
///
/// # What the types refuse
///
/// ```compile_fail,E0382
/// # use ironlink::jit::{CodeBuffer, CodeError};
/// # use ironlink::memory::MemoryManager;
/// fn write_sealed(memory: &impl MemoryManager) -> Result<(), CodeError> {
///     let mut buffer = CodeBuffer::new(memory, 64)?;
///     let code = buffer.seal()?;
///     buffer.emit(&[0xc3])?; // the buffer was moved into the sealed code
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use ironlink::jit::{CodeBuffer, CodeError};
/// # use ironlink::memory::MemoryManager;
/// fn call_unsealed(memory: &impl MemoryManager) -> Result<(), CodeError> {
///     let buffer = CodeBuffer::new(memory, 64)?;
///     buffer.function::<unsafe extern "C" fn()>(0)?; // only sealed code has functions
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0505
/// # use ironlink::jit::{CodeError, SealedCode};
/// fn call_freed<F>(code: SealedCode<F>) -> Result<(), CodeError> {
///     let function = code.function::<unsafe extern "C" fn()>(0)?;
///     drop(code); // the function borrows the code
///     unsafe { function() };
///     Ok(())
/// }
/// ```
pub struct CodeBuffer<M: MemoryManager> {
    in_flight: M::InFlight,
    address: TargetAddr,
    capacity: usize,
    len: usize,
}

/// Code that can be run and never be written. Dropping it gives the memory back.
pub struct SealedCode<F> {
    /// Held for its drop.
    _memory: F,
    address: TargetAddr,
    len: usize,
}

/// What traps when it is run, repeated: `int3` on x86-64, `udf #0` on AArch64.
const TRAP: u8 = match Machine::HOST {
    Some(Machine::X86_64) => 0xcc,
    _ => 0,
};

/// The only segment of a reservation.
const SEGMENT: usize = 0;

impl<M: MemoryManager> CodeBuffer<M> {
    /// A buffer for at most so many bytes of code for this machine; it takes whole pages.
    ///
    /// # Errors
    /// The memory manager has no such memory.
    pub fn new(memory: &M, capacity: usize) -> Result<Self, CodeError> {
        Self::within(memory, capacity, Reach::ANYWHERE)
    }

    /// As [`new`](Self::new), where all of it lies in `reach`: near what the code refers to by distances.
    ///
    /// # Errors
    /// The memory manager has no such memory there.
    pub fn within(memory: &M, capacity: usize, reach: Reach) -> Result<Self, CodeError> {
        let code = SegmentRequest {
            protection: Protection::ReadExecute,
            lifetime: Lifetime::Standard,
            alignment: Alignment::PAGE,
            // At least a byte, so that there are pages.
            content_size_bytes: int::from_usize(capacity.max(1)),
            zero_fill_size_bytes: 0,
        };
        let segments = &[code];
        let in_flight = memory.reserve(MemoryRequest { segments, reach })?;
        let address = in_flight.target_address(SEGMENT);
        Ok(Self {
            address: address.ok_or(MemoryError::TooLarge)?,
            in_flight,
            capacity,
            len: 0,
        })
    }

    /// Where the first byte will be run.
    pub const fn address(&self) -> TargetAddr {
        self.address
    }

    /// How many bytes were emitted: where the next ones go.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether none were.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends bytes, and tells the offset of their first.
    ///
    /// # Errors
    /// They are more than there is room for; none is appended then.
    pub fn emit(&mut self, bytes: &[u8]) -> Result<usize, CodeError> {
        let (start, capacity) = (self.len, self.capacity);
        let full = CodeError::Full {
            wanted: bytes.len(),
            room: capacity.saturating_sub(start),
        };
        let end = start.checked_add(bytes.len()).ok_or(full)?;
        if end > capacity {
            return Err(full);
        }
        self.memory(start, end)?.copy_from_slice(bytes);
        self.len = end;
        Ok(start)
    }

    /// Goes on to the next offset that `alignment` divides. What lies between traps if it is run.
    ///
    /// # Errors
    /// There is no room for that, or the alignment is larger than the buffer's own, 4 KiB.
    pub fn align(&mut self, alignment: Alignment) -> Result<usize, CodeError> {
        if alignment > Alignment::PAGE {
            return Err(CodeError::Alignment { wanted: alignment });
        }
        let aligned = alignment.checked_round_up(int::from_usize(self.len));
        match aligned.map(int::to_usize) {
            Some(aligned) if aligned <= self.capacity => {
                self.memory(self.len, aligned)?.fill(TRAP);
                self.len = aligned;
                Ok(aligned)
            }
            _ => Err(CodeError::Full {
                wanted: int::to_usize(alignment.bytes()),
                room: self.capacity.saturating_sub(self.len),
            }),
        }
    }

    /// Changes bytes that were emitted: the distance of a jump, say, once its target is known.
    ///
    /// # Errors
    /// Not all of these bytes were emitted yet; none is changed then.
    pub fn patch(&mut self, offset: usize, bytes: &[u8]) -> Result<(), CodeError> {
        let outside = CodeError::Outside {
            offset,
            len: self.len,
        };
        let end = offset.checked_add(bytes.len()).ok_or(outside)?;
        if end > self.len {
            return Err(outside);
        }
        self.memory(offset, end)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Makes the code executable, and nothing able to write it any more.
    ///
    /// # Errors
    /// The platform refused; the memory is given back then.
    pub fn seal(self) -> Result<SealedCode<M::Finalized>, CodeError> {
        Ok(SealedCode {
            address: self.address,
            len: self.len,
            _memory: self.in_flight.finalize()?,
        })
    }

    fn memory(&mut self, start: usize, end: usize) -> Result<&mut [u8], CodeError> {
        let memory = self.in_flight.working_memory(SEGMENT);
        let place = memory.and_then(|memory| memory.get_mut(start..end));
        place.ok_or(CodeError::Memory(MemoryError::TooLarge))
    }
}

impl<F> SealedCode<F> {
    /// Where the first byte is.
    pub const fn address(&self) -> TargetAddr {
        self.address
    }

    /// How many bytes of code there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The function that begins at this offset, as a pointer of type `T`, for instance `unsafe extern "C" fn(i32) -> i32`. It
    /// can be called as long as it borrows the code.
    ///
    /// # Errors
    /// There is no code at this offset, or Ironlink knows no such machine as this program runs on.
    pub fn function<T: FunctionPointer>(
        &self,
        offset: usize,
    ) -> Result<Function<'_, T>, CodeError> {
        let outside = CodeError::Outside {
            offset,
            len: self.len,
        };
        if offset >= self.len || Machine::HOST.is_none() {
            return Err(outside);
        }
        let address = self.address.checked_add(int::from_usize(offset));
        Ok(Function::new(address.ok_or(outside)?))
    }
}

impl<M: MemoryManager> fmt::Debug for CodeBuffer<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, len, capacity) = (self.address, self.len, self.capacity);
        write!(
            formatter,
            "CodeBuffer({address}, {len} of {capacity} bytes)"
        )
    }
}

impl<F> fmt::Debug for SealedCode<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "SealedCode({}, {} bytes)",
            self.address, self.len
        )
    }
}

/// Why a buffer of code can't do that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeError {
    /// The memory manager failed.
    Memory(MemoryError),
    /// There is no room for more.
    Full {
        /// How many bytes were to be appended.
        wanted: usize,
        /// For how many there is room.
        room: usize,
    },
    /// What lies there was not emitted.
    Outside {
        /// The offset, in bytes.
        offset: usize,
        /// How many bytes were emitted.
        len: usize,
    },
    /// The buffer itself is aligned to no more than 4 KiB, whatever the pages are.
    Alignment {
        /// What was asked for.
        wanted: Alignment,
    },
}

impl From<MemoryError> for CodeError {
    fn from(error: MemoryError) -> Self {
        Self::Memory(error)
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(error) => error.fmt(formatter),
            Self::Full { wanted, room } => write!(
                formatter,
                "{wanted} bytes of code don't fit, there is room for {room}; make the buffer with a larger capacity"
            ),
            Self::Outside { offset, len } => {
                write!(
                    formatter,
                    "offset {offset} lies outside of the {len} bytes of code"
                )
            }
            Self::Alignment { wanted } => write!(
                formatter,
                "code can't be aligned to {} bytes, a buffer is to {}",
                wanted.bytes(),
                Alignment::PAGE.bytes()
            ),
        }
    }
}

impl core::error::Error for CodeError {}

#[cfg(test)]
mod tests;
