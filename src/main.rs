//! The binary: everything it does is in the library's `commands`.

fn main() {}
