//! Each kind of ending, over one of everything that a user can have.

use super::*;
use crate::base::Id;
use crate::base::id::{ApplicationId, SessionId, TenantId, UserId};
use crate::endings::{Cause, Ending};
use crate::people::{self, NewMembership};
use crate::sessions::{self, CsrfSecret, NewSession};
use crate::tenancy::testkit::*;
use crate::token_families;
use std::collections::BTreeSet;
use std::path::Path;

fn source(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            if !name.ends_with("/tests") && !name.ends_with("/bench") {
                source(&path, found);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push_str(text.split("#[cfg(test)]\nmod tests {").next().unwrap());
        }
    }
}

/// An index is told by its name: what it lists, and by what. The benchmark has rows in stores of its own.
fn is_index(name: &str) -> bool {
    let words = [" by ", " listed", "blocks of lists", " due", " not local", " before", "bench rows"];
    words.iter().any(|word| name.contains(word))
}

#[test]
fn every_table_of_the_store_stands_in_the_lifecycle() {
    let mut text = String::new();
    source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let names = ["Table::new(", "Listing::new("].into_iter().flat_map(|call| {
        text.split(call).skip(1).filter_map(|rest| {
            let (number, rest) = rest.split_once(',')?;
            let name = rest.trim_start().strip_prefix('"')?.split('"').next()?;
            number.trim().starts_with("0x").then(|| name.to_owned())
        })
    });
    let there: BTreeSet<String> = names.filter(|name| !is_index(name)).collect();
    assert!(there.len() > 30, "{there:?}");
    let named: BTreeSet<String> =
        Part::ALL.iter().flat_map(|part| part.tables()).map(|name| (*name).to_owned()).collect();
    assert_eq!(there, named, "each table belongs to one part of the lifecycle");
    assert_eq!(named.len(), Part::ALL.iter().map(|part| part.tables().len()).sum::<usize>(), "and to one only");
}

#[test]
fn the_page_of_the_documentation_is_this_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lifecycle.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page(), "docs/lifecycle.md is old: run this test with UPDATE_DOCS=1");
}

/// What somebody has at a moment, by part.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Has {
    families: Vec<TenantId>,
    sessions: Vec<TenantId>,
    consents: Vec<TenantId>,
    keys: Vec<TenantId>,
    tokens: Vec<TenantId>,
    factors: bool,
    groups: Vec<TenantId>,
    roles: Vec<TenantId>,
    assigned: Vec<TenantId>,
    members: Vec<TenantId>,
    home: Option<TenantId>,
}

mod everything;
use everything::Everything;

/// What is left in all of it after an ending.
fn left(ending: impl Fn(&Everything) -> Ending) -> (Has, Has) {
    let all = Everything::new();
    let before = all.has();
    let ending = ending(&all);
    all.raise(ending);
    (before, all.has())
}

#[test]
fn what_a_user_has_goes_with_the_user() {
    let (before, after) = left(|all| Ending::UserDeleted { user: all.user });
    assert_eq!(before.keys.len(), 2);
    let nothing = Vec::new;
    assert_eq!((after.families, after.sessions, after.consents), (nothing(), nothing(), nothing()));
    assert_eq!((after.keys, after.tokens, after.factors), (nothing(), nothing(), false));
    assert_eq!((after.groups, after.roles), (nothing(), nothing()));
    assert_eq!(after.members, before.members, "kept for a restore");
}

#[test]
fn who_leaves_a_tenant_keeps_what_is_elsewhere() {
    let (before, after) = left(|all| Ending::MemberLeft { tenant: all.home, user: all.user });
    let elsewhere = |there: &[TenantId]| there[1..].to_vec();
    assert_eq!(after.families, elsewhere(&before.families));
    assert_eq!(after.sessions, elsewhere(&before.sessions));
    assert_eq!(after.consents, elsewhere(&before.consents));
    assert_eq!(after.keys, elsewhere(&before.keys));
    assert_eq!(after.tokens, elsewhere(&before.tokens));
    assert_eq!(after.groups, elsewhere(&before.groups));
    assert_eq!(after.roles, elsewhere(&before.roles));
    assert_eq!((before.assigned.len(), after.assigned), (2, elsewhere(&before.assigned)));
    assert!(after.factors, "they sign in to the other one with them");
}

#[test]
fn a_withdrawn_invitation_takes_its_roles_along() {
    let (before, after) = left(|all| Ending::InvitationWithdrawn { tenant: all.other, user: all.user });
    assert_eq!((&after.roles[..], &after.groups[..]), (&before.roles[..1], &before.groups[..1]));
    let kept = (before.roles.clone(), before.groups.clone(), before.assigned.clone());
    assert_eq!(after.assigned, kept.2[..1]);
    assert_eq!(Has { roles: kept.0, groups: kept.1, assigned: kept.2, ..after }, before);
}

#[test]
fn a_new_password_ends_what_the_old_one_opened_and_revokes_no_key() {
    let (before, after) = left(|all| Ending::PasswordChanged { user: all.user, spare: None });
    assert_eq!((after.families, after.sessions), (Vec::new(), Vec::new()));
    assert_eq!((after.keys, after.tokens, after.factors), (before.keys, before.tokens, true));
    let (before, after) = left(|all| Ending::PasswordChanged { user: all.user, spare: Some(all.session_at_home) });
    assert_eq!(after.sessions, before.sessions[..1], "the session that changed it goes on");
}

#[test]
fn who_takes_an_account_over_by_its_mailbox_finds_nothing_of_before() {
    let (before, after) = left(|all| Ending::AccountTakenOver { user: all.user });
    let nothing = Vec::new;
    assert_eq!((after.families, after.sessions, after.consents), (nothing(), nothing(), nothing()));
    assert_eq!((after.keys, after.tokens, after.factors), (nothing(), nothing(), false));
    assert_eq!((after.members, after.groups), (before.members, before.groups), "what others gave stays");
}

#[test]
fn suspending_and_resetting_end_what_is_signed_in() {
    for ending in
        [|user| Ending::UserSuspended { user }, (|user| Ending::FactorsReset { user }) as fn(UserId) -> Ending]
    {
        let (before, after) = left(|all| ending(all.user));
        assert_eq!((after.families.len(), after.sessions.len()), (0, 0));
        assert_eq!((after.keys, after.consents, after.groups), (before.keys, before.consents, before.groups));
    }
}

#[test]
fn a_tenant_takes_along_what_is_signed_in_to_it() {
    let (before, after) = left(|all| Ending::TenantSuspended { tenant: all.home });
    assert_eq!(before, after, "refused while it lasts, and back afterwards");
    let (before, after) = left(|all| Ending::TenantSignedOut { tenant: all.home });
    assert_eq!(after.families, before.families[1..]);
}

#[test]
fn the_home_of_a_deleted_tenants_people_moves_to_their_oldest_other_one() {
    let all = Everything::new();
    let before = all.has();
    let home = all.home;
    all.world.write(move |tx| crate::tenancy::delete_tenant(tx, &crate::tenancy::testkit::all(), home, NOW)).unwrap();
    let after = all.has();
    assert_eq!((before.home, after.home), (Some(all.home), Some(all.other)));
    assert_eq!((after.families, after.sessions), (before.families[1..].to_vec(), before.sessions[1..].to_vec()));
    let user = people::user(&all.world.store.read(), all.user).unwrap().unwrap();
    assert_eq!(people::tenants_open_to(&all.world.store.read(), &user, NOW).unwrap(), [all.other]);
}

#[test]
fn a_consent_and_a_session_take_their_tokens_along() {
    let (before, after) =
        left(|all| Ending::ConsentWithdrawn { user: all.user, application: all.application, tenant: all.home });
    assert_eq!((after.families, after.sessions), (before.families[1..].to_vec(), before.sessions));
    let (before, after) = left(|all| Ending::SessionEnded { session: all.session_at_home });
    assert_eq!(after.families, before.families[1..]);
}

#[test]
fn what_changes_nothing_changes_nothing() {
    let (before, after) = left(|all| Ending::ApplicationStopped { application: all.application });
    assert_eq!(before, after);
    let (before, after) = left(|all| Ending::ClientSecretEnded { application: all.application });
    assert_eq!(before, after);
    let (before, after) = left(|_| Ending::KeySlotRemoved {});
    assert_eq!(before, after);
}

#[test]
fn an_administrator_signs_somebody_out_within_reach() {
    let all = Everything::new();
    let before = all.has();
    let admin = holder(crate::access::Role::TenantAdmin, all.world.a);
    let granted = grant(&admin, all.world.a);
    let user = all.user;
    let ended = all.world.write(move |tx| sessions::end_user_within(tx, &granted, user, NOW)).unwrap();
    assert_eq!(ended, [all.session_at_home]);
    let after = all.has();
    assert_eq!((after.families, after.sessions), (before.families[1..].to_vec(), before.sessions[1..].to_vec()));
}

#[test]
fn after_a_restore_what_the_flags_say_ends_for_everybody() {
    let (before, after) = left(|_| Ending::StateRestored { sessions: true, keys: false });
    assert_eq!((after.families, after.sessions), (Vec::new(), Vec::new()));
    assert_eq!((after.keys, after.tokens), (before.keys, before.tokens));
    let (before, after) = left(|_| Ending::StateRestored { sessions: false, keys: true });
    assert_eq!((after.families, after.sessions), (before.families, before.sessions));
    assert_eq!((after.keys, after.tokens, after.factors), (Vec::new(), Vec::new(), before.factors));
}
