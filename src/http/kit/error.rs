//! The dialect of the pages: a problem as a page that says what happened and what to do.

use super::html;
use super::parts::{bare, copyable, head};
use crate::base::{Kind, Problem};
use crate::http::envelope::request_id;
use crate::http::sign_in;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html as markup};

/// The title and what to do, for a family of problems.
fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::NotFound => ("Not found", "It may have been deleted, or it belongs to another tenant."),
        Kind::Forbidden => ("Not allowed", "Ask an administrator if you need this."),
        Kind::Unauthenticated => ("Sign in first", "Your session has ended."),
        Kind::RateLimited { .. } => ("Too many tries", "Wait a moment, then try again."),
        Kind::Busy { .. } => ("Busy", "Nothing was changed. Try again in a moment."),
        Kind::Internal => ("Something went wrong", "It is in the server's log under the number below."),
        Kind::TooLarge => ("Too large", "Send less at once."),
        Kind::Stale => ("Changed meanwhile", "Somebody else has changed it. Go back, reload it and look again."),
        Kind::Malformed | Kind::Invalid | Kind::Conflict => ("That did not work", "Go back, change it and try again."),
    }
}

/// Whether a request wants a page: a browser says so, a program does not.
pub fn takes_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let navigates = request.headers().get("sec-fetch-mode").is_some_and(|mode| mode.as_bytes() == b"navigate");
    navigates || accept.is_some_and(|value| value.contains("text/html"))
}

/// Whether the answer to a request is a page: a browser asks, or the address is that of one.
pub fn is_page(request: &HttpRequest) -> bool {
    let fronts = ["/admin", "/account", "/setup", "/login", "/logout"];
    takes_html(request) || fronts.iter().any(|front| request.path().starts_with(front))
}

/// Words a problem for a browser. At addresses that are not ours, a program gets the plain dialect.
pub fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    if !is_page(request) {
        return crate::http::plain(problem, request);
    }
    let mut answer = crate::http::answer_to(problem);
    html(&mut answer, &page(problem, request))
}

/// Where the same can be tried again, for what may go well in a moment: the page itself, or the one with the form.
fn again(problem: &Problem, request: &HttpRequest) -> Option<String> {
    if !matches!(problem.kind, Kind::Internal | Kind::Busy { .. } | Kind::RateLimited { .. }) {
        return None;
    }
    let target = request.uri().path_and_query().map(|target| target.as_str().to_owned());
    let form = || {
        let from = request.headers().get(header::REFERER)?.to_str().ok()?.split_once("://")?.1.split_once('/')?;
        (from.0 == request.connection_info().host()).then(|| format!("/{}", from.1))
    };
    if request.method() == Method::GET { target } else { form() }.filter(|to| !to.starts_with("//"))
}

fn page(problem: &Problem, request: &HttpRequest) -> Markup {
    let on = markup! {
        @if let Some(to) = again(problem, request) { a.button.primary href=(to) { "Try again" } }
        @if problem.kind == Kind::Unauthenticated {
            a.button.primary href=(sign_in(request.path())) { "Sign in" }
        } @else {
            a.button href="/account" { "Go to your account" }
        }
    };
    bare(title(problem), &body(problem, &request_id(request).to_string(), &on))
}

/// The title of the page of a problem.
pub fn title(problem: &Problem) -> &'static str {
    words(problem.kind).0
}

/// What a problem is, in words, and the way on from it.
pub fn body(problem: &Problem, request: &str, on: &Markup) -> Markup {
    let (title, advice) = words(problem.kind);
    markup! {
        (head(title, ""))
        section.card {
            p data-message { (problem.message) "." }
            p.muted { (advice) }
            div.actions { (on) }
            p.muted.small { "Request " (copyable("request", request)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::kit::parts::check_page;
    use actix_web::test::TestRequest;

    #[test]
    fn every_family_has_a_page() {
        for problem in [
            Problem::not_found("x", "<b>There is nothing</b>"),
            Problem::forbidden("x", "No"),
            Problem::internal("the cause"),
            Problem::unauthenticated("x", "No"),
            Problem::busy("Later"),
        ] {
            let request = TestRequest::get().uri("/login?request=a").to_http_request();
            let page = page(&problem, &request);
            check_page(&page);
            assert!(page.0.contains("req_") && !page.0.contains("<b>There") && !page.0.contains("the cause"));
            assert!(page.0.contains("a class=\"button"), "there is a way on: {}", page.0);
        }
    }

    #[test]
    fn what_may_go_well_in_a_moment_can_be_tried_again_where_it_was() {
        let page_of = |request: TestRequest, problem: &Problem| page(problem, &request.to_http_request()).0;
        let (internal, busy) = (Problem::internal("x"), Problem::busy("Later"));
        let asked = || TestRequest::get().uri("/login?request=a&b");
        assert!(page_of(asked(), &internal).contains("href=\"/login?request=a&amp;b\">Try again"));
        assert!(page_of(asked(), &busy).contains("Try again"));
        assert!(!page_of(asked(), &Problem::not_found("x", "No")).contains("Try again"));
        // A form is tried again on its own page, if that is one of ours.
        let sent = |from: &str| {
            TestRequest::post()
                .uri("/login/password")
                .insert_header(("host", "id.example"))
                .insert_header(("referer", from))
        };
        assert!(page_of(sent("https://id.example/login?request=a"), &internal).contains("href=\"/login?request=a\""));
        for from in ["https://evil.example/login", "https://id.example//evil.example/", "nonsense"] {
            assert!(!page_of(sent(from), &internal).contains("Try again"), "{from}");
        }
    }

    #[test]
    fn people_sign_in_at_their_own_door() {
        for (path, door) in [
            ("/account", "/account/sign-in"),
            ("/account/sessions", "/account/sign-in"),
            ("/admin/", "/admin/sign-in"),
            ("/accountant", "/admin/sign-in"),
        ] {
            assert_eq!(sign_in(path), door);
        }
    }
}
