//! What an answer comes to, and what it must come to: derived from the permissions of a row, never written for a cell.

use super::row::{
    AskedAt, Asks, Called, Case, ComesTo, Deviation, WEAKEST_FIRST, administers, is_own, reaches_partner,
};
use crate::access::{Role, Rule, StepUp};
use crate::http::route::Access;
use crate::http::testkit::Got;

/// A column: the credential with which an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// No credential at all.
    Nobody,
    /// One of a super_admin in which one letter is another.
    Forged,
    /// One of a super_admin whose time is over.
    Expired,
    /// One of a super_admin who was suspended afterwards.
    Suspended,
    /// A super_admin's personal token with every scope but those that would do; the number of the reason.
    Narrowed(usize),
    /// An admin of another tenant.
    Foreign,
    /// Somebody invited as an admin of the target tenant who has not accepted; a plain user elsewhere.
    Pending,
    /// Who was admin of the target tenant and was removed; a plain user elsewhere.
    Former,
    /// Somebody whose role would do, whose sign-in is not recent.
    Stale,
    /// The token of an application of others for somebody whose role would do, with every scope.
    ThirdParty,
    /// Somebody in the target tenant whose role does not do.
    Lesser(Role),
    /// Somebody whose role does.
    Sufficient(Role),
    /// Somebody whose role does, and what is asked for is another's own.
    Another,
}

/// Why something is forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The credential has none of the scopes.
    Scope,
    /// No role gives it.
    Role,
    /// The sign-in is not recent.
    StepUp,
    /// An application acts for somebody.
    Person,
    /// The giver has not what is given.
    Granting,
}

/// What an answer comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was done.
    Done,
    /// No credential that holds.
    Unauthenticated,
    /// The browser is sent to sign in.
    SignIn,
    /// The caller is known, and may not do it.
    Forbidden(Why),
    /// The thing is said not to be there.
    NotFound,
    /// A code of a second factor is wrong, or there is none.
    WrongCode,
    /// A page's form, with what is wrong beside its fields.
    GivenBack,
    /// Anything else: with the status and the front of the answer.
    Other(u16, String),
}

const STEP_UP: &[&str] =
    &["This needs a recent sign-in", "Confirm that it is you", "A personal token or an API key cannot do this"];
const SCOPE: &[&str] = &[
    "lacks the scope for this",
    "No token may do this",
    "Platform token requires admin",
    // No scope leads to ending a session.
    "does not end the person's session",
    "This credential belongs to no session",
];
const ROLE: &[&str] =
    &["You do not have the permission", "User lacks required permission", "This account is no administrator's"];
const GRANTING: &[&str] = &["You cannot give or take", "holds a role that you do not hold yourself"];
const CODE: &[&str] = &["is wrong or was used already", "There is no authenticator app to do this with"];
const PERSON: &[&str] = &["An application that acts for somebody cannot make credentials"];

impl Outcome {
    /// Of an answer over HTTP.
    pub fn of_http(got: &Got) -> Self {
        let to = got.headers.get("location").map_or("", String::as_str);
        match got.status {
            303 if to.starts_with("/admin/sign-in?next=") || to.starts_with("/account/sign-in?next=") => Self::SignIn,
            303 if to.starts_with("/account/confirm") => Self::Forbidden(Why::StepUp),
            200..=399 => Self::Done,
            401 if got.headers.contains_key("www-authenticate") => Self::Unauthenticated,
            404 => Self::NotFound,
            403 => Self::of_words(403, &got.body),
            409 | 422 if CODE.iter().any(|words| got.body.contains(words)) => Self::WrongCode,
            422 if got.body.contains("class=\"form") => Self::GivenBack,
            other => Self::other(other, &got.body),
        }
    }

    /// Of a call over gRPC.
    pub fn of_grpc(code: u16, message: &str) -> Self {
        match code {
            0 => Self::Done,
            5 => Self::NotFound,
            7 => Self::of_words(7, message),
            16 => Self::Unauthenticated,
            other => Self::other(other, message),
        }
    }

    fn of_words(status: u16, text: &str) -> Self {
        let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
        let why = [
            (STEP_UP, Why::StepUp),
            (SCOPE, Why::Scope),
            (ROLE, Why::Role),
            (PERSON, Why::Person),
            (GRANTING, Why::Granting),
        ];
        let why = why.into_iter().find(|(words, _)| says(words));
        why.map_or_else(|| Self::other(status, text), |(_, why)| Self::Forbidden(why))
    }

    fn other(status: u16, text: &str) -> Self {
        let from = text.find("<main").unwrap_or(0);
        Self::Other(status, text[from..].chars().take(500).collect())
    }
}

/// Who calls, as far as a permission asks.
#[derive(Clone, Copy, Default)]
struct Caller {
    roles: [Option<Role>; 2],
    /// Not in the target tenant.
    outside: bool,
    stale: bool,
    application: bool,
}

/// Why a permission is not given.
enum No {
    Why(Why),
    /// It is held, and elsewhere.
    Elsewhere,
}

impl Caller {
    fn with(role: Role) -> Self {
        // Whoever holds a role above the tenant is a viewer in it.
        Self { roles: [Some(role), Some(Role::TenantViewer)], ..Self::default() }
    }

    fn outside(role: Role) -> Self {
        Self { outside: true, roles: [Some(role), None], ..Self::default() }
    }

    /// Whether a role gives it there: what [`crate::access`] decides, told anew.
    fn is_given(&self, rule: &Rule, at: AskedAt) -> Result<(), No> {
        let mut held = self.roles.into_iter().flatten().filter(|role| rule.roles.contains(role)).peekable();
        if held.peek().is_none() {
            return Err(No::Why(Why::Role));
        }
        let covers = |role: Role| match at {
            AskedAt::Caller => true,
            AskedAt::Target => !self.outside,
            AskedAt::Partner => !self.outside && reaches_partner(role),
            AskedAt::Platform => role == Role::SuperAdmin,
        };
        match (held.any(covers), at) {
            (true, _) => Ok(()),
            (false, AskedAt::Platform) => Err(No::Why(Why::Role)),
            (false, _) => Err(No::Elsewhere),
        }
    }

    fn asks_for(&self, rule: &Rule, at: AskedAt) -> Result<(), No> {
        if self.application && rule.scopes.is_empty() {
            return Err(No::Why(Why::Scope));
        }
        self.is_given(rule, at)?;
        match rule.step_up {
            StepUp::Person if self.application => Err(No::Why(Why::Person)),
            StepUp::SignIn | StepUp::Person if self.stale => Err(No::Why(Why::StepUp)),
            _ => Ok(()),
        }
    }
}

/// What a call must come to.
pub(super) fn expected(case: &Case, column: Column) -> Outcome {
    let access = match case.called {
        Called::Route(route) => route.access,
        Called::Operation(_) => Access::Credential,
    };
    match (access, column) {
        (Access::Local, _) => return Outcome::NotFound,
        // A browser's session is the only credential of a page.
        // The form of a session that was one comes back after the next sign-in.
        (Access::Session, Column::Expired | Column::Suspended) => return Outcome::SignIn,
        (_, Column::Nobody | Column::Forged | Column::Expired | Column::Suspended)
        | (Access::Session, Column::Narrowed(_) | Column::ThirdParty) => return not_known(case),
        (_, Column::Another) => return Outcome::NotFound,
        _ => {}
    }
    let weakest = || Caller::with(case.roles().first().copied().unwrap_or(Role::SuperAdmin));
    let caller = match column {
        Column::Narrowed(reason) => return narrowed(case, reason),
        Column::Foreign => Caller::outside(Role::TenantAdmin),
        Column::Pending | Column::Former => Caller::outside(Role::TenantUser),
        Column::Stale => Caller { stale: true, ..weakest() },
        Column::ThirdParty => Caller { application: true, ..weakest() },
        Column::Lesser(role) | Column::Sufficient(role) => Caller::with(role),
        _ => weakest(),
    };
    decided(case, caller)
}

/// Without a session a page sends a reader to sign in; a form has nowhere to go on.
fn not_known(case: &Case) -> Outcome {
    if case.is_page() && case.only_reads() { Outcome::SignIn } else { Outcome::Unauthenticated }
}

/// A super_admin whose token lacks the scopes of one reason. The others it has, and every role.
fn narrowed(case: &Case, reason: usize) -> Outcome {
    let lacks = case.scopes().swap_remove(reason);
    let other =
        case.otherwise.filter(|(rule, _)| reason == 0 && rule.scopes.iter().any(|scope| !lacks.contains(scope)));
    let rules = if let Asks::Permissions(rules) = &case.asks { rules.len() } else { 0 };
    match other {
        Some((_, ComesTo::NotFound)) => Outcome::NotFound,
        // By the other permission they are one of those who are administered, and a narrowed token outranks no super_admin.
        Some((_, ComesTo::Done)) if rules == 1 && case.only_reads() => Outcome::Done,
        Some((_, ComesTo::Done)) if rules == 1 => Outcome::Forbidden(Why::Granting),
        _ if (1..rules).contains(&reason) && case.has(Deviation::Granting) => Outcome::Forbidden(Why::Granting),
        _ => Outcome::Forbidden(Why::Scope),
    }
}

fn decided(case: &Case, caller: Caller) -> Outcome {
    let at = case.at();
    let rules = if let Asks::Permissions(rules) = &case.asks { rules.as_slice() } else { &[] };
    for (number, rule) in rules.iter().enumerate() {
        let Err(no) = caller.asks_for(rule, at) else { continue };
        if let (0, Some((rule, comes_to))) = (number, case.otherwise)
            && !matches!(no, No::Why(Why::StepUp | Why::Person))
            && caller.asks_for(rule, AskedAt::Caller).is_ok()
        {
            return if comes_to == ComesTo::Done { done(case) } else { Outcome::NotFound };
        }
        let hidden = || case.sees.is_some_and(|sees| caller.is_given(sees, at).is_err());
        return match no {
            No::Elsewhere if case.has(Deviation::Form) => Outcome::GivenBack,
            No::Elsewhere => Outcome::NotFound,
            No::Why(Why::Role) if hidden() => Outcome::NotFound,
            No::Why(why) => Outcome::Forbidden(why),
        };
    }
    if case.has(Deviation::Administrators) && !caller.roles.into_iter().flatten().any(administers) {
        return Outcome::Forbidden(Why::Role);
    }
    done(case)
}

/// What comes of a call that is let through.
fn done(case: &Case) -> Outcome {
    if case.has(Deviation::Code) {
        Outcome::WrongCode
    } else if case.has(Deviation::Empty) {
        Outcome::NotFound
    } else {
        Outcome::Done
    }
}

/// The columns of a case.
pub(super) fn columns(case: &Case) -> Vec<Column> {
    if matches!(case.asks, Asks::Public) {
        return vec![Column::Nobody, Column::Forged, Column::Expired];
    }
    let mut all = vec![Column::Nobody, Column::Forged, Column::Expired, Column::Suspended];
    all.extend((0..case.scopes().len()).map(Column::Narrowed));
    all.extend([Column::Foreign, Column::Pending, Column::Former, Column::Stale, Column::ThirdParty]);
    let able = case.roles();
    let of = |role| if able.contains(&role) { Column::Sufficient(role) } else { Column::Lesser(role) };
    all.extend(WEAKEST_FIRST.into_iter().map(of));
    if case.row.with.iter().any(|thing| is_own(thing)) {
        all.push(Column::Another);
    }
    all
}
