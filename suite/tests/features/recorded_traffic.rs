//! The monitors on hand-made recordings: what plays know from their steps is told by the traffic there.

use std::collections::BTreeMap;

use e2ee_mock_server::control::{RECORDING_VERSION, RecordedFolder, Recording};
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_suite::monitors::{MONITORS, Sight, watch_recording};
use e2ee_suite::recorded::{Known, Recorded};

use crate::support::exchange;

fn recording(exchanges: Vec<Exchange>) -> Recording {
    let numbered = exchanges.into_iter().zip(1..);
    Recording {
        schema_version: RECORDING_VERSION,
        tenant: "t".into(),
        api_version: "2.1".into(),
        exchanges: numbered.map(|(exchange, number)| Exchange { number, ..exchange }).collect(),
        dropped: 0,
        meddled: Vec::new(),
        private_keys: BTreeMap::new(),
        folders: Vec::new(),
    }
}

fn sight(recording: Recording, monitor: &str) -> Sight {
    let monitors = MONITORS.iter().filter(|it| it.name == monitor);
    watch_recording(&Recorded::new(recording, &Known::default()).expect("a recording"), monitors)
}

/// The exchanges in which something is found.
fn found(recording: Recording, monitor: &str) -> Vec<u64> {
    sight(recording, monitor).findings.into_iter().flat_map(|finding| finding.exchanges).collect()
}

fn at(endpoint: Endpoint, status: u16, path: &str) -> Exchange {
    let path = format!("/remote.php/dav/files/alice/{path}");
    let response_headers = [("oc-fileid", "00000007oc1234567890")].into();
    Exchange { status, path, response_headers, ..exchange(0, endpoint) }
}

fn app(endpoint: Endpoint, folder: u64) -> Exchange {
    let path = format!("/ocs/v2.php/apps/end_to_end_encryption/api/v2/{endpoint}/{folder}");
    Exchange { path, ..exchange(0, endpoint) }
}

fn moved(to: &str) -> Exchange {
    let mut moved = at(Endpoint::Move, 201, "deep/plans");
    let target = format!("http://127.0.0.1/remote.php/dav/files/alice/{to}");
    moved.request_headers.push("destination", &target);
    moved
}

fn encrypted() -> Vec<Exchange> {
    vec![at(Endpoint::Mkcol, 201, "deep/plans"), app(Endpoint::PutEncrypted, 7)]
}

#[test]
fn a_write_without_a_lock_in_a_folder_that_was_encrypted() {
    let put = |path: &str| at(Endpoint::PutFile, 201, path);
    let with = |more: Vec<Exchange>| recording([encrypted(), more].concat());
    let monitor = "write-under-lock";
    assert_eq!(found(with(vec![put("deep/plans/id"), put("deep/plans/inner/id")]), monitor), [3, 4]);
    assert_eq!(found(with(vec![put("deep/other"), put("deep/plans2/a"), put("a")]), monitor), [0; 0]);
    // Before it was encrypted everybody may write.
    let before = recording(vec![at(Endpoint::Mkcol, 201, "deep/plans"), put("deep/plans/id")]);
    assert_eq!(found(before, monitor), [0; 0]);
    // It goes elsewhere, and another one takes its place.
    let elsewhere = vec![moved("new%20plans"), put("deep/plans/id"), put("new plans/id")];
    assert_eq!(found(with(elsewhere), monitor), [5]);
    let gone = vec![at(Endpoint::DeleteFile, 204, "deep/plans"), put("deep/plans/id")];
    assert_eq!(found(with(gone), monitor), [0; 0]);
}

#[test]
fn a_write_in_a_folder_that_others_share() {
    let by_bob = |exchange: Exchange| Exchange { user: Some("bob".into()), ..exchange };
    let mut put = at(Endpoint::PutFile, 201, "plans/id");
    put.path = put.path.replace("alice", "bob");
    let lock = app(Endpoint::PostLock, 7);
    let shared = || recording([encrypted(), vec![by_bob(lock.clone()), by_bob(put.clone())]].concat());
    // Where bob has it nobody has seen.
    let blind = sight(shared(), "write-under-lock");
    assert_eq!((blind.findings.len(), blind.gaps.len()), (0, 1));
    assert!(blind.gaps[0].text.contains("what bob has written in the folder 7"), "{:?}", blind.gaps);
    let mut told = shared();
    told.folders.push(RecordedFolder {
        id: 7,
        parent: None,
        owner: "alice".into(),
        name: "plans".into(),
        places: BTreeMap::from([("alice".into(), "deep/plans".into()), ("bob".into(), "plans".into())]),
        metadata: None,
        files: Vec::new(),
    });
    let seen = sight(told, "write-under-lock");
    assert_eq!((seen.findings[0].exchanges.as_slice(), seen.gaps.len()), (&[4][..], 0));
}

#[test]
fn a_lock_that_is_asked_for_too_often() {
    let asked = |status: u16, seconds_between: f64| {
        let one = |n: u32| {
            let micros = (f64::from(n) * seconds_between * 1e6) as u64;
            Exchange { status, micros, ..app(Endpoint::PostLock, 7) }
        };
        found(recording((0..61).map(one).collect()), "request-budget")
    };
    assert_eq!(asked(423, 0.01).first(), Some(&1));
    assert_eq!(asked(423, 1.1), [0; 0]);
    assert_eq!(asked(200, 0.01), [0; 0], "who is granted a lock each time may be that fast");
}

#[test]
fn users_with_one_label_are_two_devices() {
    let one = app(Endpoint::PostLock, 7);
    let other = Exchange { user: Some("bob".into()), ..one.clone() };
    let recorded = Recorded::new(recording(vec![one, other]), &Known::default()).expect("a recording");
    assert_eq!(recorded.devices().collect::<Vec<_>>(), ["alice/laptop", "bob/laptop"]);
}
