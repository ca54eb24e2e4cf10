//! Accounts and groups that an administrator makes.

use e2ee_mock_server::MockServer;

use crate::client::Lab;

const USERS: &str = "/ocs/v2.php/cloud/users";
const GROUPS: &str = "/ocs/v2.php/cloud/groups";

#[tokio::test]
async fn an_administrator_makes_users_and_groups() {
    let lab = Lab::on(MockServer::builder().admin("admin", "admin's").start().await.unwrap());
    let carol = [("userid", "carol"), ("password", "carol's")];
    assert_eq!(lab.ocs("alice", "POST", USERS, &carol).await.status, 403);
    let made = lab.ocs("admin", "POST", USERS, &carol).await;
    assert_eq!((made.status, made.data()["id"].as_str()), (200, Some("carol")));
    let again = lab.ocs("admin", "POST", USERS, &carol).await;
    assert_eq!((again.status, again.json()["ocs"]["meta"]["statuscode"].as_u64()), (400, Some(102)));
    let old = lab.ocs("admin", "POST", "/ocs/v1.php/cloud/users", &carol).await;
    assert_eq!((old.status, old.json()["ocs"]["meta"]["statuscode"].as_u64()), (200, Some(102)));
    assert_eq!(lab.ocs("carol", "GET", "/ocs/v2.php/cloud/user", &[]).await.data()["id"], "carol");

    assert_eq!(lab.ocs("admin", "POST", GROUPS, &[("groupid", "team")]).await.status, 200);
    assert_eq!(lab.ocs("admin", "POST", GROUPS, &[("groupid", "team")]).await.status, 400);
    let joined = lab.ocs("admin", "POST", &format!("{USERS}/carol/groups"), &[("groupid", "team")]).await;
    assert_eq!(joined.status, 200, "{}", joined.body);
    assert!(lab.tenant.model().is_in_group("team", "carol"));

    assert_eq!(lab.ocs("admin", "DELETE", &format!("{USERS}/carol"), &[]).await.status, 200);
    assert_eq!(lab.ocs("carol", "GET", "/ocs/v2.php/cloud/user", &[]).await.status, 401);
}

#[tokio::test]
async fn names_are_checked() {
    let lab = Lab::on(MockServer::builder().admin("admin", "admin's").start().await.unwrap());
    for name in ["", "a/b", "..", " a", &"a".repeat(65)] {
        let answer = lab.ocs("admin", "POST", USERS, &[("userid", name), ("password", "x")]).await;
        assert_eq!(answer.status, 400, "{name:?}");
    }
}
