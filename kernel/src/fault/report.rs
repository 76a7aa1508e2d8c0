//! A fault as people read it.

use core::fmt;

use super::{Cause, Fault};

/// What is reported of a fault: its cause and place on the first line, then the registers.
pub struct Report<'a> {
    /// The fault.
    pub fault: &'a Fault,
    /// Where the code stood: `hello.o: main+0x12`.
    pub place: &'a dyn fmt::Display,
    /// What is known of the address that was accessed: `r-x`.
    pub detail: Option<&'a dyn fmt::Display>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = self.fault;
        write!(formatter, "{}", fault.cause)?;
        if let (Cause::Memory { .. }, Some(detail)) = (fault.cause, self.detail) {
            write!(formatter, " ({detail})")?;
        }
        let (place, instruction) = (self.place, fault.instruction);
        write!(formatter, "; at {instruction:#x}, {place}")?;
        write!(formatter, "{}", fault.registers)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::Report;
    use crate::fault::{Access, Cause, Fault, Refusal, Registers};

    #[test]
    fn a_report_names_cause_place_and_registers() {
        let fault = Fault {
            cause: Cause::Memory {
                access: Access::Write,
                address: 0x4000_1000,
                refusal: Refusal::Protection,
            },
            instruction: 0x4000_0012,
            stack_pointer: 0,
            registers: Registers::new(&["a", "b", "c", "d", "e"], [1, 2, 3, 4, 0xffff]),
        };
        let report = Report {
            fault: &fault,
            place: &"hello.o: main+0x12",
            detail: Some(&"r-x"),
        };
        assert_eq!(
            report.to_string(),
            "write to 0x40001000: the page's protection forbids it (r-x); at 0x40000012, hello.o: main+0x12\n    \
             \u{20}    a 0000000000000001      b 0000000000000002      c 0000000000000003      d 0000000000000004\n    \
             \u{20}    e 000000000000ffff"
        );
    }
}
