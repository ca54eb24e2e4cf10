//! Calendars and address books.

use crate::client::Lab;

#[tokio::test]
async fn a_calendar_holds_events() {
    let lab = Lab::new().await;
    let calendar = "/remote.php/dav/calendars/alice/office";
    assert_eq!(lab.send("alice", "MKCALENDAR", calendar, &[], "").await.status, 201);
    assert_eq!(lab.send("alice", "MKCALENDAR", calendar, &[], "").await.status, 405);
    let event = format!("{calendar}/one.ics");
    assert_eq!(lab.send("alice", "PUT", &event, &[], "BEGIN:VCALENDAR").await.status, 201);
    assert_eq!(lab.send("alice", "PUT", &event, &[], "BEGIN:VCALENDAR").await.status, 204);
    assert_eq!(lab.send("alice", "GET", &event, &[], "").await.body, "BEGIN:VCALENDAR");
    let home = lab.send("alice", "PROPFIND", "/remote.php/dav/calendars/alice/", &[("depth", "1")], "").await;
    assert!(
        home.body.contains("/calendars/alice/office/") && home.body.contains("/personal/"),
        "{}",
        home.body
    );
    let inside = lab.send("alice", "PROPFIND", calendar, &[("depth", "1")], "").await;
    assert!(inside.body.contains("one.ics"), "{}", inside.body);
    assert_eq!(lab.send("bob", "GET", &event, &[], "").await.status, 404);
    assert_eq!(lab.send("alice", "DELETE", calendar, &[], "").await.status, 204);
    assert_eq!(lab.send("alice", "GET", &event, &[], "").await.status, 404);
}

#[tokio::test]
async fn reports_find_what_passes_the_filter() {
    let lab = Lab::new().await;
    let calendar = "/remote.php/dav/calendars/alice/personal";
    let object = |component: &str, title: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nBEGIN:{component}\r\nSUMMARY;LANGUAGE=en:{title}\r\nEND:{component}\r\nEND:VCALENDAR\r\n"
        )
    };
    lab.send("alice", "PUT", &format!("{calendar}/1.ics"), &[], object("VEVENT", "Lunch & t\r\n ea")).await;
    lab.send("alice", "PUT", &format!("{calendar}/2.ics"), &[], object("VTODO", "Dishes")).await;
    let report = |kind: &str, inside: &str| {
        format!(
            "<c:calendar-{kind} xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><d:prop><c:calendar-data/></d:prop>{inside}</c:calendar-{kind}>"
        )
    };
    let filter = |inside: &str| {
        report(
            "query",
            &format!("<c:filter><c:comp-filter name=\"VCALENDAR\">{inside}</c:comp-filter></c:filter>"),
        )
    };
    let summary = |text: &str| {
        let matches = format!("<c:text-match>{text}</c:text-match>");
        filter(&format!(
            "<c:comp-filter name=\"VEVENT\"><c:prop-filter name=\"SUMMARY\">{matches}</c:prop-filter></c:comp-filter>"
        ))
    };
    let cases = [
        (report("query", ""), [true, true]),
        (filter(""), [true, true]),
        (filter("<c:comp-filter name=\"VEVENT\"/>"), [true, false]),
        (filter("<c:comp-filter name=\"VTODO\"/>"), [false, true]),
        (filter("<c:comp-filter name=\"VTODO\"><c:is-not-defined/></c:comp-filter>"), [true, false]),
        (summary("&amp; TEA"), [true, false]),
        (summary("dinner"), [false, false]),
        (report("multiget", &format!("<d:href>{calendar}/2.ics</d:href>")), [false, true]),
    ];
    for (body, found) in cases {
        let answer = lab.send("alice", "REPORT", calendar, &[("depth", "1")], body.clone()).await;
        assert_eq!(answer.status, 207, "{}", answer.body);
        let told = ["1.ics", "2.ics"].map(|name| answer.body.contains(name));
        assert_eq!(told, found, "{body}");
        assert_eq!(answer.body.contains("SUMMARY;LANGUAGE=en:"), found != [false, false], "{body}");
    }
    let unknown = lab.send("alice", "REPORT", calendar, &[], "<d:sync-collection xmlns:d=\"DAV:\"/>").await;
    assert_eq!(unknown.status, 415);
}

#[tokio::test]
async fn contacts_are_found_by_what_their_cards_say() {
    let lab = Lab::new().await;
    let book = "/remote.php/dav/addressbooks/users/alice/contacts";
    for (name, mail) in [("Ann", "ann@example.com"), ("Ben", "ben@example.org")] {
        let card = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nitem1.EMAIL;TYPE=HOME:{mail}\r\nEND:VCARD\r\n"
        );
        lab.send("alice", "PUT", &format!("{book}/{name}.vcf"), &[], card).await;
    }
    let ask = |test: &str, filters: &[(&str, &str, &str)]| {
        let filters: String = filters
            .iter()
            .map(|(name, kind, text)| {
                format!("<c:prop-filter name=\"{name}\"><c:text-match match-type=\"{kind}\">{text}</c:text-match></c:prop-filter>")
            })
            .collect();
        format!(
            "<c:addressbook-query xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:carddav\"><d:prop><c:address-data/></d:prop><c:filter test=\"{test}\">{filters}</c:filter></c:addressbook-query>"
        )
    };
    let ann = ("FN", "equals", "ann");
    let org = ("EMAIL", "ends-with", ".org");
    let cases = [
        (ask("anyof", &[ann]), [true, false]),
        (ask("anyof", &[org]), [false, true]),
        (ask("anyof", &[ann, org]), [true, true]),
        (ask("allof", &[ann, org]), [false, false]),
        (ask("anyof", &[("EMAIL", "starts-with", "example")]), [false, false]),
    ];
    for (body, found) in cases {
        let answer = lab.send("alice", "REPORT", book, &[], body.clone()).await;
        let told = ["Ann.vcf", "Ben.vcf"].map(|name| answer.body.contains(name));
        assert_eq!((answer.status, told), (207, found), "{body}");
    }
}
