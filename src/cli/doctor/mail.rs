//! The mail server, as far as the sign-in.

use super::super::Connect;
use super::findings::{Findings, State};
use crate::config::Loaded;
use crate::mail::Mailer;

/// Connects to the mail server and signs in, as before a mail.
pub(super) async fn look(loaded: &Loaded, connect: &Connect, findings: &mut Findings) {
    let (mail, server) = (&loaded.config.mail, &loaded.config.server);
    let password = match mail.password(&connect.sources()) {
        Ok(password) => password,
        Err(error) => return findings.add("mail", State::Bad, error.to_string()),
    };
    let address = format!("{}:{}", mail.smtp_host, mail.port());
    match Mailer::new(mail, password, &server.origin(server.listen.0)) {
        Err(error) => findings.add("mail", State::Bad, error.to_string()),
        Ok(None) => findings.add("mail", State::Ok, "mail.smtp_host is not set: mail waits in the outbox"),
        Ok(Some(mailer)) => match mailer.check().await {
            Ok(()) => findings.add("mail", State::Ok, format!("{address} lets us in")),
            Err(words) => findings.add("mail", State::Bad, format!("{address}: {words}")),
        },
    }
}
