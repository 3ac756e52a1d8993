//! The page of the audit log, in a browser.

use crate::http::testkit::{Got, browser, stack};

const ROOT: &str = "/admin/audit";

/// The actions of the rows that a page shows.
fn actions(page: &Got) -> Vec<String> {
    let rows = page.body.split("<tbody>").nth(1).unwrap_or_default().split("row-link nowrap\" href=\"").skip(1);
    rows.map(|rest| rest.split_once('>').unwrap().1.split_once('<').unwrap().0.to_owned()).collect()
}

fn has(page: &Got, action: &str) -> bool {
    actions(page).iter().any(|shown| shown == action)
}

#[actix_web::test]
async fn the_log_hides_its_own_reads_until_they_are_asked_for() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    for _ in 0..60 {
        admin.get(ROOT).await;
    }
    let page = admin.get(ROOT).await;
    assert!(!has(&page, "audit.read") && !actions(&page).is_empty(), "{:?}", actions(&page));
    let shown = admin.get(&format!("{ROOT}?reads=shown")).await;
    assert!(actions(&shown).iter().take(50).all(|action| action == "audit.read"), "{:?}", actions(&shown));
    assert!(shown.body.contains(">Next page<") && shown.body.contains("More than 50 events"), "{}", shown.body);
    assert!(has(&admin.get(&format!("{ROOT}?action=audit.read")).await, "audit.read"), "by its name it is shown");
    // The export is the same rows; that it was taken stays in sight.
    let csv = admin.get(&format!("{ROOT}/export.csv")).await;
    assert!(!csv.body.contains(",audit.read,"), "{}", csv.body);
    // What nobody waits for is written with the next change.
    stack.store.write(|_| Ok::<_, crate::store::StoreError>(())).await.unwrap();
    assert!(has(&admin.get(ROOT).await, "audit.export"));
}

#[actix_web::test]
async fn the_log_is_followed_on_and_back_in_both_orders() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    for at in 0..60 {
        stack.clock.advance_secs(1);
        let group = [("name", &*format!("Group {at}")), ("group_type", "security"), ("tenant_id", "")];
        admin.get("/admin/people/groups/create").await;
        let home = crate::tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
        let group = [group[0], group[1], ("tenant_id", home.as_str())];
        admin.post("/admin/people/groups/create", &group).await.location();
    }
    for sort in ["", "&sort=when"] {
        let first = admin.get(&format!("{ROOT}?action=group.create{sort}")).await;
        assert_eq!(actions(&first).len(), 50);
        assert!(first.body.contains(if sort.is_empty() {
            "aria-sort=\"descending\""
        } else {
            "aria-sort=\"ascending\""
        }));
        let next = first.between("id=\"next-page\" rel=\"next\" href=\"", "\"").replace("&amp;", "&");
        let second = admin.get(&next).await;
        assert_eq!(actions(&second).len(), 10);
        let back = second.between("id=\"prev-page\" rel=\"prev\" href=\"", "\"").replace("&amp;", "&");
        let again = admin.get(&back).await;
        assert_eq!(again.between("<tbody>", "</tbody>"), first.between("<tbody>", "</tbody>"));
        assert!(!again.body.contains("Previous page"), "{}", again.body);
    }
}

#[actix_web::test]
async fn names_in_the_log_lead_to_pages_that_are_there_and_may_be_opened() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = crate::tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    let create = "/admin/people/users/create";
    admin.get(create).await;
    let nia = [("email", "nia@acme.example"), ("tenant_id", &*home), ("role", "tenant_user"), ("how", "invite")];
    let page = admin.post(create, &nia).await.location().to_owned();
    let secret = [("path", "prod/db"), ("data", "a=1"), ("secret_type", "json"), ("tags", ""), ("cas", "")];
    admin.get("/admin/secrets/write").await;
    admin.post("/admin/secrets/write", &secret).await.location();
    let log = admin.get(ROOT).await;
    let rows = log.between("<tbody>", "</tbody>");
    assert!(rows.contains(&format!("href=\"{page}\"><code")), "the target: {rows}");
    assert!(rows.contains("href=\"/admin/secrets/one?path=prod/db\"") || rows.contains("path=prod%2Fdb\""), "{rows}");
    assert!(rows.contains(">alice@acme.example</a>"), "the actor: {rows}");
    admin.get(&format!("{page}/delete")).await;
    admin.post(&format!("{page}/delete"), &[("confirm_name", "nia@acme.example")]).await.location();
    let log = admin.get(ROOT).await;
    assert!(!log.between("<tbody>", "</tbody>").contains(&format!("href=\"{page}\"")), "nobody is there any more");
}

#[actix_web::test]
async fn a_time_in_the_filter_has_a_zone_and_comes_back_as_it_was_sent() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let at = stack.now();
    stack.clock.advance_secs(3_600);
    let minute = |secs: i64| at.plus_secs(secs).iso_secs().get(..16).unwrap().to_owned();
    let (before, now, later) = (minute(-3_600), minute(0), minute(3_600));
    for (query, there) in [
        (format!("to={now}Z"), true),
        (format!("to={before}Z"), false),
        (format!("from={now}Z&to={now}Z"), true),
        (format!("from={later}Z"), false),
        (format!("from={now}"), true),
        // An hour east of UTC, the same clock is an hour earlier.
        (format!("from={later}%2B01:00"), true),
        (format!("to={now}%2B01:00"), false),
    ] {
        let page = admin.get(&format!("{ROOT}?{query}")).await;
        assert_eq!(has(&page, "setup.complete") || actions(&page).len() > 1, there, "{query}: {:?}", actions(&page));
    }
    let page = admin.get(&format!("{ROOT}?from={now}Z")).await;
    assert!(page.body.contains(&format!("data-moment=\"{now}Z\"")) && page.body.contains(&format!("value=\"{now}\"")));
    assert!(page.body.contains("From <span class=\"optional\">UTC</span>"), "{}", page.body);
    let wrong = admin.get(&format!("{ROOT}?from=yesterday")).await;
    assert!(wrong.body.contains("is not a date and time such as 2026-04-23T14:00Z"), "{}", wrong.body);
}
