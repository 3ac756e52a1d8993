//! A listener at work, and how it comes to its end.

use super::drain::Drain;
use super::socket::SocketFile;
use actix_server::Server;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

/// How long the workers have to put their things away when every connection is closed.
const LAST_THINGS: Duration = Duration::from_secs(5);

/// How far a stop has been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ask {
    Serve,
    Finish,
    Now,
}

/// The handle of a listener that serves. Dropping it stops the listener at once.
#[derive(Debug)]
pub struct Running {
    local_addr: SocketAddr,
    ask: watch::Sender<Ask>,
    ended: watch::Receiver<bool>,
    drain: Arc<Drain>,
}

impl Running {
    /// The address that is listened on, with the port that the system chose if port 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// How many connections are open now.
    pub fn connections(&self) -> usize {
        self.drain.open()
    }

    /// Stops, and comes back when the workers are gone.
    ///
    /// Graceful: new connections and idle ones are closed at once, requests in flight have the configured time to finish.
    /// Otherwise everything is dropped. A second call with `false` ends a graceful stop.
    pub async fn stop(&self, graceful: bool) {
        let asked = if graceful { Ask::Finish } else { Ask::Now };
        self.ask.send_if_modified(|ask| {
            let more = asked > *ask;
            *ask = asked.max(*ask);
            more
        });
        self.wait().await;
    }

    /// Comes back when the listener has ended, by [`Running::stop`] or by a signal.
    pub async fn wait(&self) {
        // An error means that the task which tells is gone, and the server with it.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }
}

/// What it takes to end a listener.
pub(super) struct Supervisor {
    pub(super) server: Server,
    pub(super) drain: Arc<Drain>,
    pub(super) grace: Duration,
    pub(super) socket: Option<SocketFile>,
    /// Every worker has a clone of the sender; this one keeps the channel open while there may be new workers.
    pub(super) alive: (mpsc::Sender<Infallible>, mpsc::Receiver<Infallible>),
    pub(super) signals: Option<Signals>,
}

impl Supervisor {
    /// Starts the workers, then serves on a task of its own.
    ///
    /// # Errors
    /// That an application did not start.
    pub(super) async fn start(mut self, local_addr: SocketAddr) -> io::Result<Running> {
        // The server starts its workers when it is first polled, and ends at once if one of them does not start.
        if let Poll::Ready(outcome) = poll_fn(|cx| Poll::Ready(Pin::new(&mut self.server).poll(cx))).await {
            return Err(outcome.err().unwrap_or_else(|| io::Error::other("the server ended at its start")));
        }
        let (ask, asked) = watch::channel(Ask::Serve);
        let (tell, ended) = watch::channel(false);
        let drain = Arc::clone(&self.drain);
        tokio::spawn(async move {
            self.run(asked).await;
            tell.send_replace(true);
        });
        Ok(Running { local_addr, ask, ended, drain })
    }

    async fn run(self, mut asked: watch::Receiver<Ask>) {
        let Self { mut server, drain, grace, socket, alive: (alive, mut gone), mut signals } = self;
        let ask = tokio::select! {
            outcome = &mut server => return tracing::error!(?outcome, "the server ended by itself"),
            ask = more(&mut asked, &mut signals, Ask::Serve) => ask,
        };
        if ask == Ask::Finish {
            tracing::info!(connections = drain.open(), "stopping: requests in flight are finished");
            drain.begin();
            // The server's own graceful stop looks once a second whether its connections are closed; our count knows at once. Until then new
            // connections are taken and closed, which tells a client more than one that waits in the system's queue.
            tokio::select! {
                _ = &mut server => {}
                _ = more(&mut asked, &mut signals, Ask::Finish) => tracing::warn!("stopping at once"),
                () = drain.empty() => {}
                () = sleep(grace) => tracing::warn!(connections = drain.open(), "the time to finish is over"),
            }
        }
        drop(server);
        drop(alive);
        if timeout(LAST_THINGS, gone.recv()).await.is_err() {
            tracing::warn!("a worker did not end");
        }
        drop(socket);
    }
}

/// Waits until more is asked for than `than`: through the handle, or by a signal, of which each asks for one step more.
async fn more(asked: &mut watch::Receiver<Ask>, signals: &mut Option<Signals>, than: Ask) -> Ask {
    let signalled = async {
        match signals {
            Some(signals) => signals.next().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // The handle was dropped: nobody waits for a graceful end.
        ask = asked.wait_for(|ask| *ask > than) => ask.map_or(Ask::Now, |ask| *ask),
        () = signalled => if than == Ask::Serve { Ask::Finish } else { Ask::Now },
    }
}

/// SIGTERM and SIGINT, which mean the same.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes the signals over from the system's default of ending the process.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
