//! A child process that serves: started, watched, and always ended.

use super::Failure;
use super::process;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How long a child may take until it serves: a first start makes keys.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end when it was asked to.
const STOP: Duration = Duration::from_secs(15);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(1);
/// What a child prints before its address.
const ADDRESS: &str = "http://127.0.0.1:";

/// A running child. Killed when dropped, if it was not stopped before.
#[derive(Debug)]
pub(super) struct Child {
    process: Process,
    /// Where it says what it does.
    log: PathBuf,
}

impl Child {
    /// Starts a program with these arguments, without the settings of the environment. What it prints goes to `log`.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn start(program: &Path, arguments: &[&OsStr], folder: &Path, log: &str) -> Result<Self, Failure> {
        let log = folder.join(log);
        let printed = File::create(&log)?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).stdin(Stdio::piped());
        command.stdout(printed.try_clone()?).stderr(printed);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"SCAISTACK_")) {
            command.env_remove(name);
        }
        Ok(Self { process: command.spawn()?, log })
    }

    /// The id of the child process.
    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The address that it has printed.
    ///
    /// # Errors
    /// It ended, or printed none in time.
    pub(super) async fn address(&mut self) -> Result<SocketAddr, Failure> {
        let until = Instant::now() + START;
        loop {
            if let Some(addr) = address_in(&fs::read_to_string(&self.log)?) {
                return Ok(addr);
            }
            self.still_there(until)?;
            sleep(LOOK * 5).await;
        }
    }

    /// Waits for a good answer to a GET of `target`.
    ///
    /// # Errors
    /// It ended, or gave none in time.
    pub(super) async fn ready(&mut self, addr: SocketAddr, target: &str) -> Result<(), Failure> {
        let until = Instant::now() + START;
        while !answers(addr, target).await {
            self.still_there(until)?;
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Memory that lies in RAM, in bytes.
    ///
    /// # Errors
    /// It has ended.
    pub(super) fn resident(&self) -> Result<u64, Failure> {
        process::resident(self.pid())
    }

    /// Asks it to end and waits until it has.
    ///
    /// # Errors
    /// It ended badly; or it did not end in time and was killed.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        let pid = i32::try_from(self.pid()).ok().and_then(rustix::process::Pid::from_raw);
        let pid = pid.ok_or_else(|| Failure::failed("a child has no process id"))?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(std::io::Error::from)?;
        let until = Instant::now() + STOP;
        loop {
            match self.process.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(self.failed(&format!("a server ended badly ({status})"))),
                None if Instant::now() > until => return Err(self.failed("a server did not stop")),
                None => sleep(LOOK).await,
            }
        }
    }

    fn still_there(&mut self, until: Instant) -> Result<(), Failure> {
        if let Some(status) = self.process.try_wait()? {
            return Err(self.failed(&format!("a server did not start ({status})")));
        }
        if Instant::now() > until {
            return Err(self.failed("a server did not start in time"));
        }
        Ok(())
    }

    /// With the end of what it printed.
    fn failed(&self, what: &str) -> Failure {
        let printed = fs::read(&self.log).unwrap_or_default();
        let tail = printed.len().saturating_sub(2000);
        Failure::failed(format!("{what}\n{}", String::from_utf8_lossy(printed.get(tail..).unwrap_or_default())))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both do nothing to a child that has been waited for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first address in a text.
fn address_in(text: &str) -> Option<SocketAddr> {
    let (_, rest) = text.split_once(ADDRESS)?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // While the line is being written its port may not be there to its end.
    let port: u16 = rest.get(..digits).filter(|_| rest.len() > digits)?.parse().ok()?;
    (port != 0).then(|| SocketAddr::from(([127, 0, 0, 1], port)))
}

/// Whether a GET of `target` is answered with 200 within a second.
async fn answers(addr: SocketAddr, target: &str) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(addr).await.ok()?;
        let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.ok()?;
        Some(status == *b"HTTP/1.1 200")
    };
    timeout(Duration::from_secs(1), ask).await.ok().flatten().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_when_they_are_complete() {
        let addr = |port| Some(SocketAddr::from(([127, 0, 0, 1], port)));
        assert_eq!(address_in("listening on http://127.0.0.1:41234\nSetup: x"), addr(41234));
        assert_eq!(address_in("http://127.0.0.1:80/setup"), addr(80));
        for text in
            ["", "http://127.0.0.1:412", "http://127.0.0.1:0\n", "http://127.0.0.1:99999\n", "http://127.0.0.1:x"]
        {
            assert_eq!(address_in(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn only_200_is_ready() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            for status in ["503 Busy", "200 OK"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 512];
                let _ = stream.read(&mut head).await.unwrap();
                stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await.unwrap();
            }
        });
        assert!(!answers(addr, "/").await);
        assert!(answers(addr, "/").await);
        server.await.unwrap();
        assert!(!answers(addr, "/").await, "nobody listens");
    }
}
