//! The child that serves the smallest application.

use super::baseline_app as application;
use super::child::Child;
use super::folder::Folder;
use super::{Failure, limits};
use std::ffi::OsStr;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Serves until stdin ends, which it does with the process that started this one, however that ends. Its data file is made in
/// the working folder.
///
/// # Errors
/// It cannot listen, or make its data file.
pub(super) async fn serve() -> Result<(), Failure> {
    let store = limits::empty_store(Path::new("baseline.db"))?;
    let signer = Arc::new(limits::rsa_signer()?);
    let running = application::serve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), signer, store.clone()).await?;
    writeln!(std::io::stdout(), "http://{}", running.local_addr())?;
    stdin_ended().await;
    running.stop(false).await;
    store.close();
    Ok(())
}

async fn stdin_ended() {
    let (ended, end) = oneshot::channel();
    // A thread that is still reading does not hold the process up.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _: Result<(), ()> = ended.send(());
    });
    let _ = end.await;
}

/// Starts it and waits until it answers.
///
/// # Errors
/// It does not start.
pub(super) async fn start(folder: &Folder) -> Result<(Child, SocketAddr), Failure> {
    let own = std::env::current_exe()?;
    let mut child = Child::start(&own, &[OsStr::new("--baseline")], folder.path(), "baseline.log")?;
    let addr = child.address().await?;
    child.ready(addr, application::FIXED).await?;
    Ok((child, addr))
}
