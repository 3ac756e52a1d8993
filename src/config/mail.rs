//! `[mail]`: how mail is sent.

use super::{Checks, ConfigError, ConfigSources, Origin, Violation, secret};
use crate::base::{DisplayName, Email, Secret};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// In clear at first, then TLS before anything is said (RFC 3207). Without TLS nothing is sent.
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// In clear: for a server on the same machine.
    None,
}

impl MailTls {
    /// The usual port.
    const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// How mail is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// The mail server. Empty: mail waits in the outbox.
    pub smtp_host: String,
    /// Its port. 0: the usual one.
    pub smtp_port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// A PEM file with an authority to believe besides the public ones. Empty: none.
    pub ca_file: PathBuf,
    /// What this server calls itself there (EHLO). Empty: the host of the public address.
    pub hello_name: String,
    /// Who signs in there. Empty: nobody.
    pub username: String,
    /// A file with the password. Empty: see [`Mail::password`].
    pub password_file: PathBuf,
    /// The sender's address.
    pub from: String,
    /// The sender's name.
    pub from_name: String,
    /// Where answers go. Empty: to the sender.
    pub reply_to: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            smtp_host: String::new(),
            smtp_port: 0,
            tls: MailTls::StartTls,
            ca_file: PathBuf::new(),
            hello_name: String::new(),
            username: String::new(),
            password_file: PathBuf::new(),
            from: String::new(),
            from_name: "scaistack".to_owned(),
            reply_to: String::new(),
        }
    }
}

impl Mail {
    /// Whether there is a server to send by.
    pub fn is_on(&self) -> bool {
        !self.smtp_host.is_empty()
    }

    /// The port: the setting, or the usual one.
    pub fn port(&self) -> u16 {
        if self.smtp_port == 0 { self.tls.port() } else { self.smtp_port }
    }

    /// The first of: `SCAISTACK_SMTP_PASSWORD`, `mail.password_file`, the systemd credential `scaistack.smtp-password`.
    ///
    /// One line break at the end of a file is not part of the password.
    ///
    /// # Errors
    /// A file that cannot be read, or a user name without a password.
    pub fn password(&self, sources: &ConfigSources) -> Result<Option<Secret<String>>, ConfigError> {
        if !self.is_on() || self.username.is_empty() {
            return Ok(None);
        }
        let found =
            secret::outside(sources, "SCAISTACK_SMTP_PASSWORD", &self.password_file, "scaistack.smtp-password")?;
        let Some(found) = found else {
            let (key, message) = ("mail.username".to_owned(), "needs mail.password_file beside it".to_owned());
            return Err(ConfigError::Invalid(vec![Violation { origin: Origin::Default, key, message }]));
        };
        Ok(Some(found.text))
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        let near = matches!(self.smtp_host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if self.is_on() && self.tls == MailTls::None && !near {
            vec![format!("mail goes to {} in clear text, with every link in it: set mail.tls", self.smtp_host)]
        } else {
            Vec::new()
        }
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        if self.smtp_host.chars().any(|c| c.is_whitespace() || c == '/' || c == '@') {
            checks.refuse("mail.smtp_host", "must be the name or address of a server, without a port");
        }
        let in_a_name = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if !self.hello_name.chars().all(in_a_name) || self.hello_name.len() > 255 {
            checks.refuse("mail.hello_name", "must be a host name such as id.example.com, or an IP address");
        }
        if self.is_on() && self.from.is_empty() {
            checks.refuse("mail.from", "is needed to send mail: the sender's address");
        }
        for (key, address) in [("mail.from", &self.from), ("mail.reply_to", &self.reply_to)] {
            if !address.is_empty()
                && let Err(rule) = Email::parse(address)
            {
                checks.refuse(key, rule);
            }
        }
        if let Err(rule) = DisplayName::parse(&self.from_name) {
            checks.refuse("mail.from_name", rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_comes_from_outside_the_settings() {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = ConfigSources::none();
        let mut mail = Mail { smtp_host: "mail.example".into(), ..Mail::default() };
        assert!(mail.password(&sources).unwrap().is_none(), "nobody signs in");
        mail.username = "app".into();
        assert!(mail.password(&sources).unwrap_err().to_string().contains("mail.password_file"));
        mail.password_file = folder.path().join("password");
        assert!(mail.password(&sources).is_err());
        std::fs::write(&mail.password_file, "pass word\n").unwrap();
        assert_eq!(mail.password(&sources).unwrap().unwrap().expose(), "pass word");
        sources.environment.insert("SCAISTACK_SMTP_PASSWORD".into(), "other".into());
        assert_eq!(mail.password(&sources).unwrap().unwrap().expose(), "other");
    }

    #[test]
    fn a_server_needs_a_sender_and_clear_text_a_near_one() {
        let problems = |mail: &Mail| {
            let mut checks = Checks::default();
            mail.check(&mut checks);
            checks.0.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        let mut mail = Mail { smtp_host: "mail.example".into(), ..Mail::default() };
        assert_eq!(problems(&mail), ["mail.from"]);
        mail.from = "id@acme.example".into();
        mail.reply_to = "nobody".into();
        assert_eq!(problems(&mail), ["mail.reply_to"]);
        mail.smtp_host = "mail.example:25/".into();
        mail.hello_name = "a b".into();
        assert_eq!(problems(&mail), ["mail.smtp_host", "mail.hello_name", "mail.reply_to"]);
        assert_eq!((mail.port(), Mail { tls: MailTls::Tls, ..mail.clone() }.port()), (587, 465));
        assert!(mail.warnings().is_empty());
        mail.tls = MailTls::None;
        assert_eq!(mail.warnings().len(), 1);
        mail.smtp_host = "localhost".into();
        assert!(mail.warnings().is_empty());
    }
}
