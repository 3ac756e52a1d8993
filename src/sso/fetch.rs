//! Asking other servers, within bounds.

use crate::base::{Problem, Secret};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use url::Url;

/// The longest answer, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// For one request, with everything that belongs to it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// That a provider does not answer as it should. The cause is for the log.
pub fn unavailable(cause: impl std::fmt::Display) -> Problem {
    let mut problem = Problem::busy("The sign-in provider does not answer; try again");
    problem.internal = Some(cause.to_string());
    problem
}

/// Whether an address is one that anybody on the Internet could have.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (18..20).contains(&b);
            let odd = ip.is_unspecified() || ip.is_broadcast() || ip.is_multicast() || ip.is_documentation();
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || shared
                || benchmark
                || odd
                || a == 0
                || a >= 240)
        }
        IpAddr::V6(ip) => {
            let unique_local = ip.segments()[0] & 0xfe00 == 0xfc00;
            let link_local = ip.segments()[0] & 0xffc0 == 0xfe80;
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || unique_local || link_local)
        }
    }
}

/// Checks an address and gives a client that talks to exactly the machines that were checked: a name that means another
/// machine a moment later is not followed.
async fn client_for(url: &Url, allow_private: bool) -> Result<reqwest::Client, Problem> {
    if url.scheme() != "https" && !(allow_private && url.scheme() == "http") {
        return Err(unavailable("an address of the provider is not https"));
    }
    let host = url.host_str().ok_or_else(|| unavailable("an address of the provider has no host"))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((name, port))).await;
    let found: Vec<SocketAddr> = found.map_err(unavailable)?.map_err(unavailable)?.collect();
    if found.is_empty() || (!allow_private && !found.iter().all(|address| is_public(address.ip()))) {
        return Err(unavailable("the provider is at a private address, which login.allow_private does not allow"));
    }
    reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(TIMEOUT)
        .resolve_to_addrs(name, &found)
        .build()
        .map_err(unavailable)
}

async fn answer(request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), Problem> {
    let mut response = request.header(ACCEPT, "application/json").send().await.map_err(unavailable)?;
    let (status, mut body) = (response.status().as_u16(), Vec::new());
    while let Some(piece) = response.chunk().await.map_err(unavailable)? {
        if body.len() + piece.len() > MAX_BYTES {
            return Err(unavailable("an answer of the provider is too long"));
        }
        body.extend_from_slice(&piece);
    }
    Ok((status, body))
}

/// Gets a JSON document.
///
/// # Errors
/// Busy, when there is none.
pub async fn json(url: &Url, allow_private: bool) -> Result<serde_json::Value, Problem> {
    let (status, body) = answer(client_for(url, allow_private).await?.get(url.clone())).await?;
    if status != 200 {
        return Err(unavailable(format!("{} answered {status}", url.path())));
    }
    serde_json::from_slice(&body).map_err(unavailable)
}

/// Posts a form, with the client's name and secret if there is one (RFC 6749 §2.3.1).
///
/// # Errors
/// Busy, when no answer comes.
pub async fn post_form(
    url: &Url,
    allow_private: bool,
    login: Option<(&str, &Secret<String>)>,
    fields: &[(&str, &str)],
) -> Result<(u16, Vec<u8>), Problem> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = client_for(url, allow_private)
        .await?
        .post(url.clone())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body);
    if let Some((name, secret)) = login {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        request = request.basic_auth(encoded(name), Some(encoded(secret.expose())));
    }
    answer(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn nothing_private_and_nothing_in_clear_text_is_asked() {
        let refused = |problem: Problem| problem.internal.unwrap();
        for url in ["https://127.0.0.1:1/x", "https://[::1]:1/x", "https://localhost:1/x"] {
            let why = refused(client_for(&Url::parse(url).unwrap(), false).await.unwrap_err());
            assert!(why.contains("private address"), "{url}: {why}");
        }
        let why = refused(client_for(&Url::parse("http://93.184.216.34/x").unwrap(), false).await.unwrap_err());
        assert!(why.contains("not https"), "{why}");
        assert!(client_for(&Url::parse("http://127.0.0.1:1/x").unwrap(), true).await.is_ok());
    }
}
