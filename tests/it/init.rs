//! The files of `scaistack init`, each with the program that it is for.

use super::audit::wait_for;
use super::readme;
use super::running::{Running, free_port, tool};
use super::scalekit::sdk;
use super::server::{Server, binary, clients, run};
use super::wire::{Call, PATIENCE};
use rustix::process::getuid;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

/// What `scaistack init` prints.
fn printed(folder: &Path, words: &[&str]) -> String {
    let mut command = binary(folder);
    command.arg("init").args(words);
    run(command, b"").ok().to_owned() + "\n"
}

/// A server behind a proxy on this machine, and what the proxy needs.
pub struct Site {
    pub server: Server,
    folder: TempDir,
    port: u16,
}

impl Site {
    fn new() -> Self {
        Self::new_in(Arc::new(TempDir::new().unwrap()))
    }

    /// As [`Site::new`], with the server in this folder.
    pub fn new_in(of_server: Arc<TempDir>) -> Self {
        let (port, folder) = (free_port(), TempDir::new().unwrap());
        let public = format!("https://localhost:{port}");
        // The name is of this machine, so that the proxy is not taken for granted.
        let settings =
            [("SCAISTACK_SERVER_PUBLIC_URL", public.as_str()), ("SCAISTACK_SERVER_TRUSTED_PROXIES", "127.0.0.1,::1")];
        Self { server: Server::start_in(of_server, &settings), folder, port }
    }

    /// The file for a proxy. It shows the certificate of the server's own authority.
    fn file(&self, proxy: &str) -> String {
        let (listen, tls) = (self.server.addr.to_string(), self.server.data.join("tls"));
        let (certificate, key) = (tls.join("server.pem"), tls.join("server.key"));
        let files = ["--certificate", certificate.to_str().unwrap(), "--key", key.to_str().unwrap()];
        let settings = [proxy, "--listen", &listen, "--public-url", &self.server.url];
        printed(self.folder.path(), &[&settings[..], &files].concat())
    }

    /// A request as a browser's, from an address of its own.
    fn curl(&self, path: &str, more: &[&str]) -> String {
        let mut curl = Command::new("curl");
        curl.args(["-s", "-i", "--interface", "127.0.0.5", "--cacert"]).arg(self.server.data.join("tls/ca.pem"));
        curl.args(more).arg(format!("https://127.0.0.1:{}{path}", self.port)).args(["-H", "Host: localhost"]);
        run(curl, b"").ok().to_owned()
    }

    /// An nginx with the file for it, which it finds nothing to say about.
    pub fn nginx(&self) -> Running {
        let (nginx, folder) = (tool("nginx").expect("nginx, which tests/run installs"), self.folder.path());
        fs::write(folder.join("site.conf"), self.file("nginx")).unwrap();
        let user = if getuid().is_root() { "user root;" } else { "" };
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {}/{kind};", folder.display()))
            .join("\n");
        let around = format!(
            "{user}\ndaemon off;\nmaster_process off;\npid {0}/pid;\nerror_log {0}/error.log;\nevents {{}}\n\
             http {{\naccess_log off;\n{folders}\ninclude {0}/site.conf;\n}}\n",
            folder.display()
        );
        fs::write(folder.join("nginx.conf"), around).unwrap();
        let command = || {
            let mut command = Command::new(&nginx);
            command.arg("-e").arg(folder.join("error.log")).arg("-p").arg(folder);
            command.arg("-c").arg(folder.join("nginx.conf"));
            command
        };
        let mut check = command();
        check.arg("-t");
        let checked = run(check, b"");
        assert!(checked.code == 0 && !checked.stderr.contains("[warn]"), "{checked:?}");
        Running::start(command(), self.port)
    }

    /// What holds behind every proxy.
    fn holds(&self) {
        let admin = self.server.token("admin:read audit:read secrets:read secrets:write");
        let bearer = format!("Authorization: Bearer {admin}");
        let page = self.curl("/admin/sign-in", &[]).to_ascii_lowercase();
        assert!(page.contains("set-cookie: __host-") && page.contains("; secure"), "{page}");
        assert!(self.curl("/metrics", &[]).contains(" 404"));
        // An encoded slash is a part of a name.
        let put = ["-X", "PUT", "-H", &bearer, "-H", "Content-Type: application/json", "-d", r#"{"data":{"a":1}}"#];
        let made = self.curl("/v1/secrets/x%2Fy", &put);
        let direct = self.server.get_as(&admin, "/v1/secrets/x%2Fy").status;
        assert_eq!(made.contains(" 201"), direct == 200, "{made}");
        // A body of the size that the settings allow, and one more byte.
        self.curl("/v1/auth/whoami", &["-H", "Authorization: Bearer skt_x", "-H", "X-Forwarded-For: 192.0.2.66"]);
        let row = wait_for(&self.server, &admin, "action=access.denied", |row| row["resource_id"] == "/v1/auth/whoami");
        assert_eq!(row["ip_address"], "127.0.0.5", "the client's own address, whatever it says");
    }
}

#[test]
fn nginx_takes_its_file_and_passes_http_and_grpc() {
    let site = Site::new();
    let _running = site.nginx();
    site.holds();
    sdk::passes(&site.server, sdk::node());
}

#[test]
fn caddy_takes_its_file_and_passes_http_and_grpc() {
    let caddy = tool("caddy").expect("caddy, which tests/run installs");
    let site = Site::new();
    let folder = site.folder.path();
    fs::write(folder.join("site"), site.file("caddy")).unwrap();
    let around = format!("{{\n\tadmin off\n\tauto_https disable_redirects\n}}\nimport {}/site\n", folder.display());
    fs::write(folder.join("Caddyfile"), around).unwrap();
    let mut command = Command::new(caddy);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
    command.env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder).stderr(Stdio::null());
    let _running = Running::start(command, site.port);
    site.holds();
    sdk::passes(&site.server, sdk::node());
    sdk::passes(&site.server, sdk::python(&site.server));
}

#[test]
fn the_file_of_traefik_names_the_server() {
    let folder = TempDir::new().unwrap();
    let file = printed(folder.path(), &["traefik", "--public-url", "https://id.example.com"]);
    let script = "import sys, yaml\nhttp = yaml.safe_load(sys.stdin)['http']\nrouter = http['routers']['scaistack']\n\
        assert router['middlewares'][0] in http['middlewares'] and router['tls'] == {}\n\
        print(router['rule'], http['services'][router['service']]['loadBalancer']['servers'][0]['url'])";
    let mut python = Command::new(clients().join(".venv/bin/python"));
    python.args(["-c", script]);
    let read = run(python, file.as_bytes());
    assert_eq!(read.ok(), "Host(`id.example.com`) && !Path(`/metrics`) h2c://127.0.0.1:8080");
}

/// Units in a text, each below a comment with its path.
fn units(folder: &Path, text: &str) -> Vec<PathBuf> {
    let parts: Vec<&str> = text.split("# /etc/systemd/system/").skip(1).collect();
    let write = |part: &&str| {
        let (name, rest) = part.split_once('\n').unwrap();
        let path = folder.join(name);
        fs::write(&path, rest).unwrap();
        path
    };
    parts.iter().map(write).collect()
}

#[test]
fn systemd_takes_the_units_and_finds_them_closed() {
    let Some(analyze) = tool("systemd-analyze") else { return };
    let folder = TempDir::new().unwrap();
    let settings = ["--data", "/var/lib/scaistack", "--public-url", "https://id.example.com"];
    for (what, services) in [("systemd", 1), ("backup-timer", 2)] {
        let units = units(folder.path(), &printed(folder.path(), &[&[what][..], &settings].concat()));
        assert_eq!(units.len(), services);
        let mut verify = Command::new(&analyze);
        verify.args(["verify", "--man=no"]).args(&units);
        let verified = run(verify, b"");
        assert!(verified.code == 0 && verified.stderr.is_empty(), "{verified:?}");
        let mut security = Command::new(&analyze);
        security.args(["security", "--offline=true", "--no-pager"]).arg(&units[0]);
        let said = run(security, b"").ok().to_owned();
        let level = said.lines().find_map(|line| line.split_once("Overall exposure level for ")).unwrap().1;
        let level: f32 = level.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(level <= 2.0, "{said}");
    }
}

/// A command of a unit, as a shell gets it.
fn command_of(unit: &str, name: &str) -> String {
    let line = unit.lines().find_map(|line| line.strip_prefix(&format!("{name}=/bin/sh -ec \""))).unwrap();
    let line = line.strip_suffix('"').unwrap();
    line.replace("%%", "%").replace("$$", "$").replace("\\\"", "\"").replace("\\\\", "\\")
}

#[test]
fn the_timer_makes_a_backup_and_takes_old_ones_away() {
    let server = Server::start();
    let folder = server.folder();
    let units = printed(folder.path(), &["backup-timer", "--data", server.data.to_str().unwrap()]);
    let backups = server.data.with_file_name("data-backups");
    assert!(units.contains(&format!("ReadWritePaths={} {}", server.data.display(), backups.display())), "{units}");
    fs::create_dir(&backups).unwrap();
    let old = backups.join("old.scai");
    fs::write(&old, "").unwrap();
    run(
        {
            let mut touch = Command::new("touch");
            touch.args(["-d", "40 days ago"]).arg(&old);
            touch
        },
        b"",
    )
    .ok();
    let mut environment = Vec::new();
    for line in units.lines().filter_map(|line| line.strip_prefix("Environment=")) {
        environment.push(line.split_once('=').unwrap());
    }
    for name in ["ExecStart", "ExecStartPost"] {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-ec", &command_of(&units, name)]).current_dir("/").envs(environment.iter().copied());
        run(shell, b"").ok();
    }
    let left: Vec<_> = fs::read_dir(&backups).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.len() == 1 && left[0] != old && left[0].extension().is_some_and(|end| end == "scai"), "{left:?}");
}

#[test]
fn the_service_manager_is_told_when_it_is_ready_and_when_it_stops() {
    let folder = Arc::new(TempDir::new().unwrap());
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let heard = || {
        let mut text = [0; 256];
        let length = manager.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let server = Server::start_in(Arc::clone(&folder), &[("NOTIFY_SOCKET", path.to_str().unwrap())]);
    assert_eq!(heard(), format!("READY=1\nSTATUS=Listens on {}, for {}", server.addr, server.url));
    assert!(server.stop().success());
    assert_eq!(heard(), "STOPPING=1");
}

/// As an image: a root of its own with the program and its libraries, another user, and nothing of this machine's settings.
struct Container {
    folder: TempDir,
    port: u16,
    /// What the file for it says of the environment.
    environment: Vec<(String, String)>,
}

impl Container {
    fn new() -> Self {
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        let file = printed(folder.path(), &["container", "--listen", &format!("127.0.0.1:{port}")]);
        let root = folder.path().join("root");
        let program = Path::new(env!("CARGO_BIN_EXE_scaistack"));
        let inside = root.join("usr/local/bin/scaistack");
        fs::create_dir_all(inside.parent().unwrap()).unwrap();
        fs::copy(program, &inside).unwrap();
        let mut ldd = Command::new("ldd");
        ldd.arg(program);
        let libraries = run(ldd, b"");
        for library in libraries.ok().split_whitespace().filter(|word| word.starts_with('/')) {
            let to = root.join(library.trim_start_matches('/'));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(library, to).unwrap();
        }
        fs::create_dir(root.join("data")).unwrap();
        std::os::unix::fs::chown(root.join("data"), Some(65532), Some(65532)).unwrap();
        let environment = file.split_once("\nENV ").unwrap().1.split_once("\nVOLUME").unwrap().0.replace("\\\n", " ");
        let pairs = environment.split_whitespace().map(|pair| pair.split_once('=').unwrap());
        let environment = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { folder, port, environment }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// The program inside.
    fn command(&self) -> Command {
        let mut command = Command::new("chroot");
        command.args(["--userspec=65532:65532"]).arg(self.root()).arg("/usr/local/bin/scaistack").env_clear();
        command.env("PATH", "/usr/sbin:/usr/bin:/bin").envs(self.environment.iter().cloned());
        command
    }

    fn serve(&self) -> Running {
        let mut command = self.command();
        command.arg("serve").stdout(Stdio::null()).stderr(Stdio::null());
        Running::start(command, self.port)
    }

    /// A folder with a `scaistack` that runs the one inside, as `docker exec` does.
    fn path(&self) -> PathBuf {
        let folder = self.folder.path().join("bin");
        fs::create_dir(&folder).unwrap();
        let command = self.command();
        let words = command.get_args().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ");
        let environment = self.environment.iter().map(|(name, value)| format!("{name}={value} ")).collect::<String>();
        let script =
            format!("#!/bin/sh\nexec env -i PATH=/usr/sbin:/usr/bin:/bin {environment}chroot {words} \"$@\"\n");
        let program = folder.join("scaistack");
        fs::write(&program, script).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }
}

#[test]
fn the_container_serves_in_a_root_with_nothing_but_the_program() {
    if !getuid().is_root() {
        // Only root may change its root.
        return;
    }
    let container = Container::new();
    let _running = container.serve();
    let address = SocketAddr::from(([127, 0, 0, 1], container.port));
    assert_eq!(Call::new(address, "GET", "/health/ready").send().status, 200);
    assert!(container.root().join("data/scaistack.db").exists());
    readme::works(&format!("http://127.0.0.1:{}", container.port), &container.path(), container.folder.path());
    // No authority of certificates is in it.
    let mut elsewhere = container.command();
    elsewhere.args(["tenant", "list", "--server", "https://id.example.com"]).env("SCAISTACK_TOKEN", "skt_x");
    let refused = run(elsewhere, b"");
    assert!(refused.code != 0 && refused.stderr.contains("ca-certificates"), "{refused:?}");
}
