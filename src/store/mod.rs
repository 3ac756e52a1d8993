//! The store: typed tables in transactions over one encrypted file. The only place that names redb.

pub mod file;
