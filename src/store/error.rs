//! What can go wrong below the domains.

use crate::base::Problem;

/// What can go wrong below the domains.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The engine or the file failed.
    #[error("the data file failed: {0}")]
    Engine(String),
    /// A row or key does not read as what it should be.
    #[error("the data file holds {0}")]
    Corrupt(&'static str),
    /// Another row has this unique key; the index is named.
    #[error("another row has the same key in {0}")]
    Taken(&'static str),
    /// Too many operations wait.
    #[error("too many operations wait for the writer")]
    Full,
    /// The store is closed, or its writer has ended.
    #[error("the store is closed")]
    Closed,
    /// The operation panicked.
    #[error("the operation panicked")]
    Panicked,
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self { Self::Engine(error.to_string()) }
        }
    )*};
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError, redb::Error);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::busy("The server has too many writes waiting; try again"),
            StoreError::Closed => Self::busy("The server is stopping"),
            StoreError::Taken(_) => Self::conflict("already_exists", "There is already one with the same name"),
            other => Self::internal(other),
        }
    }
}
