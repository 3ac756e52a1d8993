//! What the matrix knows of each operation, read from the tables in `rows/`: which permissions it asks for, where, and a
//! request that fits. What each credential must come to is derived from that and from the permission table.
//!
//! A row is called as its operation is: `GET /v1/models`, or `GetUser` for one of Scalekit. Where other contents of a request
//! ask for other permissions, each has a row, with words behind the name: `POST /api/v1/admin/users with a password`.

use crate::access::{PERMISSIONS, Role, Rule};
use crate::http::route::{Access, Route};
use crate::http::scalekit::operation::Operation;
use crate::http::scalekit::{self, OPERATIONS};
use crate::http::surfaces;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A line of a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// The permissions, by their names in the permission table; or one of the words of [`Asks`].
    asks: OneOrMore,
    /// Where they are asked for. None: with the target tenant's things in the address, there; otherwise where the caller
    /// is.
    at: Option<AskedAt>,
    /// What stands in the place of the address's parameters, in their order: names of `things.toml`.
    #[serde(default)]
    pub with: Vec<String>,
    /// The query.
    #[serde(default)]
    pub query: String,
    /// A body in JSON.
    pub body: Option<Value>,
    /// The fields of a page's form.
    #[serde(default)]
    pub form: BTreeMap<String, Value>,
    /// The request's message, of an operation of Scalekit.
    pub request: Option<Value>,
    /// A thing that the answer shows to those who are let through in the target tenant, and to nobody outside of it.
    pub lists: Option<String>,
    /// Whom the first permission is not given, and who holds this one, comes to something else than a refusal.
    otherwise: Option<Otherwise>,
    /// Who lacks the role hears so only with this permission over what the request names; to anybody else it is not there.
    sees: Option<String>,
    /// In which way its answers differ from what the permissions say.
    #[serde(default)]
    pub but: Vec<Deviation>,
    /// Whether a call ends the credential that makes it, so that each call needs somebody new.
    #[serde(default)]
    pub ends_itself: bool,
}

/// What a second permission leads to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Otherwise {
    asks: String,
    comes_to: ComesTo,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ComesTo {
    /// It is done as well.
    Done,
    /// It is looked for among what is one's own, and is not there.
    NotFound,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Where an operation asks for its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AskedAt {
    /// In the target tenant: the request names something there.
    Target,
    /// At the target tenant's partner, or in another tenant of it.
    Partner,
    /// Where the caller is, or as far as the caller reaches.
    Caller,
    /// At the platform.
    Platform,
}

/// What an operation asks for.
#[derive(Clone, Debug)]
pub(super) enum Asks {
    /// These permissions, all of them.
    Permissions(Vec<&'static Rule>),
    /// A credential that holds, for oneself: `oneself`.
    Oneself,
    /// Nothing: it is open, or authenticates by itself: `public`.
    Public,
    /// The local socket: `local`.
    Local,
}

/// A way in which the answers of an operation differ from what its permissions alone say, with the reason. Each is a rule
/// of its own, which the matrix holds the operation to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Deviation {
    /// It wants a code of a second factor, which no table holds: behind the permission the wrong one is refused.
    Code,
    /// There are none here (models, a local authority's certificate): whoever may look hears that.
    Empty,
    /// It asks for the role of an administrator, whichever.
    Administrators,
    /// What is given is compared with what the giver has, and the refusal for a missing scope speaks of that.
    Granting,
    /// A page's form comes back and says beside the field that there is no such thing.
    Form,
}

impl Deviation {
    /// All of them: each must be needed somewhere.
    pub const ALL: [Self; 5] = [Self::Code, Self::Empty, Self::Administrators, Self::Granting, Self::Form];
}

/// What is called.
#[derive(Clone, Copy)]
pub(super) enum Called {
    /// A route, over HTTP.
    Route(&'static Route),
    /// An operation of Scalekit, over both of its wires.
    Operation(&'static Operation),
}

/// An operation and its row.
#[derive(Clone)]
pub(super) struct Case {
    /// `GET /api/v1/admin/users`, or `GetUser`.
    pub name: String,
    pub called: Called,
    pub row: Row,
    pub asks: Asks,
    /// The second permission, and what it leads to.
    pub otherwise: Option<(&'static Rule, ComesTo)>,
    /// Who holds it over what is named hears of a missing role.
    pub sees: Option<&'static Rule>,
}

impl Case {
    fn new(name: String, called: Called, row: Row) -> Self {
        let asks = asks(&name, &row);
        let otherwise = row.otherwise.as_ref().map(|it| (rule(&name, &it.asks), it.comes_to));
        let sees = row.sees.as_ref().map(|text| rule(&name, text));
        Self { name, called, row, asks, otherwise, sees }
    }

    /// Whether its row says so.
    pub fn has(&self, deviation: Deviation) -> bool {
        self.row.but.contains(&deviation)
    }

    /// Where the permissions are asked for.
    pub fn at(&self) -> AskedAt {
        let named = || self.row.with.iter().any(|thing| !is_own(thing));
        self.row.at.unwrap_or(if named() { AskedAt::Target } else { AskedAt::Caller })
    }

    /// Whether it is a page.
    pub fn is_page(&self) -> bool {
        matches!(self.called, Called::Route(route) if route.access == Access::Session)
    }

    /// Whether a call changes nothing, so that what it was about can be used again.
    pub fn only_reads(&self) -> bool {
        match self.called {
            Called::Route(route) => route.method == "GET",
            Called::Operation(operation) => operation.action.is_none(),
        }
    }

    /// The roles with which it may be called, the weakest first.
    pub fn roles(&self) -> Vec<Role> {
        let holds = |role: &Role| match &self.asks {
            Asks::Permissions(rules) => rules.iter().all(|rule| rule.roles.contains(role)),
            Asks::Oneself => true,
            Asks::Public | Asks::Local => false,
        };
        let there = |role: &Role| match self.at() {
            AskedAt::Platform => *role == Role::SuperAdmin,
            AskedAt::Partner => reaches_partner(*role),
            AskedAt::Target | AskedAt::Caller => true,
        };
        let fits = |role: &Role| !self.has(Deviation::Administrators) || administers(*role);
        WEAKEST_FIRST.into_iter().filter(|role| holds(role) && there(role) && fits(role)).collect()
    }

    /// For each reason for which a scope can be missing, the scopes of which any one would do.
    pub fn scopes(&self) -> Vec<Vec<&'static str>> {
        let mut all: Vec<Vec<_>> = match &self.asks {
            Asks::Permissions(rules) => rules.iter().map(|rule| rule.scopes.to_vec()).collect(),
            _ => Vec::new(),
        };
        if let Called::Operation(operation) = self.called {
            let wide: &[_] = if self.only_reads() { &["admin:read", "admin:write"] } else { &["admin:write"] };
            all.push(operation.scopes.iter().chain(wide).copied().collect());
        }
        all
    }
}

/// The roles, the one that reaches least first.
pub(super) const WEAKEST_FIRST: [Role; 6] = [
    Role::TenantViewer,
    Role::TenantUser,
    Role::TenantAdmin,
    Role::PartnerViewer,
    Role::PartnerAdmin,
    Role::SuperAdmin,
];

/// Whether a role is one of an administrator.
pub(super) fn administers(role: Role) -> bool {
    !matches!(role, Role::TenantUser | Role::TenantViewer)
}

/// Whether a role reaches all tenants of the partner.
pub(super) fn reaches_partner(role: Role) -> bool {
    matches!(role, Role::PartnerViewer | Role::PartnerAdmin | Role::SuperAdmin)
}

/// Whether a thing is the caller's own.
pub(super) fn is_own(thing: &str) -> bool {
    thing.starts_with("own_")
}

/// A table of `rows/`.
pub(super) fn table<T: serde::de::DeserializeOwned>(name: &str) -> BTreeMap<String, T> {
    let path = format!("{}/src/http/tests/rows/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn asks(name: &str, row: &Row) -> Asks {
    let names = match &row.asks {
        OneOrMore::One(one) => match one.as_str() {
            "oneself" => return Asks::Oneself,
            "public" => return Asks::Public,
            "local" => return Asks::Local,
            _ => std::slice::from_ref(one),
        },
        OneOrMore::More(more) => more.as_slice(),
    };
    Asks::Permissions(names.iter().map(|text| rule(name, text)).collect())
}

fn rule(name: &str, text: &str) -> &'static Rule {
    let known = PERMISSIONS.iter().find(|rule| rule.name == text);
    known.unwrap_or_else(|| panic!("{name}: there is no permission {text}"))
}

/// Every operation of every surface with its row.
///
/// # Errors
/// What is wrong: an operation without a row, and a row without an operation.
pub(super) fn cases(rows_of: impl Fn(&str) -> BTreeMap<String, Row>) -> Result<Vec<Case>, Vec<String>> {
    let (mut cases, mut faults) = (Vec::new(), Vec::new());
    for surface in surfaces::all() {
        let mut rows = rows_of(surface.name);
        if std::ptr::eq(*surface, &scalekit::SURFACE) {
            operations(&mut rows, &mut cases, &mut faults);
        } else {
            for route in surface.routes {
                routes(route, surface.name, &mut rows, &mut cases, &mut faults);
            }
        }
        faults.extend(rows.keys().map(|name| format!("{name}: rows/{}.toml knows it, but no route", surface.name)));
    }
    if faults.is_empty() { Ok(cases) } else { Err(faults) }
}

/// The rows of a name: itself, and where one is not enough, with words behind it.
fn taken(rows: &mut BTreeMap<String, Row>, name: &str) -> Vec<(String, Row)> {
    let front = format!("{name} ");
    let names: Vec<String> = rows.keys().filter(|key| *key == name || key.starts_with(&front)).cloned().collect();
    names.into_iter().filter_map(|key| rows.remove_entry(&key)).collect()
}

fn routes(
    route: &'static Route,
    surface: &str,
    rows: &mut BTreeMap<String, Row>,
    cases: &mut Vec<Case>,
    faults: &mut Vec<String>,
) {
    let name = format!("{} {}", route.method, route.path);
    let found = taken(rows, &name);
    if found.is_empty() {
        faults.push(format!("{name}: say in rows/{surface}.toml which permission it asks for"));
    }
    for (name, row) in found {
        let case = Case::new(name, Called::Route(route), row);
        let says = match case.asks {
            Asks::Public => route.access == Access::Public,
            Asks::Local => route.access == Access::Local,
            Asks::Permissions(_) | Asks::Oneself => matches!(route.access, Access::Credential | Access::Session),
        };
        if !says {
            faults.push(format!("{}: its row asks for {:?}, its route for {:?}", case.name, case.asks, route.access));
        }
        cases.push(case);
    }
}

/// Those of Scalekit are named by RPC, and each of their addresses needs a row: `GetUser external`.
fn operations(rows: &mut BTreeMap<String, Row>, cases: &mut Vec<Case>, faults: &mut Vec<String>) {
    for operation in OPERATIONS {
        let mut bound = BTreeSet::new();
        for (name, row) in taken(rows, operation.rpc) {
            let request = row.request.as_ref().unwrap_or_else(|| panic!("{name}: its row needs a request"));
            let binding = super::wires::binding(operation, request, bound.len());
            bound.insert(binding.unwrap_or_else(|| panic!("{name}: no address takes {request}")).path);
            cases.push(Case::new(name, Called::Operation(operation), row));
        }
        for binding in operation.bindings.iter().filter(|binding| !bound.contains(binding.path)) {
            faults.push(format!("{} at {}: it needs a row in rows/scalekit.toml", operation.rpc, binding.path));
        }
    }
}
