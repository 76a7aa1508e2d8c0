//! The chart: for each object a bar for each linker, as long as the least time is a multiple of the limit, on a logarithmic
//! scale.

use super::{Report, Result, Subject};
use crate::linkers::{LINKERS, Role};
use std::fmt::Write;

const NAME_WIDTH: f64 = 130.0;
const BAR_HEIGHT: f64 = 11.0;
const GAP_HEIGHT: f64 = 12.0;
const TOP_HEIGHT: f64 = 50.0;
/// How wide a factor of ten is.
const DECADE_WIDTH: f64 = 150.0;
/// Powers of ten that are shown.
const DECADES: u32 = 4;
const COLOURS: [&str; 8] = [
    "#888888", "#bbbbbb", "#d62728", "#ff9896", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b",
];

/// The chart, as SVG.
pub(crate) fn svg(report: &Report) -> String {
    let width = NAME_WIDTH + DECADE_WIDTH * f64::from(DECADES) + 60.0;
    let mut body = String::new();
    let mut y = TOP_HEIGHT;
    for subject in &report.subjects {
        y = draw(subject, y, &mut body) + GAP_HEIGHT;
    }
    let mut scale = String::new();
    for decade in 0..=DECADES {
        let x = NAME_WIDTH + DECADE_WIDTH * f64::from(decade);
        let factor = 10_u32.pow(decade);
        let _ = writeln!(
            scale,
            "<line x1=\"{x}\" x2=\"{x}\" y1=\"{TOP_HEIGHT}\" y2=\"{y}\" stroke=\"#dddddd\"/>\
             <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{factor}\u{d7}</text>",
            TOP_HEIGHT - 6.0
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{y}\" \
         font-family=\"sans-serif\" font-size=\"10\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{}{scale}{body}</svg>\n",
        legend()
    )
}

/// Who has which colour.
fn legend() -> String {
    let mut text = String::new();
    let mut x = NAME_WIDTH;
    for (entry, colour) in LINKERS.iter().zip(COLOURS) {
        if entry.role != Role::Limit {
            let _ = writeln!(
                text,
                "<rect x=\"{x}\" y=\"10\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
                 <text x=\"{}\" y=\"19\">{}</text>",
                x + 14.0,
                entry.name
            );
            x += 30.0 + 6.0 * entry.name.len() as f64;
        }
    }
    text
}

/// Draws the bars of one object, from `y` on, and says where they end.
fn draw(subject: &Subject, mut y: f64, body: &mut String) -> f64 {
    let _ = writeln!(
        body,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
        NAME_WIDTH - 8.0,
        y + BAR_HEIGHT - 2.0,
        subject.object
    );
    for outcome in &subject.outcomes {
        let Result::Measured(measured) = &outcome.result else {
            continue;
        };
        let ratio = measured
            .ratio_to_limit
            .filter(|_| outcome.role != Role::Limit);
        let Some(ratio) = ratio else { continue };
        let place = LINKERS
            .iter()
            .position(|entry| entry.name == outcome.linker);
        let colour = COLOURS[place.unwrap_or_default() % COLOURS.len()];
        let width = (ratio.max(1.0).log10() * DECADE_WIDTH).max(1.0);
        let _ = writeln!(
            body,
            "<rect x=\"{NAME_WIDTH}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{}\" font-size=\"8\">{ratio:.1}</text>",
            BAR_HEIGHT - 1.0,
            NAME_WIDTH + width + 3.0,
            y + BAR_HEIGHT - 3.0
        );
        y += BAR_HEIGHT;
    }
    y
}
