//! The same seed and the same requests: the same answers.

use e2ee_mock_server::adversary::{Move, moves};
use e2ee_mock_server::{Builder, MockServer};

use crate::busy::Busy;

pub(crate) fn builder() -> Builder {
    MockServer::builder().user("alice", "secret").user("bob", "secret").admin("admin", "secret")
}

/// All answers of a busy history, the address of the server left out.
async fn answers(builder: Builder) -> Vec<String> {
    let server = builder.start().await.unwrap();
    let mut busy = Busy::new(server.uri());
    busy.work().await;
    let address = server.address().to_string();
    busy.answers.into_iter().map(|answer| answer.replace(&address, "SERVER")).collect()
}

#[tokio::test]
async fn two_servers_of_one_seed_answer_the_same_byte_for_byte() {
    let first = answers(builder().seed(7)).await;
    let second = answers(builder().seed(7)).await;
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first, second);
    }
    assert_eq!(first.len(), second.len());
    let refused = first.iter().filter(|answer| answer.contains("\n4")).count();
    assert!(refused * 3 < first.len(), "most of it is done: {first:#?}");
}

#[tokio::test]
async fn another_seed_or_none_gives_other_tokens_ids_and_etags() {
    let seeded = answers(builder().seed(7)).await;
    for other in [builder().seed(8), builder()] {
        let other = answers(other).await;
        let differing = seeded.iter().zip(&other).filter(|(one, other)| one != other).count();
        assert!(differing * 3 > seeded.len(), "{differing} of {}", seeded.len());
        let tokens = |answers: &[String]| -> Vec<String> {
            answers.iter().filter(|answer| answer.contains("<e2e-token>")).cloned().collect()
        };
        assert!(tokens(&seeded).iter().zip(tokens(&other)).all(|(one, other)| *one != other));
    }
}

#[tokio::test]
async fn requests_that_only_ask_do_not_disturb_it() {
    let quiet = builder().seed(7).start().await.unwrap();
    let disturbed = builder().seed(7).start().await.unwrap();
    Busy::new(disturbed.uri()).look().await;
    for server in [&quiet, &disturbed] {
        Busy::new(server.uri()).work().await;
    }
    let (quiet, disturbed) = (quiet.default_tenant(), disturbed.default_tenant());
    assert_eq!(*quiet.model(), *disturbed.model());
}

#[tokio::test]
async fn the_clock_goes_by_requests_that_may_change_something() {
    let server = builder().seed(7).start().await.unwrap();
    let clock = server.default_tenant().clock();
    let before = clock.now();
    let mut busy = Busy::new(server.uri());
    let asked = busy.send("alice", "GET", "/ocs/v2.php/cloud/user", &[], "").await;
    assert_eq!(clock.now(), before);
    assert!(asked.contains("date: Wed, 01 Jan 2025 00:00:04 GMT"), "{asked}");
    busy.send("alice", "MKCOL", "/remote.php/dav/files/alice/one", &[], "").await;
    busy.send("alice", "MKCOL", "/remote.php/dav/files/alice/one", &[], "").await;
    assert_eq!(clock.now(), before + 2);
}

/// What the attacker makes up is the same, too.
#[tokio::test]
async fn moves_follow_the_seed() {
    let forge = async || {
        let server = builder().seed(7).start().await.unwrap();
        let mut busy = Busy::new(server.uri());
        busy.work().await;
        let tenant = server.default_tenant();
        let moves = [
            Move::ReplaceServerKey(moves::ReplaceServerKey::default()),
            Move::FlipBit(moves::FlipBit { folder: "plans".to_owned() }),
            Move::TouchEtags(serde_json::from_str("{}").unwrap()),
        ];
        for it in moves {
            tenant.play(&it).unwrap();
        }
        busy.answers.clear();
        busy.look().await;
        let address = server.address().to_string();
        busy.answers.iter().map(|answer| answer.replace(&address, "SERVER")).collect::<Vec<_>>()
    };
    assert_eq!(forge().await, forge().await);
}
