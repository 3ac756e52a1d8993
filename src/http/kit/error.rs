//! The dialect of the pages: a problem as a page that says what happened and what to do.

use super::html;
use super::parts::{bare, copyable, head};
use crate::base::{Kind, Problem};
use crate::http::envelope::request_id;
use actix_web::http::header;
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
    accept.is_some_and(|value| value.contains("text/html"))
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
    html(&mut answer, &page(problem, &request_id(request).to_string()))
}

fn page(problem: &Problem, request: &str) -> Markup {
    let on = markup! {
        @if problem.kind == Kind::Unauthenticated {
            a.button.primary href="/admin/sign-in" { "Sign in" }
        } @else {
            a.button href="/account" { "Go to your account" }
        }
    };
    bare(title(problem), &body(problem, request, &on))
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

    #[test]
    fn every_family_has_a_page() {
        for problem in [
            Problem::not_found("x", "<b>There is nothing</b>"),
            Problem::forbidden("x", "No"),
            Problem::internal("the cause"),
            Problem::unauthenticated("x", "No"),
            Problem::busy("Later"),
        ] {
            let page = page(&problem, "req_42");
            check_page(&page);
            assert!(page.0.contains("req_42") && !page.0.contains("<b>There") && !page.0.contains("the cause"));
        }
    }
}
