//! `scaistack man`: manual pages.

use super::Failure;
use clap::{Args, Command};
use clap_mangen::Man;
use std::io::Write;
use std::path::PathBuf;

/// Print the manual page, or write a page for every command into a folder
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  scaistack man | man -l -\n  scaistack man /usr/local/share/man/man1")]
pub struct Pages {
    /// The folder to write the pages to, one for each command: scaistack-secret-put.1
    folder: Option<PathBuf>,
}

impl Pages {
    /// Writes them for `command`, the whole command line.
    ///
    /// # Errors
    /// Writing failed.
    pub fn run(self, mut command: Command) -> Result<(), Failure> {
        command.build();
        let Some(folder) = self.folder else {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            return Ok(std::io::stdout().write_all(&page)?);
        };
        if !folder.is_dir() {
            return Err(Failure::usage(format!("{} is no folder: make it first", folder.display())));
        }
        clap_mangen::generate_to(command, &folder)?;
        Ok(())
    }
}
