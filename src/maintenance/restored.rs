//! What is done to a data file right after a restore: an audit row, and the end of what works again only because an earlier
//! state came back.

use crate::access::{Place, Principal};
use crate::audit::{self, ActorStamp};
use crate::base::Timestamp;
use crate::catalogue::Action;
use crate::endings::{self, Cause, Effects, Ending};
use crate::mailed_links;
use crate::store::{StoreError, WriteTx};

/// What is to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// Sessions, what applications hold by them, and links that were mailed or made for portals.
    pub sessions: bool,
    /// API keys and personal tokens.
    pub keys: bool,
}

/// Notes that the state is that of a backup, and ends what is to end.
///
/// # Errors
/// When the file cannot be read or written.
pub fn restored(tx: &mut WriteTx<'_>, backup: &str, closing: Closing, now: Timestamp) -> Result<Effects, StoreError> {
    let cause = Cause::unasked(ActorStamp::of(&Principal::Operator), now);
    let event = cause.event(Place::Platform, Action::InstanceRestore).on("backup", backup);
    let Closing { sessions, keys } = closing;
    let mut effects = Effects::default();
    if sessions || keys {
        effects = endings::raise(tx, &Ending::StateRestored { sessions, keys }, &cause)?;
    }
    if sessions {
        // The module of mailed links stands above that of the endings, for it signs people in.
        effects.links += mailed_links::end_all(tx)?;
    }
    audit::append(tx, effects.told(event.with("end_sessions", sessions).with("end_keys", keys)));
    Ok(effects)
}
