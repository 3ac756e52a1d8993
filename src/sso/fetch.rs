//! Asking other servers, within bounds.

use super::public::is_public;
use crate::base::{Problem, Secret};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use std::net::SocketAddr;
use std::time::Duration;
use url::Url;

/// The longest answer, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// For one request, with everything that belongs to it: names, connection, the whole answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// That a provider does not answer as it should. The cause is for the log.
pub fn unavailable(cause: impl std::fmt::Display) -> Problem {
    let mut problem = Problem::busy("The sign-in provider does not answer; try again");
    problem.internal = Some(cause.to_string());
    problem
}

/// As [`unavailable`], with all that lies behind the error: by itself it says only that there was one.
fn lost(error: reqwest::Error) -> Problem {
    let mut why = error.to_string();
    let mut behind = std::error::Error::source(&error);
    while let Some(error) = behind {
        why = format!("{why}: {error}");
        behind = error.source();
    }
    unavailable(why)
}

/// A client that talks to exactly the machines that were found and checked: a name that means another machine a moment later
/// is not followed, nor is a redirect or a proxy of the environment.
fn client_to(name: &str, found: &[SocketAddr]) -> Result<reqwest::Client, Problem> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(TIMEOUT)
        .resolve_to_addrs(name, found)
        .build()
        .map_err(unavailable)
}

/// Checks an address and gives a client for it.
async fn client_for(url: &Url, allow_private: bool) -> Result<reqwest::Client, Problem> {
    if url.scheme() != "https" && !(allow_private && url.scheme() == "http") {
        return Err(unavailable("an address of the provider is not https"));
    }
    let host = url.host_str().ok_or_else(|| unavailable("an address of the provider has no host"))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = tokio::net::lookup_host((name, port)).await.map_err(unavailable)?.collect();
    if found.is_empty() || (!allow_private && !found.iter().all(|address| is_public(address.ip()))) {
        return Err(unavailable("the provider is at a private address, which login.allow_private does not allow"));
    }
    client_to(name, &found)
}

/// Sends a request and reads the answer to its end.
async fn answer(request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), Problem> {
    let mut response = request.header(ACCEPT, "application/json").send().await.map_err(lost)?;
    let (status, mut body) = (response.status().as_u16(), Vec::new());
    while let Some(piece) = response.chunk().await.map_err(lost)? {
        if body.len() + piece.len() > MAX_BYTES {
            return Err(unavailable("an answer of the provider is too long"));
        }
        body.extend_from_slice(&piece);
    }
    Ok((status, body))
}

/// Asks within [`TIMEOUT`], however the time is spent.
async fn ask(
    url: &Url,
    allow_private: bool,
    request: impl FnOnce(reqwest::Client) -> reqwest::RequestBuilder,
) -> Result<(u16, Vec<u8>), Problem> {
    let asked = async { answer(request(client_for(url, allow_private).await?)).await };
    tokio::time::timeout(TIMEOUT, asked).await.map_err(unavailable)?
}

/// Gets a JSON document.
///
/// # Errors
/// Busy, when there is none.
pub async fn json(url: &Url, allow_private: bool) -> Result<serde_json::Value, Problem> {
    let (status, body) = ask(url, allow_private, |client| client.get(url.clone())).await?;
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
    ask(url, allow_private, |client| {
        let request = client.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        match login {
            Some((name, secret)) => request.basic_auth(encoded(name), Some(encoded(secret.expose()))),
            None => request,
        }
    })
    .await
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

    fn why(problem: Problem) -> String {
        problem.internal.unwrap()
    }

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
            let why = why(client_for(&Url::parse(url).unwrap(), false).await.unwrap_err());
            assert!(why.contains("private address"), "{url}: {why}");
        }
        let clear = why(client_for(&Url::parse("http://93.184.216.34/x").unwrap(), false).await.unwrap_err());
        assert!(clear.contains("not https"), "{clear}");
        assert!(client_for(&Url::parse("http://127.0.0.1:1/x").unwrap(), true).await.is_ok());
    }

    #[tokio::test]
    async fn the_connection_goes_to_the_address_that_was_checked() {
        let (address, told) = server(with_body(10));
        // Nobody has this name: asking for it again would find nothing, or another machine.
        let client = client_to("moved.invalid", &[address]).unwrap();
        let got = answer(client.get(format!("http://moved.invalid:{}/x", address.port()))).await.unwrap();
        assert_eq!((got.0, got.1.len()), (200, 10));
        assert!(told.recv().unwrap().to_ascii_lowercase().contains("host: moved.invalid"));
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let (inside, reached) = server(with_body(10));
        let to = format!("HTTP/1.1 302 Found\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\n\r\n");
        let (address, _told) = server(to.into_bytes());
        let url = Url::parse(&format!("http://{address}/x")).unwrap();
        assert_eq!(why(json(&url, true).await.unwrap_err()), "/x answered 302");
        assert!(reached.try_recv().is_err());
    }

    #[tokio::test]
    async fn an_answer_is_bounded_in_length() {
        for (len, fits) in [(MAX_BYTES, true), (MAX_BYTES + 1, false)] {
            let (address, _told) = server(with_body(len));
            let url = Url::parse(&format!("http://{address}/x")).unwrap();
            assert_eq!(json(&url, true).await.map_err(why).is_ok(), fits, "{len}");
        }
        let (address, _told) = server(with_body(MAX_BYTES + 1));
        let url = Url::parse(&format!("http://{address}/x")).unwrap();
        assert!(why(post_form(&url, true, None, &[]).await.unwrap_err()).contains("too long"));
    }

    #[tokio::test]
    async fn an_answer_is_bounded_in_time() {
        // It accepts and says nothing; and it says a little and stops.
        for say in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n12"] {
            let (address, told) = server(say.into());
            let url = Url::parse(&format!("http://{address}/x")).unwrap();
            let began = std::time::Instant::now();
            let why = why(json(&url, true).await.unwrap_err());
            assert!(told.try_recv().is_ok(), "it was asked");
            let took = began.elapsed();
            assert!(took >= Duration::from_secs(4) && took < Duration::from_secs(8), "{took:?}: {why}");
        }
    }
}
