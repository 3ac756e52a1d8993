//! `scaistack restore`: a data folder from a backup.

use super::Failure;
use clap::Args;
use std::path::PathBuf;

/// Make a data folder from a backup
#[derive(Args, Debug, PartialEq, Eq)]
#[command(
    after_help = "Example:\n  scaistack restore /safe/place/today.scai --data /new/folder \\\n    --key-file /safe/place/root.key"
)]
pub struct Restore {
    /// The backup
    file: PathBuf,
    /// The data folder to make; it must have no data file
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The key file that opens the backup [default: as in the settings]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Settings file [default: ./scaistack.toml, if it is there] [env: SCAISTACK_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    /// Restores.
    ///
    /// # Errors
    /// A backup that does not open, or a folder that has a data file.
    pub fn run(self) -> Result<(), Failure> {
        Err(Failure::failed("this build cannot restore"))
    }
}
