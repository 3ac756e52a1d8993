//! The codes of errors: what a program branches on. A surface may have words of its own for one, which its dialect gives.

/// All codes of problems, each with what it says.
pub const CODES: &[(&str, &str)] = &[
    // The request.
    ("invalid_request", "The request cannot be read: its JSON, its parameters, its message."),
    ("validation_error", "A value is not acceptable; the answer names the field and the rule."),
    ("invalid_cursor", "The cursor of a page is not one that this server gave."),
    ("invalid_path", "A path of a secret breaks a rule."),
    ("invalid_duration", "A length of time cannot be read."),
    ("invalid_secret_type", "A type of secret is not known."),
    ("method_not_allowed", "The address does not answer to this method."),
    ("not_implemented", "No address of the server knows this method, or this coding of a body."),
    ("not_found", "There is nothing at this address."),
    ("malformed_request", "What was sent cannot be read as HTTP; the message says what is wrong."),
    ("request_timeout", "The head of the request did not come in time."),
    ("http_version_not_supported", "The server speaks HTTP/1.1 and HTTP/2."),
    ("payload_too_large", "The body is larger than the limit."),
    ("uri_too_long", "The address is longer than the limit."),
    ("request_header_fields_too_large", "The headers are larger than the limit."),
    ("unknown_method", "There is no such gRPC method."),
    ("unknown_encoding", "A gRPC message is compressed in a way that is not known here."),
    ("deadline_exceeded", "The time that a gRPC caller gave is up."),
    ("changed_meanwhile", "The row was changed since it was read (`If-Match`): read it again, and decide."),
    ("invalid_if_match", "The header If-Match is neither `*` nor a list of entity tags."),
    ("no_server", "Jobs are run by the server, and the command line works on the data folder without one."),
    ("service_unavailable", "The server cannot take this now; try again after the seconds that the answer names."),
    ("internal_error", "A fault of the server; its log has more under the request's id."),
    // Credentials and sign-in.
    ("auth_token_missing", "There is no credential, or not in the form `Bearer …`."),
    ("auth_token_invalid", "The credential does not hold, or holds no longer."),
    ("auth_token_expired", "The access token has expired."),
    ("invalid_token", "The access token does not hold."),
    ("no_session", "Nobody is signed in in this browser."),
    ("not_a_session", "The credential is not a sign-in, so it cannot be signed out."),
    ("session_expired", "The sign-in has ended."),
    ("step_up_required", "This asks for a recent sign-in, and the credential shows none."),
    ("invalid_credentials", "Address and password do not fit together."),
    ("invalid_code", "The code of the second factor is wrong or was used."),
    ("invalid_flow_token", "The sign-in took too long or began elsewhere: begin again."),
    ("invalid_mfa_token", "The sign-in took too long at the second factor: begin again."),
    ("auth_flow_invalid", "There is no such sign-in of a program, or it is over."),
    ("mfa_required", "A second factor is needed first."),
    ("mfa_off", "The organisation does not use second factors."),
    ("totp_already_enabled", "A second factor is set up already."),
    ("totp_not_enabled", "No second factor is set up."),
    ("too_many_attempts", "Too many wrong tries: wait the seconds that the answer names."),
    ("rate_limited", "More requests than are allowed in this time: wait the seconds that the answer names."),
    ("password_changed", "The password was changed meanwhile: sign in again."),
    ("tenant_required", "Several tenants fit: say which."),
    ("sign_in_refused", "This account cannot sign in here."),
    ("provider_refused", "The other OpenID provider did not answer as it should."),
    ("not_an_admin", "Only administrators sign in here."),
    ("user_inactive", "The account is switched off."),
    ("cross_site", "The request came from another site's page."),
    ("csrf", "The form is not from a page of this server, or too old."),
    // Rights.
    ("access_denied", "The credential does not reach this far; the answer says what is missing."),
    ("insufficient_scope", "The access token has not the scope for this."),
    ("scope_not_held", "Nobody hands on a scope that they do not have themselves."),
    ("cannot_grant", "Nobody gives what they lack themselves."),
    ("outranked", "The user holds a role that the caller does not hold."),
    ("not_a_user", "Only a person can do this for themselves."),
    ("not_home_tenant", "Only the tenant where a user's account is kept changes it."),
    ("session_too_old", "The tenant asks for a newer sign-in than that of the session."),
    (
        "member_elsewhere",
        "The user belongs to other tenants too: only who administers all of them changes how they sign in.",
    ),
    ("built_in", "What is built in cannot be changed or deleted."),
    // What is not there.
    ("api_key_not_found", "There is no such API key, or none that the caller may know of."),
    ("application_not_found", "There is no such application."),
    ("audit_event_not_found", "There is no such row of the audit log."),
    ("authorized_app_not_found", "The user has let no such application in."),
    ("client_secret_not_found", "The application has no such secret."),
    ("consent_not_found", "There is no such consent."),
    ("event_not_found", "There is no such event."),
    ("group_not_found", "There is no such group."),
    ("job_not_found", "There is no such job."),
    ("key_slot_not_found", "There is no such way to unseal the data file."),
    ("mail_not_found", "There is no such mail."),
    ("member_not_found", "There is no such member of the group."),
    ("membership_not_found", "The user is not a member of the tenant."),
    ("model_not_found", "There is no such model."),
    ("partner_not_found", "There is no such partner."),
    ("permission_not_found", "There is no such permission of applications."),
    ("role_not_found", "There is no such role."),
    ("role_base_not_found", "The role extends no other."),
    ("role_mapping_not_found", "There is no such mapping."),
    ("secret_not_found", "There is no secret at this path."),
    ("session_not_found", "There is no such session."),
    ("tenant_not_found", "There is no such tenant."),
    ("token_not_found", "There is no such personal token."),
    ("user_not_found", "There is no such user."),
    ("version_not_found", "The secret has no such version."),
    ("no_data_file", "The server keeps its data in memory only."),
    // What clashes.
    ("already_exists", "There is already one."),
    ("already_member", "The user is a member already."),
    ("email_taken", "Another user has this address, or a deleted one who can still be restored."),
    ("external_id_taken", "Another one has this external id."),
    ("name_taken", "Another one has this name."),
    ("slug_taken", "Another one has this slug."),
    ("slug_conflict", "Another custom role has this slug."),
    ("permission_exists", "There is already a permission with this name."),
    ("role_exists", "There is already a role with this name."),
    ("secret_exists", "There is already a secret at this path."),
    ("version_conflict", "The secret was changed meanwhile: another version is current."),
    ("version_is_current", "The current version cannot be destroyed."),
    ("api_key_not_active", "The API key does not work any more."),
    ("api_key_replaced", "The API key was replaced already."),
    ("api_key_revoked", "A revoked API key stays revoked."),
    ("tenant_suspended", "The tenant is suspended: nobody works in it."),
    ("other_tenant", "The form is from a page of another tenant than the session works in now."),
    ("default_is_kept", "The default partner and tenant cannot be deleted."),
    ("group_cycle", "A group would be in itself."),
    ("group_too_deep", "Groups would stand in each other deeper than is allowed."),
    ("group_type_mismatch", "A group of this type cannot be in that one."),
    ("invitation_pending", "The user has not accepted the invitation yet."),
    ("not_invited", "The user has no open invitation."),
    ("key_slot_refused", "The way to unseal cannot be added or removed."),
    ("key_too_young", "The next signing key was not published for long enough."),
    ("cannot_write", "A file cannot be written there."),
    ("last_role", "A member has at least this role."),
    ("last_super_admin", "Somebody has to administer the instance."),
    ("mail_gone", "The mail was sent, and its text is not kept."),
    ("no_client_secret", "The application's type has no secret."),
    ("partner_not_empty", "The partner still has tenants."),
    ("quota_exceeded", "There are as many as are allowed."),
    ("role_built_in", "A built-in role cannot be deleted."),
    ("role_has_dependents", "Other roles extend this one."),
    ("role_in_use", "Somebody holds the role."),
    ("role_is_default", "New members get the role."),
    ("link_invalid", "The link was used, has expired, or was replaced by a newer one."),
    ("setup_link_expired", "The one-time link has expired."),
    ("setup_link_unknown", "There is no such one-time link."),
    ("setup_link_used", "The one-time link was used."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::code_source::{sources, uses};
    use std::collections::BTreeSet;

    #[test]
    fn every_code_of_a_problem_is_documented_and_every_documented_one_is_used() {
        let places = uses();
        let used: BTreeSet<_> = places.iter().map(|place| place.code.as_str()).collect();
        assert!(used.len() > 80, "the sources are read");
        let names: BTreeSet<_> = CODES.iter().map(|(code, _)| *code).collect();
        let unknown: Vec<_> = used.difference(&names).collect();
        assert!(unknown.is_empty(), "say in src/catalogue/code.rs what these mean: {unknown:?}");
        assert_eq!(names.len(), CODES.len(), "no code stands there twice");
        let all = sources();
        for (code, about) in CODES {
            let text = format!("\"{code}\"");
            assert!(all.iter().any(|(_, source)| source.contains(&text)), "{code} is used nowhere");
            assert!(about.len() > 10 && about.ends_with('.'), "{code}: {about}");
        }
    }
}
