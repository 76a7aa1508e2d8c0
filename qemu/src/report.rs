//! What a command says of itself while it works: plain lines on standard error, and a spinner where somebody watches.

use indicatif::{ProgressBar, ProgressStyle};
use std::borrow::Cow;
use std::time::Duration;

/// Says one line.
pub fn say(text: impl AsRef<str>) {
    eprintln!("xtask: {}", text.as_ref());
}

/// A step that takes a while, from [`begin`] until it is dropped.
#[must_use]
pub struct Step {
    spinner: ProgressBar,
}

/// Says what begins. On a terminal, a spinner with the time that it has taken follows.
pub fn begin(text: impl Into<Cow<'static, str>>) -> Step {
    let text = text.into();
    say(&text);
    let spinner = ProgressBar::new_spinner().with_message(text);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    Step { spinner }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.spinner.finish_and_clear();
    }
}
