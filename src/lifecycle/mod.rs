//! What ends with what: one table above the domains.
//!
//! For each kind of [ending](Kind) it says twice what happens: in words, which become `docs/lifecycle.md` ([`becomes`]), and in
//! deed (`effects`). Both match every kind, so a new one does not compile until it has said what it does; a test holds the
//! two together over one of everything that a user can have, and another fails for a table of the store that no [`Part`] names.

mod effects;
#[cfg(test)]
mod tests;

use self::Part::{
    ApiKeys, Codes, Consents, Factors, Families, Groups, Kept, MailLinks, Memberships, PersonalTokens, PortalLinks,
    Roles, Sessions,
};
use crate::endings::{Handler, Kind};

/// Something that is kept, and that may end with something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The tokens of one sign-in for one application.
    Families,
    /// Signed-in browsers.
    Sessions,
    /// Authorization codes, which live for a minute, and what else is used once.
    Codes,
    /// What people have agreed to.
    Consents,
    /// `sgk_…`.
    ApiKeys,
    /// `skt_…`.
    PersonalTokens,
    /// Authenticator apps and recovery codes.
    Factors,
    /// A new password, a confirmed address, an invitation: a link holds what was true when it was made, and each use compares.
    MailLinks,
    /// Who is in which group.
    Groups,
    /// Roles and permissions of modules that were given to somebody in a tenant, beside the role of their membership.
    Roles,
    /// Users and what they belong to.
    Memberships,
    /// Links to a tenant's portal.
    PortalLinks,
    /// What belongs to a tenant or to the instance, not to a person.
    Kept,
}

impl Part {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Families,
        Sessions,
        Codes,
        Consents,
        ApiKeys,
        PersonalTokens,
        Factors,
        MailLinks,
        Groups,
        Roles,
        Memberships,
        PortalLinks,
        Kept,
    ];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Families => "Tokens that applications hold for people",
            Sessions => "Sessions",
            Codes => "Authorization codes",
            Consents => "Consents",
            ApiKeys => "API keys",
            PersonalTokens => "Personal tokens",
            Factors => "Second factors",
            MailLinks => "Mailed links",
            Groups => "Groups",
            Roles => "Roles and module permissions that a user was given",
            Memberships => "Users and memberships",
            PortalLinks => "Links to a tenant's portal",
            Kept => "Secrets, applications, custom roles, limits, the audit log and the instance's own rows",
        }
    }

    /// The tables of the store that it is kept in, by their names there, without their indexes.
    pub const fn tables(self) -> &'static [&'static str] {
        match self {
            Families => &["token families"],
            Sessions => &["sessions"],
            Codes => &["authorization codes", "revoked tokens", "used sign-in tokens"],
            Consents => &["consents"],
            ApiKeys => &["API keys"],
            PersonalTokens => &["personal tokens"],
            Factors => &["second factors"],
            MailLinks => &["links", "mail"],
            Groups => &["groups", "members of groups"],
            Roles => &["custom roles and module permissions of users"],
            Memberships => &["users", "memberships", "partners", "tenants", "tenants' standing"],
            PortalLinks => &["portal links"],
            Kept => &[
                "applications",
                "audit checkpoint",
                "audit log",
                "last runs of jobs",
                "custom roles",
                "default roles",
                "limits of partners",
                "limits of tenants",
                "login flows",
                "permissions of applications",
                "requests let through",
                "role mappings",
                "schema",
                "setup link",
                "signing keys",
                "vault secrets",
                "vault tenant keys",
                "vault trash",
                "vault versions",
                "wrong tries",
            ],
        }
    }
}

/// What becomes of each part when something has ended. A part that is not named stays as it is.
pub const fn becomes(kind: Kind) -> &'static [(Part, &'static str)] {
    match kind {
        Kind::UserDeleted => &[
            (Families, "all end"),
            (Sessions, "all end"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
            (Consents, "all are forgotten"),
            (ApiKeys, "all are revoked"),
            (PersonalTokens, "all are revoked"),
            (Factors, "all are gone"),
            (MailLinks, "refused while the user is deleted; those for a new password are dead"),
            (Groups, "the user leaves all groups"),
            (Roles, "custom roles and module permissions are taken; roles that were assigned are kept for a restore"),
            (
                Memberships,
                "the password is gone; the address stays taken and memberships are kept until the retention is over",
            ),
            (PortalLinks, "those that the user made are refused"),
        ],
        Kind::UserSuspended => &[
            (Families, "all end"),
            (Sessions, "all end"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
            (ApiKeys, "refused until the user is active again"),
            (PersonalTokens, "refused until the user is active again"),
            (MailLinks, "dead, for a new password and for an address"),
            (PortalLinks, "those that the user made are refused until the user is active again"),
        ],
        Kind::PasswordChanged => &[
            (Families, "all end, but those of our own pages in the session that changed it"),
            (Sessions, "all end, but the one in which its owner changed it"),
            (Codes, "refused when they are redeemed: each asks for its session and the password that was shown"),
            (MailLinks, "those for a new password are dead"),
        ],
        Kind::FactorsReset => &[
            (Families, "all end"),
            (Sessions, "all end"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
            (Factors, "all are gone"),
        ],
        Kind::AccountTakenOver => &[
            (Families, "all end"),
            (Sessions, "all end"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
            (Consents, "all are forgotten"),
            (ApiKeys, "all are revoked"),
            (PersonalTokens, "all are revoked"),
            (Factors, "all are gone"),
            (MailLinks, "those for a new password are dead"),
            (Memberships, "memberships stay"),
        ],
        Kind::MemberLeft => &[
            (Families, "those in that tenant end"),
            (Sessions, "those in that tenant end"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
            (Consents, "those in that tenant are forgotten"),
            (ApiKeys, "those of that tenant are revoked"),
            (PersonalTokens, "those of that tenant are revoked"),
            (MailLinks, "the invitation to that tenant is dead"),
            (Groups, "the user leaves the groups of that tenant"),
            (Roles, "those of that tenant are taken"),
            (Memberships, "the membership is gone; a home there moves to the oldest other membership"),
            (PortalLinks, "those of that tenant that the user made are refused, unless another role lets them"),
        ],
        Kind::InvitationWithdrawn => &[
            (MailLinks, "the invitation to that tenant is dead"),
            (Groups, "the user leaves the groups of that tenant"),
            (Roles, "those of that tenant are taken"),
            (Memberships, "the invitation is gone"),
        ],
        Kind::TenantSuspended => &[
            (Families, "refused until the tenant is active again"),
            (Sessions, "refused until the tenant is active again"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
            (ApiKeys, "refused until the tenant is active again"),
            (PersonalTokens, "refused until the tenant is active again"),
            (MailLinks, "refused until the tenant is active again"),
            (PortalLinks, "refused until the tenant is active again"),
            (Kept, "those of the tenant are out of reach until it is active again"),
        ],
        Kind::TenantMoved => &[
            (Sessions, "listed under the new partner"),
            (Groups, "listed under the new partner"),
            (Memberships, "listed under the new partner"),
        ],
        Kind::TenantDeleted => &[
            (Families, "those in the tenant end"),
            (Sessions, "those in the tenant end"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
            (ApiKeys, "refused; they work again when the tenant is restored"),
            (PersonalTokens, "refused; they work again when the tenant is restored"),
            (MailLinks, "invitations to the tenant are dead"),
            (Groups, "out of reach; there again when the tenant is restored"),
            (Memberships, "kept; homes there move to the oldest other membership"),
            (PortalLinks, "refused"),
            (Kept, "those of the tenant are out of reach; there again when it is restored"),
        ],
        Kind::TenantReleased => &[(
            Kept,
            "no secret of the tenant opens ever again: its key is gone; what else is left of it stays out of reach",
        )],
        Kind::ConsentWithdrawn => &[
            (Families, "those of that application in that tenant end"),
            (Codes, "refused when they are redeemed: each asks for its consent"),
            (Consents, "it is forgotten"),
        ],
        Kind::SessionEnded => &[
            (Families, "those that the session led to end, offline ones too"),
            (Sessions, "it is kept for a week as ended"),
            (Codes, "refused when they are redeemed: each asks for its session, user and tenant"),
        ],
        Kind::SignedOutElsewhere => &[
            (Families, "all end, but those of that session"),
            (Sessions, "all end, but that one"),
            (Codes, "refused when they are redeemed, but those of that session: each asks for its session"),
        ],
        Kind::SignedOutByAdmin => &[
            (Families, "those within the administrator's reach end"),
            (Sessions, "those within the administrator's reach end"),
            (Codes, "refused when they are redeemed: each asks for its session"),
        ],
        Kind::TenantSignedOut => &[
            (Families, "those in the tenant end"),
            (Sessions, "those in the tenant end"),
            (Codes, "refused when they are redeemed: each asks for its session"),
        ],
        Kind::ApplicationStopped => &[
            (Families, "refused at each use while it is stopped"),
            (Codes, "refused while it is stopped"),
            (PortalLinks, "those that it made are refused while it is stopped"),
            (
                Kept,
                "its own tokens by client credentials are refused while it is stopped; deleted, its secrets are gone",
            ),
        ],
        Kind::ClientSecretEnded => &[(Kept, "tokens that were given for the secret hold until they expire")],
        Kind::StateRestored => &[
            (Families, "all end, with `--end-sessions`"),
            (Sessions, "all end, with `--end-sessions`"),
            (Codes, "refused when they are redeemed, with `--end-sessions`: each asks for its session"),
            (ApiKeys, "all are revoked, with `--end-keys-older-than-restore`"),
            (PersonalTokens, "all are revoked, with `--end-keys-older-than-restore`"),
            (MailLinks, "all are dead, with `--end-sessions`"),
            (PortalLinks, "all are dead, with `--end-sessions`"),
        ],
        Kind::KeySlotRemoved => {
            &[(Kept, "the file no longer opens with that key; backups and copies from before still do")]
        }
    }
}

/// The table as a store is given it.
pub const HANDLER: Handler = Handler(effects::of);

/// The table as a page of the documentation.
pub fn page() -> String {
    let mut text = String::from(
        "# What ends with what\n\n\
         Generated from `src/lifecycle/`. Everything here happens in the transaction of the change itself: when the call has\n\
         returned, it has happened. A part that is not named stays as it is.\n",
    );
    for kind in Kind::ALL {
        text.push_str(&format!(
            "\n## {}\n\n{}\n\n| what | becomes |\n| --- | --- |\n",
            heading(kind.name()),
            kind.about()
        ));
        for (part, words) in becomes(*kind) {
            text.push_str(&format!("| {} | {words} |\n", part.name()));
        }
    }
    text
}

fn heading(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
