//! Subcommands: flags and glue, one file each.
