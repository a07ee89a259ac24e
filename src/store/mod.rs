//! The archive: one SQLite file. All SQL of embalm is in this module.
