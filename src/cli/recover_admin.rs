//! `scaistack recover-admin`: a way back in for the administrator.

use super::{Failure, Session, Verb, find};
use clap::Args;
use serde_json::json;

/// Nothing more is asked for.
#[derive(Args, Debug, PartialEq, Eq)]
pub struct RecoverAdmin {}

impl Verb for RecoverAdmin {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let answer = client.post("/api/v1/operator/recover-admin", json!({})).await?;
        if out.is_for_machines() { out.object(&answer) } else { out.line(find::text(&answer, "url")?) }
    }
}
