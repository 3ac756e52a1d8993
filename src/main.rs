//! The command. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaistack::cli::main()
}
