//! The client, its bounds, and why a request to another server can fail.

use super::public::is_public;
use crate::base::Secret;
use crate::config::Networks;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use std::fmt::{self, Display};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use url::{Host, Url};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(3);

/// How much of an answer is read, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest body, in bytes.
    pub bytes: usize,
    /// For the whole request: names, connection, the answer to its end.
    pub time: Duration,
}

impl Limits {
    /// For documents, keys and tokens: 64 KiB within 5 seconds.
    pub const DOCUMENT: Self = Self { bytes: 64 * 1024, time: Duration::from_secs(5) };
}

/// Why there is no answer. The words are for the log and for administrators; no secret is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The address is not https, and not within an allowed network.
    ClearText,
    /// The address has no host.
    NoHost,
    /// The host is at an address that is neither public nor within an allowed network.
    Private(String),
    /// The body is longer than the limit.
    TooLong,
    /// No whole answer came in time.
    TooSlow,
    /// The name was not found, or the connection failed: what went wrong.
    Lost(String),
    /// The answer came, and is none of the kind that was asked for: what is wrong with it.
    Unreadable(String),
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClearText => f.write_str("the address is not https"),
            Self::NoHost => f.write_str("the address has no host"),
            Self::Private(host) => {
                write!(f, "{host} is at a private address, which outbound.allowed_networks does not name")
            }
            Self::TooLong => f.write_str("the answer is too long"),
            Self::TooSlow => f.write_str("no whole answer came in time"),
            Self::Lost(why) | Self::Unreadable(why) => f.write_str(why),
        }
    }
}

/// With all that lies behind the error: by itself it says only that there was one.
impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TooSlow;
        }
        let mut why = error.to_string();
        let mut behind = std::error::Error::source(&error);
        while let Some(error) = behind {
            why = format!("{why}: {error}");
            behind = error.source();
        }
        Self::Lost(why)
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status, such as 200. A redirect is an answer like others.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Asks other servers.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Networks beyond the public Internet that are meant; there without TLS, too.
    allowed: Networks,
}

impl Client {
    /// One that also asks within these networks.
    pub const fn new(allowed: Networks) -> Self {
        Self { allowed }
    }

    /// Whether an address is one to be asked as far as can be told without resolving its name: for what is only passed on to
    /// a browser. Without TLS only where networks are allowed.
    pub fn may_name(&self, url: &Url) -> bool {
        url.scheme() == "https" || (url.scheme() == "http" && !self.allowed.0.is_empty())
    }

    /// Gets a JSON document.
    ///
    /// # Errors
    /// [`Failure`], also for a status other than 200.
    pub async fn json(&self, url: &Url, limits: Limits) -> Result<serde_json::Value, Failure> {
        let Answer { status, body } = self.send(url, limits, |client| client.get(url.clone())).await?;
        if status != 200 {
            return Err(Failure::Unreadable(format!("{} answered {status}", url.path())));
        }
        serde_json::from_slice(&body).map_err(|error| Failure::Unreadable(error.to_string()))
    }

    /// Posts a form, with our name and secret there if we have one (RFC 6749 §2.3.1).
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn form(
        &self,
        url: &Url,
        limits: Limits,
        login: Option<(&str, &Secret<String>)>,
        fields: &[(&str, &str)],
    ) -> Result<Answer, Failure> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(url, limits, |client| {
            let request = client.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            match login {
                Some((name, secret)) => request.basic_auth(encoded(name), Some(encoded(secret.expose()))),
                None => request,
            }
        })
        .await
    }

    /// Asks within the limits, however the time is spent.
    async fn send(
        &self,
        url: &Url,
        limits: Limits,
        request: impl FnOnce(reqwest::Client) -> reqwest::RequestBuilder,
    ) -> Result<Answer, Failure> {
        let asked = async {
            let (name, found) = self.checked(url).await?;
            answer(request(client_to(&name, &found, limits.time)?), &found, limits.bytes).await
        };
        tokio::time::timeout(limits.time, asked).await.map_err(|_| Failure::TooSlow)?
    }

    /// Resolves the host of an address, once. Each address that comes of it must be one to be asked: who answers for a name
    /// may mix a private address in.
    async fn checked(&self, url: &Url) -> Result<(String, Vec<SocketAddr>), Failure> {
        if !self.may_name(url) {
            return Err(Failure::ClearText);
        }
        let port = url.port_or_known_default().unwrap_or(443);
        // An address that is written out reaches no resolver.
        let (name, found) = match url.host().ok_or(Failure::NoHost)? {
            Host::Domain(name) => {
                let found = tokio::net::lookup_host((name, port)).await;
                (name.to_owned(), found.map_err(|error| Failure::Lost(error.to_string()))?.collect())
            }
            Host::Ipv4(ip) => (ip.to_string(), vec![SocketAddr::new(IpAddr::V4(ip), port)]),
            Host::Ipv6(ip) => (ip.to_string(), vec![SocketAddr::new(IpAddr::V6(ip), port)]),
        };
        self.check(url, &name, &found)?;
        Ok((name, found))
    }

    fn check(&self, url: &Url, name: &str, found: &[SocketAddr]) -> Result<(), Failure> {
        let meant = |address: &SocketAddr| self.allowed.contain(address.ip());
        if found.is_empty() {
            return Err(Failure::Lost(format!("{name} has no address")));
        }
        if !found.iter().all(|address| meant(address) || is_public(address.ip())) {
            return Err(Failure::Private(name.to_owned()));
        }
        if url.scheme() != "https" && !found.iter().all(meant) {
            return Err(Failure::ClearText);
        }
        Ok(())
    }
}

/// A client that talks to exactly the machines that were found and checked: a name that means another machine a moment later
/// is not followed, nor is a redirect or a proxy of the environment.
fn client_to(name: &str, found: &[SocketAddr], time: Duration) -> Result<reqwest::Client, Failure> {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT.min(time))
        .timeout(time)
        .resolve_to_addrs(name, found);
    Ok(builder.build()?)
}

/// Sends a request and reads the answer to its end, if it comes from a machine that was found.
async fn answer(request: reqwest::RequestBuilder, found: &[SocketAddr], most: usize) -> Result<Answer, Failure> {
    let mut response = request.header(ACCEPT, "application/json").send().await?;
    // Belt and braces: whatever the client library does with names, it has connected to one of these.
    if !response.remote_addr().is_some_and(|from| found.contains(&from)) {
        return Err(Failure::Lost("the answer comes from another machine than the one that was checked".to_owned()));
    }
    let (status, mut body) = (response.status().as_u16(), Vec::new());
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > most {
            return Err(Failure::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    /// A server that gives one answer to each connection, holds it open, and tells what it was asked.
    fn server(answer: Vec<u8>) -> (SocketAddr, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, (tell, told)) = (listener.local_addr().unwrap(), channel());
        std::thread::spawn(move || {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept() {
                let mut asked = [0; 2048];
                let len = stream.read(&mut asked).unwrap_or(0);
                if tell.send(String::from_utf8_lossy(&asked[..len]).into_owned()).is_err() {
                    return;
                }
                let _ = stream.write_all(&answer);
                // Without a length an answer ends with its connection.
                if answer.windows(14).any(|bytes| bytes.eq_ignore_ascii_case(b"content-length")) || answer.is_empty() {
                    open.push(stream);
                }
            }
        });
        (address, told)
    }

    fn with_body(len: usize) -> Vec<u8> {
        let body = format!("\"{}\"", "a".repeat(len - 2));
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}").into_bytes()
    }

    fn to(networks: &[&str]) -> Client {
        Client::new(Networks(networks.iter().map(|network| network.parse().unwrap()).collect()))
    }

    /// One that may ask this machine.
    fn near() -> Client {
        to(&["127.0.0.0/8"])
    }

    fn at(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    const QUICK: Limits = Limits { time: Duration::from_millis(300), ..Limits::DOCUMENT };

    #[tokio::test]
    async fn nothing_private_and_nothing_in_clear_text_is_asked() {
        for url in [
            "https://127.0.0.1:1/x",
            "https://127.1:1/x",
            "https://0x7f000001:1/x",
            "https://2130706433:1/x",
            "https://[::1]:1/x",
            "https://[::ffff:169.254.169.254]:1/x",
            "https://[64:ff9b::10.0.0.1]:1/x",
            "https://localhost:1/x",
        ] {
            let refused = Client::default().checked(&at(url)).await.unwrap_err();
            assert!(matches!(refused, Failure::Private(_)), "{url}: {refused}");
        }
        let clear = |client: Client, url: &'static str| async move { client.checked(&at(url)).await };
        assert_eq!(clear(Client::default(), "http://93.184.216.34/x").await, Err(Failure::ClearText));
        assert_eq!(clear(near(), "http://93.184.216.34/x").await, Err(Failure::ClearText), "not where it is meant");
        assert_eq!(clear(near(), "ftp://127.0.0.1/x").await, Err(Failure::ClearText));
        assert!(clear(near(), "https://93.184.216.34/x").await.is_ok());
    }

    #[tokio::test]
    async fn only_the_networks_that_are_meant_are_asked() {
        let client = to(&["127.0.0.0/8", "fd00:1::/32"]);
        for (url, meant) in [
            ("http://127.0.0.1:1/x", true),
            ("https://127.9.9.9:1/x", true),
            ("https://[::ffff:127.0.0.1]:1/x", true),
            ("https://[fd00:1::5]:1/x", true),
            ("https://[fd00:2::5]:1/x", false),
            ("https://10.0.0.1:1/x", false),
            ("https://169.254.169.254/latest", false),
        ] {
            assert_eq!(client.checked(&at(url)).await.is_ok(), meant, "{url}");
        }
    }

    #[test]
    fn a_name_with_one_private_address_among_others_is_refused() {
        let found: Vec<SocketAddr> = vec!["93.184.216.34:443".parse().unwrap(), "10.0.0.1:443".parse().unwrap()];
        let url = at("https://mixed.example/x");
        let check = |client: Client| client.check(&url, "mixed.example", &found);
        assert_eq!(check(Client::default()), Err(Failure::Private("mixed.example".to_owned())));
        assert_eq!(check(to(&["10.0.0.0/24"])), Ok(()));
        assert!(Client::default().check(&url, "mixed.example", &[]).is_err());
    }

    #[tokio::test]
    async fn the_connection_goes_to_the_address_that_was_checked() {
        let (address, told) = server(with_body(10));
        // Nobody has this name: asking for it again would find nothing, or another machine.
        let client = client_to("moved.invalid", &[address], Duration::from_secs(5)).unwrap();
        let request = || client.get(format!("http://moved.invalid:{}/x", address.port()));
        let got = answer(request(), &[address], 100).await.unwrap();
        assert_eq!((got.status, got.body.len()), (200, 10));
        assert!(told.recv().unwrap().to_ascii_lowercase().contains("host: moved.invalid"));
        let other = answer(request(), &["127.0.0.2:1".parse().unwrap()], 100).await.unwrap_err();
        assert!(other.to_string().contains("another machine"), "{other}");
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let (inside, reached) = server(with_body(10));
        let to = format!("HTTP/1.1 302 Found\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\n\r\n");
        let (address, _told) = server(to.into_bytes());
        let refused = near().json(&at(&format!("http://{address}/x")), Limits::DOCUMENT).await.unwrap_err();
        assert_eq!(refused.to_string(), "/x answered 302");
        assert!(reached.try_recv().is_err());
    }

    #[tokio::test]
    async fn an_answer_is_bounded_in_length() {
        let most = Limits::DOCUMENT.bytes;
        for (len, fits) in [(most, true), (most + 1, false)] {
            let (address, _told) = server(with_body(len));
            let got = near().json(&at(&format!("http://{address}/x")), Limits::DOCUMENT).await;
            assert_eq!(got.err(), if fits { None } else { Some(Failure::TooLong) }, "{len}");
        }
        let (address, _told) = server(with_body(most + 1));
        let got = near().form(&at(&format!("http://{address}/x")), Limits::DOCUMENT, None, &[]).await;
        assert_eq!(got.err(), Some(Failure::TooLong));
    }

    #[tokio::test]
    async fn an_answer_is_bounded_in_time() {
        // It accepts and says nothing; and it says a little and stops.
        for say in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n12"] {
            let (address, told) = server(say.into());
            let began = std::time::Instant::now();
            let got = near().json(&at(&format!("http://{address}/x")), QUICK).await;
            assert_eq!(got.err(), Some(Failure::TooSlow));
            assert!(told.try_recv().is_ok(), "it was asked");
            let took = began.elapsed();
            assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(3), "{took:?}");
        }
    }
}
