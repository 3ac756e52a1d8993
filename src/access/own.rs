//! What a credential may be told about the person behind it: one rule for every address that says who asks.

use super::{Actor, Credential, Permission, Principal, permit};
use crate::base::Problem;

/// The parts of a person's own data that a credential may read at `/api/v1/me`, `/v1/me` and `/v1/auth/whoami`.
///
/// | credential | what it is told |
/// | --- | --- |
/// | a session, a token of our own sign-in, the local socket | everything |
/// | a personal token, an API key | id, e-mail, name and roles; the rest by its scopes |
/// | an application's token for a person | by its scopes alone |
///
/// The scopes are those of OpenID Connect Core §5.4 (`profile`, `email`, `phone`, `address`, and `openid` for the id alone),
/// `groups`, and, for roles and the state of the account, those that lead to `users.read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnData {
    /// Who they are, by id.
    pub id: bool,
    /// The e-mail, and whether it was confirmed.
    pub email: bool,
    /// What they are called.
    pub name: bool,
    /// The other claims of the scope `profile`: nickname, picture, birthdate, language.
    pub profile: bool,
    /// The telephone number.
    pub phone: bool,
    /// The postal address.
    pub address: bool,
    /// The groups that they are in.
    pub groups: bool,
    /// The roles that they hold.
    pub roles: bool,
    /// The state of the account: password, last sign-in, and what administrators and programs keep there.
    pub account: bool,
}

impl OwnData {
    const ALL: Self = Self {
        id: true,
        email: true,
        name: true,
        profile: true,
        phone: true,
        address: true,
        groups: true,
        roles: true,
        account: true,
    };
}

impl Actor {
    /// What the credential may be told about the person behind it. Of a program or the operator there is nothing to hide.
    pub fn own_data(&self) -> OwnData {
        let (Some(scopes), Principal::User { .. }) = (&self.scopes, &self.principal) else { return OwnData::ALL };
        let own = !self.is_application_for_user();
        let has = |scope: &str| scopes.has(scope);
        // Whoever may see users in lists sees these there.
        let as_administrator = permit::ReadUsers::RULE.scopes.iter().any(|scope| scopes.has(scope));
        let (profile, phone, address, groups) = (has("profile"), has("phone"), has("address"), has("groups"));
        let email = own || has("email");
        let roles = own || as_administrator;
        OwnData {
            id: email || roles || profile || phone || address || groups || has("openid"),
            email,
            name: own || profile,
            profile,
            phone,
            address,
            groups,
            roles,
            account: as_administrator,
        }
    }

    /// As [`Actor::own_data`], for an address that shows the person and little else.
    ///
    /// # Errors
    /// `insufficient_scope` (RFC 6750 §3.1) when nothing of the person may be told.
    pub fn read_own_data(&self) -> Result<OwnData, Problem> {
        let seen = self.own_data();
        if seen.id {
            return Ok(seen);
        }
        let message = "The token tells nothing about the person: it needs openid, profile, email, phone or address";
        Err(Problem::forbidden("insufficient_scope", message))
    }

    /// Whether an application that somebody registered acts for a person. Tokens of our own sign-in are narrowed by no scope.
    pub fn is_application_for_user(&self) -> bool {
        self.scopes.is_some() && matches!(self.credential, Credential::UserToken { .. })
    }

    /// The identity in ScaiVault's form, as far as the credential may be told it: `user:<e-mail>`, without the e-mail
    /// `user:<id>`, or `sa:<name>`.
    pub fn identity(&self) -> String {
        match &self.principal {
            Principal::User { id, .. } if !self.own_data().email => format!("user:{id}"),
            principal => principal.identity(),
        }
    }

    /// What people call it, as far as the credential may be told.
    pub fn display_name(&self) -> String {
        match &self.principal {
            Principal::User { id, .. } if !self.own_data().email => id.to_string(),
            principal => principal.display_name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Place;
    use crate::base::ScopeSet;
    use crate::base::id::{ApiKeyId, ApplicationId, Id, PartnerId, SessionId, TenantId, TokenId, UserId};
    use crate::tenancy::testkit;
    use std::sync::Arc;

    const NOTHING: OwnData = OwnData {
        id: false,
        email: false,
        name: false,
        profile: false,
        phone: false,
        address: false,
        groups: false,
        roles: false,
        account: false,
    };

    fn actor(credential: Credential, scopes: Option<&str>) -> Actor {
        let home = Place::Tenant { partner: PartnerId::from_raw(1), tenant: TenantId::from_raw(2) };
        let ann = Principal::User { id: UserId::from_raw(7), email: testkit::email("ann@example.com") };
        let made = testkit::actor(ann, home, Vec::new(), None);
        let scopes = scopes.map(|scopes| ScopeSet::parse(scopes).unwrap());
        Actor { credential, scopes, ..Arc::unwrap_or_clone(made) }
    }

    fn for_application() -> Credential {
        Credential::UserToken {
            jti: "j".to_owned(),
            session: SessionId::from_raw(1),
            application: ApplicationId::from_raw(9),
        }
    }

    #[test]
    fn an_application_is_told_what_its_scopes_say_and_nothing_else() {
        let told = |scopes| actor(for_application(), Some(scopes)).own_data();
        let some = OwnData { id: true, ..NOTHING };
        for (scopes, want) in [
            ("secrets:read secrets:write offline_access", NOTHING),
            ("openid", some),
            ("email", OwnData { email: true, ..some }),
            ("profile", OwnData { name: true, profile: true, ..some }),
            ("phone", OwnData { phone: true, ..some }),
            ("address", OwnData { address: true, ..some }),
            ("groups", OwnData { groups: true, ..some }),
            ("admin:read", OwnData { roles: true, account: true, ..some }),
            ("users:read", OwnData { roles: true, account: true, ..some }),
        ] {
            assert_eq!(told(scopes), want, "{scopes}");
        }
    }

    #[test]
    fn ones_own_credentials_say_who_one_is() {
        let narrow = |credential| actor(credential, Some("secrets:read")).own_data();
        let want = OwnData { id: true, email: true, name: true, roles: true, ..NOTHING };
        assert_eq!(narrow(Credential::PersonalToken { id: TokenId::from_raw(1) }), want);
        let key = ApiKeyId::from_raw(1);
        assert_eq!(narrow(Credential::ApiKey { id: key, line: key, limit: None }), want);
        assert_eq!(actor(for_application(), None).own_data(), OwnData::ALL, "of our own sign-in");
        assert_eq!(actor(Credential::Local, None).own_data(), OwnData::ALL);
    }

    #[test]
    fn without_the_scope_email_the_identity_is_the_id() {
        let named = |scopes| {
            let actor = actor(for_application(), Some(scopes));
            (actor.identity(), actor.display_name())
        };
        assert_eq!(named("secrets:read"), ("user:usr_7".to_owned(), "usr_7".to_owned()));
        assert_eq!(named("openid email"), ("user:ann@example.com".to_owned(), "ann@example.com".to_owned()));
    }
}
