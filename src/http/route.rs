//! The route table: every address says who may call it, or it is not there.
//!
//! A surface is a list of [`Route`]s and a [`Dialect`]. They are put up behind the gate, with and without the trailing slash;
//! other methods and unknown addresses are answered in the surface's own words. The matrix of `http/tests` walks all of them
//! and calls each route with every kind of credential: a new route needs its row.

use crate::base::Problem;
use crate::catalogue::Action;
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
    /// Whether its pages may answer to the page of another site that opened them in a window of their own: a client's page whose
    /// user signs in there.
    pub in_popups: bool,
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
