//! `scaistack check`: whether every row of the data file is what it should be.

use super::{Failure, Session, Verb, find};
use clap::Args;
use serde_json::{Value, json};

/// What to do with what is found.
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  scaistack check\n  scaistack backup before.scai && scaistack check --repair\n\n\
    `scaistack verify` checks the pages of a file that no server has open,\n\
    this what its rows say.")]
pub struct Check {
    /// Mend what can be mended: index entries, lists, and e-mails that are not in the form of today
    #[arg(long)]
    repair: bool,
}

impl Verb for Check {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let body = json!({ "repair": self.repair });
        let answer = client.long("/api/v1/operator/check", body, out, "looking at every row").await?;
        let faults = find::list(&answer, "faults")?.to_vec();
        let rows = find::number(&answer, "rows")?;
        let is_mended = |fault: &Value| fault.get("mended") == Some(&Value::Bool(true));
        let left = faults.iter().filter(|fault| !is_mended(fault)).count();
        if out.is_for_machines() {
            out.object(&answer)?;
        } else {
            if !faults.is_empty() {
                let columns = [("TABLE", "table"), ("ROW", "row"), ("FAULT", "fault"), ("MENDED", "mended")];
                out.rows(&faults, &columns)?;
            }
            out.line(&format!("{rows} rows checked, {} faults mended, {left} left", faults.len() - left))?;
        }
        let can = |fault: &Value| fault.get("can_be_mended") == Some(&Value::Bool(true));
        match (left, faults.iter().any(|fault| can(fault) && !is_mended(fault))) {
            (0, _) => Ok(()),
            (_, true) => Err(Failure::failed("the data file has faults; --repair mends those that can be mended")),
            (_, false) => Err(Failure::failed("the data file has faults that cannot be mended here")),
        }
    }
}
