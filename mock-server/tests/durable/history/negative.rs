//! Histories that the check must refuse: it can fail.

use super::check::{Document, Event, What, check};

fn event(client: usize, (began, ended): (u64, u64), what: What) -> Event {
    Event { folder: "plans".to_owned(), client, began, ended, what }
}

fn locked(token: &str) -> What {
    What::Locked { token: token.to_owned() }
}

fn released(token: &str) -> What {
    What::Released { token: token.to_owned() }
}

fn sent(change: &str) -> What {
    What::Sent { change: change.to_owned() }
}

fn committed(change: &str) -> What {
    What::Committed { change: change.to_owned() }
}

fn read(counter: u64, changes: &[&str]) -> What {
    What::Read(Document { counter, changes: changes.iter().map(|it| (*it).to_owned()).collect() })
}

/// Two transactions, one after the other, and somebody who looks.
fn good() -> Vec<Event> {
    vec![
        event(1, (0, 10), locked("one")),
        event(1, (11, 20), sent("a")),
        event(1, (21, 30), committed("a")),
        event(1, (21, 30), released("one")),
        // The lock may be given away again before its last holder knows that he has lost it.
        event(2, (22, 29), locked("two")),
        event(3, (23, 28), read(1, &["a"])),
        event(2, (31, 40), sent("b")),
        event(2, (41, 50), released("two")),
        event(2, (41, 50), committed("b")),
        event(3, (45, 60), read(1, &["a"])),
        event(3, (61, 70), read(2, &["a", "b"])),
    ]
}

/// The good history with something else.
fn with(what: impl FnOnce(&mut Vec<Event>)) -> Result<(), String> {
    let mut history = good();
    what(&mut history);
    check(&history).map(|_| ())
}

#[track_caller]
fn refused(what: impl FnOnce(&mut Vec<Event>), because: &str) {
    let error = with(what).expect_err("the check refuses it");
    assert!(error.contains(because), "{error}");
}

#[test]
fn a_good_history_is_accepted() {
    let checked = check(&good()).unwrap();
    assert_eq!((checked.locks, checked.commits, checked.reads), (2, 2, 3));
}

#[test]
fn two_holders_are_found() {
    refused(|history| history.push(event(4, (12, 15), locked("three"))), "two holders");
    // A lock that is given away although its holder never released it.
    refused(
        |history| history.retain(|it| !matches!(&it.what, What::Released { token } if token == "one")),
        "two holders",
    );
}

#[test]
fn a_lost_update_is_found() {
    refused(|history| history.push(event(3, (46, 59), read(2, &["b"]))), "a change was lost");
    refused(
        |history| history.extend([event(9, (0, 1), sent("c")), event(3, (46, 59), read(2, &["c", "b"]))]),
        "a change was lost",
    );
}

#[test]
fn a_lost_acknowledgement_is_found() {
    refused(|history| history.push(event(3, (71, 80), read(1, &["a"]))), "change b was acknowledged");
    // Nobody was told that it is final, but somebody has seen it.
    let unseen = |history: &mut Vec<Event>| {
        history.retain(|it| !matches!(&it.what, What::Committed { change } if change == "b"));
    };
    assert_eq!(with(unseen), Ok(()));
    refused(
        |history| {
            unseen(history);
            history.push(event(4, (71, 80), read(1, &["a"])));
        },
        "change b was acknowledged",
    );
}

#[test]
fn a_counter_that_goes_back_or_stands_still_is_found() {
    refused(|history| history[10].what = read(1, &["a", "b"]), "counter");
    refused(|history| history[10].what = read(0, &["a", "b"]), "counter");
    refused(|history| history.push(event(4, (46, 59), read(3, &["a"]))), "counter");
}

#[test]
fn changes_from_nowhere_are_found() {
    refused(|history| history.push(event(4, (71, 80), read(3, &["a", "b", "ghost"]))), "never sent whole");
    refused(
        |history| history.push(event(2, (0, 1), What::Aborted { change: "b".to_owned() })),
        "was aborted",
    );
    refused(|history| history.push(event(4, (71, 80), read(3, &["a", "b", "a"]))), "made twice");
}
