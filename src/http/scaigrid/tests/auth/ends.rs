//! How flows and their codes end.

use super::*;

#[actix_web::test]
async fn of_500_exchanges_of_one_code_at_once_one_succeeds_and_then_its_tokens_are_dead() {
    let world = World::new();
    let alice = person(&world, "alice@acme.example").await;
    let away = begin(&world).await;
    let code = our_code(&world, &away, &alice).await;
    let app = test::init_service(application(web::Data::from(Arc::clone(&world.stack)))).await;
    let (app, body) = (&app, &exchange_body(&away.flow, &code));
    let all = (0..500).map(|_| async move {
        let request = test::TestRequest::post().uri("/v1/auth/token").set_json(body);
        let answer = test::call_service(app, request.to_request()).await;
        (answer.status().as_u16(), test::read_body(answer).await)
    });
    let answers = futures_util::future::join_all(all).await;
    let good: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(good.len(), 1, "exactly one");
    assert!(answers.iter().all(|(status, _)| [200, 401].contains(status)));
    let tokens: Value = serde_json::from_slice(&good[0].1).unwrap();
    let access = tokens["data"]["access_token"].as_str().unwrap();
    world.get(access, "/v1/me").await.refused(401, "AUTH_TOKEN_INVALID", INVALID);
    let refresh = json!({ "refresh_token": tokens["data"]["refresh_token"] });
    assert_eq!(open(&world, "/v1/auth/refresh", refresh).await.status, 401, "reuse was seen");
}

#[actix_web::test]
async fn flows_are_swept_when_they_are_over() {
    let world = World::new();
    begin(&world).await;
    begin(&world).await;
    let now = world.stack.now();
    let sweep = async |after: i64| {
        let at = now.plus_secs(after);
        world.stack.store.write(move |tx| crate::program_login::sweep(tx, at, 10)).await.unwrap()
    };
    assert_eq!((sweep(599).await, sweep(600).await, sweep(600).await), (0, 2, 0));
}
