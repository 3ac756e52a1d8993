//! `scaistack rotate-keys`: the keys that sign tokens.

use super::app::Algorithm;
use super::{Failure, Session, Verb};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;

/// Which keys, and how soon.
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  scaistack rotate-keys\n  scaistack rotate-keys --alg ES256 --when compromised")]
pub struct RotateKeys {
    /// The algorithm of the key to rotate
    #[arg(long, default_value = "RS256", ignore_case = true)]
    alg: Algorithm,
    /// How soon the new key signs
    #[arg(long, default_value = "staged")]
    when: When,
}

/// How soon the next key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum When {
    /// One step of the usual course: publish the next key, or let the published one sign
    Staged,
    /// The next key signs at once; the older keys stay in the key set, and tokens hold until they expire
    AtOnce,
    /// A fresh key signs at once, and all older keys of the algorithm leave the key set, also the one that waits: every token
    /// that they signed is dead, and people sign in again
    Compromised,
}

impl Verb for RotateKeys {
    async fn run(self, Session { client, out, .. }: &mut Session) -> Result<(), Failure> {
        let body = json!({ "alg": self.alg, "when": self.when });
        let answer = client.long("/api/v1/operator/rotate-keys", body, out, "making the key").await?;
        out.object(&answer)
    }
}
