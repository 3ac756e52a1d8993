//! The documents say what the code says.

use scaistack::access::{PERMISSIONS, StepUp};

#[test]
fn the_permission_table_in_the_architecture_is_the_one_in_the_code() {
    let mut table = vec![
        "| permission | roles | scopes, any one of them | asks for |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    for rule in PERMISSIONS {
        let roles: Vec<_> = rule.roles.iter().map(|role| role.name()).collect();
        let scopes = match rule.scopes {
            [] => "none: only credentials that narrow nothing".to_owned(),
            scopes => scopes.join(" "),
        };
        let asks = match rule.step_up {
            StepUp::No => "",
            StepUp::SignIn => " a recent sign-in",
            StepUp::Person => " a recent sign-in of the person",
        };
        table.push(format!("| `{}` | {} | {scopes} |{asks} |", rule.name, roles.join(" ")));
    }
    let document = include_str!("../../ARCHITECTURE.md");
    assert!(document.contains(&table.join("\n")), "put this into ARCHITECTURE.md:\n{}", table.join("\n"));
}
