//! The vault's operations.
//!
//! Writing a value takes two steps: [`prepare`] checks and seals it before the transaction, [`put`] gives it its version
//! inside. Reading gives no audit row by itself, since a read has no transaction: the caller commits [`read_event`] or
//! [`list_event`], before it answers or lazily, as the operator has set it.

mod delete;
mod find;
mod level;
mod list;
mod read;
mod trash;
mod write;

pub use delete::{delete, destroy_version, purge_expired, restore};
pub use level::{Below, Shape, count_below, level};
pub use list::{list, list_event};
pub use read::{get, read_event, versions};
pub use trash::trash;
pub use write::{SealedPut, prepare, put};
