//! `scaistack completions`: for the shell.

use super::Failure;
use clap::{Args, Command};
use clap_complete::Shell;
use std::io::Write;

/// Print completions for a shell
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack completions bash > ~/.local/share/bash-completion/completions/scaistack")]
pub struct Completions {
    /// The shell that the completions are for
    shell: Shell,
}

impl Completions {
    /// Prints them for `command`, the whole command line.
    ///
    /// # Errors
    /// Writing failed.
    pub fn run(self, command: &mut Command) -> Result<(), Failure> {
        // The generator panics when writing fails, and into memory it does not.
        let mut text = Vec::new();
        clap_complete::generate(self.shell, command, "scaistack", &mut text);
        Ok(std::io::stdout().write_all(&text)?)
    }
}
