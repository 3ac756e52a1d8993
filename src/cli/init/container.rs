//! A file for a container image.

use super::facts::Facts;
use std::fmt::Write as _;

/// A Containerfile with the present settings in its environment.
pub(super) fn file(facts: &Facts) -> String {
    let (config, mut port) = (&facts.loaded.config, facts.loaded.config.server.listen.0.port());
    if port == 0 {
        port = 8080;
    }
    let mut set = vec![
        ("SCAISTACK_DATA".to_owned(), "/data".to_owned()),
        ("SCAISTACK_SERVER_LISTEN".to_owned(), format!("0.0.0.0:{port}")),
    ];
    // The settings file is not in the image, so all that it sets is here too.
    let own = ["SCAISTACK_STORAGE_DATA", "SCAISTACK_SERVER_LISTEN"];
    set.extend(facts.loaded.set_values().into_iter().filter(|(name, _)| !own.contains(&name.as_str())));
    let has = |name: &str, set: &[(String, String)]| set.iter().any(|(known, _)| known == name);
    let mut notes = String::new();
    let of_file = facts.loaded.only_in_a_file();
    if !of_file.is_empty() {
        let _ = writeln!(
            notes,
            "# Only a settings file can hold {}, so it is not below: mount yours{}, and name it with SCAISTACK_CONFIG.",
            of_file.join(" and "),
            facts.file.as_ref().map(|file| format!(", {}", file.display())).unwrap_or_default()
        );
    }
    if config.server.is_public_https() && config.tls.files().is_none() {
        if !has("SCAISTACK_SERVER_BEHIND_TLS_PROXY", &set) {
            set.push(("SCAISTACK_SERVER_BEHIND_TLS_PROXY".to_owned(), "true".to_owned()));
        }
        if !has("SCAISTACK_SERVER_TRUSTED_PROXIES", &set) {
            notes += "# Add the address of the proxy, as the container sees it: SCAISTACK_SERVER_TRUSTED_PROXIES=10.88.0.1\n";
        }
    } else if !has("SCAISTACK_SERVER_CLEAR_TEXT", &set) && !config.server.behind_tls_proxy {
        set.push(("SCAISTACK_SERVER_CLEAR_TEXT".to_owned(), "loopback".to_owned()));
    }
    let environment: Vec<String> = set.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    let mut text = format!(
        "# Containerfile: put the program {} beside it.\n\
         #   podman build -t scaistack .\n\
         #   podman run -d --name scaistack --read-only --cap-drop=all -v scaistack:/data -p {port}:{port} scaistack\n\
         #   podman exec scaistack scaistack doctor\n\
         # Files that a setting names have to be mounted at the same paths. The data folder must be on a local file system.\n{notes}",
        facts.program.display(),
    );
    let _ = write!(
        text,
        "FROM debian:bookworm-slim\n\
         RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*\n\
         RUN useradd --system --uid 65532 --home-dir /data --shell /usr/sbin/nologin scaistack \\\n  \
         && install -d -o 65532 -g 65532 -m 0700 /data\n\
         COPY --chmod=0755 scaistack /usr/local/bin/scaistack\n\
         USER 65532:65532\n\
         ENV {}\n\
         VOLUME /data\n\
         EXPOSE {port}\n\
         STOPSIGNAL SIGTERM\n\
         ENTRYPOINT [\"/usr/local/bin/scaistack\"]\n\
         CMD [\"serve\"]\n",
        environment.join(" \\\n    ")
    );
    text
}

/// A value of ENV, in quotes where it needs them.
fn quoted(value: &str) -> String {
    if !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+:@%=,[]".contains(c)) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"))
}
