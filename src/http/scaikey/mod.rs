//! ScaiKey: the admin API, sign-in and oneself under `/api/v1`, in its own dialect.

mod account;
mod admin_auth;
mod admin_roles;
mod applications;
mod audit;
mod dialect;
mod groups;
mod jobs;
mod links;
mod list;
mod login;
mod me;
mod memberships;
mod noun;
mod outbox;
mod partners;
mod secrets;
mod sessions;
mod tenants;
#[cfg(test)]
mod tests;
mod tokens;
mod users;
mod wire;

#[cfg(test)]
pub(in crate::http) use dialect::Refusal;
pub use dialect::dialect;

use super::route::Surface;
use crate::route;
use crate::stack::Stack;
use actix_web::web;

/// What a handler is handed of the services.
pub(in crate::http) type Services = web::Data<Stack>;

/// The admin API, the API of one's own account, and sign-in for programs.
pub static SURFACE: Surface = Surface {
    name: "scaikey",
    fronts: &["/api/"],
    routes: &[
        route!(POST "/api/v1/auth/identify" Public login::identify),
        route!(POST "/api/v1/auth/authenticate" Public login::authenticate),
        route!(POST "/api/v1/auth/login" Public login::login),
        route!(POST "/api/v1/auth/mfa/verify" Public login::verify),
        route!(POST "/api/v1/auth/refresh" Public login::refresh),
        route!(POST "/api/v1/auth/logout" Credential login::logout => Logout),
        route!(POST "/api/v1/auth/tenants/{slug}/login" Public login::tenant_login),
        route!(POST "/api/v1/auth/tenants/{slug}/mfa/verify" Public login::tenant_verify),
        route!(POST "/api/v1/auth/tenants/{slug}/forgot-password" Public links::forgot),
        route!(POST "/api/v1/auth/reset-password" Public links::reset),
        route!(POST "/api/v1/auth/verify-email" Public links::verify),
        route!(POST "/api/v1/auth/accept-invitation" Public links::accept),
        route!(POST "/api/v1/me/verify-email" Credential links::ask_to_verify => UserAskToVerify),
        route!(POST "/api/v1/admin/auth/login" Public admin_auth::login),
        route!(POST "/api/v1/admin/auth/refresh" Public login::refresh),
        route!(POST "/api/v1/admin/auth/logout" Credential login::logout => Logout),
        route!(GET "/api/v1/admin/auth/me" Credential admin_auth::me => UserRead),
        route!(GET "/api/v1/me" Credential me::show),
        route!(PATCH "/api/v1/me" Credential me::update => UserUpdate),
        route!(POST "/api/v1/me/password" Credential account::password => UserChangePassword),
        route!(GET "/api/v1/me/mfa" Credential account::factors),
        route!(POST "/api/v1/me/mfa/totp/setup" Credential account::setup => MfaEnable),
        route!(POST "/api/v1/me/mfa/totp/confirm" Credential account::confirm_setup => MfaEnable),
        route!(POST "/api/v1/me/mfa/totp/disable" Credential account::disable => MfaDisable),
        route!(POST "/api/v1/me/mfa/backup-codes/regenerate" Credential account::regenerate => MfaRegenerateRecoveryCodes),
        route!(GET "/api/v1/me/sessions" Credential account::list_sessions),
        route!(POST "/api/v1/me/sessions/revoke-others" Credential account::end_other_sessions => SessionRevokeOthers),
        route!(DELETE "/api/v1/me/sessions/{id}" Credential account::end_session => SessionRevoke),
        route!(GET "/api/v1/me/authorized-apps" Credential account::authorized_apps),
        route!(DELETE "/api/v1/me/authorized-apps/{client_id}" Credential account::revoke_app => ConsentRevoke),
        route!(GET "/api/v1/me/personal-tokens" Credential me::tokens),
        route!(POST "/api/v1/me/personal-tokens" Credential me::make_token => TokenCreate),
        route!(DELETE "/api/v1/me/personal-tokens/{id}" Credential me::revoke_token => TokenRevoke),
        route!(GET "/api/v1/admin/partners" Credential partners::list => PartnerList),
        route!(POST "/api/v1/admin/partners" Credential partners::create => PartnerCreate),
        route!(GET "/api/v1/admin/partners/{id}" Credential noun::show::<partners::Partners> => PartnerRead),
        route!(PATCH "/api/v1/admin/partners/{id}" Credential noun::update::<partners::Partners> => PartnerUpdate),
        route!(DELETE "/api/v1/admin/partners/{id}" Credential noun::delete::<partners::Partners> => PartnerDelete),
        route!(GET "/api/v1/admin/tenants" Credential tenants::list => TenantList),
        route!(POST "/api/v1/admin/tenants" Credential tenants::create => TenantCreate),
        route!(GET "/api/v1/admin/tenants/{id}" Credential noun::show::<tenants::Tenants> => TenantRead),
        route!(PATCH "/api/v1/admin/tenants/{id}" Credential noun::update::<tenants::Tenants> => TenantUpdate),
        route!(DELETE "/api/v1/admin/tenants/{id}" Credential noun::delete::<tenants::Tenants> => TenantDelete),
        route!(POST "/api/v1/admin/tenants/{id}/restore" Credential tenants::restore => TenantRestore),
        route!(GET "/api/v1/admin/applications" Credential applications::list => ApplicationList),
        route!(POST "/api/v1/admin/applications" Credential applications::create => ApplicationCreate),
        route!(GET "/api/v1/admin/applications/{id}" Credential noun::show::<applications::Applications> => ApplicationRead),
        route!(PATCH "/api/v1/admin/applications/{id}" Credential noun::update::<applications::Applications> => ApplicationUpdate),
        route!(DELETE "/api/v1/admin/applications/{id}" Credential noun::delete::<applications::Applications> => ApplicationDelete),
        route!(POST "/api/v1/admin/applications/{id}/secrets" Credential secrets::rotate => ApplicationRotateSecret),
        route!(POST "/api/v1/admin/applications/{id}/rotate-secret" Credential secrets::rotate => ApplicationRotateSecret),
        route!(DELETE "/api/v1/admin/applications/{id}/secrets/{secret_id}" Credential secrets::revoke => ApplicationRevokeSecret),
        route!(GET "/api/v1/admin/users" Credential users::list => UserList),
        route!(POST "/api/v1/admin/users" Credential users::create => UserCreate),
        route!(GET "/api/v1/admin/users/identity-source/mismatches" Credential users::mismatches => UserList),
        route!(GET "/api/v1/admin/users/{id}" Credential noun::show::<users::Users> => UserRead),
        route!(PATCH "/api/v1/admin/users/{id}" Credential noun::update::<users::Users> => UserUpdate),
        route!(DELETE "/api/v1/admin/users/{id}" Credential noun::delete::<users::Users> => UserDelete),
        route!(POST "/api/v1/admin/users/{id}/restore" Credential users::restore => UserRestore),
        route!(POST "/api/v1/admin/users/{id}/reset-password" Credential users::reset_password => UserSendReset),
        route!(POST "/api/v1/admin/users/{id}/reset-mfa" Credential users::reset_mfa => MfaReset),
        route!(POST "/api/v1/admin/users/{id}/resend-invitation" Credential links::resend => UserResendInvitation),
        route!(GET "/api/v1/admin/users/{id}/memberships" Credential memberships::list => MembershipList),
        route!(POST "/api/v1/admin/users/{id}/memberships" Credential memberships::add => MembershipCreate),
        route!(PATCH "/api/v1/admin/users/{id}/memberships/{tenant}" Credential memberships::update => MembershipUpdate),
        route!(DELETE "/api/v1/admin/users/{id}/memberships/{tenant}" Credential memberships::remove => MembershipDelete),
        route!(GET "/api/v1/admin/groups" Credential groups::list => GroupList),
        route!(POST "/api/v1/admin/groups" Credential groups::create => GroupCreate),
        route!(GET "/api/v1/admin/groups/{id}" Credential noun::show::<groups::Groups> => GroupRead),
        route!(PATCH "/api/v1/admin/groups/{id}" Credential noun::update::<groups::Groups> => GroupUpdate),
        route!(DELETE "/api/v1/admin/groups/{id}" Credential noun::delete::<groups::Groups> => GroupDelete),
        route!(GET "/api/v1/admin/groups/{id}/members" Credential groups::members => GroupListMembers),
        route!(POST "/api/v1/admin/groups/{id}/members" Credential groups::add_member => GroupAddMember),
        route!(DELETE "/api/v1/admin/groups/{id}/members/{member}" Credential groups::remove_member => GroupRemoveMember),
        route!(GET "/api/v1/admin/sessions" Credential sessions::list => SessionList),
        route!(POST "/api/v1/admin/sessions/revoke-all" Credential sessions::revoke_all => SessionRevokeAll),
        route!(GET "/api/v1/admin/sessions/{id}" Credential sessions::show => SessionRead),
        route!(DELETE "/api/v1/admin/sessions/{id}" Credential sessions::end => SessionRevoke),
        route!(GET "/api/v1/admin/jobs" Credential jobs::list => JobList),
        route!(GET "/api/v1/admin/jobs/{name}" Credential jobs::show => JobRead),
        route!(POST "/api/v1/admin/jobs/{name}/run" Credential jobs::run => JobRun),
        route!(GET "/api/v1/admin/outbox" Credential outbox::list => MailList),
        route!(GET "/api/v1/admin/outbox/{id}" Credential outbox::show => MailRead),
        route!(DELETE "/api/v1/admin/outbox/{id}" Credential outbox::delete => MailDelete),
        route!(POST "/api/v1/admin/outbox/{id}/retry" Credential outbox::retry => MailRetry),
        route!(POST "/api/v1/admin/outbox/{id}/reveal" Credential outbox::reveal => MailReveal),
        route!(GET "/api/v1/admin/admin-roles" Credential admin_roles::list => RoleList),
        route!(POST "/api/v1/admin/admin-roles" Credential admin_roles::assign => RoleGrant),
        route!(DELETE "/api/v1/admin/admin-roles/{id}" Credential admin_roles::revoke => RoleRevoke),
        route!(GET "/api/v1/admin/admin-roles/user/{id}" Credential admin_roles::of_user => RoleList),
        route!(GET "/api/v1/admin/personal-tokens" Credential tokens::list => TokenList),
        route!(POST "/api/v1/admin/personal-tokens" Credential tokens::create => TokenCreate),
        route!(DELETE "/api/v1/admin/personal-tokens/{id}" Credential tokens::revoke => TokenRevoke),
        route!(GET "/api/v1/admin/audit" Credential audit::list => AuditRead),
        route!(GET "/api/v1/admin/audit/actions" Credential audit::actions => AuditDescribe),
        route!(GET "/api/v1/admin/audit/resource-types" Credential audit::resource_types => AuditDescribe),
        route!(GET "/api/v1/admin/audit/{id}" Credential audit::show => AuditRead),
    ],
    dialect,
    limited: false,
};
