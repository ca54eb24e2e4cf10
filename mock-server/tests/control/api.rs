//! What the control API answers.

use e2ee_mock_server::{Endpoint, MockServer};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A server with alice, and its control API.
pub(crate) struct Lab {
    pub(crate) server: MockServer,
    pub(crate) http: reqwest::Client,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let builder = MockServer::builder().user("alice", "secret").control("127.0.0.1:0".parse().unwrap());
        Self { server: builder.start().await.unwrap(), http: reqwest::Client::new() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/v1{path}", self.server.control_uri().unwrap())
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = self.http.request(method, self.url(path));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        request.send().await.unwrap()
    }

    /// The answer to something that works.
    pub(crate) async fn done(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let response = self.ask(method, path, body).await;
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.done(Method::GET, path, None).await
    }

    /// The status and the code of something that does not.
    pub(crate) async fn refused(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, String) {
        let response = self.ask(method, path, body).await;
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let error: Value = serde_json::from_str(&text).unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(|c: char| !c.is_uppercase()), "{message}");
        (status, error["error"]["code"].as_str().unwrap().to_owned())
    }

    /// Asks the default tenant's own server something as alice.
    pub(crate) async fn as_alice(&self, method: &str, path: &str) -> u16 {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.server.uri()));
        let request = request.basic_auth("alice", Some("secret")).header("ocs-apirequest", "true");
        request
            .header("x-e2ee-supported", "true")
            .header("x-nc-e2ee-counter", "1")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    }
}

#[tokio::test]
async fn it_says_what_it_is() {
    let lab = Lab::new().await;
    let about = lab.get("").await;
    assert_eq!((&about["name"], &about["base_url"]), (&json!("e2ee-mock-server"), &json!(lab.server.uri())));
    assert_eq!(lab.get("/moves.schema.json").await, e2ee_mock_server::control::moves_schema());
}

#[tokio::test]
async fn tenants_are_made_used_and_deleted() {
    let lab = Lab::new().await;
    let wanted =
        json!({"name": "first", "server_version": "1.18.4", "users": [{"user": "bob", "password": "x"}]});
    let response = lab.ask(Method::POST, "/tenants", Some(&wanted)).await;
    assert_eq!(response.status(), 201);
    let tenant: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    let base_url = tenant["base_url"].as_str().unwrap();
    assert_eq!(base_url, format!("{}/t/first", lab.server.uri()));
    assert_eq!((&tenant["users"], &tenant["exchanges"]), (&json!(1), &json!(0)));
    let capabilities = format!("{base_url}/ocs/v2.php/cloud/capabilities?format=json");
    let request = lab.http.get(&capabilities).basic_auth("bob", Some("x")).header("ocs-apirequest", "true");
    assert!(request.send().await.unwrap().text().await.unwrap().contains(r#""api-version":"2.0""#));
    assert_eq!(lab.get("/tenants/first").await["exchanges"], 1);
    let names: Vec<Value> =
        lab.get("/tenants").await.as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["default", "first"]);
    let taken = |name: &str| json!({ "name": name });
    for name in ["first", "default"] {
        let refused = lab.refused(Method::POST, "/tenants", Some(&taken(name))).await;
        assert_eq!(refused, (409, "tenant_taken".to_owned()));
    }
    lab.done(Method::DELETE, "/tenants/first", None).await;
    assert_eq!(lab.http.get(capabilities).send().await.unwrap().status(), 404);
    assert_eq!(lab.refused(Method::GET, "/tenants/first", None).await, (404, "unknown_tenant".to_owned()));
    lab.done(Method::POST, "/tenants", Some(&taken("first"))).await;
}

#[tokio::test]
async fn tenants_of_the_program_stay() {
    let lab = Lab::new().await;
    let held = (409, "tenant_held".to_owned());
    assert_eq!(lab.refused(Method::DELETE, "/tenants/default", None).await, held);
    let authority = lab.server.default_tenant().authority().clone();
    let tenant = lab.server.tenant(e2ee_mock_server::TenantOptions::new("own", authority)).unwrap();
    assert_eq!(lab.refused(Method::DELETE, "/tenants/own", None).await, held);
    drop(tenant);
    assert_eq!(lab.refused(Method::GET, "/tenants/own", None).await.0, 404);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_code() {
    let lab = Lab::new().await;
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let t = "/tenants/default";
    let cases: Vec<(&Method, String, Option<Value>, u16, &str)> = vec![
        (&get, "/nothing".into(), None, 404, "unknown_route"),
        (&get, "/tenants/".into(), None, 404, "unknown_route"),
        (&get, format!("{t}/state/"), None, 404, "unknown_route"),
        (&put, format!("{t}/state"), None, 405, "method_not_allowed"),
        (&get, "/tenants/nobody/state".into(), None, 404, "unknown_tenant"),
        (&get, format!("{t}/state?verbose=1"), None, 400, "bad_parameter"),
        (&get, format!("{t}/exchanges?after=-1"), None, 400, "bad_parameter"),
        (&get, format!("{t}/exchanges?limit=0"), None, 400, "bad_parameter"),
        (&get, format!("{t}/exchanges?limit=1001"), None, 400, "bad_parameter"),
        (&get, format!("{t}/exchanges/1"), None, 404, "unknown_exchange"),
        (&get, format!("{t}/exchanges/x"), None, 404, "unknown_exchange"),
        (&get, format!("{t}/folders/7/metadata"), None, 404, "unknown_folder"),
        (&get, format!("{t}/events?after=x"), None, 400, "bad_parameter"),
        (&post, "/tenants".into(), Some(json!({})), 400, "bad_json"),
        (&post, "/tenants".into(), Some(json!({"name": "a", "nmae": "b"})), 400, "bad_json"),
        (&post, "/tenants".into(), Some(json!({"name": "a b"})), 400, "out_of_range"),
        (&post, "/tenants".into(), Some(json!({"name": "a", "server_version": "9"})), 400, "out_of_range"),
        (&post, "/tenants".into(), Some(json!({"name": "a", "api_version": "9"})), 400, "out_of_range"),
        (&post, format!("{t}/users"), Some(json!({"user": "alice"})), 409, "user_exists"),
        (&post, format!("{t}/users"), Some(json!({"user": "a/b"})), 400, "out_of_range"),
        (&post, format!("{t}/users"), Some(json!({"user": "bob", "pasword": "x"})), 400, "bad_json"),
        (&post, format!("{t}/users"), Some(json!([])), 400, "bad_json"),
        (&delete, format!("{t}/users/bob"), None, 404, "unknown_user"),
        (&delete, format!("{t}/users/alice"), Some(json!({"user": "bob"})), 400, "bad_json"),
        (&delete, format!("{t}/users/alice/credentials/phone"), None, 404, "unknown_device"),
        (&post, format!("{t}/users/alice/login"), Some(json!({"login": "x"})), 404, "unknown_login"),
        (&post, format!("{t}/moves"), Some(json!({"no_such_move": {}})), 400, "bad_json"),
        (&post, format!("{t}/moves"), Some(json!({"touch_etags": {"x": 1}})), 400, "bad_json"),
        (&post, format!("{t}/moves"), None, 400, "bad_json"),
        (&post, format!("{t}/moves"), Some(json!({"rollback": {"to": "x"}})), 409, "move_refused"),
        (&delete, format!("{t}/lies/rollback"), None, 404, "unknown_lie"),
        (&post, format!("{t}/snapshots/x/restore"), None, 404, "unknown_snapshot"),
        (&delete, format!("{t}/snapshots/x"), None, 404, "unknown_snapshot"),
        (&put, format!("{t}/snapshots/a%2Fb"), None, 400, "out_of_range"),
        (&post, format!("{t}/clock"), Some(json!({"seconds": -1})), 400, "bad_json"),
        (&post, format!("{t}/reset"), Some(json!({"hard": true})), 400, "bad_json"),
        (&get, format!("{t}/lies"), Some(json!({})), 400, "bad_json"),
    ];
    for (method, path, body, status, code) in cases {
        let refused = lab.refused(method.clone(), &path, body.as_ref()).await;
        assert_eq!(refused, (status, code.to_owned()), "{method} {path}");
    }
    assert_eq!(lab.server.default_tenant().model().user_ids().collect::<Vec<_>>(), ["alice"]);
}

#[tokio::test]
async fn bodies_are_json_and_short() {
    let lab = Lab::new().await;
    let url = lab.url("/tenants/default/users");
    let send = |kind: &'static str, body: String| {
        let request = lab.http.post(&url).header("content-type", kind).body(body).send();
        async { request.await.unwrap().status().as_u16() }
    };
    assert_eq!(send("application/x-www-form-urlencoded", "user=bob".to_owned()).await, 415);
    assert_eq!(send("text/plain", r#"{"user": "bob"}"#.to_owned()).await, 415);
    let long = format!(r#"{{"user": "{}"}}"#, "x".repeat(1024 * 1024));
    assert_eq!(send("application/json", long).await, 413);
    assert_eq!(send("application/json", "[".repeat(100_000)).await, 400);
    assert_eq!(send("Application/JSON; charset=utf-8", r#"{"user": "bob"}"#.to_owned()).await, 200);
}

#[tokio::test]
async fn the_state_shows_what_the_server_knows_and_no_secrets() {
    let lab = Lab::new().await;
    let tenant = lab.server.default_tenant();
    lab.done(Method::POST, "/tenants/default/users", Some(&json!({"user": "bob", "admin": true}))).await;
    let phone = json!({"password": "hunter2", "device": "phone"});
    lab.done(Method::POST, "/tenants/default/users/alice/credentials", Some(&phone)).await;
    let identity = json!({"certificate": "a certificate", "private_key": "a-private-key-blob"});
    lab.done(Method::PUT, "/tenants/default/users/alice/identity", Some(&identity)).await;
    assert_eq!(lab.as_alice("MKCOL", "/remote.php/dav/files/alice/plans").await, 201);
    let folder = tenant.model().find("alice", "plans").unwrap();
    let e2ee = "/ocs/v2.php/apps/end_to_end_encryption/api/v2";
    assert_eq!(lab.as_alice("PUT", &format!("{e2ee}/encrypted/{folder}")).await, 200);
    assert_eq!(lab.as_alice("POST", &format!("{e2ee}/lock/{folder}")).await, 200);

    let state = lab.get("/tenants/default/state").await;
    let alice = &state["users"][0];
    assert_eq!(alice["user"], "alice");
    assert_eq!(alice["devices"], json!(["default", "phone"]));
    assert_eq!((&alice["certificate"], &alice["has_private_key"]), (&json!("a certificate"), &json!(true)));
    assert_eq!(
        (&state["users"][1]["user"], &state["users"][1]["groups"]),
        (&json!("bob"), &json!(["admin"]))
    );
    let shown = &state["folders"][0];
    assert_eq!(
        (&shown["path"], &shown["owner"], &shown["id"]),
        (&json!("plans"), &json!("alice"), &json!(folder))
    );
    assert!(shown["locked_since"].is_i64() && shown["metadata"].is_null(), "{shown}");
    let paths: Vec<&str> =
        state["nodes"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"plans"), "{paths:?}");
    let text = state.to_string();
    for secret in ["secret", "hunter2", "a-private-key-blob"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn exchanges_come_in_pages_and_one_by_one() {
    let lab = Lab::new().await;
    for _ in 0..5 {
        lab.as_alice("GET", "/status.php?x=1").await;
    }
    let page = lab.get("/tenants/default/exchanges?limit=2").await;
    let numbers = |page: &Value| -> Vec<u64> {
        page["exchanges"].as_array().unwrap().iter().map(|it| it["number"].as_u64().unwrap()).collect()
    };
    assert_eq!((numbers(&page), &page["next"]), (vec![1, 2], &json!(2)));
    let page = lab.get("/tenants/default/exchanges?after=2&limit=3").await;
    assert_eq!((numbers(&page), &page["next"]), (vec![3, 4, 5], &Value::Null));
    assert_eq!(page["exchanges"][0]["endpoint"], Endpoint::GetStatus.as_str());
    assert!(page["exchanges"][0].get("response_body").is_none());

    let one = lab.get("/tenants/default/exchanges/3").await;
    assert_eq!((&one["summary"]["query"], &one["summary"]["status"]), (&json!("x=1"), &json!(200)));
    let kept = &lab.server.default_tenant().exchanges()[2];
    let whole = serde_json::to_value(&**kept).unwrap();
    for member in ["request_headers", "request_body", "response_headers", "response_body"] {
        assert_eq!(one[member], whole[member], "{member}");
    }
    assert!(!one.to_string().to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn moves_leave_lies_that_can_be_taken_back() {
    let lab = Lab::new().await;
    let played = json!({"replace_server_key": {}});
    lab.done(Method::POST, "/tenants/default/moves", Some(&played)).await;
    assert_eq!(lab.get("/tenants/default/lies").await, json!(["replace_server_key"]));
    lab.done(Method::DELETE, "/tenants/default/lies/replace_server_key", None).await;
    assert_eq!(lab.get("/tenants/default/lies").await, json!([]));
}

#[tokio::test]
async fn snapshots_and_reset() {
    let lab = Lab::new().await;
    let bob = json!({"user": "bob"});
    lab.done(Method::PUT, "/tenants/default/snapshots/be%20fore", None).await;
    assert_eq!(lab.get("/tenants/default/snapshots").await, json!(["be fore"]));
    lab.done(Method::POST, "/tenants/default/users", Some(&bob)).await;
    lab.done(Method::POST, "/tenants/default/snapshots/be%20fore/restore", None).await;
    lab.done(Method::POST, "/tenants/default/users", Some(&bob)).await;
    lab.done(Method::POST, "/tenants/default/reset", None).await;
    assert_eq!(lab.get("/tenants/default/snapshots").await, json!([]));
    assert_eq!(lab.get("/tenants/default").await["users"], 1);
    lab.done(Method::PUT, "/tenants/default/snapshots/a", None).await;
    lab.done(Method::DELETE, "/tenants/default/snapshots/a", None).await;
}

#[tokio::test]
async fn the_clock_can_be_advanced_and_old_locks_rolled_back() {
    let lab = Lab::new().await;
    let before = lab.get("/tenants/default/state").await["now"].as_i64().unwrap();
    lab.done(Method::POST, "/tenants/default/clock", Some(&json!({"seconds": 90_000}))).await;
    assert!(lab.get("/tenants/default/state").await["now"].as_i64().unwrap() >= before + 90_000);
    let rolled = lab.done(Method::POST, "/tenants/default/roll-back", Some(&json!({"age": 86_400}))).await;
    assert_eq!(rolled, json!({"rolled_back": {"released": 0}}));
}

#[tokio::test]
async fn the_attackers_keys_are_named_and_not_shown() {
    let lab = Lab::new().await;
    let key = e2ee_mock_server::test_key(0).unwrap().to_pem().to_string();
    let learnt = json!({"user": "alice", "private_key": key});
    lab.done(Method::POST, "/tenants/default/attacker/private-keys", Some(&learnt)).await;
    let attacker = lab.get("/tenants/default/attacker").await;
    let expected = json!({"keys": ["private key of the corrupted user `alice`"], "planted": []});
    assert_eq!(attacker, expected);
    assert_eq!(lab.get("/tenants/default/attacker/opened").await, json!([]));
}

#[tokio::test]
async fn tenants_have_the_bounds_that_the_program_was_given() {
    let builder = MockServer::builder().max_body(1000).control("127.0.0.1:0".parse().unwrap());
    let lab = Lab { server: builder.start().await.unwrap(), http: reqwest::Client::new() };
    let users = json!([{ "user": "bob", "password": "secret" }]);
    let made = lab.done(Method::POST, "/tenants", Some(&json!({ "name": "first", "users": users }))).await;
    let file = format!("{}/remote.php/dav/files/bob/a.txt", made["base_url"].as_str().unwrap());
    for (length, status) in [(1000, 201), (1001, 413)] {
        let put = lab.http.put(&file).basic_auth("bob", Some("secret")).body("x".repeat(length));
        assert_eq!(put.send().await.unwrap().status().as_u16(), status);
    }
}
