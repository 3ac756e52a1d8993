//! The client's address behind proxies: `X-Forwarded-For`, and `Forwarded` (RFC 7239).
//!
//! Each proxy adds the address that it was called from at the right-hand end. So a chain is read from the right, as long as the
//! addresses are those of trusted proxies; what stands further to the left is the client's word, and is not looked at.

use crate::stack::{ProxyFault, Stack};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::from_utf8;

/// The header that most proxies add to.
pub const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// The header of RFC 7239.
pub const FORWARDED: &str = "forwarded";

/// The client's address: that of the peer, or, when the peer is a trusted proxy, the last one in the forwarded headers that
/// is not a trusted proxy. None: there is no address, or it cannot be read, which is logged; then nobody is taken for somebody
/// else.
///
/// `host` is what the request names as its host. The two arguments at the end are the lines of the two headers, in their order;
/// `Forwarded` counts where there is no `X-Forwarded-For`.
pub fn client_ip<'a>(
    stack: &Stack,
    (peer, host): (Option<SocketAddr>, Option<&str>),
    x_forwarded_for: impl DoubleEndedIterator<Item = &'a [u8]>,
    forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
) -> Option<IpAddr> {
    let peer = peer?.ip().to_canonical();
    let (mut x_forwarded_for, mut forwarded) = (x_forwarded_for.peekable(), forwarded.peekable());
    let (plain, standard) = (x_forwarded_for.peek().is_some(), forwarded.peek().is_some());
    let trusted = |ip: IpAddr| stack.config.trusts(ip);
    if !plain && !standard {
        // What asks for the public address came to the proxy first; others are of the proxy's own machine, such as probes.
        if !trusted(peer) || !host.is_some_and(|host| is_host_of(stack.public_url(), host)) {
            return Some(peer);
        }
        stack.proxies.note(ProxyFault::Missing(peer), stack.now());
        return None;
    }
    if !trusted(peer) {
        stack.proxies.note(ProxyFault::Untrusted(peer), stack.now());
        return Some(peer);
    }
    let found = if plain {
        nearest(x_forwarded_for.rev().flat_map(elements).map(node), trusted)
    } else {
        nearest(forwarded.rev().flat_map(elements).map(for_parameter), trusted)
    };
    if found.is_none() {
        stack.proxies.note(ProxyFault::Unreadable(peer), stack.now());
    }
    found
}

/// Whether `host`, which may have a port, is the host of this origin.
fn is_host_of(origin: &str, host: &str) -> bool {
    let bare = |authority: &str| {
        let authority = authority.parse::<http::uri::Authority>().ok()?;
        Some(authority.host().to_ascii_lowercase())
    };
    let wanted = origin.split_once("://").and_then(|(_, authority)| bare(authority));
    wanted.is_some() && wanted == bare(host)
}

/// The first address of a chain, which comes from the right, that is not trusted; the last one if all are. None: one that has
/// to be read cannot be, or there is none.
fn nearest(chain: impl Iterator<Item = Option<IpAddr>>, trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut last = None;
    for hop in chain {
        let ip = hop?;
        if !trusted(ip) {
            return Some(ip);
        }
        last = Some(ip);
    }
    last
}

/// The elements of a line from the right, without the empty ones. A comma between quotes separates nothing; since quotes are
/// matched from the right too, an open one in what the client has sent cannot swallow what a proxy has added.
fn elements(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let separates = move |byte: &u8| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    };
    line.rsplit(separates).map(<[u8]>::trim_ascii).filter(|element| !element.is_empty())
}

/// The address in the `for` parameter of an element of `Forwarded`. None: it has none, or another kind of name.
fn for_parameter(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(|byte| *byte == b';') {
        let at = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = at.and_then(|at| pair.split_at_checked(at)).unwrap_or((pair, b""));
        if name.trim_ascii().eq_ignore_ascii_case(b"for") {
            let value = node(value.strip_prefix(b"=")?);
            // A parameter that comes twice says nothing.
            if found.replace(value?).is_some() {
                return None;
            }
        }
    }
    found
}

/// An address as proxies write it: bare, with a port, in brackets, in quotes, with a zone.
fn node(text: &[u8]) -> Option<IpAddr> {
    let text = from_utf8(text).ok()?.trim_ascii();
    let text = unquoted(text)?;
    let text = text.trim_ascii();
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let port_is_sound = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return v6(address).filter(|_| port_is_sound);
    }
    let v4 = |text: &str| text.parse::<Ipv4Addr>().ok().map(IpAddr::from);
    match text.split_once(':') {
        None => v4(text),
        Some((address, port)) if is_port(port) && address.contains('.') => v4(address),
        Some(_) => v6(text),
    }
}

fn v6(text: &str) -> Option<IpAddr> {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<Ipv6Addr>().ok().map(|ip| IpAddr::from(ip).to_canonical())
}

/// A port, or what stands for one (RFC 7239 §6.2, §6.3).
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
        None => text.parse::<u16>().is_ok() && text.bytes().all(|b| b.is_ascii_digit()),
    }
}

/// The content of a quoted string (RFC 9110 §5.6.4), or the text as it is. None: a quote stands alone.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let Some(rest) = text.strip_prefix('"') else { return (!text.contains('"')).then_some(Cow::Borrowed(text)) };
    let inner = rest.strip_suffix('"')?;
    if !inner.contains(['\\', '"']) {
        return Some(Cow::Borrowed(inner));
    }
    let (mut out, mut chars) = (String::new(), inner.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next()?),
            '"' => return None,
            c => out.push(c),
        }
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Networks;
    use proptest::prelude::*;

    #[test]
    fn hosts_are_compared_without_ports() {
        let is_ours = |host| is_host_of("https://id.example.com", host);
        assert!(is_ours("id.example.com") && is_ours("ID.example.com:443"));
        assert!(!is_ours("127.0.0.1:8080") && !is_ours("example.com") && !is_ours("") && !is_ours("a b"));
    }

    /// 127.0.0.1 and 10.0.0.0/8 are trusted.
    fn client(lines: &[&[u8]], standard: bool) -> Option<IpAddr> {
        let networks = Networks(vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()]);
        let lines = lines.iter().rev().flat_map(|line| elements(line));
        let hops: Vec<_> = if standard { lines.map(for_parameter).collect() } else { lines.map(node).collect() };
        nearest(hops.into_iter(), |ip| networks.contain(ip))
    }

    fn shown(found: Option<IpAddr>) -> String {
        found.map_or("?".to_owned(), |ip| ip.to_string())
    }

    #[test]
    fn x_forwarded_for_is_read_from_the_right() {
        let cases: &[(&[&[u8]], &str)] = &[
            (&[b"203.0.113.7"], "203.0.113.7"),
            (&[b"198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (&[b"198.51.100.1, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
            (&[b"198.51.100.1", b"203.0.113.7"], "203.0.113.7"),
            (&[b"198.51.100.1, 203.0.113.7", b"10.0.0.2,10.0.0.1"], "203.0.113.7"),
            (&[b"203.0.113.7:51312"], "203.0.113.7"),
            (&[b"\"203.0.113.7:51312\""], "203.0.113.7"),
            (&[b"[2001:db8::7]"], "2001:db8::7"),
            (&[b"[2001:db8::7]:443"], "2001:db8::7"),
            (&[b"\"[2001:db8::7]:443\""], "2001:db8::7"),
            (&[b"2001:db8::7"], "2001:db8::7"),
            (&[b"fe80::7%eth0"], "fe80::7"),
            (&[b"::ffff:203.0.113.7"], "203.0.113.7"),
            (&[b"[::ffff:10.0.0.9]:80"], "10.0.0.9"),
            (&[b" \t203.0.113.7 ,, "], "203.0.113.7"),
            // What the client has sent does not matter, whatever it is.
            (&[b"unknown, \xff\xfe, \"open, 203.0.113.7"], "203.0.113.7"),
            (&[b"\xff\xfe", b"203.0.113.7"], "203.0.113.7"),
            // All are proxies: the farthest of them asks for itself.
            (&[b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&[b""], "?"),
            // The last proxy has written something else: nobody is taken for somebody else.
            (&[b"203.0.113.7, unknown"], "?"),
            (&[b"203.0.113.7", b"\xff\xfe"], "?"),
            (&[b"203.0.113.7, 10.0.0.1, _hidden"], "?"),
            (&[b"203.0.113.7, unix:"], "?"),
            (&[b"203.0.113.007"], "?"),
            (&[b"203.0.113.7:99999"], "?"),
            (&[b"[2001:db8::7"], "?"),
            (&[b"[2001:db8::7]x"], "?"),
            (&[b"203.0.113.7 198.51.100.1"], "?"),
        ];
        for (lines, expected) in cases {
            let text: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
            assert_eq!(shown(client(lines, false)), *expected, "{text:?}");
        }
    }

    #[test]
    fn forwarded_is_read_from_the_right() {
        let cases: &[(&[&[u8]], &str)] = &[
            (&[b"for=203.0.113.7"], "203.0.113.7"),
            (&[b"For=\"203.0.113.7:4711\";proto=https;by=10.0.0.1"], "203.0.113.7"),
            (&[b"proto=https; for = \"[2001:db8:cafe::17]:4711\" ;host=a"], "2001:db8:cafe::17"),
            (&[b"for=198.51.100.1, for=203.0.113.7;by=10.0.0.1, for=10.0.0.1"], "203.0.113.7"),
            (&[b"for=198.51.100.1", b"for=203.0.113.7"], "203.0.113.7"),
            (&[b"for=203.0.113.7:_port"], "203.0.113.7"),
            (&[b"for=\"203.0.113.\\7\""], "203.0.113.7"),
            (&[b"for=\"open, for=203.0.113.7"], "203.0.113.7"),
            (&[b"for=\"a\\\", for=203.0.113.7"], "203.0.113.7"),
            (&[b"for=198.51.100.1, for=unknown"], "?"),
            (&[b"for=198.51.100.1, for=_gazonk"], "?"),
            (&[b"for=198.51.100.1, proto=https"], "?"),
            (&[b"for=198.51.100.1;for=203.0.113.7"], "?"),
            (&[b"203.0.113.7"], "?"),
        ];
        for (lines, expected) in cases {
            let text: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
            assert_eq!(shown(client(lines, true)), *expected, "{text:?}");
        }
    }

    /// An address that is no proxy's.
    fn stranger() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<[u8; 4]>().prop_filter("a proxy's", |a| a[0] != 10 && a[0] != 127).prop_map(IpAddr::from),
            any::<[u16; 7]>().prop_map(|a| IpAddr::from([0x2001, a[0], a[1], a[2], a[3], a[4], a[5], a[6]])),
        ]
    }

    fn written(ip: IpAddr, port: Option<u16>, quoted: bool) -> String {
        let text = match (ip, port) {
            (ip, Some(port)) => SocketAddr::new(ip, port).to_string(),
            (IpAddr::V6(ip), None) if quoted => format!("[{ip}]"),
            (ip, None) => ip.to_string(),
        };
        if quoted { format!("\"{text}\"") } else { text }
    }

    proptest! {
        #[test]
        fn what_a_proxy_adds_counts_whatever_the_client_has_sent(
            sent in proptest::collection::vec(any::<u8>(), 0..60),
            own_line in any::<bool>(),
            ip in stranger(),
            port in any::<Option<u16>>(),
            quoted in any::<bool>(),
            behind in 0..3u8,
        ) {
            let mut added = written(ip, port, quoted);
            for last in 0..behind {
                added += &format!(", 10.0.0.{last}");
            }
            let lines: Vec<Vec<u8>> =
                if own_line { vec![sent, added.into_bytes()] } else { vec![[&sent[..], b", ", added.as_bytes()].concat()] };
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(client(&lines, false), Some(ip));
        }

        #[test]
        fn what_a_proxy_adds_to_forwarded_counts_too(
            sent in proptest::collection::vec(any::<u8>(), 0..60),
            ip in stranger(),
            port in any::<Option<u16>>(),
        ) {
            let line = [&sent[..], b",for=", written(ip, port, true).as_bytes(), b";proto=https"].concat();
            prop_assert_eq!(client(&[&line], true), Some(ip));
        }

        #[test]
        fn no_bytes_break_the_readers(line in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = (client(&[&line], false), client(&[&line], true));
        }
    }
}
