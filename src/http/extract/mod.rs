//! From a request to typed values: who asks, and with what.

mod body;
mod credential;
mod if_match;
mod query;

pub use body::{Json, OptionalJson, object, parse as parse_json, parse_any, parse_value, unreadable};
pub use credential::{
    Caller, Renewed, SignedIn, authorization, browser, client_ip, cookie_name, credential, is_tls, origin, session,
};
pub use if_match::{IfMatch, tagged};
pub use query::Query;
