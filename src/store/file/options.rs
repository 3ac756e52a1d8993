//! How a file is opened.

use super::raw::{OnIoError, abort_on_io_error};

/// How a file is opened.
#[derive(Clone)]
pub struct Options {
    /// Memory for decrypted pages, in bytes.
    pub cache_bytes: usize,
    /// Called with the first error of the disk, or the first page that does not authenticate, once the file is open.
    pub on_io_error: OnIoError,
}

impl Default for Options {
    /// 64 MiB of cache; an error ends the process.
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, on_io_error: abort_on_io_error() }
    }
}
