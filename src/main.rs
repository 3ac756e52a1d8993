//! The command. Everything else is in the library.

fn main() {}
