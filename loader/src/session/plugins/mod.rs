//! Plugins that come with Ironlink.
