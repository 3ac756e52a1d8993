//! All modules against a provider that is running somewhere else: a module that fails there is suspect itself.

use super::browser::Via;
use super::provider::{Provider, Run};
use super::{BASIC, CONFIG, LOGOUT};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs every module, says how each ended, and fails if one failed that the provider's description does not expect to.
///
/// `CONFORMANCE_PROVIDER` is the file that describes the provider; `CONFORMANCE_MODULE` runs the modules with this in their
/// name only.
#[test]
#[ignore = "needs a provider: tests/calibrate/run starts one"]
fn calibrate() {
    let file = std::env::var("CONFORMANCE_PROVIDER").expect("CONFORMANCE_PROVIDER, a description of the provider");
    let wanted = std::env::var("CONFORMANCE_MODULE").unwrap_or_default();
    let op = Provider::described(&std::fs::read_to_string(file).unwrap());
    let plans = [
        ("Basic OP", BASIC, Via::Query),
        ("Form Post OP", BASIC, Via::FormPost),
        ("Config OP", CONFIG, Via::Query),
        ("RP-initiated logout", LOGOUT, Via::Query),
    ];
    let mut failed = Vec::new();
    for (plan, modules, mode) in plans {
        let chosen = modules.iter().filter(|(name, _)| name.contains(&wanted));
        // Waiting half a minute once is enough.
        for (name, module) in chosen.filter(|(name, _)| mode == Via::Query || !name.contains("30seconds")) {
            let run = Run::new(&op, mode);
            let passed = catch_unwind(AssertUnwindSafe(|| module(&run))).is_ok();
            let said = run.warnings.borrow().join("; ");
            let verdict = match (passed, said.is_empty()) {
                (false, _) => "FAILED",
                (true, false) => "warning",
                (true, true) => "passed",
            };
            println!("{plan}: {name}: {verdict} {said}");
            if !passed {
                failed.push((plan, name));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
