//! `format!`: integers, floats, strings, derived `Debug`, all through `core::fmt`'s tables.
#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use core::hint::black_box;

#[derive(Debug)]
#[expect(dead_code, reason = "read by Debug alone")]
struct Point {
    x: i32,
    y: Option<&'static str>,
}

#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    let text: String = format!(
        "{} {:>5} {:#x} {:.3}",
        black_box(-7),
        "ab",
        255,
        black_box(2.0 / 3.0)
    );
    if text != "-7    ab 0xff 0.667" {
        return line!() as i32;
    }
    let point = Point {
        x: black_box(1),
        y: Some("two"),
    };
    if format!("{point:?}") != "Point { x: 1, y: Some(\"two\") }" {
        return line!() as i32;
    }
    if format!("{:e} {}", black_box(1234.5f64), black_box(1e-7)) != "1.2345e3 0.0000001" {
        return line!() as i32;
    }
    if "12345".parse::<u16>() != Ok(12345) || "3.25".parse::<f64>() != Ok(3.25) {
        return line!() as i32;
    }
    if black_box("größer").to_uppercase() != "GRÖSSER" {
        return line!() as i32;
    }
    0
}
