//! What counts only in scenarios that are about it.

use std::sync::Arc;

use e2ee_mock_server::Endpoint;
use e2ee_suite::judge::{Verdict, judge};
use e2ee_suite::monitors::watch;
use e2ee_suite::transcript::Transcript;

use crate::monitors::{finds_nothing, quiet, with};
use crate::monitors_of_documents::{ONE, TWO, changed, contents};
use crate::support::{exchange, head, scenario};

fn requirements(play: &Transcript) -> Vec<&'static str> {
    finds_nothing(play);
    watch(play).departures.iter().map(|departure| departure.requirement).collect()
}

/// One request of a device.
fn sent(endpoint: Endpoint, path: &str) -> Transcript {
    let mut request = exchange(7, endpoint);
    request.path = path.to_owned();
    with(vec![request])
}

#[test]
fn a_file_that_gets_another_identifier() {
    let play = changed(contents(1, &[(ONE, "a")]), vec![contents(2, &[(TWO, "a")])]);
    assert_eq!(requirements(&play), ["R2-MOD-13"]);
    for same in [&[(ONE, "a")][..], &[(ONE, "b")], &[(TWO, "b")], &[]] {
        let mut play = changed(contents(1, &[(ONE, "a")]), vec![contents(2, same)]);
        assert!(watch(&play).departures.is_empty(), "{same:?}");
        play.exchanges.clear();
        assert!(requirements(&play).is_empty());
    }
}

#[test]
fn a_request_to_another_interface() {
    let app = "apps/end_to_end_encryption/api";
    for (path, found) in [
        (format!("/ocs/v2.php/{app}/v2/server-key"), 0),
        (format!("/ocs/v2.php/{app}/v1/server-key"), 1),
        (format!("/ocs/v1.php/{app}/v2/server-key"), 1),
        ("/ocs/v1.php/cloud/capabilities".to_owned(), 0),
    ] {
        assert_eq!(requirements(&sent(Endpoint::GetServerKey, &path)).len(), found, "{path}");
    }
    assert!(
        requirements(&sent(Endpoint::DeleteMetadata, &format!("/ocs/v2.php/{app}/v1/meta-data/7")))
            .is_empty()
    );
    assert!(requirements(&quiet()).is_empty());
}

#[test]
fn it_is_a_warning_where_the_scenario_is_about_it() {
    let steps =
        "[script]\nsteps = [ { laptop.encrypt_folder = { path = \"plans\" } }, { laptop.sync = {} } ]\n";
    let plain = scenario(&(head("conformance") + steps));
    let mut about = plain.clone();
    about.cites.push("R2-MOD-13".to_owned());
    let mut play = quiet();
    play.canaries = Default::default();
    let other = changed(contents(1, &[(ONE, "a")]), vec![contents(2, &[(TWO, "a")])]);
    play.exchanges = other.exchanges.iter().map(Arc::clone).collect();
    assert_eq!(judge(&plain, None, &play).verdict, Verdict::Pass);
    let judgement = judge(&about, None, &play);
    assert_eq!(judgement.verdict, Verdict::Warn, "{}", judgement.reason);
    assert!(judgement.reason.starts_with("R2-MOD-13: the document in exchange 13"), "{}", judgement.reason);
}
