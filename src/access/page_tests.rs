//! `docs/permissions.md` and `docs/names.md` are made from the lists. `UPDATE_DOCS=1` writes them anew.

use super::{CoreSet, PERMISSIONS, Role, StepUp};
use crate::catalogue::{Action, CODES, Group, Holder, SCOPES, Scope};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The names of permissions that a scope opens for whoever holds the role.
fn opens(scope: &str) -> Vec<&'static str> {
    PERMISSIONS.iter().filter(|rule| rule.scopes.contains(&scope)).map(|rule| rule.name).collect()
}

/// The scopes that a scope covers: all that they open, it opens too.
fn implies(scope: &Scope) -> Vec<&'static str> {
    let opened = opens(scope.name);
    let covers = |other: &&Scope| {
        let theirs = opens(other.name);
        other.name != scope.name && !theirs.is_empty() && theirs.iter().all(|name| opened.contains(name))
    };
    SCOPES.iter().filter(covers).map(|other| other.name).collect()
}

fn code_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
}

fn roles(page: &mut String) {
    page.push_str("## Built-in roles\n\nA role is held at a place and reaches what lies below: the platform, a partner and its tenants, or one tenant. Beside the permissions in the next table each bundles core permissions of ScaiGrid.\n\n| role | reaches | core permissions |\n| --- | --- | --- |\n");
    for role in Role::ALL {
        let core = code_list(CoreSet::bundle(role).names());
        writeln!(page, "| `{}` | {} | {core} |", role.name(), role.about()).unwrap();
    }
}

fn permissions(page: &mut String) {
    page.push_str("\n## Permissions\n\nAn actor has a permission at a place if one of its roles there holds it and, when its credential is narrowed to scopes, one of these is among them. A custom role that holds a core permission leads to the lines that name it among their scopes, in its tenant.\n\n| permission | allows | roles | scopes, any one of them | asks for |\n| --- | --- | --- | --- | --- |\n");
    for rule in PERMISSIONS {
        let roles: Vec<_> = rule.roles.iter().map(|role| role.name()).collect();
        let scopes = match rule.scopes {
            [] => "none: only credentials that narrow nothing".to_owned(),
            scopes => scopes.join(" "),
        };
        let asks = match rule.step_up {
            StepUp::No => "",
            StepUp::SignIn => "a recent sign-in",
            StepUp::Person => "a recent sign-in of the person",
        };
        writeln!(page, "| `{}` | {} | {} | {scopes} | {asks} |", rule.name, rule.about(), roles.join(" ")).unwrap();
    }
}

fn scopes(page: &mut String) {
    page.push_str("\n## Scopes\n\nA scope never widens what its holder may do. A scope of somebody's own API is a permission of applications: it opens nothing here and can be allowed to any application once it has been made.\n");
    for group in Group::ALL {
        writeln!(
            page,
            "\n### {}\n\n| scope | what it lets do | for | opens | covers |\n| --- | --- | --- | --- | --- |",
            group.heading()
        )
        .unwrap();
        for scope in Scope::in_group(group) {
            let holders = [Holder::Application, Holder::Token, Holder::Key, Holder::Role];
            let holders: Vec<_> =
                holders.into_iter().filter(|holder| scope.is_for(*holder)).map(Holder::words).collect();
            let (opens, covers) = (code_list(opens(scope.name)), code_list(implies(scope)));
            writeln!(page, "| `{}` | {} | {} | {opens} | {covers} |", scope.name, scope.about, holders.join(", "))
                .unwrap();
        }
    }
}

fn actions(page: &mut String) {
    page.push_str("## Actions of the audit log\n\nA row of something that failed has the same action and says why. What is only read is not in ScaiGrid's view of the log.\n\n| action | what happened | on | |\n| --- | --- | --- | --- |\n");
    for action in Action::ALL {
        let reads = if action.nature().is_change() { "" } else { "reads" };
        let on = action.resources().join(", ");
        writeln!(page, "| `{action}` | {} | {on} | {reads} |", action.about()).unwrap();
    }
}

fn codes(page: &mut String) {
    page.push_str("\n## Codes of errors\n\nScaiKey, ScaiVault and the pages answer these; ScaiGrid and Scalekit have words of their own, and the OAuth endpoints those of RFC 6749 and its kin.\n\n| code | says |\n| --- | --- |\n");
    for (code, about) in CODES {
        writeln!(page, "| `{code}` | {about} |").unwrap();
    }
}

fn is_page(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "docs/{name} is old: run this test with UPDATE_DOCS=1");
}

#[test]
fn the_page_of_permissions_is_made_from_the_lists() {
    let mut page =
        "# Who may do what\n\nThis page is made from the lists in the code (`src/catalogue`, `src/access`).\n\n"
            .to_owned();
    roles(&mut page);
    permissions(&mut page);
    scopes(&mut page);
    is_page("permissions.md", &page);
}

#[test]
fn the_page_of_names_is_made_from_the_lists() {
    let mut page =
        "# Names in the log and in answers\n\nThis page is made from the lists in `src/catalogue`.\n\n".to_owned();
    actions(&mut page);
    codes(&mut page);
    is_page("names.md", &page);
}
