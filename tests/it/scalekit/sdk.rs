//! The published clients, unmodified: what they call works in clear text and over TLS. (The Python one speaks gRPC over TLS
//! whatever the address says.)

use super::super::server::{Ran, Server, clients, run_within};
use super::super::wire::PATIENCE;
use std::process::Command;

/// What may be left out: services that are not built.
const MAY_SKIP: [&str; 9] = [
    "ext.m2m_clients",
    "ext.api_tokens",
    "ext.domains",
    "ext.connections.list",
    "ext.directories.list",
    "ext.webauthn.list_credentials",
    "ext.events.list_paginated",
    "ext.passwordless.send",
    "ext.webauthn.listCredentials",
];

pub fn passes(server: &Server, mut command: Command) {
    let app = server.app("SERVICE", "admin:read admin:write", &[]);
    command.arg(&server.url).args([&app.client_id, &app.secret, "--extended"]);
    let authority = server.data.join("tls/ca.pem");
    command.env("NODE_EXTRA_CA_CERTS", &authority);
    let ran: Ran = run_within(command, b"", 4 * PATIENCE);
    let lines = || ran.stdout.lines();
    let result = lines().last().unwrap_or_default();
    assert!(result.starts_with("RESULT PASS "), "{}\n{}", ran.stdout, ran.stderr);
    let failed: Vec<&str> = lines().filter(|line| line.starts_with("FAIL ")).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    for skipped in lines().filter_map(|line| line.strip_prefix("SKIP ")) {
        let name = skipped.split(' ').next().unwrap_or_default();
        assert!(MAY_SKIP.contains(&name), "skipped: {skipped}");
    }
}

pub fn python(server: &Server) -> Command {
    let mut command = Command::new(clients().join(".venv/bin/python"));
    command.arg(clients().join("scalekit_check.py")).arg("--ca").arg(server.data.join("tls/ca.pem"));
    command
}

pub fn node() -> Command {
    let mut command = Command::new("node");
    command.arg(clients().join("scalekit_check.cjs"));
    command
}

#[test]
fn the_python_sdk_in_clear_text() {
    let server = Server::shared();
    passes(&server, python(&server));
}

#[test]
fn the_python_sdk_over_tls() {
    let server = Server::start_with_tls();
    passes(&server, python(&server));
}

#[test]
fn the_node_sdk_in_clear_text() {
    passes(&Server::shared(), node());
}

#[test]
fn the_node_sdk_over_tls() {
    passes(&Server::start_with_tls(), node());
}
