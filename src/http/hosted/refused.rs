//! The page of a request that is answered here only.

use super::interaction::Asked;
use super::view::{self, Add};
use super::visitor::Visitor;
use crate::access::{Place, permit};
use crate::apps::{self, Application, RedirectUri, UriKind};
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::Problem;
use crate::base::id::ApplicationId;
use crate::catalogue::Action;
use crate::http::answer_to;
use crate::http::envelope::request_id;
use crate::http::extract::{at_work, origin};
use crate::http::kit::csrf::{self, FormScope};
use crate::http::kit::{error, html};
use crate::oauth::authorize::PageFault;
use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

/// Says why, and to an admin of the application how to register the address that was asked for.
///
/// # Errors
/// When the file cannot be read.
pub fn page(
    visitor: &Visitor,
    fault: PageFault,
    application: Option<ApplicationId>,
    given: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let stack = &visitor.stack;
    let snapshot = stack.store.read();
    let application = match application {
        Some(id) => apps::client(&snapshot, &apps::client_id(id))?,
        None => None,
    };
    let place = match &application {
        Some(application) => apps::place_of(&snapshot, application.scope)?,
        None => None,
    };
    note(visitor, fault, application.as_deref(), place, given);
    let csrf;
    // Where the pages work: the form is sent to one of them.
    let admin = at_work(&visitor.http)?;
    let add = match (&application, given, &admin, place) {
        (Some(application), Some(uri), Some(admin), Some(place))
            if admin.actor.may::<permit::WriteApplications>(place) =>
        {
            csrf = csrf::of_session(stack.keyring.pepper(), &admin.session, &FormScope::of(admin));
            Some(Add { application, uri, rule: RedirectUri::parse(uri).err(), csrf: &csrf })
        }
        _ => None,
    };
    // The page that people come from, as far as what was registered tells.
    let home = application.as_ref().and_then(|application| {
        application.redirect_uris.iter().find_map(|uri| uri.origin().filter(|_| uri.kind() == UriKind::Https))
    });
    let status = if fault == PageFault::NoTenant { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
    Ok(visitor.page(status, &view::refused(fault, given, add.as_ref(), home.as_deref(), request_id(&visitor.http))))
}

/// The dialect of these pages: of an application that is gone meanwhile it is said so, with the way back.
pub fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let asked = request.extensions_mut().remove::<Asked>();
    match asked.filter(|_| problem.code == "application_not_found" && error::is_page(request)) {
        Some(Asked(uri)) => {
            let home = RedirectUri::parse(&uri).ok().filter(|uri| uri.kind() == UriKind::Https);
            let home = home.and_then(|uri| uri.origin());
            html(&mut answer_to(problem), &view::gone(home.as_deref()))
        }
        None => error::dialect(problem, request),
    }
}

/// The most of a refused address that a row keeps.
const MOST: usize = 200;

/// Leaves an audit row where the application is, so that those who administer it find it: an address that does not fit is a
/// mistake, or somebody's try.
fn note(
    visitor: &Visitor,
    fault: PageFault,
    application: Option<&Application>,
    place: Option<Place>,
    given: Option<&str>,
) {
    let from = origin(&visitor.http, &visitor.stack);
    let (who, now) = (ActorStamp::anonymous("anonymous"), visitor.stack.now());
    let event = Event::of(who, &from, now, place.unwrap_or(Place::Platform), Action::AuthorizationRefuse);
    let name = application.map(|application| application.id.to_string()).unwrap_or_default();
    let mut event = event.on("application", name).with("reason", fault.as_str()).outcome(Outcome::Denied);
    if let Some(given) = given {
        event = event.with("redirect_uri", given.chars().take(MOST).collect::<String>());
    }
    visitor.stack.audit_stranger(event);
}
