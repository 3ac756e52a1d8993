//! Units of systemd.

use super::facts::Facts;
use crate::base::text::shell_word as shell;
use std::fmt::Write as _;
use std::path::Path;

/// What every unit of ours is held to. `systemd-analyze security` says 1.2 of 10 for the server's.
const SANDBOX: &str = "\
NoNewPrivileges=yes
SecureBits=noroot-locked
ProtectSystem=strict
PrivateDevices=yes
DevicePolicy=closed
PrivateIPC=yes
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
LimitCORE=0
UMask=0077
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
";

/// The unit of the server.
pub(super) fn unit(facts: &Facts) -> String {
    let server = &facts.loaded.config.server;
    let mut text = format!(
        "# /etc/systemd/system/scaistack.service\n#\n\
         # useradd --system --home-dir {data} --shell /usr/sbin/nologin scaistack\n\
         # systemctl daemon-reload && systemctl enable --now scaistack\n\
         # journalctl -u scaistack shows the link for the first administrator.\n\
         # For a data file that a passphrase opens, put it here with systemd-creds encrypt, and take away the mark:\n\
         # LoadCredentialEncrypted=scaistack.passphrase:/etc/credstore.encrypted/scaistack.passphrase\n\
         [Unit]\nDescription=scaistack\nWants=network-online.target\nAfter=network-online.target\n\n\
         [Service]\nType=notify\nNotifyAccess=main\nUser=scaistack\nGroup=scaistack\n",
        data = facts.data.display(),
    );
    environment(&mut text, facts);
    let _ = writeln!(text, "ExecStart={} serve", word(&facts.program.display().to_string()));
    if facts.loaded.config.tls.enabled {
        // Connections from then on are shown the certificate that was put there.
        let _ = writeln!(text, "ExecReload={} job run renew-certificate", word(&facts.program.display().to_string()));
    }
    // An upgrade brings the rows up before the server is ready.
    let _ = write!(
        text,
        "Restart=on-failure\nRestartSec=2\nTimeoutStartSec=15min\nTimeoutStopSec={}\n",
        u64::from(server.shutdown_secs) + 10
    );
    text += &folders(facts, &[&facts.data, &facts.backups()]);
    if server.listen.0.port() < 1024 && server.listen.0.port() > 0 {
        text += "AmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\n";
    } else {
        text += "AmbientCapabilities=\nCapabilityBoundingSet=\nPrivateUsers=yes\n";
    }
    text += "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n";
    text += SANDBOX;
    text + "\n[Install]\nWantedBy=multi-user.target\n"
}

/// A service that makes a backup, and a timer that runs it each day.
pub(super) fn backup_timer(facts: &Facts) -> String {
    let (program, backups) = (shell(&facts.program.display().to_string()), facts.backups());
    let folder = shell(&backups.display().to_string());
    // The server writes the copy, into a folder of its own; this one asks for it, and reads it.
    let script = format!(
        "file={folder}/$(date -u +%Y-%m-%dT%H-%M-%SZ).scai; {program} backup \"$file\" && {program} verify \"$file\""
    );
    let prune = format!("find {folder} -maxdepth 1 -name '*.scai' -type f -mtime +30 -delete");
    let mut text = format!(
        "# Two files. The folder of the backups is {backups}; copy them to another machine.\n#\n\
         # /etc/systemd/system/scaistack-backup.service\n\
         [Unit]\nDescription=Backup of scaistack\nRequisite=scaistack.service\nAfter=scaistack.service\n\n\
         [Service]\nType=oneshot\nUser=scaistack\nGroup=scaistack\n",
        backups = backups.display(),
    );
    environment(&mut text, facts);
    let _ = writeln!(text, "ExecStart=/bin/sh -ec {}", word(&script));
    let _ = writeln!(text, "ExecStartPost=/bin/sh -ec {}", word(&prune));
    text += &folders(facts, &[&facts.data, &backups]);
    text += "AmbientCapabilities=\nCapabilityBoundingSet=\nPrivateUsers=yes\nPrivateNetwork=yes\n";
    text += "RestrictAddressFamilies=AF_UNIX\n";
    text += SANDBOX;
    text += "\n# /etc/systemd/system/scaistack-backup.timer\n\
         # systemctl daemon-reload && systemctl enable --now scaistack-backup.timer\n\
         [Unit]\nDescription=Daily backup of scaistack\n\n\
         [Timer]\nOnCalendar=daily\nRandomizedDelaySec=1h\nPersistent=true\n\n\
         [Install]\nWantedBy=timers.target\n";
    text
}

/// The settings that the unit names, with the data folder as a whole path.
fn environment(text: &mut String, facts: &Facts) {
    let mut set = vec![("SCAISTACK_DATA".to_owned(), facts.data.display().to_string())];
    set.extend(facts.file.iter().map(|file| ("SCAISTACK_CONFIG".to_owned(), file.display().to_string())));
    set.extend(facts.variables(&["SCAISTACK_STORAGE_DATA"]));
    for (name, value) in set {
        let _ = writeln!(text, "Environment={}", setting(&format!("{name}={value}")));
    }
}

/// The folders that may be written to, and which of those that a sandbox takes away must stay.
fn folders(facts: &Facts, writable: &[&Path]) -> String {
    let under = |path: &Path, fronts: &[&str]| fronts.iter().any(|front| path.starts_with(front));
    let (state, elsewhere): (Vec<_>, Vec<_>) = writable.iter().partition(|path| under(path, &["/var/lib"]));
    let names = |paths: &[&&Path], front: &str| {
        let words = paths.iter().map(|path| setting(&path.strip_prefix(front).unwrap_or(path).display().to_string()));
        words.collect::<Vec<_>>().join(" ")
    };
    let mut text = String::new();
    if !state.is_empty() {
        let _ = write!(text, "StateDirectory={}\nStateDirectoryMode=0700\n", names(&state, "/var/lib"));
    }
    if !elsewhere.is_empty() {
        let _ = writeln!(text, "ReadWritePaths={}", names(&elsewhere, ""));
    }
    let all = || writable.iter().copied().chain(facts.file.as_deref()).chain([facts.program.as_path()]);
    let in_home = all().any(|path| under(path, &["/home", "/root", "/run/user"]));
    let in_tmp = all().any(|path| under(path, &["/tmp", "/var/tmp"]));
    let _ = writeln!(text, "ProtectHome={}", if in_home { "no" } else { "yes" });
    let _ = writeln!(text, "PrivateTmp={}", if in_tmp { "no" } else { "yes" });
    text
}

/// One word of a command in a unit (systemd.service(5), "Command lines"): quoted, and without a meaning of `%`, `$` and `\`.
pub(super) fn word(text: &str) -> String {
    setting(&text.replace('$', "$$"))
}

/// One word of another setting (systemd.exec(5), `Environment=`), where `$` has no meaning.
pub(super) fn setting(text: &str) -> String {
    let text = text.replace('%', "%%");
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+:@%$=,".contains(c)) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
