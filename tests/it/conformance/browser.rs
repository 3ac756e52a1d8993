//! A browser without a browser: it keeps cookies as browsers do, follows redirects, shows pages to a person, sends forms,
//! and stops where the client begins.
//!
//! What browsers forbid it forbids too: a `SameSite` cookie does not travel with another site's POST, and no redirect that
//! follows a form leaves what the page's `form-action` allows.

use super::page::{Form, Page};
use super::person::{Person, Seen};
use crate::wire::{Answer, Call};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use url::Url;

/// Pairs in their order.
pub type Fields = Vec<(String, String)>;

/// Where the parameters of an answer stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Query,
    FormPost,
}

/// The browser as it comes back to the client.
#[derive(Clone, Debug)]
pub struct Callback {
    pub address: Url,
    pub via: Via,
    pub fields: BTreeMap<String, String>,
}

/// Where a journey ended.
#[derive(Clone, Debug)]
pub enum End {
    Client(Callback),
    /// A page that the person leaves as it is.
    Page(Page),
}

/// One journey through a provider.
#[derive(Clone, Debug)]
pub struct Journey {
    pub end: End,
    /// What the person was asked on the way.
    pub seen: Vec<Seen>,
    /// The first page that was shown.
    pub first: Option<Page>,
}

impl Journey {
    /// The client's part of it.
    #[track_caller]
    pub fn callback(&self) -> &Callback {
        match &self.end {
            End::Client(callback) => callback,
            End::Page(page) => panic!("not back at the client, but at {} ({}): {}", page.url, page.status, page.html),
        }
    }

    /// The page at which it ended.
    #[track_caller]
    pub fn page(&self) -> &Page {
        match &self.end {
            End::Page(page) => page,
            End::Client(callback) => panic!("sent to the client: {callback:?}"),
        }
    }
}

#[derive(Clone, Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
    same_site: String,
}

/// A browser with its cookies.
#[derive(Default)]
pub struct Browser {
    cookies: RefCell<Vec<Cookie>>,
}

/// A request of a browser.
pub struct Visit {
    pub url: Url,
    /// The body of a POST.
    pub form: Option<Fields>,
    /// Whether a page of another site began it.
    pub cross_site: bool,
    /// The `form-action` of the page whose form it is.
    policy: Option<(Url, String)>,
}

impl Visit {
    /// A link on a page of the client.
    pub fn get(url: Url) -> Self {
        Self { url, form: None, cross_site: true, policy: None }
    }

    /// A form on a page of the client.
    pub fn post(url: Url, fields: Fields) -> Self {
        Self { url, form: Some(fields), cross_site: true, policy: None }
    }
}

/// The address that a URL's host stands for.
pub fn resolve(url: &Url) -> SocketAddr {
    let (host, port) = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let host = host.trim_matches(['[', ']']);
    (host, port).to_socket_addrs().unwrap().find(SocketAddr::is_ipv4).unwrap()
}

/// A request to a URL, without anything of a browser.
pub fn call(method: &str, url: &Url) -> Call {
    let target = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    Call::new(resolve(url), method, &target).header("Host", host)
}

pub fn encode(fields: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Browser {
    /// Goes where the request leads, doing on each page what the person does, until the journey ends: at an address of the
    /// client, or at a page that asks the person nothing they answer.
    pub fn visit(&self, first: Visit, client: &[&str], person: &Person) -> Journey {
        let mut journey = Vec::new();
        let (mut next, mut shown) = (first, None);
        for _ in 0..30 {
            if let Some((page, policy)) = &next.policy {
                assert!(allows(page, policy, &next.url), "form-action of {page} forbids {}: {policy}", next.url);
            }
            if next.form.is_none() && ours(client, &next.url) {
                let fields = next.url.query_pairs().into_owned().collect();
                let end = End::Client(Callback { address: next.url, via: Via::Query, fields });
                return Journey { end, seen: journey, first: shown };
            }
            let answer = self.send(&next);
            if (300..400).contains(&answer.status) {
                let to = answer.header("location").unwrap_or_else(|| panic!("{} leads nowhere", answer.status));
                let keeps_method = matches!(answer.status, 307 | 308);
                next.url = next.url.join(to).unwrap();
                next.form = next.form.take().filter(|_| keeps_method);
                continue;
            }
            if let Some(to) = answer.header("refresh").and_then(|value| value.strip_prefix("0; url=")) {
                // A new navigation: what the policy of the form before said does not reach it.
                next = Visit { url: next.url.join(to).unwrap(), form: None, cross_site: true, policy: None };
                continue;
            }
            let policy = answer.header("content-security-policy").unwrap_or_default();
            let page = Page::new(&next.url, answer.status, policy, answer.text());
            if let Some(form) = page.forms.iter().find(|form| ours(client, &form.action)) {
                let end = End::Client(posted(&page, form));
                return Journey { end, seen: journey, first: shown };
            }
            shown.get_or_insert_with(|| page.clone());
            match person.acts_on(&page, &journey) {
                None => return Journey { end: End::Page(page), seen: journey, first: shown },
                Some((seen, form, fields)) => {
                    journey.push(seen);
                    next = submission(&page, &form, fields);
                }
            }
        }
        panic!("the journey does not end: {journey:?}");
    }

    /// Sends one request and keeps the cookies that come back.
    fn send(&self, visit: &Visit) -> Answer {
        let method = if visit.form.is_some() { "POST" } else { "GET" };
        let site = if visit.cross_site { "cross-site" } else { "same-origin" };
        let origin = visit.url.origin().ascii_serialization();
        let mut call = call(method, &visit.url)
            .header("User-Agent", "Mozilla/5.0 conformance")
            .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("Accept-Language", "en")
            .header("Sec-Fetch-Site", site)
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Dest", "document");
        let host = visit.url.host_str().unwrap();
        let travels = |cookie: &&Cookie| {
            let held_back = visit.cross_site
                && match cookie.same_site.as_str() {
                    "strict" => true,
                    "none" => false,
                    _ => method == "POST",
                };
            cookie.host == host && !held_back && under(&cookie.path, visit.url.path())
        };
        let cookies: Vec<_> = self.cookies.borrow().iter().filter(travels).map(Cookie::pair).collect();
        if !cookies.is_empty() {
            call = call.header("Cookie", &cookies.join("; "));
        }
        if let Some(fields) = &visit.form {
            call = call.header("Origin", if visit.cross_site { "https://rp.example" } else { &origin });
            call = call.form(&encode(fields));
        }
        let answer = call.try_send().unwrap_or_else(|error| panic!("{method} {}: {error}", visit.url));
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(&visit.url, line);
        }
        answer
    }

    fn keep(&self, url: &Url, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).unwrap();
        let attributes: BTreeMap<_, _> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let get = |name: &str| attributes.get(name).cloned();
        let directory = url.path().rsplit_once('/').map(|(path, _)| path).filter(|path| !path.is_empty());
        let cookie = Cookie {
            host: url.host_str().unwrap().to_owned(),
            path: get("path").unwrap_or_else(|| directory.unwrap_or("/").to_owned()),
            name: name.to_owned(),
            value: value.to_owned(),
            same_site: get("samesite").unwrap_or_default().to_ascii_lowercase(),
        };
        let gone = get("max-age").is_some_and(|age| age.parse::<i64>().is_ok_and(|age| age <= 0))
            || get("expires").is_some_and(|when| when.contains(" 1970 "));
        let mut cookies = self.cookies.borrow_mut();
        let same =
            |other: &Cookie| (&other.host, &other.path, &other.name) == (&cookie.host, &cookie.path, &cookie.name);
        cookies.retain(|other| !same(other));
        if !gone {
            cookies.push(cookie);
        }
    }

    /// The values of all cookies: none of them may be logged.
    pub fn cookie_values(&self) -> Vec<String> {
        self.cookies.borrow().iter().map(|cookie| cookie.value.clone()).collect()
    }
}

impl Cookie {
    fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}

/// Whether a path lies under a cookie's path (RFC 6265 §5.1.4).
fn under(of_cookie: &str, path: &str) -> bool {
    path.strip_prefix(of_cookie)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || of_cookie.ends_with('/'))
}

/// Whether an address is the client's: its query and its fragment may be anything.
fn ours(client: &[&str], url: &Url) -> bool {
    client.iter().any(|own| {
        let own = Url::parse(own).unwrap();
        (own.origin(), own.path()) == (url.origin(), url.path())
    })
}

/// The form that a page of the provider sends to the client by itself (OAuth 2.0 Form Post Response Mode §2).
fn posted(page: &Page, form: &Form) -> Callback {
    assert!(page.submits_itself(), "the page does not send its form: {}", page.html);
    assert_eq!((form.method.as_str(), form.enctype.as_str()), ("post", "application/x-www-form-urlencoded"));
    assert!(allows(&page.url, &page.policy, &form.action), "form-action forbids it: {}", page.policy);
    Callback { address: form.action.clone(), via: Via::FormPost, fields: form.values().into_iter().collect() }
}

fn submission(page: &Page, form: &Form, fields: Fields) -> Visit {
    assert!(allows(&page.url, &page.policy, &form.action), "form-action forbids {}: {}", form.action, page.policy);
    let mut url = form.action.clone();
    let policy = Some((page.url.clone(), page.policy.clone()));
    let cross_site = url.origin() != page.url.origin();
    if form.method == "post" {
        return Visit { url, form: Some(fields), cross_site, policy };
    }
    url.set_query(Some(&encode(&fields)));
    Visit { url, form: None, cross_site, policy }
}

/// Whether a content security policy lets a form of this page lead there, as Chromium reads it: redirects included.
fn allows(page: &Url, policy: &str, to: &Url) -> bool {
    let sources = policy.split(';').map(str::trim).find_map(|part| part.strip_prefix("form-action"));
    sources.is_none_or(|sources| {
        sources.split_whitespace().any(|source| match source {
            "'self'" => page.origin() == to.origin(),
            "'none'" => false,
            scheme if scheme.ends_with(':') => to.scheme() == scheme.trim_end_matches(':'),
            // A path counts on the first address only, and not after a redirect: it is left out.
            origin => Url::parse(origin).is_ok_and(|origin| origin.origin() == to.origin()),
        })
    })
}

#[test]
fn a_policy_that_forbids_the_way_back_is_noticed() {
    let (page, there) =
        (Url::parse("http://op.example/login").unwrap(), Url::parse("https://rp.example/cb?a=b").unwrap());
    for (policy, allowed) in [
        ("default-src 'none'", true),
        ("default-src 'none'; form-action 'self'", false),
        ("form-action 'none'", false),
        ("form-action 'self' https://rp.example", true),
        ("form-action 'self' https://rp.example.evil", false),
        ("form-action https:", true),
    ] {
        assert_eq!(allows(&page, policy, &there), allowed, "{policy}");
    }
    assert!(allows(&page, "form-action 'self'", &page) && under("/a", "/a/b") && !under("/a", "/ab"));
}
