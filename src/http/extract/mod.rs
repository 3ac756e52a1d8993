//! From a request to typed values: who asks, and with what.

mod body;
mod credential;
mod flag;
mod forwarded;
mod if_match;
mod query;
mod work;

pub use body::{Json, OptionalJson, UNKNOWN_FIELD, object, parse as parse_json, parse_any, parse_value, unreadable};
pub use credential::{Caller, Renewed, authorization, browser, cookie_name, credential, is_tls, origin, session};
pub use flag::{flag, optional_flag, read as read_flag};
pub use forwarded::{FORWARDED, X_FORWARDED_FOR, client_ip};
pub use if_match::{IfMatch, tagged};
pub use query::Query;
pub use work::{FormScope, SignedIn, at_work, narrowed};
