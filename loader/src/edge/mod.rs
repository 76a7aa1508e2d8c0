//! Edge kinds: what a relocation writes, as rows of data.
//!
//! A kind is a row ([`KindRow`]): its name, the value it computes ([`Formula`]), the bits it writes ([`Field`]), the range
//! and alignment that the value must keep, and, for a request, which table entry it asks for and what it becomes then.
//! Formats map their relocation numbers to kinds; the fix-up, the documentation and the tests read the rows.
//!
//! Nothing here knows graphs, object files or memory.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

pub mod aarch64;
pub mod data;
mod field;
mod row;
mod settled;
pub mod x86_64;

pub use aarch64::Aarch64Kind;
pub use data::DataKind;
pub use field::{Field, Form, Instruction, Piece};
pub use row::{Formula, KindRow, Prefix, Request, Rewrite, Table, ValueRange};
pub(crate) use row::{Plain, PlainWord};
pub(crate) use settled::{Settled, Settlement};
pub use x86_64::X86_64Kind;

use core::fmt;

/// What an edge writes, or asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EdgeKind {
    /// A whole word of data, alike on all machines.
    Data(DataKind),
    /// Peculiar to x86-64.
    X86_64(X86_64Kind),
    /// Peculiar to AArch64.
    Aarch64(Aarch64Kind),
}

impl EdgeKind {
    /// The row that describes this kind.
    #[inline]
    pub const fn row(self) -> &'static KindRow {
        match self {
            Self::Data(kind) => kind.row(),
            Self::X86_64(kind) => kind.row(),
            Self::Aarch64(kind) => kind.row(),
        }
    }

    /// What an edge of this kind becomes once its target is settled.
    #[inline]
    pub(crate) const fn settlement(self) -> &'static Settlement {
        match self {
            Self::Data(kind) => kind.settlement(),
            Self::X86_64(kind) => kind.settlement(),
            Self::Aarch64(kind) => kind.settlement(),
        }
    }
}

impl fmt::Display for EdgeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.row().name)
    }
}

/// Declares an enumeration of kinds together with the row of each, so that none can be without. A row reads: formula, field,
/// range, alignment of the value; a request's goes on with the table that it asks for, and what it becomes then; a relaxed
/// kind's with how the bytes around the field change.
macro_rules! kinds {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident as $kinds:ident {
            $(
                $(#[$documentation:meta])*
                $kind:ident => $formula:ident, $field:ident, $range:ident $(($bits:literal))?, $alignment:ident
                    $(, $table:ident becomes $group:ident($becomes:ident))?
                    $(rewriting $rewrite:ident $(($prefix:ident))?)?;
            )*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $name {
            $( $(#[$documentation])* $kind, )*
        }

        impl $name {
            /// All kinds, in the order of their declaration.
            pub const ALL: &[Self] = &[$( Self::$kind, )*];

            /// The rows of all kinds, in the order of their declaration.
            const ROWS: &[$crate::edge::KindRow] = &[$(
                $crate::edge::KindRow {
                    name: stringify!($kind),
                    formula: $crate::edge::Formula::$formula,
                    field: $crate::edge::Field::$field,
                    range: $crate::edge::ValueRange::$range $(($bits))?,
                    ends: $crate::edge::ValueRange::$range $(($bits))?.ends(),
                    value_alignment: $crate::base::Alignment::$alignment,
                    request: $crate::edge::kinds!(@request $($table $group $becomes)?),
                    rewrite: $crate::edge::kinds!(@rewrite $($rewrite $($prefix)?)?),
                    plain: $crate::edge::row::Plain::of(
                        $crate::edge::Formula::$formula,
                        $crate::edge::Field::$field,
                        $crate::edge::ValueRange::$range $(($bits))?,
                        $crate::base::Alignment::$alignment,
                        $crate::edge::kinds!(@rewrite $($rewrite $($prefix)?)?),
                        $crate::edge::kinds!(@request $($table $group $becomes)?),
                    ),
                    needs_threads: $crate::edge::row::needs_threads(
                        $crate::edge::Formula::$formula,
                        $crate::edge::kinds!(@request $($table $group $becomes)?),
                    ),
                    needs_nothing: $crate::edge::row::needs_nothing(
                        $crate::edge::Formula::$formula,
                        $crate::edge::ValueRange::$range $(($bits))?,
                        $crate::edge::kinds!(@request $($table $group $becomes)?),
                    ),
                },
            )*];

            /// What becomes of all kinds once their targets are settled, in the order of their declaration.
            const SETTLED: &[$crate::edge::Settlement] = &[$(
                $crate::edge::Settlement::of($crate::edge::EdgeKind::$kinds(Self::$kind)),
            )*];

            /// The row that describes this kind.
            #[inline]
            #[expect(
                clippy::indexing_slicing,
                clippy::as_conversions,
                reason = "kinds are numbered by their declaration, as their rows are"
            )]
            pub const fn row(self) -> &'static $crate::edge::KindRow {
                &Self::ROWS[self as usize]
            }

            /// What becomes of this kind once its target is settled.
            #[inline]
            #[expect(
                clippy::indexing_slicing,
                clippy::as_conversions,
                reason = "kinds are numbered by their declaration, as these are"
            )]
            pub(super) const fn settlement(self) -> &'static $crate::edge::Settlement {
                &Self::SETTLED[self as usize]
            }
        }
    };
    (@rewrite) => { $crate::edge::Rewrite::None };
    (@rewrite $rewrite:ident) => { $crate::edge::Rewrite::$rewrite };
    (@rewrite $rewrite:ident $prefix:ident) => {
        $crate::edge::Rewrite::$rewrite($crate::edge::Prefix::$prefix)
    };
    (@request) => { None };
    (@request $table:ident Data $becomes:ident) => {
        $crate::edge::kinds!(@becomes $table Data DataKind $becomes)
    };
    (@request $table:ident X86_64 $becomes:ident) => {
        $crate::edge::kinds!(@becomes $table X86_64 X86_64Kind $becomes)
    };
    (@request $table:ident Aarch64 $becomes:ident) => {
        $crate::edge::kinds!(@becomes $table Aarch64 Aarch64Kind $becomes)
    };
    (@becomes $table:ident $group:ident $kinds:ident $becomes:ident) => {
        Some($crate::edge::Request {
            table: $crate::edge::Table::$table,
            becomes: $crate::edge::EdgeKind::$group($crate::edge::$kinds::$becomes),
        })
    };
}
use kinds;

#[cfg(test)]
mod tests {
    use super::{Aarch64Kind, DataKind, EdgeKind, Settled, Settlement, ValueRange, X86_64Kind};
    use std::vec::Vec;

    fn all() -> Vec<EdgeKind> {
        let data = DataKind::ALL.iter().map(|&kind| EdgeKind::Data(kind));
        let x86_64 = X86_64Kind::ALL.iter().map(|&kind| EdgeKind::X86_64(kind));
        let aarch64 = Aarch64Kind::ALL.iter().map(|&kind| EdgeKind::Aarch64(kind));
        data.chain(x86_64).chain(aarch64).collect()
    }

    #[test]
    fn a_request_becomes_a_kind_that_asks_for_nothing() {
        for kind in all() {
            if let Some(request) = kind.row().request {
                assert!(request.becomes.row().request.is_none(), "{kind}");
                assert_eq!(request.becomes.row().field, kind.row().field, "{kind}");
            }
        }
    }

    #[test]
    fn what_was_worked_out_ahead_is_of_its_kind() {
        for kind in all() {
            let &Settlement {
                kind: settled_kind,
                settled,
            } = kind.settlement();
            let Settlement {
                kind: expected_kind,
                settled: expected,
            } = Settlement::of(kind);
            assert_eq!((settled_kind, settled), (expected_kind, expected), "{kind}");
            let row = settled_kind.row();
            assert_eq!(settled == Settled::No, !row.is_inert(), "{kind}");
        }
    }

    #[test]
    fn a_field_reads_back_what_was_written() {
        for kind in all() {
            let row = kind.row();
            let samples: &[u64] = &[0, 0x123_4567_89ab_cdef, u64::MAX, 0x5555_5555_5555_5555];
            for &sample in samples {
                for before in [0, u64::MAX] {
                    let written = row.field.write(before, sample);
                    assert_eq!(
                        row.field.read(written),
                        sample & row.field.value_mask(),
                        "{kind}"
                    );
                    let outside = !row.field.word_mask();
                    assert_eq!(
                        written & outside,
                        before & outside,
                        "{kind} writes outside its field"
                    );
                }
            }
        }
    }

    #[test]
    fn every_checked_value_in_range_fits_its_field() {
        for kind in all() {
            let row = kind.row();
            let (first, last) = match row.range {
                ValueRange::Any => continue,
                range => range.ends(),
            };
            for value in [first, last] {
                let aligned = value & !(row.value_alignment.bytes().cast_signed() - 1);
                let bits = row.field.read(row.field.write(0, aligned.cast_unsigned()));
                let significant = row.field.value_mask();
                assert_eq!(bits, aligned.cast_unsigned() & significant, "{kind}");
            }
            assert!(
                !row.range.contains(first.wrapping_sub(1)) || first == i64::MIN,
                "{kind}"
            );
            assert!(
                !row.range.contains(last.wrapping_add(1)) || last == i64::MAX,
                "{kind}"
            );
        }
    }

    #[test]
    fn what_needs_thread_local_storage_says_so_before_its_entry_is_made_and_after() {
        for kind in all() {
            let row = kind.row();
            assert_eq!(row.is_thread_local(), row.name.contains("Thread"), "{kind}");
        }
    }

    #[test]
    fn an_edge_kind_is_two_bytes() {
        assert_eq!(size_of::<EdgeKind>(), 2);
    }
}
