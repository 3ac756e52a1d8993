//! All modules against a provider that is running somewhere else: a module that fails there is suspect itself.

use super::browser::Via;
use super::provider::{Provider, Run};
use super::{ABUSE, BASIC, CONFIG, LOGOUT, WAITING};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs every module, says how each ended, and fails if one ended otherwise than the provider's description says.
///
/// `CONFORMANCE_PROVIDER` is the file that describes the provider; `CONFORMANCE_MODULE` runs the modules with this in their
/// name only.
#[test]
#[ignore = "needs a provider: tests/calibrate/run starts one"]
fn calibrate() {
    let file = std::env::var("CONFORMANCE_PROVIDER").expect("CONFORMANCE_PROVIDER, a description of the provider");
    let wanted = std::env::var("CONFORMANCE_MODULE").unwrap_or_default();
    let described = std::fs::read_to_string(file).unwrap();
    let op = Provider::described(&described);
    // Where it asks for less than this project does.
    let differs: serde_json::Value = serde_json::from_str(&described).unwrap();
    let differs: Vec<_> = differs["differs"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let plans = [
        ("Basic OP", BASIC, Via::Query),
        ("Basic OP", WAITING, Via::Query),
        ("Form Post OP", BASIC, Via::FormPost),
        ("Config OP", CONFIG, Via::Query),
        ("RP-initiated logout", LOGOUT, Via::Query),
        ("In the wrong hands", ABUSE, Via::Query),
    ];
    let mut failed = Vec::new();
    for (plan, modules, mode) in plans {
        for (name, module) in modules.iter().filter(|(name, _)| name.contains(&wanted)) {
            let run = Run::new(&op, mode);
            let passed = catch_unwind(AssertUnwindSafe(|| module(&run))).is_ok();
            let said = run.warnings.borrow().join("; ");
            let verdict = match (passed, said.is_empty()) {
                (false, _) if differs.contains(name) => "differs",
                (false, _) => "FAILED",
                (true, false) => "warning",
                (true, true) => "passed",
            };
            println!("{plan}: {name}: {verdict} {said}");
            if passed == differs.contains(name) {
                failed.push((plan, name));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
