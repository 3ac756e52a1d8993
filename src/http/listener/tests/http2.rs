use super::*;
use futures_util::future::LocalBoxFuture;
use http_body_util::{BodyExt, Full};

#[tokio::test]
async fn prior_knowledge_and_alpn_reach_the_application() {
    let site = Site::start(|_| {}).await;
    let tls = site.tls(&[b"h2", b"http/1.1"]).await;
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    for (client, tls) in [(Http2::over(site.tcp().await).await, false), (Http2::over(tls).await, true)] {
        let told = client.ask(get("/conn"), None).await.unwrap();
        assert_eq!(told.status, 200);
        assert_eq!(String::from_utf8(told.body).unwrap(), format!("peer=true tls={tls} local=false host=here"));
        let large = Bytes::from(vec![7; 40_000]);
        let echo = client.ask(post("/echo", "text/plain"), Some(large.clone())).await.unwrap();
        assert_eq!((echo.status, echo.body.len()), (200, large.len()));
        assert_eq!(client.ask(get("/nowhere"), None).await.unwrap().status, 404);
    }
}

#[tokio::test]
async fn a_head_tells_the_length_and_a_split_cookie_is_joined() {
    let site = Site::start(|_| {}).await;
    let client = Http2::over(site.tcp().await).await;
    let whole = client.ask(get("/conn"), None).await.unwrap();
    let head = http::Request::head("http://here/conn").body(()).unwrap();
    let head = client.ask(head, None).await.unwrap();
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
    assert_eq!(head.headers["content-length"], whole.body.len().to_string());

    let mut split = get("/cookie");
    for crumb in ["a=1", "b=2"] {
        split.headers_mut().append("cookie", crumb.parse().unwrap());
    }
    assert_eq!(client.ask(split, None).await.unwrap().body, b"a=1; b=2");
}

#[tokio::test]
async fn an_unknown_grpc_method_is_unimplemented() {
    let site = Site::start(|_| {}).await;
    let tls = site.tls(&[b"h2"]).await;
    for client in [Http2::over(site.tcp().await).await, Http2::over(tls).await] {
        let message = Bytes::from_static(&[0, 0, 0, 0, 0]);
        let answer = client.ask(post("/no.Service/Method", "application/grpc"), Some(message)).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["grpc-status"], "12");
        assert_eq!(answer.headers["content-type"], "application/grpc");
        assert!(answer.body.is_empty() && answer.trailers.is_none());
    }
}

/// Answers with the body it got, whether the connection is known, and trailers.
struct Echo;

impl GrpcDispatch for Echo {
    fn call(&self, request: http::Request<Bytes>) -> LocalBoxFuture<'_, http::Response<GrpcBody>> {
        let known = request.extensions().get::<Connection>().is_some_and(|connection| connection.peer.is_some());
        let trailers: http::HeaderMap =
            [("grpc-status".parse().unwrap(), if known { "0" } else { "13" }.parse().unwrap())].into_iter().collect();
        let body = Full::new(request.into_body()).with_trailers(std::future::ready(Some(Ok(trailers)))).boxed_unsync();
        Box::pin(std::future::ready(http::Response::new(body)))
    }
}

#[tokio::test]
async fn a_grpc_answer_ends_with_trailers() {
    let site = Site::start_with(|config| config.limits.max_body = 64, Arc::new(Echo)).await;
    let client = Http2::over(site.tcp().await).await;
    let message = Bytes::from_static(b"\0\0\0\0\x02hi");
    let answer = client.ask(post("/a.B/C", "application/grpc+proto"), Some(message.clone())).await.unwrap();
    assert_eq!(answer.body, message);
    assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");

    let large = client.ask(post("/a.B/C", "application/grpc"), Some(Bytes::from(vec![0; 65]))).await.unwrap();
    assert_eq!(large.headers["grpc-status"], "8");
    let web = client.ask(post("/a.B/C", "application/grpc-web"), Some(message)).await.unwrap();
    assert_eq!(web.status, 404);
}

/// Answers with more than the sockets' buffers hold.
struct Large;

const LARGE: usize = 64 << 20;

impl GrpcDispatch for Large {
    fn call(&self, _request: http::Request<Bytes>) -> LocalBoxFuture<'_, http::Response<GrpcBody>> {
        let trailers: http::HeaderMap = [("grpc-status".parse().unwrap(), "0".parse().unwrap())].into_iter().collect();
        let body = Full::new(Bytes::from(vec![7; LARGE])).with_trailers(std::future::ready(Some(Ok(trailers))));
        Box::pin(std::future::ready(http::Response::new(body.boxed_unsync())))
    }
}

#[tokio::test]
async fn a_large_answer_comes_whole() {
    let site = Site::start_with(|_| {}, Arc::new(Large)).await;
    let tls = site.tls(&[b"h2"]).await;
    for client in [Http2::over(site.tcp().await).await, Http2::over(tls).await] {
        let answer = client.ask(post("/a.B/C", "application/grpc"), Some(Bytes::from_static(&[0; 5]))).await.unwrap();
        assert!(answer.body.len() == LARGE && answer.body.iter().all(|byte| *byte == 7));
        assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");
    }
}

#[tokio::test]
async fn who_reads_nothing_of_a_large_answer_is_closed() {
    let site = Site::start_with(|config| config.limits.stall = Duration::from_millis(100), Arc::new(Large)).await;
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let front = [0, 0, u8::try_from(payload.len()).unwrap(), kind, flags, 0, 0, 0, stream];
        [&front[..], payload].concat()
    };
    // `:method: POST`, `:scheme: http`, and `:path`, `:authority` and `content-type` in plain letters (RFC 7541, appendix A).
    let head = [&b"\x83\x86\x04\x06/a.B/C\x01\x04here\x0f\x10\x10"[..], b"application/grpc"].concat();
    let sent = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        // Windows as large as there are: SETTINGS_INITIAL_WINDOW_SIZE, and WINDOW_UPDATE for the connection.
        frame(4, 0, 0, &[0, 4, 0x7f, 0xff, 0xff, 0xff]),
        frame(8, 0, 0, &[0x7f, 0, 0, 0]),
        frame(1, 4, 1, &head),
        frame(0, 1, 1, &[0; 5]),
    ];
    let mut stream = site.tcp().await;
    stream.write_all(&sent.concat()).await.unwrap();
    let opened = async {
        while site.running.connections() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, opened).await.unwrap();
    timeout(LONG, closed(&site)).await.unwrap();
    // It was told a part of the answer before.
    assert!(rest(&mut stream).await.len() > 100_000);
}

/// Waits until the connection that was opened is closed.
async fn closed(site: &Site) {
    while site.running.connections() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn who_opens_no_window_for_an_answer_is_closed() {
    let site = Site::start_with(|config| config.limits.stall = Duration::from_millis(100), Arc::new(Large)).await;
    for window in [0, 1, 20_000] {
        let mut builder = h2::client::Builder::new();
        let (mut send, connection) = builder.initial_window_size(window).handshake(site.tcp().await).await.unwrap();
        // It answers every ping.
        drop(tokio::spawn(connection));
        let (answer, mut body) = send.send_request(post("/a.B/C", "application/grpc"), false).unwrap();
        body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
        let mut answer = timeout(LONG, answer).await.unwrap().unwrap().into_body();
        timeout(LONG, closed(&site)).await.unwrap();
        let mut got = 0;
        let broken = loop {
            match timeout(LONG, answer.data()).await.unwrap() {
                Some(Ok(chunk)) => got += chunk.len(),
                end => break matches!(end, Some(Err(_))),
            }
        };
        assert!(broken && got == window as usize);
    }
}

#[tokio::test]
async fn an_answer_that_the_client_gives_up_is_not_waited_for() {
    let stall = Duration::from_millis(100);
    let site = Site::start_with(|config| config.limits.stall = stall, Arc::new(Large)).await;
    let mut builder = h2::client::Builder::new();
    let (mut send, connection) = builder.initial_window_size(1).handshake(site.tcp().await).await.unwrap();
    let ended = tokio::spawn(connection);
    let (answer, mut body) = send.send_request(post("/a.B/C", "application/grpc"), false).unwrap();
    body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
    let mut answer = timeout(LONG, answer).await.unwrap().unwrap().into_body();
    assert_eq!(timeout(LONG, answer.data()).await.unwrap().unwrap().unwrap().len(), 1);
    body.send_reset(h2::Reason::CANCEL);
    tokio::time::sleep(stall * 4).await;
    let head = http::Request::head("http://here/conn").body(()).unwrap();
    assert_eq!(Http2 { send, ended }.ask(head, None).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_slow_reader_gets_its_whole_answer() {
    let site = Site::start(|config| {
        config.limits.stall = Duration::from_millis(300);
        config.limits.http2_idle = Duration::from_millis(300);
    })
    .await;
    let (mut send, connection) = h2::client::handshake(site.tcp().await).await.unwrap();
    drop(tokio::spawn(connection));
    let (answer, mut body) = send.send_request(post("/echo", "text/plain"), false).unwrap();
    body.send_data(Bytes::from(vec![7; 200_000]), true).unwrap();
    let mut answer = timeout(LONG, answer).await.unwrap().unwrap().into_body();
    let mut got = 0;
    while let Some(chunk) = timeout(LONG, answer.data()).await.unwrap() {
        let chunk = chunk.unwrap();
        got += chunk.len();
        tokio::time::sleep(Duration::from_millis(75)).await;
        answer.flow_control().release_capacity(chunk.len()).unwrap();
    }
    assert_eq!(got, 200_000);
}

#[tokio::test]
async fn an_idle_connection_is_let_go() {
    let site = Site::start(|config| config.limits.http2_idle = Duration::from_millis(150)).await;
    let client = Http2::over(site.tcp().await).await;
    assert_eq!(client.ask(get("/conn"), None).await.unwrap().status, 200);
    timeout(LONG, client.ended).await.unwrap().unwrap().unwrap();
}
