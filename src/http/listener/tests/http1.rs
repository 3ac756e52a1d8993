use super::*;

#[tokio::test]
async fn plain_and_tls_reach_the_same_application() {
    let site = Site::start(|_| {}).await;
    let port = site.running.local_addr().port();
    assert_ne!(port, 0);
    let ca = reqwest::Certificate::from_pem(site.tls.ca_pem().unwrap().unwrap().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap();
    for (scheme, tls) in [("http", false), ("https", true)] {
        let url = format!("{scheme}://localhost:{port}");
        let told = client.get(format!("{url}/conn")).send().await.unwrap().text().await.unwrap();
        assert_eq!(told, format!("peer=true tls={tls} local=false host=localhost:{port}"));
        let echo = client.post(format!("{url}/echo")).body("hello").send().await.unwrap().text().await.unwrap();
        assert_eq!(echo, "hello");
    }
}

#[tokio::test]
async fn tls_without_alpn_is_http1() {
    let site = Site::start(|_| {}).await;
    let answer = ask(site.tls(&[]).await, "/conn").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("tls=true"), "{answer}");
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let site = Site::start(|_| {}).await;
    let mut stream = site.tcp().await;
    for _ in 0..3 {
        stream.write_all(b"POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 3\r\n\r\nabc").await.unwrap();
        read_until(&mut stream, "abc").await;
    }
    assert_eq!(site.running.connections(), 1);
}

#[tokio::test]
async fn garbage_is_refused() {
    let site = Site::start(|_| {}).await;
    for (garbage, status) in
        [(&b"\x00\x01\x02\x03\r\n\r\n"[..], 400), (b"PRINT me\r\n\r\n", 400), (b"GET / HTTP/9.9\r\n\r\n", 505)]
    {
        let mut stream = site.tcp().await;
        stream.write_all(garbage).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[tokio::test]
async fn an_application_that_does_not_start_is_an_error() {
    let config = ListenerConfig { workers: 1, ..Default::default() };
    let app = || App::new().data_factory(|| async { Err::<u8, _>("no") });
    assert!(serve(free_port(), config, app, Arc::new(Unimplemented)).await.is_err());
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let site = Site::start(|_| {}).await;
    let addr = site.running.local_addr();
    let error = bind(addr).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&addr.to_string()), "{error}");
}

#[test]
fn clear_text_from_elsewhere_can_be_refused() {
    let from = |text: &str| Some(text.parse().unwrap());
    assert!(ClearText::Everyone.allows(from("192.0.2.1:5")));
    assert!(ClearText::Loopback.allows(from("127.0.0.1:5")));
    assert!(ClearText::Loopback.allows(from("[::ffff:127.0.0.1]:5")));
    assert!(!ClearText::Loopback.allows(from("192.0.2.1:5")));
    assert!(!ClearText::Loopback.allows(None));
}
