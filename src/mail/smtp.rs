//! The way out: SMTP with STARTTLS or TLS, and a sign-in where the settings name one. The only place that names lettre.
//!
//! It goes step by step, because what a refusal is about depends on the step: only what a server says to the recipient or to the
//! text is a verdict about the mail. A refusal of our greeting, our sign-in or our sender is about the settings, and the mail
//! waits until somebody has changed them.

use super::{Content, Mail, Sending};
use crate::base::id::MailId;
use crate::base::{Email, Id, Secret};
use crate::config::{self, MailTls};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{self, Data, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use std::net::IpAddr;
use std::time::Duration;

/// How long the mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(20);
/// Replies (RFC 4954 §6) about the sign-in, not about the mail: they are permanent for the settings, which may change.
const SIGN_IN_REPLIES: [u16; 4] = [530, 534, 535, 538];

/// A step of a delivery (RFC 5321 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The connection, the greeting and TLS.
    Greeting,
    SignIn,
    Sender,
    Recipient,
    Text,
}

impl Step {
    const fn words(self) -> &'static str {
        match self {
            Self::Greeting => "the connection",
            Self::SignIn => "the sign-in",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Text => "the text",
        }
    }
}

/// Why a step did not go through.
#[derive(Debug)]
struct Refusal {
    step: Step,
    /// The server's reply, if there was one.
    code: Option<u16>,
    words: String,
}

impl Refusal {
    fn of(step: Step, error: &lettre::transport::smtp::Error) -> Self {
        let code = error.status().and_then(|code| code.to_string().parse().ok());
        Self { step, code, words: error.to_string() }
    }

    /// Whether it is a verdict about the mail, or something that passes or that the settings have to change.
    fn is_final(&self) -> bool {
        let permanent = self.code.is_some_and(|code| (500..600).contains(&code) && !SIGN_IN_REPLIES.contains(&code));
        permanent && matches!(self.step, Step::Recipient | Step::Text) && !is_about_us(&self.words)
    }
}

/// Whether an enhanced code (RFC 3463) in a reply says that it is about the sender (`5.1.7`, `5.1.8`) or about who may send here
/// (`5.7.x`), whenever it was said.
fn is_about_us(words: &str) -> bool {
    let code = |word: &str| -> Option<(u16, u16)> {
        let (subject, detail) = word.strip_prefix("5.")?.split_once('.')?;
        Some((subject.parse().ok()?, detail.parse().ok()?))
    };
    words.split_whitespace().find_map(code).is_some_and(|code| matches!(code, (1, 7 | 8) | (7, _)))
}

impl From<Refusal> for Sending {
    fn from(refusal: Refusal) -> Self {
        let words = format!("{}: {}", refusal.step.words(), refusal.words);
        if refusal.is_final() { Self::Never(words) } else { Self::Again(words) }
    }
}

/// A step, as long as it may take.
async fn step<T>(
    step: Step,
    work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Refusal> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(|error| Refusal::of(step, &error)),
        Err(_) => Err(Refusal { step, code: None, words: "the mail server does not answer".to_owned() }),
    }
}

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

/// How a connection is protected.
enum Security {
    None,
    StartTls(TlsParameters),
    Tls(TlsParameters),
}

/// A way to send mail.
pub struct Mailer {
    server: (String, u16),
    security: Security,
    credentials: Option<Credentials>,
    /// What we call ourselves.
    hello: ClientId,
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
    /// By the settings; none when they name no server. `public_url` is the origin that clients use.
    ///
    /// # Errors
    /// An authority that cannot be read, or an address that is none.
    pub fn new(
        settings: &config::Mail,
        password: Option<Secret<String>>,
        public_url: &str,
    ) -> Result<Option<Self>, SendError> {
        if !settings.is_on() {
            return Ok(None);
        }
        let from = mailbox(Some(&settings.from_name), &settings.from, "from")?;
        let reply_to = (!settings.reply_to.is_empty()).then(|| mailbox(None, &settings.reply_to, "reply_to"));
        let security = match settings.tls {
            MailTls::None => Security::None,
            MailTls::StartTls => Security::StartTls(parameters(settings)?),
            MailTls::Tls => Security::Tls(parameters(settings)?),
        };
        let credentials =
            password.map(|password| Credentials::new(settings.username.clone(), password.expose().clone()));
        let server = (settings.smtp_host.clone(), settings.port());
        let hello = hello(&settings.hello_name, public_url);
        let domain = settings.from.rsplit('@').next().unwrap_or_default().to_owned();
        let reply_to = reply_to.transpose()?;
        Ok(Some(Self { server, security, credentials, hello, from, reply_to, domain }))
    }

    /// Sends one mail and waits until the server has taken it.
    ///
    /// # Errors
    /// Whether to try again. The words are the server's own.
    pub async fn send(&self, mail: &Mail, content: &Content) -> Result<(), Sending> {
        self.deliver(mail.id, &mail.to, &mail.subject, content).await
    }

    /// As [`Mailer::send`], of a mail that is in no outbox.
    ///
    /// # Errors
    /// As [`Mailer::send`].
    pub async fn deliver(&self, id: MailId, to: &Email, subject: &str, content: &Content) -> Result<(), Sending> {
        let never = |error: &dyn std::fmt::Display| Sending::Never(error.to_string());
        let to: Address = to.for_mail().parse().map_err(|error: lettre::address::AddressError| never(&error))?;
        let mut message = Message::builder()
            .message_id(Some(format!("<mail.{}@{}>", id.raw(), self.domain)))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(AutoSubmitted);
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        let part = |kind, body: &str| SinglePart::builder().header(kind).body(body.to_owned());
        let both = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &content.text))
            .singlepart(part(ContentType::TEXT_HTML, &content.html));
        let message = message.multipart(both).map_err(|error| never(&error))?;
        Ok(self.transmit(&message).await?)
    }

    /// Connects and signs in as before a mail, and leaves.
    ///
    /// # Errors
    /// What the server says, or why there is none.
    pub async fn check(&self) -> Result<(), String> {
        match self.connect().await {
            Ok(mut connection) => {
                // It may have hung up already.
                let _ = step(Step::Greeting, connection.quit()).await;
                Ok(())
            }
            Err(refusal) => Err(format!("{}: {}", refusal.step.words(), refusal.words)),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Refusal> {
        let (host, port) = (self.server.0.as_str(), self.server.1);
        let wrapped = match &self.security {
            Security::Tls(parameters) => Some(parameters.clone()),
            Security::None | Security::StartTls(_) => None,
        };
        let connect = AsyncSmtpConnection::connect_tokio1((host, port), Some(PATIENCE), &self.hello, wrapped, None);
        let mut connection = step(Step::Greeting, connect).await?;
        if let Security::StartTls(parameters) = &self.security {
            step(Step::Greeting, connection.starttls(parameters.clone(), &self.hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            step(Step::SignIn, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(connection)
    }

    async fn transmit(&self, message: &Message) -> Result<(), Refusal> {
        let mut connection = self.connect().await?;
        let done = converse(&mut connection, message).await;
        match done {
            Ok(()) => drop(step(Step::Text, connection.quit()).await),
            Err(_) => connection.abort().await,
        }
        done
    }
}

/// Sender, recipients and text, on a connection that is ready for them.
async fn converse(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Refusal> {
    let (envelope, text) = (message.envelope(), message.formatted());
    let lacks = |step, what: &str| Refusal { step, code: None, words: format!("the mail server does not know {what}") };
    let mut parameters = Vec::new();
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !envelope.from().into_iter().chain(envelope.to()).all(is_ascii) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(lacks(Step::Recipient, "SMTPUTF8, which this address needs"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !text.is_ascii() {
        if !connection.server_info().supports_feature(Extension::EightBitMime) {
            return Err(lacks(Step::Text, "8BITMIME, which this text needs"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let sender = commands::Mail::new(envelope.from().cloned(), parameters);
    step(Step::Sender, connection.command(sender)).await?;
    for to in envelope.to() {
        step(Step::Recipient, connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
    }
    step(Step::Text, connection.command(Data)).await?;
    step(Step::Text, connection.message(&text)).await.map(drop)
}

/// The name in EHLO (RFC 5321 §4.1.1.1): the setting, or the host of the public address.
fn hello(setting: &str, public_url: &str) -> ClientId {
    let uri = public_url.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or("localhost");
    let name = if setting.is_empty() { host } else { setting };
    match name.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => ClientId::Ipv4(ip),
        Ok(IpAddr::V6(ip)) => ClientId::Ipv6(ip),
        Err(_) => ClientId::Domain(name.to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_to_the_recipient_or_the_text_is_a_verdict_about_the_mail() {
        let is_final = |step, code, words: &str| Refusal { step, code: Some(code), words: words.to_owned() }.is_final();
        for (step, code, words, expected) in [
            (Step::Recipient, 550, "permanent error (550): 5.1.1 no such user", true),
            (Step::Recipient, 553, "permanent error (553): no such user", true),
            (Step::Text, 552, "permanent error (552): 5.3.4 too large", true),
            (Step::Recipient, 451, "transient error (451): 4.3.0 try again later", false),
            (Step::Greeting, 554, "permanent error (554): 5.7.1 go away", false),
            (Step::Greeting, 550, "permanent error (550): invalid name in EHLO", false),
            (Step::SignIn, 535, "permanent error (535): 5.7.8 wrong", false),
            (Step::Sender, 550, "permanent error (550): 5.1.8 sender unknown", false),
            // Servers that look at the sender at the first recipient only.
            (Step::Recipient, 550, "permanent error (550): 5.1.8 sender unknown", false),
            (Step::Recipient, 554, "permanent error (554): 5.7.1 relay access denied", false),
            (Step::Recipient, 530, "permanent error (530): 5.7.0 sign in first", false),
            (Step::Text, 550, "permanent error (550): 5.7.26 the sender is not who they say", false),
        ] {
            assert_eq!(is_final(step, code, words), expected, "{step:?} {words}");
        }
        assert!(!Refusal { step: Step::Recipient, code: None, words: "closed".to_owned() }.is_final());
    }

    #[test]
    fn the_greeting_names_the_public_host_or_the_setting() {
        let said = |setting, url| hello(setting, url).to_string();
        assert_eq!(said("", "https://id.example.com:8443"), "id.example.com");
        assert_eq!(said("mx.example.com", "https://id.example.com"), "mx.example.com");
        assert_eq!(said("", "http://127.0.0.1:8080"), "[127.0.0.1]");
        assert_eq!(said("", "http://[::1]:8080"), "[IPv6:::1]");
        assert_eq!(said("", "http://localhost:8080"), "localhost");
    }
}
