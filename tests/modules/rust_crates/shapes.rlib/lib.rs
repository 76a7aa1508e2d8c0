//! A crate that needs another one, and `alloc`.
#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::String;

/// What has an area.
pub trait Shape {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// The length of its side, or of its radius.
    fn size(&self) -> u64;

    /// Its area, roughly.
    fn area(&self) -> u64 {
        numbers::powers::times(self.size(), self.size())
    }
}

/// A square with this side.
pub struct Square(pub u64);

/// A circle with this radius.
pub struct Circle(pub u64);

impl Shape for Square {
    fn name(&self) -> &'static str {
        "square"
    }

    fn size(&self) -> u64 {
        self.0
    }
}

impl Shape for Circle {
    fn name(&self) -> &'static str {
        "circle"
    }

    fn size(&self) -> u64 {
        self.0
    }

    fn area(&self) -> u64 {
        numbers::powers::times(3, numbers::powers::times(self.0, self.0))
    }
}

/// What a shape is, in words.
#[inline(never)]
pub fn describe(shape: &dyn Shape) -> String {
    format!("{} of {}: {}", shape.name(), shape.size(), shape.area())
}
