//! No work is lost: what was typed comes back after an error, after a sign-in, and after a sign-in in another tab.

use crate::base::Email;
use crate::http::testkit::{PASSWORD, browser, stack};
use crate::people;
use crate::tenancy;

const CREATE: &str = "/admin/people/users/create";
const FROM: (&str, &str) = ("referer", "http://localhost:8080/admin/people/users/create");

fn user<'a>(email: &'a str, tenant: &'a str, password: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("email", email),
        ("display_name", "Nia <3"),
        ("tenant_id", tenant),
        ("role", "tenant_admin"),
        ("how", "password"),
        ("password", password),
    ]
}

#[actix_web::test]
async fn a_form_of_an_ended_session_comes_back_filled_and_is_not_sent_by_itself() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get(CREATE).await;
    stack.clock.advance_secs(i64::from(stack.config.sessions.idle_secs) + 1);
    let nia = user("nia@acme.example", &home, "a long enough password");
    let to = admin.post(CREATE, &nia).await.location().to_owned();
    let next = to.strip_prefix("/admin/sign-in?next=").unwrap_or_else(|| panic!("{to}"));
    let next = percent_encoding::percent_decode_str(next).decode_utf8().unwrap().into_owned();
    assert!(next.starts_with("/admin/people/users/create?kept="), "{next}");

    admin.get(&to).await;
    let signed_in = [("email", "alice@acme.example"), ("password", PASSWORD), ("next", &next)];
    assert_eq!(admin.post("/admin/sign-in", &signed_in).await.location(), next);
    let page = admin.get(&next).await;
    for part in
        ["value=\"nia@acme.example\"", "value=\"Nia &lt;3\"", "value=\"tenant_admin\" checked", "This was not sent"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(page.body.contains("The value you typed is kept") && !page.body.contains("a long enough"), "{}", page.body);
    let known = |email: &str| people::by_email(&stack.store.read(), &Email::parse(email).unwrap()).unwrap();
    assert!(known("nia@acme.example").is_none(), "nothing is sent by itself");
    assert!(admin.get(&next).await.body.contains("value=\"nia@acme.example\""), "Reload does what one expects");

    let kept = page.between("name=\"kept\" value=\"", "\"").to_owned();
    let again = user("nia@acme.example", &home, "").into_iter().chain([("kept", kept.as_str())]).collect::<Vec<_>>();
    admin.post(CREATE, &again).await.location();
    assert!(known("nia@acme.example").is_some());
    let mut herself = browser(&stack).await;
    herself.sign_in("nia@acme.example", "a long enough password").await.location();
}

#[actix_web::test]
async fn what_is_kept_is_of_a_page_of_ours_and_for_whoever_typed_it() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get(CREATE).await;
    admin.post(CREATE, &user("bob@acme.example", &home, "a long enough password")).await.location();
    admin.get(CREATE).await;
    stack.clock.advance_secs(i64::from(stack.config.sessions.idle_secs) + 1);
    let nia = user("nia@acme.example", &home, "a long enough password");
    // Without the token of the page, or with a word that it is of another site, nothing is kept.
    assert_eq!(admin.post_as(CREATE, &nia, &[]).await.status, 401);
    let with_token: Vec<_> =
        nia.iter().copied().chain([("csrf", &*admin.csrf.clone())]).map(|(a, b)| (a, b.to_owned())).collect();
    let with_token: Vec<_> = with_token.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(admin.post_as(CREATE, &with_token, &[("sec-fetch-site", "cross-site")]).await.status, 401);
    let to = admin.post(CREATE, &nia).await.location().to_owned();
    let next =
        percent_encoding::percent_decode_str(to.split_once("next=").unwrap().1).decode_utf8().unwrap().into_owned();
    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", "a long enough password").await.location();
    let page = bob.get(&next).await;
    assert!(page.status == 200 && !page.body.contains("nia@acme.example"), "{}", page.body);
    // Nor for ever.
    admin.sign_in("alice@acme.example", PASSWORD).await.location();
    assert!(admin.get(&next).await.body.contains("nia@acme.example"));
    stack.clock.advance_secs(crate::stack::KEPT_SECS);
    let page = admin.get(&next).await;
    assert!(page.status == 200 && !page.body.contains("nia@acme.example"), "{}", page.body);
}

#[actix_web::test]
async fn a_form_that_is_given_back_has_an_address_of_its_own_and_keeps_its_secrets_on_the_server() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get(CREATE).await;
    let (csrf, wrong) = (admin.csrf.clone(), user("nia at acme", &home, "a long enough password"));
    let fields: Vec<_> = wrong.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    let to = admin.post_as(CREATE, &fields, &[FROM]).await.location().to_owned();
    assert!(to.starts_with("/admin/answers/") && to.ends_with("?of=%2Fadmin%2Fpeople%2Fusers%2Fcreate"), "{to}");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let page = admin.get(&to).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("value=\"nia at acme\"") && page.body.contains("E-mail must be"), "{}", page.body);
        assert!(page.body.contains("The value you typed is kept") && !page.body.contains("a long enough"));
        seen.push(page.between("name=\"kept\" value=\"", "\"").to_owned());
    }
    assert_eq!(seen[0], seen[1], "Reload sends nothing again");
    let mut other = browser(&stack).await;
    other.sign_in("alice@acme.example", PASSWORD).await.location();
    assert_eq!(other.get(&to).await.location(), CREATE, "of that session alone");

    // What is left empty is what was typed before; what is typed goes before it.
    let right = user("nia@acme.example", &home, "").into_iter().chain([("kept", seen[0].as_str())]).collect::<Vec<_>>();
    admin.post(CREATE, &right).await.location();
    other.sign_in("nia@acme.example", "a long enough password").await.location();
    admin.get(CREATE).await;
    let refused = admin.post(CREATE, &user("bob at acme", &home, "another long password")).await;
    let kept = refused.between("name=\"kept\" value=\"", "\"").to_owned();
    let right = user("bob@acme.example", &home, "the one that counts").into_iter().chain([("kept", kept.as_str())]);
    admin.post(CREATE, &right.collect::<Vec<_>>()).await.location();
    other.sign_in("bob@acme.example", "the one that counts").await.location();
    // A password that is wrong itself has to be typed again.
    admin.get(CREATE).await;
    let short = admin.post(CREATE, &user("eve@acme.example", &home, "short")).await;
    assert!(short.status == 422 && !short.body.contains("name=\"kept\""), "{}", short.body);
}

#[actix_web::test]
async fn before_the_password_is_shown_again_a_form_is_kept_on_the_server() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let one = [("path", "prod/db"), ("data", "password=hunter2"), ("secret_type", "json")];
    admin.post("/admin/secrets/write", &one).await.location();
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    let ask = [("path", "prod/db"), ("version", "1"), ("sealed_note", "hunter3")];
    let question = admin.post("/admin/secrets/reveal", &ask).await;
    assert!(question.status == 403 && question.body.contains("name=\"step_up_password\""), "{}", question.body);
    assert!(!question.body.contains("hunter") && !question.body.contains("prod/db"), "{}", question.body);
    let kept = |page: &str| page.split_once("name=\"kept\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let first = kept(&question.body);
    let wrong = admin.post("/admin/secrets/reveal", &[("kept", &first), ("step_up_password", "wrong")]).await;
    assert!(wrong.status == 403 && wrong.body.contains("is wrong"), "{}", wrong.body);
    let (second, typed) = (kept(&wrong.body), ("step_up_password", PASSWORD));
    // Only to the address that it was typed for.
    let elsewhere = admin.post("/admin/secrets/write", &[("kept", &first), typed]).await;
    assert_eq!(elsewhere.status, 403, "{}", elsewhere.body);
    assert!(admin.post("/admin/secrets/reveal", &[("kept", &second), typed]).await.body.contains("hunter2"));
}

#[actix_web::test]
async fn a_page_of_an_earlier_session_gives_its_form_to_the_next() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get(CREATE).await;
    let of_before = admin.csrf.clone();
    // In another tab.
    admin.sign_in("alice@acme.example", PASSWORD).await.location();
    let nia = user("nia@acme.example", &home, "a long enough password");
    let fields: Vec<_> = nia.iter().copied().chain([("csrf", of_before.as_str())]).collect();
    let to = admin.post_as(CREATE, &fields, &[("sec-fetch-site", "same-origin"), FROM]).await.location().to_owned();
    let page = admin.get(&to).await;
    assert!(page.status == 200 && page.body.contains("value=\"nia@acme.example\""), "{}", page.body);
    assert!(!page.body.contains("a long enough"));
    // A browser that does not say that it was a page of ours is told what was wrong, and nothing is kept.
    for site in [&[][..], &[("sec-fetch-site", "same-site")], &[("sec-fetch-site", "none")]] {
        assert_eq!(admin.post_as(CREATE, &fields, site).await.status, 403, "{site:?}");
    }
}

#[actix_web::test]
async fn a_form_without_a_page_of_its_own_is_offered_to_be_sent() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let one = [("path", "prod/db"), ("data", "password=hunter2"), ("secret_type", "json")];
    admin.post("/admin/secrets/write", &one).await.location();
    admin.get("/admin/secrets/one?path=prod/db").await;
    stack.clock.advance_secs(i64::from(stack.config.sessions.idle_secs) + 1);
    let to = admin.post("/admin/secrets/reveal", &[("path", "prod/db"), ("version", "1")]).await.location().to_owned();
    let next =
        percent_encoding::percent_decode_str(to.split_once("next=").unwrap().1).decode_utf8().unwrap().into_owned();
    admin.sign_in("alice@acme.example", PASSWORD).await.location();
    let page = admin.get(&next).await;
    assert!(page.status == 200 && page.body.contains("Send it now") && !page.body.contains("hunter"), "{}", page.body);
    let kept = page.between("name=\"kept\" value=\"", "\"").to_owned();
    assert!(admin.post("/admin/secrets/reveal", &[("kept", &kept)]).await.body.contains("hunter2"));
}
