//! A browser on the hosted pages: its visit, its session if it has one, and the token of its forms.

use super::view;
use crate::base::Problem;
use crate::crypto::seal::aad;
use crate::http::extract::{SignedIn, browser};
use crate::http::kit::form::{Fields, fields, from_our_pages};
use crate::http::kit::{csrf, html, see_other, visit};
use crate::stack::Stack;
use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use maud::Markup;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;

/// The address of the pages of a sign-in.
pub const PAGES: &str = "/login";

/// A browser, and what is known of it.
pub struct Visitor {
    pub http: HttpRequest,
    pub stack: web::Data<Stack>,
    /// Who is signed in.
    pub signed_in: Option<Arc<SignedIn>>,
    /// The random value of this browser, from its cookie or new.
    pub visit: String,
    /// The cookie for a new one.
    fresh: Option<Cookie<'static>>,
}

impl Visitor {
    fn of(http: &HttpRequest) -> Result<Self, Problem> {
        let stack = http
            .app_data::<web::Data<Stack>>()
            .cloned()
            .ok_or_else(|| Problem::internal("a page was put up without its services"))?;
        let (visit, fresh) = match visit::secret(http, &stack) {
            Some(visit) => (visit, None),
            None => {
                let (visit, cookie) = visit::begin(http, &stack);
                (visit, Some(cookie))
            }
        };
        Ok(Self { signed_in: browser(http)?, http: http.clone(), stack, visit, fresh })
    }

    /// What the forms of this browser in this session prove to know: another session's token does not hold.
    fn form_secret(&self) -> Vec<u8> {
        let session = self.signed_in.as_ref().map(|signed_in| signed_in.session.csrf_secret.0);
        aad(&[self.visit.as_bytes(), session.as_ref().map_or(&[][..], |secret| secret)])
    }

    /// The token of the forms.
    pub fn csrf(&self) -> String {
        csrf::token(self.stack.keyring.pepper(), "hosted", &self.form_secret())
    }

    fn has_sent(&self, token: &str) -> bool {
        self.fresh.is_none() && csrf::is_right(self.stack.keyring.pepper(), "hosted", &self.form_secret(), token)
    }

    /// A page.
    pub fn page(&self, status: StatusCode, body: &Markup) -> HttpResponse {
        let mut answer = HttpResponse::build(status);
        self.keep_visit(&mut answer);
        html(&mut answer, body)
    }

    /// Leaves these pages for an address of a client. Browsers hold every redirect that follows a form to the policy of the page
    /// that the form stood on, also those that the client makes afterwards. So after a form, and at the address that our forms
    /// lead to, the chain ends here, with a page that goes on by itself, or by its link.
    pub fn leave_for(&self, to: &str) -> HttpResponse {
        if self.http.method() == Method::GET && self.http.path() != PAGES {
            let mut answer = see_other(to);
            self.keep_visit(&mut answer);
            return answer.finish();
        }
        let mut answer = HttpResponse::Ok();
        self.keep_visit(&mut answer);
        answer.insert_header((header::REFRESH, format!("0; url={to}")));
        html(&mut answer, &view::onward(to))
    }

    /// Hands a new browser its cookie.
    pub fn keep_visit(&self, answer: &mut HttpResponseBuilder) {
        if let Some(cookie) = &self.fresh {
            answer.cookie(cookie.clone());
        }
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(http))
    }
}

/// A form of a hosted page.
pub struct Sent {
    pub visitor: Visitor,
    pub fields: Fields,
    /// Whether it came from a page of ours in this browser and session. If not, the page is shown again: a reader who lost a
    /// cookie must not stand before a wall.
    pub is_ours: bool,
    /// Whether the browser itself says that a page of ours sent it, which no other site can make it say. That is enough for a
    /// password, which is not to be typed again because a page was open for too long.
    pub is_of_this_site: bool,
}

impl FromRequest for Sent {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(http: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Bytes::from_request(http, payload);
        let http = http.clone();
        Box::pin(async move {
            let fields = fields(http.clone(), body).await?;
            let visitor = Visitor::of(&http)?;
            let is_ours = from_our_pages(&http, &visitor.stack) && visitor.has_sent(fields.raw(csrf::FIELD));
            let is_of_this_site =
                http.headers().get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"same-origin");
            Ok(Self { visitor, fields, is_ours, is_of_this_site })
        })
    }
}
