//! From a request to typed values: who asks, and with what.

mod body;
mod browser;
mod credential;
mod flag;
mod forwarded;
mod if_match;
mod query;
mod work;

pub use body::{Json, OptionalJson, UNKNOWN_FIELD, object, parse as parse_json, parse_any, parse_value, unreadable};
pub use browser::{at_work, browser, session};
pub use credential::{Caller, Renewed, authorization, cookie_name, credential, is_tls, origin};
pub use flag::{flag, optional_flag, read as read_flag};
pub use forwarded::{FORWARDED, X_FORWARDED_FOR, client_ip};
pub use if_match::{IfMatch, tagged};
pub use query::Query;
pub use work::{SignedIn, narrowed};
