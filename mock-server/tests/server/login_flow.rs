//! Login flow v2.

use serde_json::Value;

use crate::client::Lab;

#[tokio::test]
async fn a_login_is_granted_once() {
    let lab = Lab::new().await;
    let begun: Value = begin(&lab).await;
    let (token, login) = (begun["poll"]["token"].as_str().unwrap(), begun["login"].as_str().unwrap());
    let poll = || lab.send("", "POST", "/index.php/login/v2/poll", FORM, format!("token={token}"));
    let waiting = poll().await;
    assert_eq!((waiting.status, waiting.body.as_str()), (404, "[]"));

    assert!(!lab.tenant.grant_login(login, "nobody"));
    assert!(lab.tenant.grant_login(login, "alice"));
    let granted: Value = serde_json::from_str(&poll().await.body).unwrap();
    assert_eq!(granted["loginName"], "alice");
    assert_eq!(granted["server"], lab.tenant.base_url());
    let password = granted["appPassword"].as_str().unwrap();
    assert!(lab.tenant.model().log_in("alice", password).is_some());
    assert_eq!(poll().await.status, 404);
}

#[tokio::test]
async fn a_user_grants_with_a_form() {
    let lab = Lab::new().await;
    let begun: Value = begin(&lab).await;
    let login = begun["login"].as_str().unwrap().strip_prefix(&lab.tenant.base_url()).unwrap().to_owned();
    let page = lab.send("", "GET", &login, &[], "").await;
    assert!(page.status == 200 && page.body.contains("<form"), "{}", page.body);
    assert_eq!(lab.send("", "POST", &login, FORM, "user=alice&password=wrong").await.status, 403);
    assert_eq!(lab.send("", "POST", &login, FORM, "user=alice&password=alice's").await.status, 200);
    assert_eq!(lab.send("", "GET", &login, &[], "").await.status, 404);
}

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

async fn begin(lab: &Lab) -> Value {
    let begun = lab.send("", "POST", "/index.php/login/v2", &[("user-agent", "a client")], "").await;
    serde_json::from_str(&begun.body).unwrap()
}
