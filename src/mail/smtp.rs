//! The way out: SMTP with STARTTLS or TLS, and a sign-in where the settings name one. The only place that names lettre.

use super::{Content, Mail, Sending};
use crate::base::{Id, Secret};
use crate::config::{self, MailTls};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// How long the mail server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Replies (RFC 4954 §6) about the sign-in, not about the mail: they are permanent for the settings, which may change.
const SIGN_IN_REPLIES: [&str; 4] = ["530", "534", "535", "538"];

/// Why no mail can be sent with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The file with the authority.
    #[error("mail.ca_file: {0}")]
    Authority(String),
    /// An address of the settings.
    #[error("mail.{0} is not an address")]
    Address(&'static str),
    /// TLS cannot be set up.
    #[error("TLS for mail: {0}")]
    Tls(String),
}

/// A way to send mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    /// Behind the `@` of message ids.
    domain: String,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer")
    }
}

fn mailbox(name: Option<&str>, address: &str, key: &'static str) -> Result<Mailbox, SendError> {
    let address: Address = address.parse().map_err(|_| SendError::Address(key))?;
    Ok(Mailbox::new(name.map(str::to_owned), address))
}

impl Mailer {
    /// By the settings; none when they name no server.
    ///
    /// # Errors
    /// An authority that cannot be read, or an address that is none.
    pub fn new(settings: &config::Mail, password: Option<Secret<String>>) -> Result<Option<Self>, SendError> {
        if !settings.is_on() {
            return Ok(None);
        }
        let from = mailbox(Some(&settings.from_name), &settings.from, "from")?;
        let reply_to = (!settings.reply_to.is_empty()).then(|| mailbox(None, &settings.reply_to, "reply_to"));
        let tls = match settings.tls {
            MailTls::None => Tls::None,
            MailTls::StartTls => Tls::Required(parameters(settings)?),
            MailTls::Tls => Tls::Wrapper(parameters(settings)?),
        };
        let host = settings.smtp_host.as_str();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port())
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some(password) = password {
            builder = builder.credentials(Credentials::new(settings.username.clone(), password.expose().clone()));
        }
        let domain = settings.from.rsplit('@').next().unwrap_or_default().to_owned();
        Ok(Some(Self { transport: builder.build(), from, reply_to: reply_to.transpose()?, domain }))
    }

    /// Sends one mail and waits until the server has taken it.
    ///
    /// # Errors
    /// Whether to try again. The words are the server's own.
    pub async fn send(&self, mail: &Mail, content: &Content) -> Result<(), Sending> {
        let never = |error: &dyn std::fmt::Display| Sending::Never(error.to_string());
        let to: Address = mail.to.for_mail().parse().map_err(|error: lettre::address::AddressError| never(&error))?;
        let mut message = Message::builder()
            .message_id(Some(format!("<mail.{}@{}>", mail.id.raw(), self.domain)))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.as_str())
            .header(AutoSubmitted);
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        let part = |kind, body: &str| SinglePart::builder().header(kind).body(body.to_owned());
        let both = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &content.text))
            .singlepart(part(ContentType::TEXT_HTML, &content.html));
        let message = message.multipart(both).map_err(|error| never(&error))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let words = error.to_string();
                let about_sign_in = error.status().is_some_and(|code| SIGN_IN_REPLIES.contains(&&*code.to_string()));
                Err(if error.is_permanent() && !about_sign_in { Sending::Never(words) } else { Sending::Again(words) })
            }
        }
    }
}

fn parameters(settings: &config::Mail) -> Result<TlsParameters, SendError> {
    let mut builder = TlsParameters::builder(settings.smtp_host.clone());
    if !settings.ca_file.as_os_str().is_empty() {
        let pem = std::fs::read(&settings.ca_file).map_err(|error| SendError::Authority(error.to_string()))?;
        let authority = Certificate::from_pem(&pem).map_err(|error| SendError::Authority(error.to_string()))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build_rustls().map_err(|error| SendError::Tls(error.to_string()))
}

/// Says that a program wrote the mail (RFC 3834), so that no absence notice comes back.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
