//! Tables of measurements, for people: one row each, one column for each machine.

use std::fmt;

/// A table of measurements.
#[derive(Debug, Default)]
pub struct Figures {
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    /// One for each column that the row has reached.
    values: Vec<Option<u64>>,
}

impl Figures {
    /// No measurements yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a column; what is [`Self::add`]ed next belongs to it.
    pub fn begin_column(&mut self, title: impl Into<String>) {
        self.columns.push(title.into());
    }

    /// Adds a measurement to the last column.
    pub fn add(&mut self, name: &str, value: u64) {
        let index = match self.rows.iter().position(|row| row.name == name) {
            Some(index) => index,
            None => {
                self.rows.push(Row {
                    name: name.to_owned(),
                    values: Vec::new(),
                });
                self.rows.len() - 1
            }
        };
        if let Some(row) = self.rows.get_mut(index) {
            row.values.resize(self.columns.len().max(1), None);
            if let Some(last) = row.values.last_mut() {
                *last = Some(value);
            }
        }
    }

    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = String> {
        self.rows
            .iter()
            .map(move |row| match row.values.get(column) {
                Some(Some(value)) => grouped(*value),
                _ => String::from("-"),
            })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.rows.iter().map(|row| row.name.as_str());
        let name_width = names.map(str::len).max().unwrap_or_default();
        let columns = self.columns.iter().enumerate().map(|(column, title)| {
            let cells = self.cells(column).collect::<Vec<_>>();
            let width = cells
                .iter()
                .map(String::len)
                .chain([title.len()])
                .max()
                .unwrap_or_default();
            (title, cells, width)
        });
        let columns = columns.collect::<Vec<_>>();
        write!(f, "{:name_width$}", "")?;
        for (title, _, width) in &columns {
            write!(f, "  {title:>width$}")?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            write!(f, "\n{:name_width$}", row.name)?;
            for (_, cells, width) in &columns {
                let cell = cells.get(index).map_or("", String::as_str);
                write!(f, "  {cell:>width$}")?;
            }
        }
        Ok(())
    }
}

/// The number with its digits in groups of three.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Figures, grouped};

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1 000");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

    #[test]
    fn a_measurement_that_one_machine_lacks_is_a_dash() {
        let mut figures = Figures::new();
        figures.begin_column("x86_64");
        figures.add("load", 12_345);
        figures.begin_column("aarch64");
        figures.add("load", 7);
        figures.add("sync", 1);
        assert_eq!(
            figures.to_string(),
            "      x86_64  aarch64\n\
             load  12 345        7\n\
             sync       -        1"
        );
    }
}
