//! Programs that run beside the server: proxies, web applications.

use super::wire::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program that may be in a folder for administrators.
pub fn tool(name: &str) -> Option<PathBuf> {
    let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    folders.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.exists())
}

/// A port that nobody else gets so soon.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program that runs until this is dropped. What it said is shown when a test fails.
pub struct Running {
    child: Child,
    said: Option<PathBuf>,
}

impl Running {
    /// Starts it and waits until it listens on a port of this machine.
    pub fn start(command: Command, port: u16) -> Self {
        Self::listening(command, port, None)
    }

    /// As [`Running::start`], with what it prints in a file.
    pub fn start_quietly(mut command: Command, port: u16, said: PathBuf) -> Self {
        let file = File::create(&said).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        Self::listening(command, port, Some(said))
    }

    fn listening(mut command: Command, port: u16, said: Option<PathBuf>) -> Self {
        let mut running = Self { child: command.stdin(Stdio::null()).spawn().unwrap(), said };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(running.child.try_wait().unwrap().is_none(), "{command:?} has ended");
            assert!(Instant::now() < deadline, "{command:?} does not listen");
            // Between two looks, so that it has the processor.
            thread::park_timeout(Duration::from_millis(20));
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
        if let Some(said) = self.said.as_deref().filter(|_| thread::panicking()) {
            let _ = io::stderr().write_all(&fs::read(said).unwrap_or_default());
        }
    }
}
