//! `scaistack recover-admin`: a way back in for the administrator.

use super::{Failure, Session, Verb, find};
use clap::Args;
use serde_json::json;

/// For whom.
#[derive(Args, Debug, PartialEq, Eq)]
pub struct RecoverAdmin {
    /// Whose sign-in is to be renewed (e-mail address) [default: a new administrator]
    #[arg(long, value_name = "E-MAIL")]
    user: Option<String>,
}

impl Verb for RecoverAdmin {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let body = self.user.map_or_else(|| json!({}), |user| json!({ "user_email": user }));
        let answer = client.post("/api/v1/operator/recover-admin", body).await?;
        if out.is_json() { out.json(&answer) } else { out.line(find::text(&answer, "url")?) }
    }
}
