//! The services in this process, for when no server runs.

use super::Transport;
use crate::cli::failure::Failure;
use crate::config::Loaded;

/// Opens the data file and gives a way to the API without a port, as the local operator.
///
/// # Errors
/// [`Failure::WrongKey`] if the data file does not open with the key at hand; otherwise what stands in the way.
pub async fn open(loaded: &Loaded) -> Result<Box<dyn Transport>, Failure> {
    let socket = loaded.config.storage.socket();
    Err(Failure::failed(format!("no server answers at {}; start one with `scaistack serve`", socket.display())))
}
