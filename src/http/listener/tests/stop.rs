use super::*;
use rustix::process::{Signal, getpid, kill_process};
use tokio::time::Instant;

#[tokio::test]
async fn a_graceful_stop_finishes_what_is_in_flight() {
    let site = Site::start(|_| {}).await;
    let mut busy = site.tcp().await;
    busy.write_all(b"GET /held HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    site.gate.entered.notified().await;
    let client = Http2::over(site.tcp().await).await;
    let second = tokio::spawn(async move { client.ask(get("/held"), None).await });
    site.gate.entered.notified().await;

    let stopped = site.running.stop(true);
    let answers = async {
        // A new connection is closed without an answer as soon as the stop has begun.
        while !ask(site.tcp().await, "/conn").await.is_empty() {}
        site.gate.go.notify_waiters();
        let first = rest(&mut busy).await;
        (first, second.await.unwrap().unwrap())
    };
    let ((), (first, second)) = timeout(AT_ONCE, futures_util::future::join(stopped, answers)).await.unwrap();
    assert!(first.ends_with("let go") && first.contains("connection: close"), "{first}");
    assert_eq!(second.body, b"let go");
    assert!(TcpStream::connect(site.running.local_addr()).await.is_err());
}

#[tokio::test]
async fn idle_connections_do_not_hold_a_stop_up() {
    let site = Site::start(|_| {}).await;
    let mut kept = site.tcp().await;
    kept.write_all(b"GET /conn HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    read_until(&mut kept, "host=here").await;
    let silent = site.tcp().await;
    let client = Http2::over(site.tls(&[b"h2"]).await).await;
    assert_eq!(client.ask(get("/conn"), None).await.unwrap().status, 200);
    // A client that does not answer our GOAWAY: its end of the connection is never polled.
    let (mute, _unpolled) = h2::client::handshake(site.tcp().await).await.unwrap();

    timeout(AT_ONCE, site.running.stop(true)).await.unwrap();
    assert_eq!(site.running.connections(), 0);
    assert_eq!(rest(&mut kept).await, "");
    // It ends; what it still wants to say may find nobody there.
    let _ = timeout(LONG, client.ended).await.unwrap().unwrap();
    drop((silent, mute));
}

#[tokio::test]
async fn the_time_to_finish_is_bounded() {
    let site = Site::start(|config| config.grace = Duration::from_millis(100)).await;
    let mut busy = site.tcp().await;
    busy.write_all(b"GET /held HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    site.gate.entered.notified().await;
    let start = Instant::now();
    timeout(LONG, site.running.stop(true)).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100) && start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    assert_eq!(rest(&mut busy).await, "");
}

#[tokio::test]
async fn a_second_stop_can_be_at_once() {
    let site = Site::start(|_| {}).await;
    let mut busy = site.tcp().await;
    busy.write_all(b"GET /held HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    site.gate.entered.notified().await;
    assert!(timeout(Duration::from_millis(50), site.running.stop(true)).await.is_err());
    timeout(AT_ONCE, site.running.stop(false)).await.unwrap();
}

#[tokio::test]
async fn a_dropped_handle_stops_the_listener() {
    let site = Site::start(|_| {}).await;
    let mut kept = site.tcp().await;
    kept.write_all(b"GET /conn HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    read_until(&mut kept, "host=here").await;
    drop(site.running);
    assert_eq!(rest(&mut kept).await, "");
}

#[tokio::test]
async fn a_signal_stops_gracefully_and_a_second_one_at_once() {
    let site = Site::start(|config| config.signals = true).await;
    let mut busy = site.tcp().await;
    busy.write_all(b"GET /held HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    site.gate.entered.notified().await;
    kill_process(getpid(), Signal::INT).unwrap();
    assert!(timeout(Duration::from_millis(50), site.running.wait()).await.is_err());
    kill_process(getpid(), Signal::TERM).unwrap();
    timeout(AT_ONCE, site.running.wait()).await.unwrap();
    assert_eq!(rest(&mut busy).await, "");
}
