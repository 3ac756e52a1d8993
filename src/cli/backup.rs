//! `scaistack backup`: a copy of the data file while the server works.

use super::{Failure, Session, Verb};
use clap::Args;
use serde_json::json;
use std::path::{PathBuf, absolute};

/// Where the copy goes.
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack backup /safe/place/today.scai")]
pub struct Backup {
    /// The file to write the backup to
    file: PathBuf,
}

impl Verb for Backup {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let path = absolute(self.file)?;
        let Some(path) = path.to_str() else {
            return Err(Failure::usage("the name of the file must be UTF-8"));
        };
        let body = json!({ "path": path });
        let answer = client.long("/api/v1/operator/backup", body, out, "writing the backup").await?;
        if out.is_for_machines() { out.object(&answer) } else { out.done("written", path) }
    }
}
