//! The sockets: TCP, and the Unix socket for the owner of the data folder.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use tokio::net::TcpSocket;

/// Connections that may wait for a worker to take them.
const BACKLOG: u32 = 2048;

/// Binds the port. Port 0 lets the system choose.
///
/// # Errors
/// What the system says, with the address.
pub(super) fn tcp(addr: SocketAddr) -> io::Result<TcpListener> {
    let bind = || {
        let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        socket.listen(BACKLOG)?.into_std()
    };
    bind().map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {addr}: {error}")))
}

/// The longest path of a socket that the system takes, in bytes.
const MAX_PATH: usize = 107;

/// The path of a Unix socket in a form that the system takes. One that is too long leads through the open folder that it is in, and holds
/// as long as this.
#[derive(Debug)]
pub struct SocketPath {
    path: PathBuf,
    _folder: Option<File>,
}

impl SocketPath {
    /// The form for this path.
    ///
    /// # Errors
    /// The path is too long, and its folder does not open.
    pub fn of(path: &Path) -> io::Result<Self> {
        let parts = path.parent().zip(path.file_name());
        match parts.filter(|_| path.as_os_str().len() > MAX_PATH) {
            None => Ok(Self { path: path.to_owned(), _folder: None }),
            Some((folder, name)) => {
                let folder = File::open(folder)?;
                let path = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
                Ok(Self { path, _folder: Some(folder) })
            }
        }
    }

    /// As the system takes it.
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// Connects to it.
    ///
    /// # Errors
    /// What the system says.
    pub fn connect(path: &Path) -> io::Result<UnixStream> {
        UnixStream::connect(Self::of(path)?.as_path())
    }
}

/// A Unix socket's file: removed when this is dropped, unless someone else's stands there by then.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    id: (u64, u64),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|id| id == self.id) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Binds the Unix socket at `path`, mode 0600. The file of a process that is no more is replaced.
///
/// # Errors
/// `AddrInUse` when a process answers there, `AlreadyExists` when the path is no socket, or what the system says.
pub(super) fn unix(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let told = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {}: {error}", path.display()));
    check_free(path).map_err(told)?;
    // Made where nobody else can reach it and moved when its mode is right, so that there is no moment at which others can connect.
    let folder = path.with_file_name(format!(".sock{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    DirBuilder::new().mode(0o700).create(&folder).map_err(told)?;
    let made = (|| {
        let inside = folder.join("s");
        let listener = UnixListener::bind(SocketPath::of(&inside)?.as_path())?;
        fs::set_permissions(&inside, Permissions::from_mode(0o600))?;
        fs::rename(&inside, path)?;
        Ok((listener, SocketFile { path: path.to_owned(), id: identity(path)? }))
    })();
    let _ = fs::remove_dir_all(&folder);
    made.map_err(told)
}

/// Whether the path is free, or holds the socket of a process that is no more.
fn check_free(path: &Path) -> io::Result<()> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(()) };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something that is no socket stands there"));
    }
    match SocketPath::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process answers there")),
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}
