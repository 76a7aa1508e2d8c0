//! The program that links one object with no pass but those that it takes and no veneers, and calls its `main`: the smallest
//! way to use Ironlink.
#![cfg_attr(target_os = "none", no_std, no_main)]

ironlink_size::entry!(|given| {
    use ironlink::link::link_without_veneers;
    use ironlink::pass::{Pipeline, Purpose, standard};
    let passes = Pipeline::of(standard::NEEDED, Purpose::Run).ok()?;
    ironlink_size::linked::run(given, passes, link_without_veneers)
});
