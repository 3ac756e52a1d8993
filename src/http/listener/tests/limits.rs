use super::*;
use tokio::time::Instant;

#[tokio::test]
async fn who_says_nothing_is_closed() {
    let site = Site::start(|config| config.limits.handshake = Duration::from_millis(100)).await;
    for first in [&b""[..], b"\x16\x03\x01", b"PRI * HT"] {
        let start = Instant::now();
        let mut stream = site.tcp().await;
        stream.write_all(first).await.unwrap();
        assert_eq!(rest(&mut stream).await, "", "{first:?}");
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(100) && took < AT_ONCE, "{took:?}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_end_is_closed() {
    let site = Site::start(|config| config.limits.head = Duration::from_millis(80)).await;
    let mut first = site.tcp().await;
    first.write_all(b"GET /conn HTTP/1.1\r\nhost").await.unwrap();
    let said = rest(&mut first).await;
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");

    let mut second = site.tcp().await;
    second.write_all(b"POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 3\r\n\r\nabc").await.unwrap();
    read_until(&mut second, "abc").await;
    second.write_all(b"GET /conn HTTP/1.1\r\nhost").await.unwrap();
    let said = timeout(AT_ONCE, rest(&mut second)).await.unwrap();
    assert_eq!(said, "");
}

#[tokio::test]
async fn a_slow_handler_is_not_a_slow_client() {
    let site = Site::start(|config| config.limits.head = Duration::from_millis(20)).await;
    let mut stream = site.tcp().await;
    stream.write_all(b"GET /held HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    site.gate.entered.notified().await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    site.gate.go.notify_one();
    read_until(&mut stream, "let go").await;
}

#[tokio::test]
async fn a_body_that_does_not_end_is_answered() {
    let site = Site::start(|config| config.limits.body = Duration::from_millis(50)).await;
    let mut stream = site.tcp().await;
    stream.write_all(b"POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 30\r\n\r\nabc").await.unwrap();
    let said = read_until(&mut stream, "\r\n").await;
    assert!(said.starts_with("HTTP/1.1 400"), "{said}");
}

#[tokio::test]
async fn a_body_that_is_too_large_gets_413() {
    let site = Site::start(|config| config.limits.max_body = 100).await;
    let (fits, large) = (Bytes::from(vec![b'x'; 100]), Bytes::from(vec![b'x'; 101]));
    let client = Http2::over(site.tcp().await).await;
    assert_eq!(client.ask(post("/echo", "text/plain"), Some(fits)).await.unwrap().status, 200);
    assert_eq!(client.ask(post("/echo", "text/plain"), Some(large.clone())).await.unwrap().status, 413);

    let mut stream = site.tcp().await;
    stream.write_all(b"POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 101\r\n\r\n").await.unwrap();
    stream.write_all(&large).await.unwrap();
    let said = read_until(&mut stream, "\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
}

#[tokio::test]
async fn a_head_that_no_request_can_be_made_of_is_refused() {
    let site = Site::start(|_| {}).await;
    let fields = "x: y\r\n".repeat(200);
    let mut stream = site.tcp().await;
    stream.write_all(format!("GET /conn HTTP/1.1\r\nhost: here\r\n{fields}\r\n").as_bytes()).await.unwrap();
    let said = read_until(&mut stream, "\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");

    let client = Http2::over(site.tcp().await).await;
    let mut large = get("/conn");
    large.headers_mut().insert("x", "a".repeat(MAX_HTTP2_HEAD).parse().unwrap());
    assert!(client.ask(large, None).await.is_ok_and(|answer| answer.status == 431));
}

#[tokio::test]
async fn who_reads_nothing_is_closed() {
    let site = Site::start(|config| {
        config.limits.stall = Duration::from_millis(100);
        config.limits.max_body = 64 << 20;
    })
    .await;
    let mut stream = site.tcp().await;
    // More answers than the sockets' buffers hold, none of which is read.
    let request = "GET /conn HTTP/1.1\r\nhost: here\r\n\r\n".repeat(2000);
    let flood = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    timeout(LONG, flood).await.unwrap();
}
