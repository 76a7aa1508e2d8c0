//! The table for people: a row for each object with each linker.

use super::{Measured, Report, Result, Subject};
use std::fmt;

/// What the columns are called.
const COLUMNS: [&str; 14] = [
    "object",
    "bytes",
    "sections",
    "symbols",
    "relocs",
    "linker",
    "least µs",
    "median µs",
    "ns/reloc",
    "× limit",
    "× peer",
    "peak heap",
    "instructions",
    "ins/reloc",
];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![COLUMNS.map(str::to_owned)];
        rows.extend(self.subjects.iter().flat_map(rows_of));
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
        for row in &rows {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Names stand to the left, numbers to the right.
                match column {
                    0 => write!(f, "{cell:width$}")?,
                    5 => write!(f, "  {cell:width$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn rows_of(subject: &Subject) -> Vec<[String; 14]> {
    let rows = subject.outcomes.iter().enumerate().map(|(index, outcome)| {
        let facts = match index {
            0 => [
                subject.object.clone(),
                subject.bytes.to_string(),
                subject.sections.to_string(),
                subject.symbols.to_string(),
                subject.relocations.to_string(),
            ],
            _ => [const { String::new() }; 5],
        };
        let figures = match &outcome.result {
            Result::Measured(measured) => figures(measured),
            Result::Refused(_) => std::array::from_fn(|_| String::from("-")),
        };
        let mut cells = facts
            .into_iter()
            .chain([outcome.linker.clone()])
            .chain(figures);
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    });
    rows.collect()
}

fn figures(measured: &Measured) -> [String; 8] {
    let micros = |ns: u64| format!("{:.1}", ns as f64 / 1e3);
    let count =
        |number: Option<u64>| number.map_or_else(|| String::from("-"), |number| number.to_string());
    let maybe = |number: Option<f64>, digits: usize| {
        number.map_or_else(|| String::from("-"), |number| format!("{number:.digits$}"))
    };
    [
        micros(measured.least_ns),
        micros(measured.median_ns),
        format!("{:.1}", measured.ns_per_relocation),
        maybe(measured.ratio_to_limit, 2),
        maybe(measured.ratio_to_fastest_peer, 2),
        count(measured.peak_heap_bytes.map(|bytes| bytes as u64)),
        count(measured.instructions),
        maybe(measured.instructions_per_relocation, 1),
    ]
}
