//! What stands in the audit log.

use super::did_you_mean;
use std::collections::BTreeSet;
use std::fmt;

/// Whether an action changes anything, and who leaves its row when it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It changes something, shows who somebody is, or takes something out: the row is in the transaction of the change.
    Change,
    /// A change that may end, take back or use up something, such as a session, a right or a link: what it has ended works again
    /// when an earlier state is back.
    End,
    /// It reads, and whoever reads says in the row what was read.
    Read,
    /// It reads what an administrator may see: the surface leaves the row for every call that succeeds.
    Look,
}

impl Nature {
    /// Whether it is a change, of whatever kind.
    pub fn is_change(self) -> bool {
        matches!(self, Self::Change | Self::End)
    }
}

macro_rules! nature {
    () => {
        Nature::Change
    };
    ($nature:ident) => {
        Nature::$nature
    };
}

macro_rules! actions {
    ($($(#[doc = $about:literal])* $name:ident $text:literal [$($kind:literal)*] $($nature:ident)?;)*) => {
        /// Something that the audit log has rows of. A row keeps the name as text: what an older version wrote stays
        /// readable when its name is no longer here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $about])* $name,)*
        }

        impl Action {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the log: `user.update`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What it means, in one sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($about),*).trim(),)*
                }
            }

            /// The kinds of things that it is done to, `resource_type` of its rows; the usual one first.
            pub const fn resources(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($kind),*],)*
                }
            }

            /// Whether it changes anything, and who leaves its row.
            pub const fn nature(self) -> Nature {
                match self {
                    $(Self::$name => nature!($($nature)?),)*
                }
            }

            /// The action of this name; none: there is none now.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

impl Action {
    /// What is wrong with the name of an action that rows are looked for by; None: nothing. A name that resembles none is
    /// let pass: an older version, or another product, may have rows of it.
    pub fn fault(name: &str) -> Option<String> {
        if Self::parse(name).is_some() {
            return None;
        }
        let meant = did_you_mean(name, Self::ALL.iter().map(|action| action.name()))?;
        Some(format!("is {name}, which is no action: did you mean {meant}?"))
    }

    /// The kinds of things that rows are about, in the order of their names.
    pub fn resource_types() -> BTreeSet<&'static str> {
        Self::ALL.iter().flat_map(|action| action.resources().iter().copied()).collect()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

actions! {
    // Sign-in and sessions.
    /// Somebody signed in, or tried to.
    Login "login" ["session"];
    /// Somebody asked which tenants an address can enter.
    AuthIdentify "auth.identify" ["user"];
    /// A session ended with its own sign-out.
    Logout "logout" ["session"] End;
    /// Somebody who is signed in has shown again who they are.
    SessionReauthenticate "session.reauthenticate" ["session"];
    /// A session was ended by its owner or an administrator.
    SessionRevoke "session.revoke" ["session"] End;
    /// Somebody ended all their sessions but the present one.
    SessionRevokeOthers "session.revoke_others" ["user"] End;
    /// All sessions of a user or of a tenant's members were ended.
    SessionRevokeAll "session.revoke_all" ["user" "tenant"] End;
    /// Sessions of users were listed.
    SessionList "session.list" ["session"] Look;
    /// A session was looked at.
    SessionRead "session.read" ["session"] Look;
    /// A second factor was set up.
    MfaEnable "mfa.enable" ["user"];
    /// A second factor was taken away by its owner.
    MfaDisable "mfa.disable" ["user"] End;
    /// New recovery codes were made; the older ones are dead.
    MfaRegenerateRecoveryCodes "mfa.regenerate_recovery_codes" ["user"] End;
    /// A recovery code was used in place of the second factor.
    MfaRecoveryCodeUsed "mfa.recovery_code_used" ["user"] End;
    /// An administrator took away a user's second factors.
    MfaReset "mfa.reset" ["user"] End;
    /// A one-time link for the first administrator, or for a lost one, was made.
    SetupLink "setup.link" ["setup"];
    /// The one-time link was used: its user is an administrator.
    SetupClaim "setup.claim" ["user"] End;
    // OAuth.
    /// An application got an authorization code for a user.
    AuthorizationGrant "authorization.grant" ["application"];
    /// An authorization request could not be answered to its application.
    AuthorizationRefuse "authorization.refuse" ["application"];
    /// An application got tokens, or was refused them.
    TokenIssue "token.issue" ["application"];
    /// A personal token, an access token or the tokens of a sign-in were revoked.
    TokenRevoke "token.revoke" ["token" "access_token" "token_family"] End;
    /// A personal token was made.
    TokenCreate "token.create" ["token"];
    /// Personal tokens were listed.
    TokenList "token.list" ["token"] Look;
    /// The code of a sign-in was shown a second time; its tokens are dead.
    TokenCodeReplayed "token.code_replayed" ["login_flow"] End;
    /// The tokens of one sign-in ended, since a code or refresh token was used a second time.
    TokenFamilyEnd "token_family.end" ["token_family"] End;
    /// A user let an application have scopes.
    ConsentGrant "consent.grant" ["application"];
    /// A user refused an application.
    ConsentRefuse "consent.refuse" ["application"];
    /// A user took back what an application was let have.
    ConsentRevoke "consent.revoke" ["application"] End;
    /// An administrator took back what a user had let an application have.
    ConsentWithdraw "consent.withdraw" ["application"] End;
    /// A key that signs tokens was made.
    SigningKeyCreate "signing_key.create" ["signing_key"];
    /// The next key was put into the published key set.
    SigningKeyPublish "signing_key.publish" ["signing_key"];
    /// A key began to sign.
    SigningKeyActivate "signing_key.activate" ["signing_key"];
    /// A key signs no longer; what it has signed is still good.
    SigningKeyRetire "signing_key.retire" ["signing_key"] End;
    /// A key was taken out of the published key set.
    SigningKeyRemove "signing_key.remove" ["signing_key"] End;
    // Partners, tenants and their limits.
    /// A partner was made.
    PartnerCreate "partner.create" ["partner"];
    /// A partner was changed.
    PartnerUpdate "partner.update" ["partner"] End;
    /// A partner was deleted.
    PartnerDelete "partner.delete" ["partner"] End;
    /// Partners were listed.
    PartnerList "partner.list" ["partner"] Look;
    /// A partner was looked at.
    PartnerRead "partner.read" ["partner"] Look;
    /// A tenant was made.
    TenantCreate "tenant.create" ["tenant"];
    /// A tenant was changed or moved to another partner.
    TenantUpdate "tenant.update" ["tenant"] End;
    /// A tenant was deleted.
    TenantDelete "tenant.delete" ["tenant"] End;
    /// A deleted tenant was brought back.
    TenantRestore "tenant.restore" ["tenant"];
    /// Somebody began to work in a tenant on the pages; who administers it without belonging to it has signed in recently.
    TenantEnter "tenant.enter" ["tenant"];
    /// Somebody left the tenant that they worked in on the pages, for all that they reach.
    TenantLeave "tenant.leave" ["tenant"];
    /// A deleted tenant gave its slug up: the time in which it could be restored is over.
    TenantRelease "tenant.release" ["tenant"] End;
    /// Tenants were listed.
    TenantList "tenant.list" ["tenant"] Look;
    /// A tenant was looked at.
    TenantRead "tenant.read" ["tenant"] Look;
    /// A link to a tenant's portal was made.
    PortalLinkCreate "portal_link.create" ["portal_link"];
    /// A link to a tenant's portal was opened.
    PortalLinkUse "portal_link.use" ["portal_link"] End;
    /// Limits of requests were set.
    LimitsUpdate "limits.update" ["tenant" "partner"];
    /// Limits of requests went back to the settings.
    LimitsDelete "limits.delete" ["tenant" "partner"];
    // Applications.
    /// An application was registered.
    ApplicationCreate "application.create" ["application"];
    /// An application was changed.
    ApplicationUpdate "application.update" ["application"] End;
    /// An application was deleted.
    ApplicationDelete "application.delete" ["application"] End;
    /// An application got a new client secret.
    ApplicationRotateSecret "application.rotate_secret" ["application"] End;
    /// A client secret was revoked.
    ApplicationRevokeSecret "application.revoke_secret" ["application"] End;
    /// Applications were listed.
    ApplicationList "application.list" ["application"] Look;
    /// An application was looked at.
    ApplicationRead "application.read" ["application"] Look;
    // People.
    /// A user was made.
    UserCreate "user.create" ["user"];
    /// A user's profile, address or status was changed.
    UserUpdate "user.update" ["user"] End;
    /// An administrator let a user try to sign in again at once, after too many wrong tries.
    UserUnlock "user.unlock" ["user"];
    /// An administrator let networks try again at once, after too many wrong tries.
    NetworkUnlock "network.unlock" ["network"];
    /// It was looked up who has to wait after too many wrong tries.
    LockoutList "lockout.list" ["user"] Look;
    /// A user was deleted.
    UserDelete "user.delete" ["user"] End;
    /// A deleted user was brought back.
    UserRestore "user.restore" ["user"];
    /// A deleted user is gone for good: the time in which they could be restored is over.
    UserPurge "user.purge" ["user"] End;
    /// The home of a user moved to another tenant that they belong to: they left the former one, or it was deleted.
    UserMoveHome "user.move_home" ["user"];
    /// An administrator set a user's password.
    UserSetPassword "user.set_password" ["user"] End;
    /// A user changed their own password.
    UserChangePassword "user.change_password" ["user"] End;
    /// Somebody asked for a link to set a new password.
    UserForgotPassword "user.forgot_password" ["user"];
    /// An administrator sent a user a link to set a new password.
    UserSendReset "user.send_reset" ["user"];
    /// A user set a new password by a link.
    UserResetPassword "user.reset_password" ["user"] End;
    /// A user asked for a link to prove an e-mail address.
    UserAskToVerify "user.ask_to_verify" ["user"];
    /// A user proved an e-mail address by a link.
    UserVerifyEmail "user.verify_email" ["user"] End;
    /// An administrator was shown a link with which a user sets a password, to pass it on.
    UserHandOverLink "user.hand_over_link" ["user"];
    /// An invitation was sent again.
    UserResendInvitation "user.resend_invitation" ["user"];
    /// An invited user set a first password.
    UserAcceptInvitation "user.accept_invitation" ["user"] End;
    /// The roles that a user holds in a tenant were set.
    UserRoleUpdate "user.role_update" ["user"] End;
    /// The module permissions that were given to a user alone were set.
    UserModulePermissionsUpdate "user.module_permissions_update" ["user"] End;
    /// Users were listed.
    UserList "user.list" ["user"] Look;
    /// A user was looked at.
    UserRead "user.read" ["user"] Look;
    /// A user became a member of a tenant, or was invited.
    MembershipCreate "membership.create" ["user"];
    /// An invited user became a member.
    MembershipAccept "membership.accept" ["user"];
    /// A member's role or metadata was changed.
    MembershipUpdate "membership.update" ["user"] End;
    /// A user is no longer a member of a tenant.
    MembershipDelete "membership.delete" ["user"] End;
    /// A user's memberships were listed.
    MembershipList "membership.list" ["user"] Look;
    /// A user got an administrative role.
    RoleGrant "role.grant" ["user"];
    /// An administrative role was taken from a user.
    RoleRevoke "role.revoke" ["user"] End;
    /// Administrative roles were listed.
    RoleList "role.list" ["user"] Look;
    // Groups and roles.
    /// A group was made.
    GroupCreate "group.create" ["group"];
    /// A group was changed.
    GroupUpdate "group.update" ["group"];
    /// A group was deleted.
    GroupDelete "group.delete" ["group"] End;
    /// A user or a group was put into a group.
    GroupAddMember "group.add_member" ["group"];
    /// A user or a group was taken out of a group.
    GroupRemoveMember "group.remove_member" ["group"] End;
    /// Groups were listed.
    GroupList "group.list" ["group"] Look;
    /// A group was looked at.
    GroupRead "group.read" ["group"] Look;
    /// The members of a group were listed.
    GroupListMembers "group.list_members" ["group"] Look;
    /// A custom role was made.
    CustomRoleCreate "custom_role.create" ["custom_role"];
    /// A custom role was changed.
    CustomRoleUpdate "custom_role.update" ["custom_role"] End;
    /// A custom role was deleted.
    CustomRoleDelete "custom_role.delete" ["custom_role"] End;
    /// A permission of applications was made.
    PermissionCreate "permission.create" ["permission"];
    /// A permission of applications was changed.
    PermissionUpdate "permission.update" ["permission"];
    /// A permission of applications was deleted.
    PermissionDelete "permission.delete" ["permission"] End;
    /// The roles that new members get were set.
    RoleDefaultsUpdate "role.defaults_update" ["custom_role"];
    /// A group was mapped to a role.
    RoleMappingCreate "role_mapping.create" ["role_mapping"];
    /// A mapping of a group to a role was deleted.
    RoleMappingDelete "role_mapping.delete" ["role_mapping"] End;
    // API keys.
    /// An API key was made.
    ApiKeyCreate "api_key.create" ["api_key"];
    /// An API key was switched on or off, or its own limit was set.
    ApiKeyUpdate "api_key.update" ["api_key"] End;
    /// An API key was replaced by a new one.
    ApiKeyReroll "api_key.reroll" ["api_key"] End;
    /// An API key was revoked.
    ApiKeyDelete "api_key.delete" ["api_key"] End;
    // Secrets.
    /// The value of a secret was read.
    SecretRead "secret.read" ["secret"] Read;
    /// The names of secrets were listed.
    SecretList "secret.list" ["secret"] Read;
    /// A version of a secret was written.
    SecretWrite "secret.write" ["secret"];
    /// A secret was deleted.
    SecretDelete "secret.delete" ["secret"] End;
    /// A deleted secret was brought back.
    SecretRestore "secret.restore" ["secret"];
    /// The value of one version was destroyed.
    SecretDestroy "secret.destroy" ["secret"] End;
    /// A deleted secret was destroyed when its retention had passed.
    SecretPurge "secret.purge" ["secret"] End;
    // Mail.
    /// Somebody looked at what a waiting mail says.
    MailReveal "mail.reveal" ["mail"];
    /// A mail is to be sent again.
    MailRetry "mail.retry" ["mail"];
    /// A test mail was sent, or tried to.
    MailTest "mail.test" ["mail"];
    /// A mail was taken out of the outbox.
    MailDelete "mail.delete" ["mail"] End;
    /// Mails of the outbox were listed.
    MailList "mail.list" ["mail"] Look;
    /// A mail of the outbox was looked at, without what it says.
    MailRead "mail.read" ["mail"] Look;
    // The instance.
    /// What the server does by itself was listed.
    JobList "job.list" ["job"] Look;
    /// A job and its last run were looked at.
    JobRead "job.read" ["job"] Look;
    /// Somebody had a job run now.
    JobRun "job.run" ["job"];
    /// Rows of the audit log were read.
    AuditRead "audit.read" ["audit_log"] Read;
    /// The audit log was exported.
    AuditExport "audit.export" ["audit_log"];
    /// The chain of the audit log was checked.
    AuditVerify "audit.verify" ["audit_log"];
    /// The actions and kinds of the audit log were listed.
    AuditDescribe "audit.describe" ["audit_log"] Look;
    /// A backup was written.
    InstanceBackup "instance.backup" ["backup"];
    /// A data folder was made from a backup: an earlier state is there again.
    InstanceRestore "instance.restore" ["backup"];
    /// All rows of the data file were looked at.
    InstanceCheck "instance.check" ["data_file"];
    /// Rows of the data file were mended.
    InstanceRepair "instance.repair" ["data_file"];
    /// A one-time link for a lost administrator was asked for.
    InstanceRecoverAdmin "instance.recover_admin" ["user"];
    /// The state of the instance was looked at.
    InstanceRead "instance.read" ["instance"] Look;
    /// A way to unseal the data file was added.
    KeySlotAdd "key_slot.add" ["key_slot"];
    /// A way to unseal the data file was removed.
    KeySlotRemove "key_slot.remove" ["key_slot"] End;
    /// The ways to unseal the data file were listed.
    KeySlotList "key_slot.list" ["key_slot"] Look;
    /// A request was refused: no credential that holds, or no right to do this.
    AccessDenied "access.denied" ["address"];
    /// Refusals of requests that showed no credential, or none that holds, counted together where there were too many.
    AccessRefusals "access.refusals" ["address"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_documented_and_found_by_its_name() {
        let names: BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len(), "no two have one name");
        for action in Action::ALL {
            assert_eq!(Action::parse(action.name()), Some(*action));
            assert!(action.about().len() > 10 && action.about().ends_with('.'), "{action}: {}", action.about());
            assert!(!action.resources().is_empty(), "{action}");
        }
        assert_eq!(Action::parse("user.eat"), None);
        assert!(Action::resource_types().is_superset(&BTreeSet::from(["user", "tenant", "partner"])));
    }

    #[test]
    fn a_slip_in_a_filter_is_named_and_an_unknown_action_is_let_pass() {
        assert_eq!(Action::fault("user.update"), None);
        let meant = "is user.udpate, which is no action: did you mean user.update?";
        assert_eq!(Action::fault("user.udpate").as_deref(), Some(meant));
        // Actions that ScaiGrid documents and this server has not, and what is nobody's.
        for other in ["model.create", "model.delete", "budget.update", "webhook.delete", "test.fill", ""] {
            assert_eq!(Action::fault(other), None, "{other}");
        }
    }
}
