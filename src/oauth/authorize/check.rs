//! Checking an authorization request, in the order that decides where an error goes: the tenant, the client and the address
//! first (a page), then everything else (a redirect with the error).

use super::parameter::AUTHORIZATION;
use super::params::{Sent, Unclear};
use super::{ErrorCode, Fault, MAX_NONCE, MAX_STATE, PageFault, Prompt, Refused, Request, ResponseMode, Return, State};
use crate::access::{ACR_MULTI, ACR_SINGLE};
use crate::apps::{self, AppScope, Application, ApplicationStatus, GrantType};
use crate::base::Id;
use crate::base::ScopeSet;
use crate::base::id::TenantId;
use crate::oauth::error::{beyond, no_resource};
use crate::oauth::id_token::of_a_former_key;
use crate::oauth::keys::KeySet;
use crate::oauth::pkce::Challenge;
use crate::oauth::{Flavour, Issuer, Issuers, first_party, verify_hint};
use crate::roles;
use crate::store::Read;
use crate::tenancy;
use std::sync::Arc;

/// The longest `login_hint` that is of use: an e-mail address.
const MAX_HINT: usize = 254;
/// What Scalekit's SDKs ask for if nothing else is said.
const USUAL_SCOPE: &str = "openid profile email";
/// The providers that Scalekit's SDKs know by name.
const PROVIDERS: [&str; 6] = ["google", "microsoft", "github", "gitlab", "linkedin", "salesforce"];
/// What a request is checked against.
pub struct CheckContext<'a> {
    /// The keys that signed our ID tokens.
    pub keys: &'a KeySet,
    /// The addresses of our issuers and their endpoints.
    pub issuers: &'a Issuers,
    /// At whose endpoint it came in.
    pub flavour: &'a Flavour,
}

/// Checks a request.
///
/// # Errors
/// [`Refused`]: on a page while the client or its address is not known, else at the address.
pub fn check(tx: &impl Read, looking: &CheckContext<'_>, sent: &Sent) -> Result<Request, Refused> {
    let (issuer, tenant) = here(tx, looking.flavour)?;
    let application = client(tx, sent, tenant)?;
    let page = |fault, given| Refused::Page { fault, application: Some(application.id), given };
    let (redirect_uri, names_redirect_uri) = match sent.text("redirect_uri") {
        Ok(Some(given)) if is_registered(looking.issuers, &application, given) => (given.to_owned(), true),
        Ok(Some(given)) => return Err(page(PageFault::ForeignRedirectUri, Some(given.to_owned()))),
        // Only plain OAuth may leave it out, where there is no choice (RFC 6749 §3.1.2.3); OpenID Connect never.
        Ok(None) => match application.redirect_uris.as_slice() {
            [only] if !asks_for_openid(sent) => (only.to_string(), false),
            _ => return Err(page(PageFault::NoRedirectUri, None)),
        },
        Err(Unclear::Repeated) => return Err(page(PageFault::NoRedirectUri, None)),
        Err(Unclear::NotText) => return Err(page(PageFault::ForeignRedirectUri, None)),
    };
    // From here on the client is told. The mode and the state come first, for every error goes out with them.
    let asked = mode(sent);
    let mut back =
        Return { redirect_uri, mode: asked.as_ref().map_or(ResponseMode::Query, |mode| *mode), state: None, issuer };
    let checked = state(sent)
        .and_then(|state| {
            back.state = state;
            fits(back.state.as_ref(), asked?).inspect_err(|_| back.mode = ResponseMode::Query)
        })
        .and_then(|()| rest(tx, looking, sent, &application, issuer))
        .and_then(|rest| Ok((rest, selected(tx, looking.flavour, sent)?)));
    match checked {
        Ok((rest, selected)) => Ok(Request {
            application: application.id,
            tenant: tenant.or(selected),
            back,
            names_redirect_uri,
            scope: rest.scope,
            nonce: rest.nonce,
            code_challenge: rest.code_challenge,
            prompt: rest.prompt,
            max_age: rest.max_age,
            login_hint: rest.login_hint,
            hinted: rest.hinted,
            wants_mfa: rest.wants_mfa,
        }),
        Err(fault) => Err(Refused::Redirect { back: Box::new(back), fault }),
    }
}

/// Whether what a request was checked for holds for its application as it is now: people may sign in to it, the address is still
/// registered, it may have these scopes, and it need not have used PKCE if it has not. A request lies with a browser for any time, and its answer goes
/// where the check once let it.
pub fn still_holds(issuers: &Issuers, application: &Application, request: &Request) -> bool {
    application.may_use(GrantType::AuthorizationCode)
        && is_registered(issuers, application, &request.back.redirect_uri)
        && beyond(&request.scope, &application.allowed_scopes).is_none()
        && (request.code_challenge.is_some() || !needs_pkce(application))
}

/// The issuer and the tenant of the endpoint.
fn here(tx: &impl Read, flavour: &Flavour) -> Result<(Issuer, Option<TenantId>), Refused> {
    let slug = match flavour {
        Flavour::Platform => return Ok((Issuer::Platform, None)),
        Flavour::Environment => return Ok((Issuer::Environment, None)),
        Flavour::Tenant(slug) => slug,
    };
    let tenant = tenancy::tenant_by_slug(tx, slug)?.ok_or_else(|| Refused::page(PageFault::NoTenant))?;
    if !tenancy::is_active(tx, tenant.id)? {
        return Err(Refused::page(PageFault::TenantSuspended));
    }
    Ok((Issuer::Tenant(tenant.id), Some(tenant.id)))
}

/// The application that asks, if it may at this endpoint.
fn client(tx: &impl Read, sent: &Sent, here: Option<TenantId>) -> Result<Application, Refused> {
    let unknown = || Refused::page(PageFault::UnknownClient);
    let Ok(Some(client_id)) = sent.text("client_id") else { return Err(unknown()) };
    let application = apps::client(tx, client_id)?.ok_or_else(unknown)?;
    let page = |fault| Refused::Page { fault, application: Some(application.id), given: None };
    match (application.scope, here) {
        (AppScope::Global, None) => {}
        // Our own sign-in is everybody's: a program that names a tenant gets that tenant's page.
        (AppScope::Global, Some(_)) if first_party::is(application.id) => {}
        (AppScope::Tenant(own), Some(tenant)) if own == tenant => {}
        (AppScope::Partner(partner), Some(tenant))
            if tenancy::tenant(tx, tenant)?.is_some_and(|tenant| tenant.partner == partner) => {}
        (AppScope::Global, Some(_)) | (AppScope::Partner(_) | AppScope::Tenant(_), None) => {
            return Err(page(PageFault::OtherEndpoint));
        }
        // To another tenant it does not exist.
        (AppScope::Partner(_) | AppScope::Tenant(_), Some(_)) => return Err(unknown()),
    }
    match application.status {
        ApplicationStatus::Active => Ok(Arc::unwrap_or_clone(application)),
        ApplicationStatus::Disabled => Err(page(PageFault::DisabledClient)),
    }
}

/// The organisation that a request to the environment is for, from what selects the connection: provider, connection,
/// organisation, in this order: that of Scalekit's documentation. `domain_hint`, `domain` and `login_hint` are hints: they
/// lead to no connection here, and the sign-in goes on without.
fn selected(tx: &impl Read, flavour: &Flavour, sent: &Sent) -> Result<Option<TenantId>, Fault> {
    use ErrorCode::{
        InvalidConnectionId, InvalidConnectionSelector, InvalidOrganizationId, NoConfiguredConnections, ServerError,
    };
    if *flavour != Flavour::Environment {
        return Ok(None);
    }
    let read = |name| {
        let words = "A parameter that selects the connection is repeated, or not UTF-8";
        sent.text(name).map_err(|_| Fault::new(InvalidConnectionSelector, words))
    };
    match read("provider")? {
        Some(provider) if PROVIDERS.contains(&provider) => {
            return Err(Fault::new(NoConfiguredConnections, "There is no connection to this provider"));
        }
        Some(_) => return Err(Fault::new(InvalidConnectionSelector, "There is no such provider")),
        None => {}
    }
    if read("connection_id")?.is_some() {
        return Err(Fault::new(InvalidConnectionId, "There is no such connection"));
    }
    let Some(organization) = read("organization_id")? else { return Ok(None) };
    let found = match TenantId::parse_as("org", organization) {
        Some(tenant) => tenancy::is_active(tx, tenant).map(|active| active.then_some(tenant)),
        None => Ok(None),
    };
    match found {
        Ok(Some(tenant)) => Ok(Some(tenant)),
        Ok(None) => Err(Fault::new(InvalidOrganizationId, "There is no such organization, or it is suspended")),
        Err(error) => {
            tracing::error!(%error, "an organization could not be read");
            Err(Fault::new(ServerError, "Something went wrong on our side"))
        }
    }
}

/// Whether a `redirect_uri` is one of the application's. That of the built-in one follows from our own address.
fn is_registered(issuers: &Issuers, application: &Application, given: &str) -> bool {
    application.redirect_uris.iter().any(|uri| uri.accepts(given, application.application_type))
        || first_party::is(application.id) && given == first_party::redirect_uri(issuers)
}

fn asks_for_openid(sent: &Sent) -> bool {
    matches!(sent.text("scope"), Ok(Some(scope)) if scope.split(' ').any(|scope| scope == "openid"))
}

fn bad(description: &'static str) -> Fault {
    Fault::new(ErrorCode::InvalidRequest, description)
}

fn mode(sent: &Sent) -> Result<ResponseMode, Fault> {
    match sent.text("response_mode") {
        Ok(None | Some("query")) => Ok(ResponseMode::Query),
        Ok(Some("form_post")) => Ok(ResponseMode::FormPost),
        Ok(Some(_)) => Err(bad("This response_mode is not supported: use query or form_post")),
        Err(_) => Err(bad("The parameter response_mode is repeated or malformed")),
    }
}

/// It comes back unchanged or not at all, and in every error (RFC 6749 §4.1.2.1).
fn state(sent: &Sent) -> Result<Option<State>, Fault> {
    let Ok(state) = sent.bytes("state") else { return Err(bad("A parameter is repeated")) };
    let Some(bytes) = state else { return Ok(None) };
    if bytes.len() > MAX_STATE {
        return Err(bad("The state is longer than 8192 bytes"));
    }
    Ok(Some(State(bytes.to_vec())))
}

/// A form would change line breaks and what is not UTF-8; the refusal goes by the address, which changes nothing.
fn fits(state: Option<&State>, mode: ResponseMode) -> Result<(), Fault> {
    let Some(State(bytes)) = state.filter(|_| mode == ResponseMode::FormPost) else { return Ok(()) };
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(char::is_control)) {
        return Ok(());
    }
    Err(bad("With response_mode form_post the state must be UTF-8 without control characters"))
}

struct OtherParameters {
    scope: ScopeSet,
    nonce: Option<String>,
    code_challenge: Option<Challenge>,
    prompt: Prompt,
    max_age: Option<u32>,
    login_hint: Option<String>,
    hinted: Option<crate::base::id::UserId>,
    wants_mfa: bool,
}

fn rest(
    tx: &impl Read,
    looking: &CheckContext<'_>,
    sent: &Sent,
    application: &Application,
    issuer: Issuer,
) -> Result<OtherParameters, Fault> {
    use ErrorCode::{RegistrationNotSupported, RequestNotSupported, RequestUriNotSupported};
    if sent.repeats(AUTHORIZATION) {
        return Err(bad("A parameter is repeated"));
    }
    let get = |name: &str| {
        debug_assert!(AUTHORIZATION.iter().any(|known| known.name == name), "{name} is documented");
        sent.text(name).map_err(|_| bad("A parameter is not UTF-8"))
    };
    // To pass over a request object would be to answer another question than was asked (OpenID Connect Core §6.1).
    for (name, code, words) in [
        ("request", RequestNotSupported, "Request objects are not supported: send the parameters themselves"),
        ("request_uri", RequestUriNotSupported, "Request objects are not supported: send the parameters themselves"),
        ("registration", RegistrationNotSupported, "Register the application beforehand"),
    ] {
        if sent.bytes(name) != Ok(None) {
            return Err(Fault::new(code, words));
        }
    }
    match get("response_type")? {
        Some("code") => {}
        Some(_) => {
            let words = "This response_type is not supported: use code";
            return Err(Fault::new(ErrorCode::UnsupportedResponseType, words));
        }
        None => return Err(bad("The parameter response_type is missing: use code")),
    }
    if !application.may_use(GrantType::AuthorizationCode) {
        let words =
            "This application may not sign people in: allow it authorization_code in its settings (grant_types)";
        return Err(Fault::new(ErrorCode::UnauthorizedClient, words));
    }
    // The one parameter that may stand several times.
    for resource in sent.all("resource").map(String::from_utf8_lossy) {
        if !looking.issuers.is_resource(&resource) {
            return Err(Fault::new(ErrorCode::InvalidTarget, no_resource(&resource)));
        }
    }
    let in_environment = *looking.flavour == Flavour::Environment;
    let scope = scope(tx, get("scope")?.or(in_environment.then_some(USUAL_SCOPE)), application)?;
    let code_challenge = challenge(get("code_challenge")?, get("code_challenge_method")?, application)?;
    let nonce = get("nonce")?;
    if nonce.is_some_and(|nonce| nonce.len() > MAX_NONCE) {
        return Err(bad("The nonce is longer than 1024 bytes"));
    }
    let prompt = prompt(get("prompt")?, in_environment)?;
    let max_age = get("max_age")?.map(|text| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let age = if digits { text.parse::<u64>().ok() } else { None };
        age.map(|age| u32::try_from(age).unwrap_or(u32::MAX))
            .ok_or_else(|| bad("max_age must be a whole number of seconds"))
    });
    if let Some(claims) = get("claims")?
        && !serde_json::from_str::<serde_json::Value>(claims).is_ok_and(|claims| claims.is_object())
    {
        return Err(bad("claims must be a JSON object"));
    }
    let hinted = match get("id_token_hint")? {
        None => None,
        Some(token) => {
            let (iss, client_id) = (looking.issuers.text(issuer), application.client_id());
            match verify_hint(looking.keys, looking.issuers, token) {
                Ok(hint) if hint.iss == iss && hint.aud == client_id => hint.user,
                // From before a rotation of the keys: it shows nobody, so whoever it is is asked.
                Err(_) if of_a_former_key(looking.keys, &iss, token).is_some_and(|aud| aud == client_id) => None,
                _ => return Err(bad("The id_token_hint is not an ID token of this issuer for this client")),
            }
        }
    };
    Ok(OtherParameters {
        scope,
        nonce: nonce.map(str::to_owned),
        code_challenge,
        prompt,
        max_age: max_age.transpose()?,
        login_hint: get("login_hint")?.filter(|hint| hint.len() <= MAX_HINT).map(str::to_owned),
        hinted,
        wants_mfa: get("acr_values")?.is_some_and(wants_mfa),
    })
}

/// Whether the classes that a client would like, the best first, put two factors before one. Those that we do not know are passed
/// over (OpenID Connect Core §3.1.2.1: what is wished for here is not demanded).
fn wants_mfa(acr_values: &str) -> bool {
    acr_values.split(' ').find(|acr| [ACR_SINGLE, ACR_MULTI].contains(acr)) == Some(ACR_MULTI)
}

/// What is asked for, without the scopes that there are not: the token's answer says what was granted (RFC 6749 §3.3).
fn scope(tx: &impl Read, sent: Option<&str>, application: &Application) -> Result<ScopeSet, Fault> {
    let invalid = |words: String| Fault::new(ErrorCode::InvalidScope, words);
    let malformed = "The scope is malformed: write scopes with one blank between them";
    let wanted = ScopeSet::parse(sent.unwrap_or_default()).map_err(|_| invalid(malformed.to_owned()))?;
    let allowed = &application.allowed_scopes;
    if wanted.is_empty() {
        // No default: what a person lets an application do is said out loud.
        return Err(invalid("The parameter scope is missing".to_owned()));
    }
    let failed = |_| Fault::new(ErrorCode::ServerError, "The data file cannot be read");
    let wanted = roles::existing(tx, &wanted).map_err(failed)?;
    if wanted.is_empty() {
        return Err(invalid("There is none of the scopes that are asked for".to_owned()));
    }
    if let Some(words) = beyond(&wanted, allowed) {
        return Err(invalid(words));
    }
    Ok(wanted)
}

fn needs_pkce(application: &Application) -> bool {
    application.require_pkce || !application.application_type.is_confidential()
}

fn challenge(sent: Option<&str>, method: Option<&str>, application: &Application) -> Result<Option<Challenge>, Fault> {
    match (sent, method) {
        (None, None) if !needs_pkce(application) => Ok(None),
        (None, _) => Err(bad("The parameter code_challenge is missing: use PKCE with S256 (RFC 7636)")),
        (Some(challenge), method) => Challenge::parse(challenge, method)
            .map(Some)
            .map_err(|error| Fault::new(ErrorCode::InvalidRequest, error.description)),
    }
}

fn prompt(sent: Option<&str>, in_environment: bool) -> Result<Prompt, Fault> {
    let mut prompt = Prompt::default();
    for word in sent.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            // Scalekit's word for registering first; here an account comes from an invitation, so they sign in.
            "create" if in_environment => {}
            _ => return Err(bad("prompt must be none, login, consent or select_account")),
        }
    }
    if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
        return Err(bad("prompt none stands alone"));
    }
    Ok(prompt)
}
