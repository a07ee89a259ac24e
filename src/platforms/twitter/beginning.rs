//! Where the words of a flattened post begin.
