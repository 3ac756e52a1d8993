//! `scaistack doctor`: compares the settings with what can be seen.

mod certificate;
mod files;
mod findings;
mod mail;
mod public;
mod server;

use super::session::block_on;
use super::{Connect, Failure, Out};
use clap::Args;
use findings::{Findings, State};

/// Compare the settings with what can be seen
///
/// It looks at files and their modes, the key, disk space, the server and its jobs, the age of the last backup, the mail server, the
/// public URL with its certificate, clock and cookies, and at what requests have shown of proxies.
#[derive(Args, Debug)]
pub struct Doctor {
    #[command(flatten)]
    connect: Connect,
}

impl Doctor {
    /// Looks, and prints what it has seen.
    ///
    /// # Errors
    /// Something is bad, after everything has been looked at.
    pub fn run(self) -> Result<(), Failure> {
        self.connect.only_here("doctor")?;
        let mut out = Out::of_process(self.connect.form.format());
        let mut findings = Findings::default();
        match self.connect.settings() {
            Err(failure) => failure.to_string().lines().for_each(|line| findings.add("settings", State::Bad, line)),
            Ok(loaded) => {
                findings.add("settings", State::Ok, "every value is acceptable");
                loaded.warnings.iter().for_each(|warning| findings.add("settings", State::Warning, warning));
                files::look(&loaded, &self.connect, &mut findings);
                block_on(async {
                    let running = server::look(&loaded, &mut findings).await;
                    public::look(&loaded, running.as_ref().map(|running| running.public_url()), &mut findings).await;
                    if let Some(running) = running {
                        // Behind the requests to the public URL, which show what the proxies do.
                        running.proxies(&mut findings).await;
                    }
                    mail::look(&loaded, &self.connect, &mut findings).await;
                    Ok(())
                })?;
            }
        }
        out.rows(&findings.rows(), &[("CHECK", "check"), ("STATE", "state"), ("", "message")])?;
        if findings.0.iter().any(|(_, state, _)| *state == State::Bad) { Err(Failure::Exit(1)) } else { Ok(()) }
    }
}
