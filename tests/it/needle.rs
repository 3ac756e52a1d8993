//! Nothing readable lies on the disk.

use super::server::{Server, bytes, files};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::json;

/// The forms in which a text could lie there: as it is, in UTF-16, in hexadecimal, in base64 at each of its three alignments.
fn forms(needle: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![needle.as_bytes().to_vec()];
    forms.push(needle.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(needle.encode_utf16().flat_map(u16::to_be_bytes).collect());
    let hex: String = needle.bytes().map(|byte| format!("{byte:02x}")).collect();
    forms.push(hex.to_uppercase().into_bytes());
    forms.push(hex.into_bytes());
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for front in 0..3 {
            let text = engine.encode([vec![0; front], needle.as_bytes().to_vec()].concat());
            // The characters at the ends hold bits of the neighbours too.
            forms.push(text.as_bytes()[(front * 8).div_ceil(6)..text.len() - 1].to_vec());
        }
    }
    forms
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    // A first look at the first byte makes this fast without a search library.
    haystack.windows(needle.len()).any(|window| window[0] == needle[0] && window == needle)
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for front in ["", "x", "xy", "xyz"] {
        let text = format!("{front}needle-in-the-hay{front}");
        let encoded = STANDARD_NO_PAD.encode(&text);
        assert!(forms("needle-in-the-hay").iter().any(|form| holds(encoded.as_bytes(), form)), "{front}");
    }
}

#[test]
fn nothing_planted_can_be_read_on_the_disk() {
    let server = Server::start();
    let (path, value, tag, note) = ("needlepath/needlename", "needle-value-7f3a9c", "needletag", "needle description");
    let (slug, email, name) = ("needle-tenant", "needle.mail@needle.example", "Needle Person");
    server.secret(value);
    let token = server.token("secrets:read secrets:write");
    let body = json!({ "data": { "needlefield": value }, "metadata": { "tags": [tag], "description": note } });
    let target = format!("/v1/secrets/{path}");
    server.call("PUT", &target).bearer(&token).json(&body).send().expect(201);
    server.get_as(&token, &target).expect(200);
    server.cli(&["tenant", "create", "--name", "Needle Tenant", "--slug", slug]).ok();
    let password = "needle password of a person";
    let user = ["user", "create", "--email", email, "--tenant", slug, "--display-name", name, "--password-stdin"];
    server.cli_with(&user, password).ok();
    let app = server.app("SERVICE", "openid", &[]);
    let jwt = server.access_token(&app, None, "openid");
    let backup = server.data.join("while-serving.scai");
    server.cli(&["backup", &backup.display().to_string()]).ok();

    let needles = [
        path,
        "needlepath",
        value,
        "needlefield",
        tag,
        note,
        slug,
        "Needle Tenant",
        email,
        name,
        password,
        &token,
        &app.name,
        &app.secret,
        &jwt,
        "secret.write",
        "application.create",
    ];
    let (folder, data) = (server.folder(), server.data.clone());
    let check = |when: &str| {
        let all = files(&data);
        assert!(all.len() >= 3, "{all:?}");
        for file in all {
            let content = bytes(&file);
            for needle in needles {
                for form in forms(needle) {
                    assert!(!holds(&content, &form), "{when}: {needle} can be read in {}", file.display());
                }
            }
        }
    };
    check("while serving");
    assert!(server.stop().success());
    check("after the end");
    drop(folder);
}

#[test]
fn files_and_folders_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::shared();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&server.data) & 0o077, 0);
    for file in files(&server.data) {
        let public = file.extension().is_some_and(|ending| ending == "pem") && !file.to_string_lossy().contains("key");
        assert!(public || mode(&file) & 0o077 == 0, "{}: {:o}", file.display(), mode(&file));
    }
}
