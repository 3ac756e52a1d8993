//! `scaistack verify`: whether a data file or a backup is as it was written.

use super::Failure;
use clap::Args;
use std::path::PathBuf;

/// Check every page of a data file that no server has open, or of a backup
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack verify /safe/place/today.scai --key-file /safe/place/root.key")]
pub struct Verify {
    /// The file [default: the data file]
    file: Option<PathBuf>,
    /// Data folder [default: ./data] [env: SCAISTACK_DATA]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The key file that opens it [default: as in the settings]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Settings file [default: ./scaistack.toml, if it is there] [env: SCAISTACK_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Verifies.
    ///
    /// # Errors
    /// The file is in use, does not open, or is damaged.
    pub fn run(self) -> Result<(), Failure> {
        Err(Failure::failed("this build cannot verify"))
    }
}
