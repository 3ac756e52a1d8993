//! All surfaces, and which of them answers for an address that no route has.

use super::head::{METHODS, unfit, unserved};
use super::plain;
use super::route::{Dialect, Surface};
use super::{docs, health, hosted, oauth, operator, scaigrid, scaikey, scaivault, scalekit, ui};
use crate::base::Problem;
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse};

/// All surfaces, in the order in which they are put up.
pub fn all() -> &'static [&'static Surface] {
    static SURFACES: [&Surface; 12] = [
        &scaivault::SURFACE,
        &scaigrid::SURFACE,
        &scaikey::SURFACE,
        &scalekit::SURFACE,
        &oauth::SURFACE,
        &hosted::SURFACE,
        &hosted::links::SURFACE,
        &hosted::portal::SURFACE,
        &health::SURFACE,
        &operator::SURFACE,
        &docs::SURFACE,
        &ui::SURFACE,
    ];
    &SURFACES
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
    let fronts = all().iter().flat_map(|surface| surface.fronts.iter().map(move |front| (front, surface)));
    let has = fronts.filter(|(front, _)| path.starts_with(**front)).max_by_key(|(front, _)| front.len());
    has.map_or(plain, |(_, surface)| surface.dialect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Nature;
    use crate::http::route::Access;

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
        for route in all().iter().flat_map(|surface| surface.routes).filter(|route| !route.safe) {
            assert_eq!(route.method, "GET", "{}", route.path);
        }
    }

    #[test]
    fn every_change_and_every_administrative_call_names_its_action() {
        for route in all().iter().flat_map(|surface| surface.routes) {
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
