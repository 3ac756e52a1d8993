//! The sockets: TCP, and the Unix socket for the owner of the data folder.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::net::{SocketAddr, TcpListener};
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
        let listener = UnixListener::bind(&inside)?;
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
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process answers there")),
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}
