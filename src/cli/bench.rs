//! `scaistack bench`: figures of this machine.

use super::Failure;
use clap::Args;

/// Measure this machine
#[derive(Args, Debug, PartialEq, Eq)]
pub struct Bench {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Bench {
    /// Measures.
    ///
    /// # Errors
    /// A measurement that did not come to its end.
    pub fn run(self) -> Result<(), Failure> {
        Err(Failure::failed("this build has no benchmark"))
    }
}
