//! The program that links one object with all passes, without a session, and calls its `main`.
#![cfg_attr(target_os = "none", no_std, no_main)]

ironlink_size::entry!(|given| {
    use ironlink::link::link;
    use ironlink::pass::{Pipeline, Purpose};
    ironlink_size::linked::run(given, Pipeline::standard(Purpose::Run).ok()?, link)
});
