//! Logins, capabilities and what else clients ask for.

use crate::client::{E2EE, Lab};

#[tokio::test]
async fn the_start_of_a_desktop_client_is_answered() {
    let lab = Lab::new().await;
    assert_eq!(lab.send("", "GET", "/index.php/204", &[], "").await.status, 204);
    assert_eq!(lab.send("", "GET", "/status.php", &[], "").await.json()["installed"], true);
    let capabilities = lab.ocs("alice", "GET", "/ocs/v1.php/cloud/capabilities?format=json", &[]).await;
    assert!(capabilities.body.contains("\"statuscode\":100,"), "{}", capabilities.body);
    let told = &capabilities.data()["capabilities"]["end-to-end-encryption"];
    assert_eq!((told["enabled"].as_bool(), told["api-version"].as_str()), (Some(true), Some("2.1")));
    assert_eq!(lab.ocs("alice", "GET", "/ocs/v1.php/cloud/user", &[]).await.data()["id"], "alice");
    let terms = lab.ocs("alice", "GET", "/ocs/v2.php/apps/terms_of_service/terms", &[]).await;
    assert_eq!((terms.status, terms.json()["ocs"]["meta"]["statuscode"].as_u64()), (404, Some(998)));
    assert_eq!(lab.send("alice", "GET", "/index.php/avatar/alice/64", &[], "").await.status, 404);
}

#[tokio::test]
async fn who_is_not_logged_in_is_told_so() {
    let lab = Lab::new().await;
    assert_eq!(lab.ocs("nobody", "GET", &format!("{E2EE}/public-key"), &[]).await.status, 401);
    assert_eq!(lab.ocs("", "GET", "/ocs/v2.php/cloud/user", &[]).await.status, 401);
    assert_eq!(lab.send("", "PROPFIND", "/remote.php/dav/files/alice", &[], "").await.status, 401);
    let anonymous = lab.ocs("", "GET", "/ocs/v2.php/cloud/capabilities", &[]).await;
    assert!(anonymous.data()["capabilities"].get("end-to-end-encryption").is_none());
}

#[tokio::test]
async fn a_request_that_a_web_page_could_have_sent_is_refused() {
    let lab = Lab::new().await;
    let url = format!("{}{E2EE}/server-key", lab.server.uri());
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status(), 412);
    assert_eq!(answer.text().await.unwrap(), r#"{"message":"CSRF check failed"}"#);
}

#[tokio::test]
async fn unknown_clients_are_kept_out() {
    let lab = Lab::new().await;
    let headers = [("x-e2ee-supported", "no"), ("user-agent", "curl/8")];
    let url = format!("{}{E2EE}/server-key", lab.server.uri());
    let request = reqwest::Client::new().get(url).header("ocs-apirequest", "true");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    assert_eq!(request.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn answers_come_as_xml_unless_json_is_asked_for() {
    let lab = Lab::new().await;
    let answer = lab.send("alice", "GET", &format!("{E2EE}/private-key"), &[], "").await;
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    let expected = "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>failure</status>\n  \
        <statuscode>404</statuscode>\n  <message></message>\n </meta>\n <data>\n  \
        <message>Could not find the private key</message>\n </data>\n</ocs>\n";
    assert_eq!(answer.body, expected);
}
