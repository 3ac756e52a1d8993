//! What can be taken back as a whole, offers so in the message about it.

use crate::http::testkit::{Got, PASSWORD, browser, stack};
use crate::tenancy;

/// The button "Undo" of a page: where its form sends to, and what.
fn undo(page: &Got) -> Option<(String, Vec<(String, String)>)> {
    let form = page.body.split("<form").skip(1).filter_map(|form| form.split_once("</form>")).map(|(form, _)| form);
    let form = form.filter(|form| form.contains(">Undo</button>")).collect::<Vec<_>>();
    assert!(form.len() < 2, "{}", page.body);
    let form = form.first()?;
    let value = |text: &str, mark: &str| text.split_once(mark)?.1.split_once('"').map(|(value, _)| value.to_owned());
    let fields =
        form.split("<input").skip(1).filter_map(|input| Some((value(input, "name=\"")?, value(input, "value=\"")?)));
    Some((value(form, "action=\"")?, fields.filter(|(name, _)| name != "csrf").collect()))
}

#[actix_web::test]
async fn what_can_be_taken_back_offers_so_and_what_cannot_does_not() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get("/admin/organizations/create").await;
    let acme = admin.post("/admin/organizations/create", &[("name", "Acme")]).await.location().to_owned();
    let nia = [
        ("email", "nia@acme.example"),
        ("tenant_id", &*home),
        ("role", "tenant_user"),
        ("how", "password"),
        ("password", "nine lamps by the sea"),
    ];
    let nia = admin.post("/admin/people/users/create", &nia).await.location().to_owned();
    let sales = [("name", "Sales"), ("group_type", "SECURITY"), ("tenant_id", &*home)];
    let sales = admin.post("/admin/people/groups/create", &sales).await.location().to_owned();
    admin.post(&format!("{sales}/add"), &[("member", "nia@acme.example")]).await.location();
    let app = [
        ("name", "Billing"),
        ("application_type", "SERVICE"),
        ("scope", "GLOBAL"),
        ("allowed_scopes", "openid"),
        ("token_lifetime", "3600"),
    ];
    let app = admin.post("/admin/applications/create", &app).await.location().replace("/credentials", "");
    let secret = [("path", "prod/db"), ("data", "a=1"), ("secret_type", "json")];
    let secret = admin.post("/admin/secrets/write", &secret).await.location().to_owned();
    let member = admin.get(&sales).await.between("/remove?member=", "\"").to_owned();
    for (page, step, back) in [
        (&nia, format!("{nia}/disable"), "/disable"),
        (&acme, format!("{acme}/suspend"), "/suspend"),
        (&app, format!("{app}/disable"), "/disable"),
        (&sales, format!("{sales}/remove?member={member}"), "nia@acme.example"),
        (&secret, "/admin/secrets/delete?path=prod/db".to_owned(), "prod/db"),
        (&acme, format!("{acme}/delete"), "/suspend"),
    ] {
        assert!(admin.get(page).await.body.contains(back), "{page}");
        let to = admin.post(&step, &[("confirm_name", "acme")]).await.location().to_owned();
        let shown = admin.get(&to).await;
        let (action, fields) = undo(&shown).unwrap_or_else(|| panic!("{step}: {}", shown.body));
        assert_eq!(undo(&admin.get(&to).await), None, "the message is shown once");
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let undone = admin.post(&action, &fields).await.location().to_owned();
        let shown = admin.get(&undone).await;
        assert!(shown.status == 200 && undo(&shown).is_none(), "{action}: {}", shown.body);
        assert!(admin.get(page).await.body.contains(back), "{action}");
    }
    let mut herself = browser(&stack).await;
    herself.sign_in("nia@acme.example", "nine lamps by the sea").await.location();
    // A deleted user comes back without a password: that takes nothing back.
    let gone =
        admin.post(&format!("{nia}/delete"), &[("confirm_name", "nia@acme.example")]).await.location().to_owned();
    assert_eq!(undo(&admin.get(&gone).await), None);
    let gone = admin.post(&format!("{app}/delete"), &[("confirm_name", "Billing")]).await.location().to_owned();
    assert_eq!(undo(&admin.get(&gone).await), None);
    admin.sign_in("alice@acme.example", PASSWORD).await.location();
}
