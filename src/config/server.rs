//! `[server]`: the port and what stands before it.

use super::Checks;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Who may speak HTTP in clear text on the port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClearText {
    /// Everyone who reaches the port.
    #[default]
    Everyone,
    /// Clients on this machine; others must use TLS.
    Loopback,
}

/// An address with its port; port 0 lets the system choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl Listen {
    /// Whether only this machine reaches it.
    pub fn is_loopback(self) -> bool {
        self.0.ip().to_canonical().is_loopback()
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        local.as_deref().unwrap_or(&text).parse().map(Self).map_err(|_| {
            serde::de::Error::custom("must be an address with a port, such as 127.0.0.1:8080 or [::]:8080")
        })
    }
}

/// Ranges of addresses. A single address is a range of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl Networks {
    /// Whether one of the ranges has this address. An IPv4 address in an IPv6 one counts as itself.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl Serialize for Networks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = |text: String| {
            let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
            network
                .ok_or_else(|| serde::de::Error::custom("must have addresses or ranges such as 10.0.0.7 or 10.0.0.0/8"))
        };
        Vec::<String>::deserialize(deserializer)?.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// The port and what stands before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where to listen.
    pub listen: Listen,
    /// The origin that clients use. Empty: derived from the address; see [`Server::origin`].
    pub public_url: String,
    /// Threads that serve. 0: as many as there are cores.
    pub workers: usize,
    /// Who may do without TLS.
    pub clear_text: ClearText,
    /// Whether a proxy that ends TLS stands before the port.
    pub behind_tls_proxy: bool,
    /// The proxies whose `X-Forwarded-For` and `Forwarded` are believed; see [`Config::trusts`](super::Config::trusts).
    pub trusted_proxies: Networks,
    /// The origins whose pages may call the APIs from a browser (CORS). Each counts letter for letter.
    pub cors_origins: Vec<String>,
    /// The largest request body in bytes.
    pub body_limit_bytes: u64,
    /// How long a request may take, in seconds.
    pub request_timeout_secs: u32,
    /// How long a stop waits for requests in flight, in seconds.
    pub shutdown_secs: u32,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: Listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            public_url: String::new(),
            workers: 0,
            clear_text: ClearText::default(),
            behind_tls_proxy: false,
            trusted_proxies: Networks::default(),
            cors_origins: Vec::new(),
            body_limit_bytes: 1024 * 1024,
            request_timeout_secs: 30,
            shutdown_secs: 30,
        }
    }
}

impl Server {
    /// How many threads serve: the setting, or the number of cores.
    pub fn worker_threads(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(2, usize::from).min(512),
            workers => workers,
        }
    }

    /// The origin that clients use, without a slash at its end: the issuer of tokens, the base of every link.
    ///
    /// `bound` is the address that is really listened on, for port 0. Without a setting, an address of this machine is reached in clear
    /// text, and another with TLS unless everyone may speak clear text.
    pub fn origin(&self, bound: SocketAddr) -> String {
        if let Some(origin) = parse_origin(&self.public_url) {
            return origin;
        }
        let ip = match bound.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let clear = ip.to_canonical().is_loopback() || self.clear_text == ClearText::Everyone;
        format!("{}://{}", if clear { "http" } else { "https" }, SocketAddr::new(ip, bound.port()))
    }

    pub(super) fn check(&self, checks: &mut Checks, tls: bool) {
        let local_clear_text = self.clear_text == ClearText::Loopback;
        if !(self.listen.is_loopback() || self.behind_tls_proxy || local_clear_text && tls) {
            let instead = if local_clear_text { "tls.enabled = true" } else { "server.clear_text = \"loopback\"" };
            checks.refuse(
                "server.listen",
                format!(
                    "{} would take passwords in clear text from other machines. Set {instead} to ask them for TLS, \
                     or server.behind_tls_proxy = true if a proxy that ends TLS stands in front, or listen on 127.0.0.1",
                    self.listen.0
                ),
            );
        }
        if !self.public_url.is_empty() && parse_origin(&self.public_url).is_none() {
            checks.refuse(
                "server.public_url",
                "must be an origin such as https://id.example.com, with nothing behind the host and port",
            );
        }
        if self.trusted_proxies.0.iter().any(|network| network.prefix_len() == 0) {
            checks.refuse("server.trusted_proxies", "must not be every address: then any client could choose its own");
        }
        if self.cors_origins.iter().any(|origin| parse_origin(origin).as_ref() != Some(origin)) {
            checks.refuse(
                "server.cors_origins",
                "must be origins as a browser names them, such as https://app.example.com: in lower case, with nothing behind",
            );
        }
        checks.range("server.workers", self.workers, 0..=512);
        checks.range("server.body_limit_bytes", self.body_limit_bytes, 16 * 1024..=64 * 1024 * 1024);
        checks.range("server.request_timeout_secs", self.request_timeout_secs, 1..=3600);
        checks.range("server.shutdown_secs", self.shutdown_secs, 0..=3600);
    }

    /// Whether the public address is https, and not one that only this machine reaches.
    pub fn is_public_https(&self) -> bool {
        let origin = parse_origin(&self.public_url);
        origin.as_deref().and_then(|origin| origin.strip_prefix("https://")).is_some_and(|host| !is_this_machine(host))
    }

    pub(super) fn warnings(&self, behind_a_local_proxy: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.public_url.is_empty() && (self.behind_tls_proxy || !self.listen.is_loopback()) {
            warnings.push(
                "server.public_url is not set: links and tokens name an address that others do not reach".to_owned(),
            );
        }
        if self.behind_tls_proxy && self.trusted_proxies.0.is_empty() && !behind_a_local_proxy {
            warnings.push(
                "server.trusted_proxies is empty: every client has the proxy's address, and they share its limits"
                    .to_owned(),
            );
        }
        if let Some(host) = parse_origin(&self.public_url).as_deref().and_then(|origin| origin.strip_prefix("http://"))
            && !is_this_machine(host)
        {
            warnings.push("server.public_url is not https: browsers offer no passkeys there".to_owned());
        }
        warnings
    }
}

impl Server {
    /// Whether an origin names this machine for a browser, so that nobody else reaches it.
    pub fn is_for_this_machine(origin: &str) -> bool {
        origin.split_once("://").is_some_and(|(_, authority)| is_this_machine(authority))
    }
}

/// Whether `host:port` is this machine for a browser.
fn is_this_machine(authority: &str) -> bool {
    let host =
        authority.parse::<http::uri::Authority>().map(|authority| authority.host().to_owned()).unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// `scheme://host[:port]` in lower case and without the scheme's own port, if the text is an origin.
fn parse_origin(text: &str) -> Option<String> {
    let uri: http::Uri = text.strip_suffix('/').unwrap_or(text).parse().ok()?;
    let parts = uri.into_parts();
    let (scheme, authority) = (parts.scheme?, parts.authority?);
    let bare = parts.path_and_query.is_none_or(|rest| rest.as_str() == "/");
    let default_port = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    if !bare || text.ends_with("//") || authority.as_str().contains('@') || authority.host().is_empty() {
        return None;
    }
    let port = match authority.port_u16() {
        Some(port) if port != default_port => format!(":{port}"),
        None if authority.as_str() != authority.host() => return None,
        _ => String::new(),
    };
    Some(format!("{scheme}://{}{port}", authority.host().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for (text, origin) in [
            ("https://ID.example.com/", "https://id.example.com"),
            ("https://id.example.com:443", "https://id.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ] {
            assert_eq!(parse_origin(text).as_deref(), Some(origin), "{text}");
        }
        for bad in [
            "",
            "/",
            "id.example.com",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://a//",
            "https://u@a",
            "https://a:b",
            "https://a:99999",
            "https://a:",
            "https://a b",
        ] {
            assert_eq!(parse_origin(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_origin_follows_the_address() {
        let mut server = Server::default();
        let origin = |server: &Server, bound: &str| server.origin(bound.parse().unwrap());
        assert_eq!(origin(&server, "127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(origin(&server, "0.0.0.0:81"), "http://127.0.0.1:81");
        assert_eq!(origin(&server, "[::]:81"), "http://[::1]:81");
        assert_eq!(origin(&server, "10.0.0.5:81"), "http://10.0.0.5:81");
        server.clear_text = ClearText::Loopback;
        assert_eq!(origin(&server, "10.0.0.5:81"), "https://10.0.0.5:81");
        server.public_url = "https://id.example.com/".into();
        assert_eq!(origin(&server, "10.0.0.5:81"), "https://id.example.com");
    }

    #[test]
    fn networks_see_through_mapped_addresses() {
        let networks = Networks(vec!["10.0.0.0/8".parse().unwrap()]);
        assert!(networks.contain("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!networks.contain("11.0.0.1".parse().unwrap()));
    }
}
