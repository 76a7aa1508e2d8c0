//! The program that links one object with no pass but those that it takes, and calls its `main`: the smallest way to use
//! Ironlink.
#![cfg_attr(target_os = "none", no_std, no_main)]

ironlink_size::entry!(|given| {
    use ironlink::pass::{Pipeline, Purpose, standard};
    ironlink_size::linked::run(given, Pipeline::of(standard::NEEDED, Purpose::Run).ok()?)
});
