//! Calendars and address books.

use crate::client::Lab;

#[tokio::test]
async fn a_calendar_holds_events() {
    let lab = Lab::new().await;
    let calendar = "/remote.php/dav/calendars/alice/work";
    assert_eq!(lab.send("alice", "MKCALENDAR", calendar, &[], "").await.status, 201);
    assert_eq!(lab.send("alice", "MKCALENDAR", calendar, &[], "").await.status, 405);
    let event = format!("{calendar}/one.ics");
    assert_eq!(lab.send("alice", "PUT", &event, &[], "BEGIN:VCALENDAR").await.status, 201);
    assert_eq!(lab.send("alice", "PUT", &event, &[], "BEGIN:VCALENDAR").await.status, 204);
    assert_eq!(lab.send("alice", "GET", &event, &[], "").await.body, "BEGIN:VCALENDAR");
    let home = lab.send("alice", "PROPFIND", "/remote.php/dav/calendars/alice/", &[("depth", "1")], "").await;
    assert!(
        home.body.contains("/calendars/alice/work/") && home.body.contains("/personal/"),
        "{}",
        home.body
    );
    let inside = lab.send("alice", "PROPFIND", calendar, &[("depth", "1")], "").await;
    assert!(inside.body.contains("one.ics"), "{}", inside.body);
    assert_eq!(lab.send("bob", "GET", &event, &[], "").await.status, 404);
    assert_eq!(lab.send("alice", "DELETE", calendar, &[], "").await.status, 204);
    assert_eq!(lab.send("alice", "GET", &event, &[], "").await.status, 404);
}
