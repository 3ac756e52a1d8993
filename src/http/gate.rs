//! The gate before every route: it resolves the credential when the route wants one, and words every failure in the
//! surface's dialect, wherever below it came from.

use super::answer::WRONG_METHOD;
use super::cors;
use super::extract;
use super::head::{unfit, unserved};
use super::kit::resume;
use super::limit;
use super::noted::{self, Asked};
use super::route::{Access, Dialect, Route};
use super::router::{Address, allowed};
use crate::access::{Actor, Credential, STEP_UP_REQUIRED};
use crate::base::{Kind, Problem};
use crate::catalogue::{Action, Nature};
use crate::stack::Stack;
use crate::telemetry::requests;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, CROSS_ORIGIN_OPENER_POLICY, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use std::sync::Arc;

/// A problem is a possible answer; the gate words it. The status here is only what a handler outside any surface gives.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        super::status(self.kind)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

/// Lets a request through to the route that its method means, words what comes of it, and counts it. `serve` is given
/// the number of the route at this address.
///
/// # Errors
/// None: every problem becomes an answer here.
pub async fn gate<F>(
    address: &Address,
    request: ServiceRequest,
    serve: impl FnOnce(usize, ServiceRequest) -> Option<F>,
) -> Result<ServiceResponse, Error>
where
    F: Future<Output = Result<ServiceResponse, Error>>,
{
    if request.method() == Method::OPTIONS {
        let answer = cors::options(address, request.request());
        return Ok(request.into_response(answer));
    }
    let meant = address.route(request.method().as_str());
    let mut answer = answered(address, meant, request, serve).await?;
    cors::allow(address.cors(meant.map(|(_, route)| route)), &mut answer);
    if address.surface.in_popups {
        // A redirect on the way counts as well as the page at its end.
        answer.headers_mut().insert(CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
    }
    if address.surface.limited {
        requests::scaigrid(answer.status().as_u16());
    }
    Ok(answer)
}

async fn answered<F>(
    address: &Address,
    meant: Option<(usize, &'static Route)>,
    mut request: ServiceRequest,
    serve: impl FnOnce(usize, ServiceRequest) -> Option<F>,
) -> Result<ServiceResponse, Error>
where
    F: Future<Output = Result<ServiceResponse, Error>>,
{
    let dialect = address.surface.dialect;
    if let Some(problem) = unfit(request.request().head()) {
        let answer = dialect(&problem, request.request());
        return Ok(request.into_response(answer));
    }
    let Some((number, route)) = meant else {
        if let Some(problem) = unserved(request.request()) {
            let answer = dialect(&problem, request.request());
            return Ok(request.into_response(answer));
        }
        let mut answer = dialect(&wrong_method(), request.request());
        if let Ok(allow) = HeaderValue::from_str(&allowed(request.request())) {
            answer.headers_mut().insert(ALLOW, allow);
        }
        return Ok(request.into_response(answer));
    };
    if let Err(problem) = admit(&mut request, route.access).await {
        let of_pages = route.access == Access::Session;
        let ended = of_pages && problem.kind == Kind::Unauthenticated;
        let back = if ended { resume::of_ended_session(&mut request).await } else { None };
        let request = request.into_parts().0;
        let answer = match back {
            Some(back) => {
                note_failed(&problem, &request, route.action);
                super::ui_sign_in_redirect(&request, Some(&back))
            }
            None => refused(&problem, &request, of_pages, dialect, route.action),
        };
        return Ok(ServiceResponse::new(request, answer));
    }
    let counted = limit::count(address.surface, request.request()).await;
    let mut answer = match &counted.problem {
        Some(problem) => {
            let request = request.into_parts().0;
            let answer = refused(problem, &request, false, dialect, route.action);
            ServiceResponse::new(request, answer)
        }
        None => served(request, dialect, route.action, |request| serve(number, request)).await?,
    };
    if let Some(extract::Renewed(cookie)) = take_renewed(answer.request()) {
        let _ = answer.response_mut().add_cookie(&cookie);
    }
    counted.headers(answer.headers_mut());
    Ok(answer)
}

/// The new cookie of a session that gave its password in this request, whatever the answer is.
fn take_renewed(request: &HttpRequest) -> Option<extract::Renewed> {
    request.extensions_mut().remove()
}

/// What the handler answers, its problems in words.
async fn served<F>(
    request: ServiceRequest,
    dialect: Dialect,
    action: Option<Action>,
    serve: impl FnOnce(ServiceRequest) -> Option<F>,
) -> Result<ServiceResponse, Error>
where
    F: Future<Output = Result<ServiceResponse, Error>>,
{
    let http = request.request().clone();
    let Some(served) = serve(request) else {
        return Ok(ServiceResponse::new(http, HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR)));
    };
    let problem = match served.await {
        Ok(response) => match response.response().error().and_then(Error::as_error::<Problem>).cloned() {
            Some(problem) => problem,
            None => match note_answered(response.response(), &http, action).await {
                Ok(()) => return Ok(response),
                Err(problem) => problem,
            },
        },
        Err(error) => match error.as_error::<Problem>().cloned() {
            Some(problem) => problem,
            None => return Ok(ServiceResponse::new(http, error.error_response())),
        },
    };
    let answer = refused(&problem, &http, false, dialect, action);
    Ok(ServiceResponse::new(http, answer))
}

fn wrong_method() -> Problem {
    Problem::malformed(WRONG_METHOD, "This address does not answer to this method")
}

async fn admit(request: &mut ServiceRequest, access: Access) -> Result<(), Problem> {
    match access {
        Access::Public => Ok(()),
        Access::Credential => {
            let actor = extract::credential(request)?;
            request.extensions_mut().insert(actor);
            Ok(())
        }
        Access::Session => {
            let signed_in = extract::session(request)?;
            request.extensions_mut().insert(Arc::clone(&signed_in.actor));
            request.extensions_mut().insert(signed_in);
            Ok(())
        }
        Access::Local => {
            if !super::listener::connection(request.request()).local {
                return Err(Problem::not_found("not_found", "There is nothing at this address"));
            }
            let actor = extract::credential(request)?;
            request.extensions_mut().insert(actor);
            Ok(())
        }
    }
}

/// Words a problem, logs what is ours, and leaves the audit row of what was refused or failed.
fn refused(
    problem: &Problem,
    request: &HttpRequest,
    page: bool,
    dialect: Dialect,
    action: Option<Action>,
) -> HttpResponse {
    let id = super::envelope::request_id(request);
    match problem.kind {
        Kind::Internal => {
            tracing::error!(request_id = %id, code = problem.code, cause = problem.internal.as_deref(), "request failed");
        }
        _ => tracing::debug!(request_id = %id, code = problem.code, "request refused"),
    }
    note_failed(problem, request, action);
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    if page && problem.kind == Kind::Unauthenticated && (looks || request.headers().contains_key("hx-request")) {
        return super::ui_sign_in_redirect(request, None);
    }
    dialect(problem, request)
}

fn note_failed(problem: &Problem, request: &HttpRequest, action: Option<Action>) {
    let Some(stack) = request.app_data::<web::Data<Stack>>() else { return };
    let actor = request.extensions().get::<Arc<Actor>>().cloned();
    let on_a_page = actor.as_ref().is_some_and(|actor| matches!(actor.credential, Credential::Session { .. }));
    if problem.code == STEP_UP_REQUIRED && on_a_page {
        // A question, not a refusal: a wrong answer has a row of its own.
        return;
    }
    noted::failed(stack, problem, actor.as_ref(), || extract::origin(request, stack), &asked(request, action));
}

fn asked(request: &HttpRequest, action: Option<Action>) -> Asked<'_> {
    let resource = request.match_info().iter().next().map_or("", |(_, text)| text);
    Asked { action, resource, method: request.method().as_str(), path: request.path(), fields: "" }
}

/// Leaves the row of a call that was answered, where nobody else does: of a look that succeeded, and of a form that a page
/// gave back.
async fn note_answered(answer: &HttpResponse, request: &HttpRequest, action: Option<Action>) -> Result<(), Problem> {
    let Some(action) = action else { return Ok(()) };
    let looked = action.nature() == Nature::Look && answer.status().is_success();
    let status = request.extensions().get::<noted::GivenBack>().map_or(answer.status(), |given| given.0);
    if !looked && status != StatusCode::UNPROCESSABLE_ENTITY {
        return Ok(());
    }
    let Some(stack) = request.app_data::<web::Data<Stack>>() else { return Ok(()) };
    let Some(actor) = request.extensions().get::<Arc<Actor>>().cloned() else { return Ok(()) };
    let asked = asked(request, Some(action));
    if looked {
        return noted::look(stack, &actor, action, &asked).await;
    }
    // A page that gives a form back says why; without that it is what most are given back for.
    let refusal = request.extensions_mut().remove::<noted::Refusal>();
    let (kind, code) = refusal.as_ref().map_or((Kind::Invalid, "validation_error"), |why| (why.kind, why.code));
    let fields = refusal.map(|why| why.fields.join(" ")).unwrap_or_default();
    let problem = Problem::new(kind, code, "The form was given back");
    noted::failed(stack, &problem, Some(&actor), || actor.origin.clone(), &Asked { fields: &fields, ..asked });
    Ok(())
}
