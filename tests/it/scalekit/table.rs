//! The table of operations against the list of what the published clients call.

use scaistack::http::scalekit::table::OPERATIONS;
use std::collections::BTreeMap;

/// What is built whole.
const WHOLE: [&str; 2] = ["scalekit.v1.organizations.OrganizationService", "scalekit.v1.users.UserService"];

#[test]
fn the_table_is_what_the_clients_call() {
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut known = 0;
    for line in include_str!("operations.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split(" | ");
        let names: Vec<&str> = parts.next().unwrap().split(' ').collect();
        let (service, rpc) = (names[0], names[1]);
        let Some(operation) = OPERATIONS.iter().find(|one| one.service == service && one.rpc == rpc) else {
            missing.entry(service).or_default().push(rpc);
            continue;
        };
        known += 1;
        assert!(operation.request.ends_with(&format!(".{}", names[2])), "{rpc}");
        let bindings: Vec<String> = operation
            .bindings
            .iter()
            .map(|one| format!("{} {} {}", one.method, one.path, if one.body.is_empty() { "-" } else { one.body }))
            .collect();
        assert_eq!(bindings.join(" ; "), parts.next().unwrap(), "{rpc}");
        let scopes: Vec<&str> = parts.next().unwrap().split_whitespace().filter(|scope| scope.contains(':')).collect();
        if !scopes.is_empty() {
            assert_eq!(operation.scopes, scopes, "{rpc}");
        }
    }
    assert_eq!(known, OPERATIONS.len(), "an operation that no client calls");
    for (service, rpcs) in &missing {
        println!("not built: {service} {}", rpcs.join(" "));
        assert!(!WHOLE.contains(service), "{service}: {rpcs:?}");
    }
}
