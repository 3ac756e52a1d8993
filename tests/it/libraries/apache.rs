//! Apache with mod_auth_openidc, as Debian has them.

use super::super::running::tool;
use super::{COMMON, Library, Site, works};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

const MODULES: &str = "/usr/lib/apache2/modules";

/// A site of which one folder is for people who have signed in.
fn configuration(site: &Site) -> String {
    let told = |name: &str| site.told[name].as_str().unwrap().to_owned();
    let modules = ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "auth_openidc"]
        .map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n"))
        .concat();
    let protected = ["/login", "/callback"]
        .map(|path| format!("<Location {path}>\nAuthType openid-connect\nRequire valid-user\n</Location>\n"))
        .concat();
    format!(
        "ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\n\
         DefaultRuntimeDir {folder}\nErrorLog /dev/stderr\nLogLevel warn auth_openidc:info\n\
         User www-data\nGroup www-data\n{modules}DocumentRoot {folder}/site\nDirectoryIndex index.html\n\
         OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration\n\
         OIDCClientID {client_id}\nOIDCClientSecret {client_secret}\nOIDCRedirectURI {origin}/callback\n\
         OIDCCryptoPassphrase a-passphrase-of-this-test\nOIDCScope \"openid profile email offline_access\"\n\
         OIDCPKCEMethod S256\nOIDCInfoHook access_token userinfo\n{protected}",
        folder = site.folder.path().display(),
        port = site.port,
        issuer = told("issuer"),
        client_id = told("client_id"),
        client_secret = told("client_secret"),
        origin = site.origin,
    )
}

fn apache(site: &Site) -> Command {
    let folder = site.folder.path();
    // Its workers are another user.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(folder.join("site/login")).unwrap();
    fs::write(folder.join("site/login/index.html"), "signed in").unwrap();
    fs::write(folder.join("site/left"), "signed out").unwrap();
    fs::write(folder.join("apache.conf"), configuration(site)).unwrap();
    let mut command = Command::new(tool("apache2").expect("apache2, which tests/run installs"));
    command.arg("-DFOREGROUND").arg("-f").arg(folder.join("apache.conf"));
    command
}

#[test]
fn mod_auth_openidc_goes_the_whole_way() {
    works(Library {
        command: apache,
        login: "/login/",
        whoami: "/callback?info=json",
        refresh: Some("/callback?refresh=%2Fleft&access_token={access_token}"),
        bye: "/callback?logout={left}",
        ..COMMON
    });
}
