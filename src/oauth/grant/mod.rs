//! The grants, a file each, and the one list of them. There is no password grant, and no switch for one (RFC 9700 §2.4).
//!
//! From [`GRANTS`] follow what the token endpoint takes, what it says of any other grant, who may use which, and
//! `grant_types_supported` of every flavour.

mod asked;
pub mod authorization_code;
pub mod client_credentials;
pub mod refresh_token;
mod user;

pub use asked::{Asked, Drawn, Exchanged, ForClient, ForPerson, Grant, Refusal};
pub use user::UserGrant;

use super::client_auth::Client;
use super::error::{ErrorCode, OAuthError};
use super::form::Params;
use crate::apps::GrantType;

/// The grants, as discovery names them.
pub static GRANTS: [Row; 3] = [
    Row::of::<authorization_code::Request>(),
    Row::of::<refresh_token::Request>(),
    Row::of::<client_credentials::Request>(),
];

/// A [`Grant`] in the list.
#[derive(Debug)]
pub struct Row {
    /// The value of `grant_type`.
    pub name: &'static str,
    kind: GrantType,
    admits: fn(&Client) -> Result<(), OAuthError>,
    read: fn(&Params<'_>) -> Result<Asked, OAuthError>,
}

impl Row {
    const fn of<G: Grant>() -> Self {
        Self { name: G::NAME, kind: G::TYPE, admits: G::admits, read: G::read }
    }
}

/// A request of one of the grants.
#[derive(Clone, Debug)]
pub struct Request {
    row: &'static Row,
    /// What it asks for.
    pub asked: Asked,
}

impl Request {
    /// Whether a client may use the grant: whether it can, and its administrator lets it.
    ///
    /// # Errors
    /// `unauthorized_client` (RFC 6749 §5.2).
    pub fn admits(&self, client: &Client) -> Result<(), OAuthError> {
        (self.row.admits)(client)?;
        if client.application.may_use(self.row.kind) {
            return Ok(());
        }
        let name = self.row.name;
        let text = format!("This application may not use the grant {name}: allow it in its settings (grant_types)");
        Err(OAuthError::unauthorized_client(text))
    }
}

/// The names of the grants.
pub fn names() -> Vec<&'static str> {
    GRANTS.iter().map(|row| row.name).collect()
}

/// Reads the grant and its own parameters.
///
/// # Errors
/// `invalid_request` without a `grant_type`; `unsupported_grant_type`; what the grant finds wrong.
pub fn read(params: &Params<'_>) -> Result<Request, OAuthError> {
    let Some(name) = params.get("grant_type") else {
        let text = format!("The parameter grant_type is missing; {} are supported", listed());
        return Err(OAuthError::invalid_request(text));
    };
    let row = GRANTS.iter().find(|row| row.name == name).ok_or_else(unsupported)?;
    Ok(Request { row, asked: (row.read)(params)? })
}

/// The supported ones in words: `a, b and c`.
fn listed() -> String {
    let names = names();
    names.split_last().map_or_else(String::new, |(last, rest)| format!("{} and {last}", rest.join(", ")))
}

fn unsupported() -> OAuthError {
    let text = format!("This grant_type is not supported; {} are", listed());
    OAuthError::new(ErrorCode::UnsupportedGrantType, text)
}
