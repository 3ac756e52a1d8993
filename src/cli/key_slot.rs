//! `scaistack key-slot`: what opens the data file.

use super::{Failure, Session, Verb};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::{PathBuf, absolute};

/// Where the operator's API keeps the slots.
const SLOTS: &str = "/api/v1/operator/key-slots";

/// Keys of the data file: key files and passphrases, each of which opens it
#[derive(Debug, Subcommand)]
pub enum KeySlot {
    /// List the keys, without the keys themselves
    List,
    Add(Add),
    /// Remove a key. Copies of the data file made before still open with it
    Remove {
        /// Its id: eight hexadecimal digits
        id: String,
    },
}

/// Add a key
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    scaistack key-slot add --passphrase-stdin --label \"in the safe\" < passphrase.txt\n  \
    scaistack key-slot add --key-file /mnt/stick/scaistack.key")]
#[command(group = clap::ArgGroup::new("opener").required(true))]
pub struct Add {
    /// Read a passphrase from stdin
    #[arg(long, group = "opener")]
    passphrase_stdin: bool,
    /// Make a key file here, on the server's machine. It must not exist
    #[arg(long, value_name = "FILE", group = "opener")]
    key_file: Option<PathBuf>,
    /// A name to tell it from others
    #[arg(long)]
    label: Option<String>,
}

impl Verb for KeySlot {
    async fn run(self, Session { client, out, stdin }: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List => {
                let rows = client.list(SLOTS, &[], usize::MAX).await?;
                out.rows(
                    &rows,
                    &[("KEY ID", "key_id"), ("KIND", "kind"), ("LABEL", "label"), ("CREATED", "created_at")],
                )
            }
            Self::Add(Add { key_file: Some(path), label, .. }) => {
                let label = label.unwrap_or_else(|| "key file".to_owned());
                let body = json!({ "kind": "key_file", "path": absolute(path)?, "label": label });
                out.object(&client.post(SLOTS, body).await?)
            }
            Self::Add(Add { label, .. }) => {
                let passphrase = stdin.line("passphrase")?;
                let label = label.unwrap_or_else(|| "passphrase".to_owned());
                let body = json!({ "kind": "passphrase", "passphrase": passphrase.expose(), "label": label });
                out.object(&client.post(SLOTS, body).await?)
            }
            Self::Remove { id } => {
                if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(Failure::usage(
                        "the id has eight hexadecimal digits, as `scaistack key-slot list` shows it",
                    ));
                }
                client.delete(format!("{SLOTS}/{id}")).await?;
                out.done("removed", &id)
            }
        }
    }
}
