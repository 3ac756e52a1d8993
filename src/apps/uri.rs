//! Addresses that an application registers: where the browser is sent back to, who may call from a page, its picture.
//!
//! An address is compared byte for byte later, so it is kept byte for byte, and only taken when a browser would read it
//! the way it is written: in its normal form, without anything that two parsers see differently (RFC 9700 §4.1).

use super::ApplicationType;
use url::{Host, Url};

/// The longest address in bytes.
const MAX_LEN: usize = 2048;

crate::base::names! {
    /// Where the browser is sent after a sign-in or a sign-out.
    RedirectUri;
    /// A web origin that may call from a page: `https://app.example.com`.
    WebOrigin;
    /// A picture's address, `https` only.
    LogoUri;
}

/// What kind of address a [`RedirectUri`] is; a native application may register all of them, the others not the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriKind {
    /// `https://…`
    Https,
    /// `http://` on `127.0.0.1`, `[::1]` or `localhost` (RFC 8252 §7.3).
    Loopback,
    /// A scheme of the application's own, `com.example.app:/…` (RFC 8252 §7.1).
    OwnScheme,
}

impl RedirectUri {
    /// An absolute `https` address, an `http` one on the loopback, or one with a reverse-domain scheme; in its normal form,
    /// without `*`, fragment, user or backslash.
    ///
    /// # Errors
    /// Which rule is broken.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = normal(text)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err("must use https; http is for 127.0.0.1, [::1] and localhost only"),
            scheme if !scheme.contains('.') => {
                return Err("must use https, or a reverse-domain scheme such as com.example.app");
            }
            scheme => {
                let label = |label: &str| label.starts_with(|c: char| c.is_ascii_lowercase());
                if !scheme.split('.').all(label) || !text[scheme.len()..].starts_with(":/") {
                    return Err("must be like com.example.app:/callback if it has a scheme of its own");
                }
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// What kind of address it is.
    pub fn kind(&self) -> UriKind {
        match self.0.split_once(':') {
            Some(("https", _)) => UriKind::Https,
            Some(("http", _)) => UriKind::Loopback,
            _ => UriKind::OwnScheme,
        }
    }

    /// Its web origin. None: it has none, as with a scheme of the application's own.
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }

    /// Whether a request's address is this one: byte for byte. A native application cannot choose which port is free on its
    /// machine, so for it `127.0.0.1` and `[::1]` are taken with any port (RFC 8252 §7.3); what serves the other types has
    /// one of its own.
    pub fn accepts(&self, given: &str, by: ApplicationType) -> bool {
        if self.0 == given {
            return true;
        }
        if by != ApplicationType::Native {
            return false;
        }
        match (loopback_parts(&self.0), loopback_parts(given)) {
            (Some(mine), Some(other)) => mine == other && normal(given).is_ok(),
            _ => false,
        }
    }
}

impl WebOrigin {
    /// Scheme, host and, if it is not the usual one, port: nothing behind it. `https`, or `http` on the loopback.
    ///
    /// # Errors
    /// Which rule is broken.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const RULE: &str = "must be an origin such as https://app.example.com, without a path";
        let url = normal(text)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err("must use https; http is for 127.0.0.1, [::1] and localhost only"),
        }
        if url.origin().ascii_serialization() == text { Ok(Self(text.to_owned())) } else { Err(RULE) }
    }
}

impl LogoUri {
    /// An absolute `https` address in its normal form.
    ///
    /// # Errors
    /// Which rule is broken.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if normal(text)?.scheme() == "https" { Ok(Self(text.to_owned())) } else { Err("must use https") }
    }
}

/// Parses an address that is written just as a browser would write it.
fn normal(text: &str) -> Result<Url, &'static str> {
    if text.is_empty() || text.len() > MAX_LEN {
        return Err("must be 1 to 2048 characters long");
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("may only have visible ASCII characters; write others as %XX");
    }
    if text.contains(['*', '\\']) {
        return Err("must not have a * or a backslash: there are no wildcards");
    }
    if text.contains('#') {
        return Err("must not have a fragment");
    }
    let url = Url::parse(text).map_err(|_| "must be an absolute address such as https://app.example.com/callback")?;
    if matches!(url.scheme(), "http" | "https") && url.host_str().is_none_or(str::is_empty) {
        return Err("must name a host");
    }
    let authority = text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user name or password");
    }
    // The parser drops, folds and repairs; whatever it had to touch, another parser may touch differently.
    let as_written = url.as_str() == text || (url.path() == "/" && url.as_str().strip_suffix('/') == Some(text));
    if !as_written {
        return Err("must be in its normal form: lower-case host, no default port, no . or .. segment");
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(ip)) => ip == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

/// Of `http://127.0.0.1:8000/cb`: the host, and what follows the port. None for everything but the two loopback addresses.
fn loopback_parts(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
    let rest = &rest[host.len()..];
    let rest = match rest.strip_prefix(':') {
        Some(port) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            port[..digits].parse::<u16>().ok()?;
            &port[digits..]
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::ApplicationType::{Native, Spa, Web};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn registration_refuses_what_is_dangerous() {
        let long = format!("https://a.example/{}", "a".repeat(2048));
        for bad in [
            "",
            "/callback",
            "app.example.com/cb",
            "//app.example.com/cb",
            "https:/app.example.com/cb",
            "https:///app.example.com/cb",
            "https://",
            "https://?a",
            "https://*.example.com/cb",
            "https://app.example.com/*",
            "https://app.example.com/cb#",
            "https://app.example.com/cb#part",
            "https://user@app.example.com/cb",
            "https://user:word@app.example.com/cb",
            "https://@app.example.com/cb",
            "https://app.example.com\\@evil.example/cb",
            "https:\\\\app.example.com/cb",
            "javascript:alert(1)",
            "javascript://app.example.com/%0aalert(1)",
            "JavaScript:alert(1)",
            "data:text/html,hello",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://app.example.com/1",
            "http://app.example.com/cb",
            "http://127.0.0.2/cb",
            "http://127.0.0.1.example.com/cb",
            "http://localhost.example.com/cb",
            "http://127.1/cb",
            "http://0x7f.0.0.1/cb",
            "http://2130706433/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "https://App.example.com/cb",
            "HTTPS://app.example.com/cb",
            "https://app.example.com:443/cb",
            "https://app.example.com/a/../cb",
            "https://app.example.com/a/%2e%2e/cb",
            "https://app.example.com/c b",
            "https://app.example.com/cb\n",
            "https://app.exämple.com/cb",
            &long,
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn registration_takes_what_is_sound() {
        for (good, kind) in [
            ("https://app.example.com", UriKind::Https),
            ("https://app.example.com/", UriKind::Https),
            ("https://app.example.com:8443/cb?tenant=a%20b&x=%C3%A4", UriKind::Https),
            ("https://app.example.com/a%2Fb", UriKind::Https),
            ("https://xn--exmple-cua.com/cb", UriKind::Https),
            ("http://127.0.0.1/cb", UriKind::Loopback),
            ("http://127.0.0.1:8000/cb", UriKind::Loopback),
            ("http://[::1]:8000/cb", UriKind::Loopback),
            ("http://localhost:3000/cb", UriKind::Loopback),
            ("com.example.app:/callback", UriKind::OwnScheme),
            ("com.example.app://callback", UriKind::OwnScheme),
        ] {
            let uri = RedirectUri::parse(good).unwrap();
            assert_eq!((uri.as_str(), uri.kind()), (good, kind), "kept byte for byte");
        }
    }

    #[test]
    fn native_schemes_are_reverse_domains() {
        for bad in ["myapp:/cb", "myapp://cb", "com.example.app:cb", "com..app:/cb", "com.example.app:", ".app:/cb"] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_byte_makes_another_address() {
        let uri = RedirectUri::parse("https://app.example.com/cb?a=1").unwrap();
        assert!(uri.accepts("https://app.example.com/cb?a=1", Native));
        for other in [
            "https://app.example.com/cb?a=2",
            "https://app.example.com/cb?a=1&",
            "https://app.example.com/CB?a=1",
            "https://app.example.com/cb/?a=1",
            "https://app.example.com:443/cb?a=1",
            "https://app.example.com:8443/cb?a=1",
            "https://app.example.com/c%62?a=1",
            "https://x@app.example.com/cb?a=1",
            "http://app.example.com/cb?a=1",
        ] {
            assert!(!uri.accepts(other, Native), "{other}");
        }
    }

    #[test]
    fn the_loopback_takes_any_port_and_nothing_else() {
        let uri = RedirectUri::parse("http://127.0.0.1/cb").unwrap();
        for good in ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb"] {
            assert!(uri.accepts(good, Native), "{good}");
        }
        for bad in [
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:+1/cb",
            "http://127.0.0.1:080/cb",
            "http://127.0.0.1:1/cb2",
            "http://127.0.0.1:1/cb?x",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:1.evil.example/cb",
            "http://localhost:1/cb",
            "http://[::1]:1/cb",
            "https://127.0.0.1:1/cb",
        ] {
            assert!(!uri.accepts(bad, Native), "{bad}");
        }
        let named = RedirectUri::parse("http://localhost/cb").unwrap();
        assert!(!named.accepts("http://localhost:1/cb", Native) && !named.accepts("http://127.0.0.1/cb", Native));
        assert!(RedirectUri::parse("http://[::1]:9/cb").unwrap().accepts("http://[::1]:10/cb", Native));
        for kind in [Web, Spa] {
            assert!(
                uri.accepts("http://127.0.0.1/cb", kind) && !uri.accepts("http://127.0.0.1:1/cb", kind),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn origins_and_logos() {
        for good in ["https://app.example.com", "https://app.example.com:8443", "http://localhost:3000"] {
            assert!(WebOrigin::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "null",
            "*",
            "https://*",
            "https://a.example/",
            "https://a.example/x",
            "http://a.example",
            "https://A.example",
        ] {
            assert!(WebOrigin::parse(bad).is_err(), "{bad}");
        }
        assert!(LogoUri::parse("https://a.example/logo.png").is_ok());
        for bad in ["http://localhost/logo.png", "data:image/png;base64,AAAA", "com.example.app:/logo"] {
            assert!(LogoUri::parse(bad).is_err(), "{bad}");
        }
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "https",
            "http",
            "javascript",
            "data",
            "com.a",
            ":",
            "/",
            "//",
            "\\",
            "@",
            "#",
            "*",
            "?",
            "%",
            "%2f",
            "..",
            "a",
            "A",
            "ä",
            "127.0.0.1",
            "[::1]",
            "localhost",
            "evil.example",
            ":80",
            ":443",
            ":8080",
            " ",
            "\t",
            "\n",
            "\0",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_safe(text in prop_oneof![pieces(), ".{0,64}", "https?://.{0,40}"]) {
            let _ = (WebOrigin::parse(&text), LogoUri::parse(&text));
            if let Ok(uri) = RedirectUri::parse(&text) {
                prop_assert_eq!(uri.as_str(), &text);
                prop_assert!(uri.accepts(&text, Native));
                let url = Url::parse(&text).unwrap();
                prop_assert!(!text.contains(['*', '#', '\\', ' ', '\n', '\t', '\0']));
                prop_assert!(url.username().is_empty() && url.password().is_none());
                match uri.kind() {
                    UriKind::Https => prop_assert_eq!(url.scheme(), "https"),
                    UriKind::Loopback => prop_assert!(is_loopback(&url)),
                    UriKind::OwnScheme => prop_assert!(url.scheme().contains('.')),
                }
            }
        }

        #[test]
        fn what_accepts_another_text_differs_in_its_port_only(given in pieces()) {
            let uri = RedirectUri::parse("http://127.0.0.1/cb").unwrap();
            if uri.accepts(&given, Native) {
                let url = Url::parse(&given).unwrap();
                prop_assert!(is_loopback(&url) && url.scheme() == "http" && url.path() == "/cb" && url.query().is_none());
            }
        }
    }
}
