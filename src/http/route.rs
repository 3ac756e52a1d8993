//! The route table: every address says who may call it, or it is not there.
//!
//! A surface is a list of [`Route`]s and a [`Dialect`]. The [router](super::router) puts them up behind the gate, with and
//! without the trailing slash, and answers other methods and unknown addresses in the surface's own words. The matrix of
//! `http/tests` walks [`crate::http::surfaces`] and calls each route with every kind of credential: a new route needs its row.

use super::head::{METHODS, unfit, unserved};
use crate::base::Problem;
use crate::catalogue::Action;
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse};

/// Whose pages may read the answers of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cors {
    /// Nobody's but our own: pages, and what servers alone call.
    Never,
    /// Those of the origins in the setting `server.cors_origins`: APIs that take a bearer credential.
    Listed,
    /// Those of the origins that an active application of the issuer at this address is registered with: what a browser
    /// application calls itself. The application is not known before the body is read, nor at all when the call fails, and
    /// which of them it is makes no difference: what an answer holds was asked for with that application's code or token.
    Registered,
    /// Everybody's: documents that say nothing of a caller.
    Everyone,
}

/// Who may call a route. What a caller may do there is decided by the service it calls, through a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: sign-in, token endpoints (which authenticate their clients themselves), discovery, health.
    Public,
    /// Whoever shows a credential that holds.
    Credential,
    /// A signed-in browser. Without a session a GET is sent to the sign-in page.
    Session,
    /// The local socket only; to all others the address does not exist.
    Local,
}

/// One method at one address.
#[derive(Clone, Copy)]
pub struct Route {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The address in actix's form, without a trailing slash: `/v1/secrets/{path:.*}`.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What a call is in the audit log. A failed one leaves a row of it, and so does a look; whatever else succeeds leaves
    /// its row where it is done. None: refusals are `access.denied`, and nothing else is kept.
    pub action: Option<Action>,
    /// Whether a GET is what its name says: one that changes nothing (RFC 9110 §9.2.1), so that HEAD runs it as well. One that
    /// ends, makes or uses up something says so with [`Route::not_safe`], and HEAD is refused there.
    pub safe: bool,
    /// Whose pages may read the answers. A row of [`route!`](crate::route) is [`Cors::Listed`], one of
    /// [`page!`](crate::page) is [`Cors::Never`]; any other says so with [`Route::open_to`].
    pub cors: Cors,
    /// The handler's name, for the API's document.
    #[cfg(test)]
    pub name: &'static str,
    /// Tells what the handler takes and answers, for the API's document.
    #[cfg(test)]
    pub(crate) describe: fn(&mut super::openapi::Scribe<'_>),
    /// Makes the handler.
    pub handler: fn() -> actix_web::Route,
}

impl Route {
    /// Says of a GET that it changes something: a code is made, a session ends, a value is shown for the one time.
    #[must_use]
    pub const fn not_safe(self) -> Self {
        Self { safe: false, ..self }
    }

    /// Says whose pages may read the answers.
    #[must_use]
    pub const fn open_to(self, cors: Cors) -> Self {
        Self { cors, ..self }
    }

    /// Whether a request with this method is for this route. HEAD is for the GET of its address, if that is safe.
    pub fn answers(&self, method: &str) -> bool {
        self.method == method || (method == "HEAD" && self.method == "GET" && self.safe)
    }
}

/// How a surface words its answers when something is refused or fails.
pub type Dialect = fn(&Problem, &HttpRequest) -> HttpResponse;

/// One of the systems: its routes and its dialect.
#[derive(Clone, Copy)]
pub struct Surface {
    /// For metrics and tests.
    pub name: &'static str,
    /// The fronts of the addresses for which this surface's dialect answers when no route fits.
    pub fronts: &'static [&'static str],
    /// The routes of this surface.
    pub routes: &'static [Route],
    /// How this surface words a problem.
    pub dialect: Dialect,
    /// Whether every request counts against the limits, by whatever credential or none, and in ScaiGrid's metrics. Elsewhere
    /// only requests with an API key count.
    pub limited: bool,
}

/// Declares a row of a route table: `route!(GET "/v1/health" Public health)`, or with the action that the audit log names it
/// by, `route!(POST "/v1/users" Credential users::create => UserCreate)`. A GET answers to HEAD as well, so one that changes
/// something is declared as such: `page!(GET "/oauth/authorize" Public authorize::environment).not_safe()`.
///
/// A handler says in its types what it takes and answers, for the API's document. One that shows a page, or reads a form, is
/// declared by [`page!`](crate::page) instead.
#[macro_export]
macro_rules! route {
    ($method:ident $path:literal $access:ident $handler:path) => {
        $crate::route!(
            @of Listed $method $path $access $handler, None, |scribe| $crate::http::openapi::describe($handler, scribe)
        )
    };
    ($method:ident $path:literal $access:ident $handler:path => $action:ident) => {
        $crate::route!(
            @of Listed $method $path $access $handler, Some($crate::catalogue::Action::$action),
            |scribe| $crate::http::openapi::describe($handler, scribe)
        )
    };
    (@of $cors:ident $method:ident $path:literal $access:ident $handler:path, $action:expr, $describe:expr) => {
        $crate::http::route::Route {
            method: stringify!($method),
            path: $path,
            access: $crate::http::route::Access::$access,
            action: $action,
            safe: true,
            cors: $crate::http::route::Cors::$cors,
            #[cfg(test)]
            name: stringify!($handler),
            #[cfg(test)]
            describe: $describe,
            handler: || actix_web::web::route().to($handler),
        }
    };
}

/// As [`route!`](crate::route), for what browsers show or send from forms: no API's document has it.
#[macro_export]
macro_rules! page {
    ($method:ident $path:literal $access:ident $handler:path) => {
        $crate::route!(@of Never $method $path $access $handler, None, |scribe| scribe.told.is_page = true)
    };
    ($method:ident $path:literal $access:ident $handler:path => $action:ident) => {
        $crate::route!(
            @of Never $method $path $access $handler, Some($crate::catalogue::Action::$action),
            |scribe| scribe.told.is_page = true
        )
    };
}

/// Answers an address that no route fits, in the dialect of the surface that lies nearest.
pub fn unknown_address(request: &HttpRequest) -> HttpResponse {
    // OPTIONS of the server as a whole (RFC 9110 §9.3.7).
    if request.method() == Method::OPTIONS && request.path() == "*" {
        return HttpResponse::NoContent().insert_header((ALLOW, METHODS.join(", "))).finish();
    }
    let nothing = || Problem::not_found("not_found", "There is nothing at this address");
    let problem = unserved(request).or_else(|| unfit(request.head())).unwrap_or_else(nothing);
    nearest(request.path())(&problem, request)
}

/// The dialect of the surface whose front a path has; the longest front counts.
///
/// What is written otherwise than an address of ours is not served, but its sender most likely means the surface that the
/// same path has without doubled slashes, encoded slashes and dot segments: so the answer is in that one's words.
fn nearest(path: &str) -> Dialect {
    let mut parts: Vec<&str> = Vec::new();
    let path = path.replace("%2F", "/").replace("%2f", "/");
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path = format!("/{}/", parts.join("/"));
    let fronts = super::surfaces().iter().flat_map(|surface| surface.fronts.iter().map(move |front| (front, surface)));
    let has = fronts.filter(|(front, _)| path.starts_with(**front)).max_by_key(|(front, _)| front.len());
    has.map_or(super::plain, |(_, surface)| surface.dialect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Nature;
    use crate::http::surfaces;

    #[test]
    fn the_nearest_surface_answers_for_what_is_none_of_its_addresses() {
        let nearest = |path: &str| nearest(path) as usize;
        for (dialect, paths) in [
            (
                crate::http::scaivault::dialect as Dialect,
                &["/v1", "/v1/", "//v1//x", "/v1%2Fx", "/v1/x/../y", "/./v1/x"][..],
            ),
            (crate::http::scaigrid::dialect, &["/v1/me/x", "/v1//me", "//v1/me//", "/v1%2fme", "/x/../v1/me"]),
            (crate::http::scaikey::dialect, &["/api", "/api/v1/x", "//api//v1", "/api/v1/operator/x"]),
            (crate::http::scalekit::SURFACE.dialect, &["/api/v1/users/x/y", "//api/v1//organizations"]),
            (crate::http::oauth::dialect, &["/oauth/x", "//oauth", "/.well-known/x"]),
            (crate::http::ui::SURFACE.dialect, &["/", "//", "/x", "/admin/x", "", "*"]),
        ] {
            for path in paths {
                assert_eq!(nearest(path), dialect as usize, "{path}");
            }
        }
    }

    #[test]
    fn only_of_a_get_one_says_that_it_is_not_safe() {
        for route in surfaces().iter().flat_map(|surface| surface.routes).filter(|route| !route.safe) {
            assert_eq!(route.method, "GET", "{}", route.path);
        }
    }

    #[test]
    fn every_change_and_every_administrative_call_names_its_action() {
        for route in surfaces().iter().flat_map(|surface| surface.routes) {
            let name = format!("{} {}", route.method, route.path);
            let administers = ["/api/v1/admin/", "/api/v1/operator/"].iter().any(|front| route.path.starts_with(front));
            if route.access != Access::Public && (route.method != "GET" || administers) {
                assert!(route.action.is_some(), "{name}: say what it is in the audit log");
            }
            let nature = route.action.map(crate::catalogue::Action::nature);
            assert!(nature != Some(Nature::Look) || (route.method == "GET" && administers), "{name} is no look");
        }
    }
}
