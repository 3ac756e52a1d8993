//! What can end, and how a domain says that it has: a user is deleted, a member leaves, a password changes.
//!
//! The domain that makes the change raises an [`Ending`] in the same transaction. What the other domains then do stands in
//! one table above them all, `lifecycle`, which the store is given when it starts ([`crate::store::Hooks`]): so no domain
//! names another for this, and no door to a change can forget what goes with it.

use crate::access::{Actor, Origin, Place};
use crate::audit::{ActorStamp, Event};
use crate::base::Timestamp;
use crate::base::id::{ApplicationId, PartnerId, SessionId, TenantId, UserId};
use crate::catalogue::Action;
use crate::store::{StoreError, WriteTx};

macro_rules! endings {
    ($($(#[doc = $about:literal])* $name:ident $text:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? };)*) => {
        /// Something that has ended, in this transaction.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Ending {
            $($(#[doc = $about])* $name { $($(#[$field_doc])* $field: $type),* },)*
        }

        /// The kind of an [`Ending`]: a column of the lifecycle table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $about])* $name,)*
        }

        impl Kind {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What happened, in a few words.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What happened, in a sentence.
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => concat!($($about),*).trim(),)* }
            }
        }

        impl Ending {
            /// What kind it is of.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name { .. } => Kind::$name,)* }
            }
        }
    };
}

endings! {
    /// A user was deleted; until the retention is over they can be restored.
    UserDeleted "user deleted" {
        /// The user that was deleted.
        user: UserId,
    };
    /// A user was switched off: disabled, suspended, or put back to invited.
    UserSuspended "user suspended" {
        /// The user that was switched off.
        user: UserId,
    };
    /// A password was changed, by its owner, by a mailed link or by an administrator.
    PasswordChanged "password changed" {
        /// The user whose password it is.
        user: UserId,
        /// The session in which its owner did it: that one goes on.
        spare: Option<SessionId>,
    };
    /// An administrator took away somebody's second factors.
    FactorsReset "second factors reset" {
        /// The user whose factors they were.
        user: UserId,
    };
    /// Whoever has the mailbox took over an account that somebody else had set up: nothing from before counts.
    AccountTakenOver "account taken over by the owner of its mailbox" {
        /// The account, as the user that it is.
        user: UserId,
    };
    /// Somebody's membership of a tenant ended.
    MemberLeft "member left" {
        /// The tenant that was left.
        tenant: TenantId,
        /// The user that left.
        user: UserId,
    };
    /// An invitation was withdrawn before it was accepted.
    InvitationWithdrawn "invitation withdrawn" {
        /// The tenant that had invited.
        tenant: TenantId,
        /// Whom it was for.
        user: UserId,
    };
    /// A tenant was suspended.
    TenantSuspended "tenant suspended" {
        /// The tenant that was suspended.
        tenant: TenantId,
    };
    /// A tenant went to another partner, or came back after it was deleted.
    TenantMoved "tenant moved" {
        /// The tenant that moved.
        tenant: TenantId,
        /// From where; none: it was deleted.
        from: Option<PartnerId>,
        /// The partner that it belongs to now.
        to: PartnerId,
    };
    /// A tenant was deleted; until the retention is over it can be restored.
    TenantDeleted "tenant deleted" {
        /// The tenant that was deleted.
        tenant: TenantId,
        /// Whose it was.
        partner: PartnerId,
    };
    /// The time in which a deleted tenant could be restored is over.
    TenantReleased "deleted tenant past its retention" {
        /// The tenant that is gone for good.
        tenant: TenantId,
    };
    /// A user, or an administrator for them, withdrew the consent that an application had in a tenant.
    ConsentWithdrawn "consent withdrawn" {
        /// The user that had agreed.
        user: UserId,
        /// For which application.
        application: ApplicationId,
        /// The tenant in which they had agreed.
        tenant: TenantId,
    };
    /// A session ended: by its sign-out, by its owner elsewhere, or by an administrator.
    SessionEnded "session ended" {
        /// The session that ended.
        session: SessionId,
    };
    /// A user signed out everywhere else.
    SignedOutElsewhere "signed out everywhere else" {
        /// The user that signed out.
        user: UserId,
        /// The session in which they did it: that one goes on.
        spare: Option<SessionId>,
    };
    /// An administrator ended everything that a user is signed in to within a place.
    SignedOutByAdmin "user signed out by an administrator" {
        /// The user that was signed out.
        user: UserId,
        /// Within which place.
        within: Place,
    };
    /// An administrator ended all sessions of a tenant.
    TenantSignedOut "everybody of a tenant signed out" {
        /// The tenant whose sessions ended.
        tenant: TenantId,
    };
    /// An application was switched off or deleted.
    ApplicationStopped "application disabled or deleted" {
        /// The application that was stopped.
        application: ApplicationId,
    };
    /// A secret of an application was rotated or ended.
    ClientSecretEnded "client secret rotated or ended" {
        /// The application whose secret it was.
        application: ApplicationId,
    };
    /// An earlier state of the data file came back with a restore, and what works again by that is ended.
    StateRestored "earlier state restored" {
        /// Whether sessions and links end.
        sessions: bool,
        /// Whether API keys and personal tokens are revoked.
        keys: bool,
    };
    /// A key of the data file was taken away: a key file or a passphrase no longer opens it.
    KeySlotRemoved "key slot removed" {};
}

/// Who made something end, in which request, and when: for the audit rows of what ends with it.
#[derive(Clone, Debug)]
pub struct Cause {
    by: ActorStamp,
    origin: Option<Origin>,
    at: Timestamp,
}

impl Cause {
    /// An actor who did it, in the request that they came with.
    pub fn by(actor: &Actor, at: Timestamp) -> Self {
        Self { by: ActorStamp::of(&actor.principal), origin: Some(actor.origin.clone()), at }
    }

    /// Somebody in a request that has no actor, such as the reader of a mailed link.
    pub fn of(by: ActorStamp, origin: &Origin, at: Timestamp) -> Self {
        Self { by, origin: Some(origin.clone()), at }
    }

    /// What the server does by itself.
    pub fn unasked(by: ActorStamp, at: Timestamp) -> Self {
        Self { by, origin: None, at }
    }

    /// When it was done.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// An audit row of something that ended with it.
    pub fn event(&self, place: Place, action: Action) -> Event {
        match &self.origin {
            Some(origin) => Event::of(self.by.clone(), origin, self.at, place, action),
            None => Event::unasked(self.by.clone(), self.at, place, action),
        }
    }
}

/// How much ended with something: for its audit row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Sessions that ended.
    pub sessions: u64,
    /// Token families that ended.
    pub families: u64,
    /// API keys and personal tokens that were revoked.
    pub keys: u64,
    /// Groups that were left.
    pub groups: u64,
    /// Consents that were forgotten.
    pub consents: u64,
    /// People whose home moved to another tenant.
    pub homes: u64,
    /// Links that died: those that were mailed, and those to portals.
    pub links: u64,
}

impl Effects {
    /// The sum of both, count by count.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            sessions: self.sessions + other.sessions,
            families: self.families + other.families,
            keys: self.keys + other.keys,
            groups: self.groups + other.groups,
            consents: self.consents + other.consents,
            homes: self.homes + other.homes,
            links: self.links + other.links,
        }
    }

    /// Says in an audit row what ended with it.
    #[must_use]
    pub fn told(self, event: Event) -> Event {
        let facts = [
            ("sessions_ended", self.sessions),
            ("families_ended", self.families),
            ("keys_revoked", self.keys),
            ("groups_left", self.groups),
            ("consents_forgotten", self.consents),
            ("homes_moved", self.homes),
            ("links_ended", self.links),
        ];
        facts.into_iter().filter(|(_, count)| *count > 0).fold(event, |event, (name, count)| event.with(name, count))
    }
}

/// What is done when something ends.
pub type Reaction = fn(&mut WriteTx<'_>, &Ending, &Cause) -> Result<Effects, StoreError>;

/// What the domains do when something ends: installed once for a store, as what its operations reach above them.
#[derive(Clone, Copy)]
pub struct Handler(pub Reaction);

/// Says that something has ended: every domain does its part now, in this transaction.
///
/// # Errors
/// When the file cannot be read or written, or the store was started without a handler.
pub fn raise(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let handler = tx.above::<Handler>().ok_or(StoreError::Corrupt("no table of what ends with what"))?;
    (handler.0)(tx, ending, cause)
}
