//! Signed-in browsers. The cookie is a random token of which only the digest is kept; access tokens name the session by its
//! id, so a session that has ended takes them along.

mod attempts;
mod device;
mod service;
mod session;
mod table;
#[cfg(test)]
mod tests;

pub use attempts::{Attempts, Held, Limits, Lockout, Network, OF_MAILS, OF_SIGN_INS, Through, Try, Whom};
pub use device::Device;
pub use service::{
    Ended, Ends, Filter, OfUser, State, create, end, end_all_of_tenant, end_by_admin, end_everywhere, end_named,
    end_of_member, end_of_tenant, end_others, end_own_others, end_user_within, ends, get, known, list, list_by_partner,
    list_own, of_user, place, place_of_work, reauthenticate, relocate, resolve, resolve_id, slice, sweep, touch,
    user_of, work_everywhere, work_in,
};
pub use session::{CsrfSecret, KEEP_ENDED_SECS, MAX_LIFE_SECS, NewSession, Session, SessionState, TOUCH_EVERY_SECS};
pub use table::{check_rows, keep_tokens};
