//! What every page of somebody signed in needs: who reads it, what stands around it, and how it is answered.

use super::nav;
use crate::access::{self, Actor, Granted, Permission, Place, Principal, STEP_UP_REQUIRED};
use crate::base::id::TenantId;
use crate::base::{Kind, Problem};
use crate::http::extract::{SignedIn, is_tls};
use crate::http::kit::csrf::FormScope;
use crate::http::kit::form::Fields;
use crate::http::kit::given_back::give_back;
use crate::http::kit::parts::{Confirm, Form, Frame, Message, Shell, Tone, Undo, head, too_many};
use crate::http::kit::{cookie, csrf, given_back, html, resume, see_other};
use crate::http::noted::GivenBack;
use crate::sessions::{self, Session};
use crate::stack::Stack;
use crate::store::WriteTx;
use crate::tenancy;
use actix_web::dev::Payload;
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use maud::{Markup, PreEscaped, Render};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use std::sync::Arc;

/// A message for the next page.
#[derive(Serialize, Deserialize)]
struct Flash {
    good: bool,
    text: String,
    undo: Option<Undo>,
}

/// What a form sent, until it is answered.
pub(super) struct Sent(pub Fields);

/// The names of the cookies, with the prefix that binds them to this host where there is TLS.
const fn flash_name(tls: bool) -> &'static str {
    if tls { "__Host-scaistack-flash" } else { "scaistack-flash" }
}

const fn once_name(tls: bool) -> &'static str {
    if tls { "__Host-scaistack-once" } else { "scaistack-once" }
}

/// A request for a page, by somebody who is signed in.
pub(in crate::http) struct Ctx {
    pub stack: web::Data<Stack>,
    pub signed_in: Arc<SignedIn>,
    pub http: HttpRequest,
}

impl FromRequest for Ctx {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = http.extensions().get::<Arc<SignedIn>>().cloned();
        let stack = http.app_data::<web::Data<Stack>>().cloned();
        ready(match (stack, signed_in) {
            (Some(stack), Some(signed_in)) => Ok(Self { stack, signed_in, http: http.clone() }),
            _ => Err(Problem::internal("a page was put up without its services or without a session")),
        })
    }
}

impl Ctx {
    /// The actor who reads the page.
    pub fn actor(&self) -> &Arc<Actor> {
        &self.signed_in.actor
    }

    /// The token for the forms of this session.
    pub fn csrf(&self) -> String {
        csrf::of_session(self.stack.keyring.pepper(), &self.signed_in.session, &self.scope())
    }

    /// Where the page works, as its forms say it.
    pub fn scope(&self) -> FormScope {
        FormScope::of(&self.signed_in)
    }

    /// The tenant that the reader works in.
    pub fn home(&self) -> Place {
        self.actor().home()
    }

    /// A permission in the reader's own tenant.
    pub fn here<P: Permission>(&self) -> Result<Granted<P>, Problem> {
        Ok(self.actor().grant::<P>(self.home())?)
    }

    /// A permission over the whole instance.
    pub fn platform<P: Permission>(&self) -> Result<Granted<P>, Problem> {
        Ok(self.actor().grant::<P>(Place::Platform)?)
    }

    /// A permission as far as it reaches.
    pub fn widest<P: Permission>(&self) -> Result<Granted<P>, Problem> {
        access::widest(self.actor())
    }

    /// Whether the reader holds a permission anywhere, if need be after the password: what a page shows.
    pub fn may<P: Permission>(&self) -> bool {
        access::may_anywhere::<P>(self.actor())
    }

    /// Lets the pages of this session work in a tenant; none: in all that the reader reaches.
    ///
    /// # Errors
    /// As [`sessions::work_in`].
    pub async fn work_in(&self, tenant: Option<TenantId>) -> Result<Session, Problem> {
        let (whole, id, now) = (Arc::clone(&self.signed_in.whole), self.signed_in.session.id, self.stack.now());
        let idle_secs = i64::from(self.stack.config.sessions.idle_secs);
        let write = move |tx: &mut WriteTx<'_>| match tenant {
            Some(tenant) => sessions::work_in(tx, &whole, id, tenant, idle_secs, now),
            None => sessions::work_everywhere(tx, &whole, id, now),
        };
        self.stack.store.write(write).await
    }

    /// Whether a script asked, to put the answer into the page that it has.
    pub fn is_fragment(&self) -> bool {
        self.http.headers().contains_key("hx-request")
    }

    fn tls(&self) -> bool {
        is_tls(&self.http, &self.stack)
    }

    /// Takes a sealed cookie's value.
    fn take<T: DeserializeOwned>(&self, name: &str, purpose: &str) -> Option<T> {
        let cookie = self.http.cookie(name)?;
        let session = &self.signed_in.session.csrf_secret.0;
        cookie::open(&self.stack.keyring, purpose, session, cookie.value(), self.stack.now())
    }

    fn put<T: Serialize>(&self, answer: &mut HttpResponseBuilder, name: &'static str, purpose: &str, value: &T) {
        let session = &self.signed_in.session.csrf_secret.0;
        if let Some(sealed) = cookie::seal(&self.stack.keyring, purpose, session, value, self.stack.now()) {
            answer.cookie(cookie::cookie(name, sealed, self.tls(), Some(cookie::SEALED_SECS)));
        }
    }

    /// The name of whoever reads the page.
    pub fn who(&self) -> String {
        match &self.actor().principal {
            Principal::User { email, .. } => email.to_string(),
            Principal::Operator => "operator".to_owned(),
            Principal::Application { name, .. } => name.clone(),
        }
    }

    fn frame(&self, flash: Option<Flash>) -> Result<Frame, Problem> {
        let tenant = tenancy::tenant(&self.stack.store.read(), self.actor().tenant)?;
        let (whole, narrowed) = (&self.signed_in.whole, self.signed_in.is_narrowed());
        Ok(Frame {
            tenant: tenant.map_or_else(String::new, |tenant| tenant.name.to_string()),
            is_one_of_several: whole.reaches_several_tenants(),
            is_all: whole.reaches_beyond_tenants() && !narrowed,
            lapsed: self.signed_in.lapsed.as_ref().map(|problem| problem.message.clone()),
            who: self.who(),
            csrf: self.csrf(),
            nav: nav::items(self.actor()),
            flash: flash.map(|Flash { good, text, undo }| Message {
                tone: if good { Tone::Good } else { Tone::Warn },
                text,
                undo,
            }),
        })
    }

    /// A whole page.
    pub fn page(&self, title: &str, section: &str, body: &impl Render) -> Result<HttpResponse, Problem> {
        self.page_as(HttpResponse::Ok(), title, section, body)
    }

    /// The page of a form that was refused.
    pub fn refused_page(
        &self,
        title: &str,
        section: &str,
        form: &Form,
        body: &impl Render,
    ) -> Result<HttpResponse, Problem> {
        self.note(form);
        self.page_as(HttpResponse::UnprocessableEntity(), title, section, body)
    }

    /// The page of a form: as it is first shown, or with what was refused in it.
    pub fn form_page(
        &self,
        title: &str,
        section: &str,
        form: &Form,
        body: &impl Render,
    ) -> Result<HttpResponse, Problem> {
        if form.is_good() { self.page(title, section, body) } else { self.refused_page(title, section, form, body) }
    }

    /// Keeps why a form is given back, for the audit log: the gate writes the row.
    pub fn note(&self, form: &Form) {
        if let Some(refusal) = form.refusal() {
            self.http.extensions_mut().insert(refusal);
        }
    }

    /// A whole page with a status or headers of its own. The page that gives a form back gets an address of its own, and the
    /// form is answered with the way there: so Back and Reload do not send it again.
    pub fn page_as(
        &self,
        mut answer: HttpResponseBuilder,
        title: &str,
        section: &str,
        body: &impl Render,
    ) -> Result<HttpResponse, Problem> {
        let is_form = self.http.method() == Method::POST;
        let name = flash_name(self.tls());
        let flash = if is_form { None } else { self.take(name, "flash") };
        if !is_form && self.http.cookie(name).is_some() {
            answer.cookie(cookie::gone(name, self.tls()));
        }
        let page = Shell { title, section, frame: &self.frame(flash)? }.page(&body.render());
        let session = &self.signed_in.session;
        if let Some(draft) = resume::asked(&self.http, &self.stack, session.user) {
            // A form of another tenant is not filled into the page of this one.
            if draft.made_in.as_ref().is_some_and(|made_in| *made_in != self.scope()) {
                return Ok(self.unplaced().unwrap_or_else(|| html(&mut answer, &page)));
            }
            return Ok(match given_back::filled(&self.stack, session, &draft, &page.0) {
                Some(filled) => html(&mut answer, &PreEscaped(filled)),
                None => self.unplaced().unwrap_or_else(|| html(&mut answer, &page)),
            });
        }
        let whole = html(&mut answer, &page);
        Ok(if is_form { self.given_back(whole, &page.0) } else { whole })
    }

    /// The way to the page that gives a form back; the page itself where it says when to come again, or no form was given back.
    fn given_back(&self, whole: HttpResponse, page: &str) -> HttpResponse {
        let status = whole.status();
        if !status.is_client_error() || whole.headers().contains_key(RETRY_AFTER) || self.is_fragment() {
            return whole;
        }
        let given = {
            let extensions = self.http.extensions();
            // Only of what came from a page of ours anything is kept.
            extensions.get::<Sent>().and_then(|Sent(sent)| {
                give_back(&self.http, &self.stack, &self.signed_in.session, sent, (status, page))
            })
        };
        let Some(given) = given else { return whole };
        self.http.extensions_mut().insert(GivenBack(status));
        given
    }

    /// The way on for a form that was kept over a sign-in, from a page that does not have it: the page at its own address, or, where
    /// that has none either, a page with nothing but the form.
    pub fn unplaced(&self) -> Option<HttpResponse> {
        let session = &self.signed_in.session;
        let draft = resume::asked(&self.http, &self.stack, session.user)?;
        if let Some(own) = resume::own_page_of(&self.http, &draft) {
            return Some(see_other(&own).finish());
        }
        let body = given_back::unplaced(&self.stack, session, &draft, &self.scope())?;
        let title = "Send it now?";
        let frame = self.frame(None).ok()?;
        let body = maud::html! { (head(title, "")) (body) };
        Some(html(&mut HttpResponse::Ok(), &Shell { title, section: "", frame: &frame }.page(&body)))
    }

    /// A piece of a page.
    pub fn fragment(&self, body: &Markup) -> HttpResponse {
        html(&mut HttpResponse::Ok(), body)
    }

    /// A question before something dangerous: in a dialog for a script, on a page otherwise.
    pub fn confirm(&self, section: &str, confirm: &Confirm<'_>) -> Result<HttpResponse, Problem> {
        if self.is_fragment() {
            return Ok(self.fragment(&confirm.card(true)));
        }
        self.form_page(confirm.title(), section, confirm.form(), &confirm.card(false))
    }

    /// After a form was taken: to another page, with a message there.
    pub fn done(&self, to: &str, message: &str) -> HttpResponse {
        self.done_but(to, message, None)
    }

    /// As [`Ctx::done`], of what can be taken back as a whole: the message has a button for that.
    pub fn done_but(&self, to: &str, message: &str, undo: Option<Undo>) -> HttpResponse {
        let mut answer = see_other(to);
        let flash = Flash { good: true, text: message.to_owned(), undo };
        self.put(&mut answer, flash_name(self.tls()), "flash", &flash);
        answer.finish()
    }

    /// As [`Ctx::done`], where some or all of it was refused.
    pub fn done_partly(&self, to: &str, message: &str) -> HttpResponse {
        let mut answer = see_other(to);
        self.put(
            &mut answer,
            flash_name(self.tls()),
            "flash",
            &Flash { good: false, text: message.to_owned(), undo: None },
        );
        answer.finish()
    }

    /// After a form was taken that made a secret: to the page that shows it once.
    pub fn done_once(&self, to: &str, what: &str, secret: &str) -> HttpResponse {
        let mut answer = see_other(to);
        self.put(&mut answer, once_name(self.tls()), "once", &(what, secret));
        answer.finish()
    }

    /// The page that shows a secret once. The cookie that carried it dies with this answer.
    pub fn once(
        &self,
        title: &str,
        section: &str,
        what: &str,
        body: impl FnOnce(Option<&str>) -> Markup,
    ) -> Result<HttpResponse, Problem> {
        let name = once_name(self.tls());
        let kept =
            self.take::<(String, String)>(name, "once").map(|(what, secret)| (what, zeroize::Zeroizing::new(secret)));
        let mut answer = HttpResponse::Ok();
        answer.cookie(cookie::gone(name, self.tls()));
        let secret = kept.as_ref().filter(|(kept, _)| kept == what).map(|(_, secret)| secret.as_str());
        self.page_as(answer, title, section, &body(secret))
    }
}

/// Refusals that say nothing about what was typed: who asks may not ask at all, or has to show first that it is they.
const NOT_OF_THE_FORM: [&str; 3] = [STEP_UP_REQUIRED, "access_denied", "delegation_refused"];

/// Lets a service's refusal of a form become the form again, with what was typed; anything else stays what it is.
pub(in crate::http) fn refused(form: Form, problem: Problem) -> Result<Form, Problem> {
    match problem.kind {
        Kind::Invalid | Kind::Malformed | Kind::Conflict => Ok(form.refused(&problem)),
        Kind::Forbidden if !NOT_OF_THE_FORM.contains(&problem.code) => Ok(form.refused(&problem)),
        _ => Err(problem),
    }
}

/// The form after a password of somebody who is signed in that was not taken, and the status of its page: what is wrong stands
/// beside its field, how long to wait on top. Anything else is not about the password.
pub(in crate::http) fn password_refused(
    form: Form,
    field: &str,
    problem: Problem,
) -> Result<(StatusCode, Form), Problem> {
    match problem.kind {
        Kind::Unauthenticated => Ok((StatusCode::UNPROCESSABLE_ENTITY, form.fault(&problem).error(field, "is wrong"))),
        Kind::RateLimited { retry_after_secs } => {
            let message = too_many(&problem.message, retry_after_secs);
            Ok((StatusCode::TOO_MANY_REQUESTS, form.refused(&Problem::new(problem.kind, problem.code, message))))
        }
        _ => Err(problem),
    }
}
