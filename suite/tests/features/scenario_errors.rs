//! Every mistake in a scenario file is named with file, line and what was expected, before anything runs.

use crate::support::head;
use e2ee_suite::scenario::{Step, from_dir, from_text};

const GOOD: &str = r#"[script]
steps = [
  { laptop.encrypt_folder = { path = "plans" } },
  { laptop.write = { path = "plans/a.txt" } },
  { attack.insert_phantom = { folder = "plans", user = "eve" } },
  { laptop.write = { path = "plans/b.txt" }, expect = "refused" },
]
reach = "GET meta-data"
proof = { attacker_reads = "plans/b.txt" }
"#;

/// The scenario with one text replaced, and its complaints.
#[track_caller]
fn complaints(from: &str, to: &str) -> Vec<String> {
    let good = head("attack") + GOOD;
    assert!(good.contains(from), "the test replaces nothing: {from}");
    let Err(errors) = from_text("dir/test.toml", &good.replacen(from, to, 1)) else {
        panic!("no complaint about {to}");
    };
    errors.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn complains(from: &str, to: &str, line: usize, words: &[&str]) {
    let found = complaints(from, to);
    let place = format!("dir/test.toml:{line}: ");
    let fits =
        |complaint: &&String| complaint.starts_with(&place) && words.iter().all(|w| complaint.contains(w));
    assert!(found.iter().any(|complaint| fits(&complaint)), "{place} {words:?}, but: {found:#?}");
}

#[test]
fn the_good_one_is_good() {
    assert!(from_text("dir/test.toml", &(head("attack") + GOOD)).is_ok());
}

#[test]
fn toml_that_is_none() {
    complains("title = ", "title ", 3, &["="]);
}

#[test]
fn fields() {
    complains("title = ", "titel = ", 3, &["unknown field `titel`", "`title`"]);
    complains("why = \"because\"\n", "", 1, &["missing field `why`"]);
    complains("reach = ", "raech = ", 21, &["unknown field `raech`", "`reach`"]);
    complains("expect = \"refused\"", "expects = \"refused\"", 19, &["unknown field `expects`", "`expect`"]);
    complains("title = \"A test\"", "title = 5", 3, &["`title` must be a string"]);
}

#[test]
fn a_step_that_stands_for_many() {
    let many = "{ laptop.write = { path = \"plans/#.txt\" }, times = 3 }";
    let one = "{ laptop.write = { path = \"plans/a.txt\" } }";
    let text = head("attack") + GOOD;
    let scenario = from_text("dir/test.toml", &text.replacen(one, many, 1)).expect("is right");
    let paths: Vec<&str> = scenario.device_steps().flat_map(|step| step.action.paths()).collect();
    assert_eq!(paths, ["plans", "plans/1.txt", "plans/2.txt", "plans/3.txt", "plans/b.txt"]);
    for wrong in ["0", "1001", "-1", "\"3\"", "1.5"] {
        let many = format!("{{ laptop.write = {{ path = \"plans/#.txt\" }}, times = {wrong} }}");
        complains(one, &many, 17, &["`times` must be a number from 1 to 1000"]);
    }
    complains(
        one,
        "{ together = [{ laptop.sync = {}, times = 2 }, { phone.sync = {} }] }",
        17,
        &["`times` has no place in `together`"],
    );
    let repeated = "{ attack.insert_phantom = { folder = \"plans\", user = \"eve\" }, times = 2 }";
    complains(
        "{ attack.insert_phantom = { folder = \"plans\", user = \"eve\" } }",
        repeated,
        18,
        &["unknown field `times`"],
    );
}

#[test]
fn openings() {
    complains(
        "[actors]",
        "opening = \"one-fiel\"\n\n[actors]",
        10,
        &["unknown opening `one-fiel`", "`one-file`"],
    );
    complains(
        "[actors]",
        "opening = \"one-file\"\n\n[actors]",
        12,
        &["the opening `one-file` has an actor `laptop` already"],
    );
}

#[test]
fn a_folder_may_have_openings_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let opening = folder.path().join("openings/large.toml");
    std::fs::create_dir(folder.path().join("openings")).expect("a folder");
    let good = "title = \"A large file\"\n[actors]\nlaptop = \"subject alice\"\n[script]\nsteps = [\n  \
                { laptop.encrypt_folder = { path = \"plans\" } },\n  \
                { laptop.write = { path = \"plans/a.txt\", size = 100000 } },\n]\n";
    std::fs::write(&opening, good).expect("written");
    let own = (head("attack") + GOOD)
        .replace("[actors]\nlaptop = \"subject alice\"\n", "opening = \"large\"\n[actors]\n");
    assert!(own.contains("opening"), "{own}");
    std::fs::write(folder.path().join("test.toml"), own).expect("written");
    let read = from_dir(folder.path()).expect("one scenario");
    let [scenario] = read.as_slice() else { panic!("one scenario, not {}", read.len()) };
    let lines: Vec<usize> = scenario.steps.iter().map(Step::line).collect();
    assert_eq!((scenario.opening.as_deref(), scenario.actors.len()), (Some("large"), 3));
    assert_eq!(lines.len(), 6, "the opening's two steps, then four");
    assert!(lines[0] == lines[1] && lines[1] < lines[2], "its steps stand where it is named: {lines:?}");

    let moved = good.replace(
        "{ laptop.encrypt_folder",
        "{ attack.snapshot = { name = \"x\" } },\n  { laptop.encrypt_folder",
    );
    std::fs::write(&opening, moved).expect("written");
    let said = from_dir(folder.path()).expect_err("a move").to_string();
    assert!(said.contains("large.toml:6: an opening has steps of devices only"), "{said}");
}

#[test]
fn closed_sets() {
    complains(
        "kind = \"attack\"",
        "kind = \"atack\"",
        4,
        &["unknown kind `atack`", "`attack`", "`robustness`"],
    );
    complains(
        "versions = [\"2.1\"]",
        "versions = [\"3.0\"]",
        6,
        &["unknown metadata version `3.0`", "`2.1`"],
    );
    complains("versions = [\"2.1\"]", "versions = []", 6, &["at least one metadata version"]);
    complains("needs = []", "needs = [\"shares\"]", 7, &["shares", "share"]);
    complains(
        "ignores-counter",
        "ignores-nothing",
        8,
        &["unknown defect `ignores-nothing`", "`ignores-counter`"],
    );
    complains("[\"ignores-counter\"]", "[]", 8, &["at least one defect"]);
    complains("expect = \"refused\"", "expect = \"refuse\"", 19, &["`refuse`", "`ok-or-busy`"]);
    complains("\"GET meta-data\"", "\"GET metadata\"", 21, &["`reach` is no endpoint", "`GET meta-data`"]);
}

#[test]
fn actors() {
    complains("{ laptop.write", "{ lapto.write", 17, &["unknown actor `lapto`", "`laptop`", "`attack`"]);
    complains("subject alice", "suject alice", 11, &["unknown role `suject`", "`subject`"]);
    complains("subject alice", "subject", 11, &["\"ROLE USER\""]);
    complains("bob = \"peer bob\"", "attack = \"peer bob\"", 13, &["cannot be called `attack`"]);
    let found =
        complaints("laptop = \"subject alice\"\nphone = \"subject alice\"", "laptop = \"peer alice\"");
    assert!(found.iter().any(|complaint| complaint.contains("nobody is judged")), "{found:#?}");
}

#[test]
fn methods_and_parameters() {
    complains("laptop.write", "laptop.wriet", 17, &["unknown method `wriet`", "`write`"]);
    complains(
        "{ path = \"plans/a.txt\" }",
        "{ pth = \"plans/a.txt\" }",
        17,
        &["`write`", "unknown field `pth`", "`path`"],
    );
    complains("{ path = \"plans/a.txt\" }", "{}", 17, &["`write`", "missing field `path`"]);
    complains("{ path = \"plans/a.txt\" }", "{ path = 3 }", 17, &["`write`", "integer `3`", "string"]);
    complains("\"plans/a.txt\"", "\"plans/../a.txt\"", 17, &["without `.` and `..`"]);
    complains(
        "laptop.write = { path = \"plans/a.txt\" }",
        "laptop.share = { path = \"plans\", with = \"bo\" }",
        17,
        &["unknown user `bo`", "`bob`"],
    );
    complains(
        "laptop.write = { path = \"plans/a.txt\" }",
        "laptop.remove = { path = \"plans/a.txt\" }",
        17,
        &["needs the feature \"remove\""],
    );
}

#[test]
fn moves() {
    complains("insert_phantom", "insert_fantom", 18, &["unknown move `insert_fantom`", "`insert_phantom`"]);
    complains("user = \"eve\"", "usr = \"eve\"", 18, &["`insert_phantom`", "unknown field `usr`", "`user`"]);
    complains(", user = \"eve\" } }", " } }", 18, &["`insert_phantom`", "missing field `user`"]);
}

#[test]
fn proofs() {
    complains(
        "reads = \"plans/b.txt\"",
        "reads = \"plans/c.txt\"",
        14,
        &["no step writes `plans/c.txt`", "`plans/b.txt`"],
    );
    complains(
        "attacker_reads = ",
        "atacker_reads = ",
        22,
        &["unknown field `atacker_reads`", "`attacker_reads`"],
    );
    complains("attacker_reads = \"plans/b.txt\"", "leaked = \"yes\"", 22, &["`leaked` must be true"]);
}

#[test]
fn what_does_not_fit_together() {
    complains("id = \"test\"", "id = \"other\"", 2, &["id `other` must equal the file's name `test`"]);
    complains("kind = \"attack\"", "kind = \"conformance\"", 14, &["no `attack` steps"]);
    complains("reach = \"GET meta-data\"\n", "", 14, &["needs `reach`"]);
    complains(
        "  { attack.insert_phantom = { folder = \"plans\", user = \"eve\" } },\n",
        "",
        14,
        &["at least one `attack`"],
    );
}

#[test]
fn who_cannot_know_of_an_update() {
    let write = "  { laptop.write = { path = \"plans/b.txt\" }, expect = \"refused\" },\n";
    let update = "  { server.update = { to = \"2.0\" } },\n";
    complains(write, &format!("{update}{write}"), 20, &["`laptop`", "the update", "`restart` or `sync`"]);
    let aware =
        (head("attack") + GOOD).replace(write, &format!("{update}  {{ laptop.sync = {{}} }},\n{write}"));
    assert!(from_text("dir/test.toml", &aware).is_ok());
}

#[test]
fn all_mistakes_are_named_at_once() {
    let good = head("attack") + GOOD;
    let bad = good.replace("GET meta-data", "GET nothing").replace("laptop.write", "laptop.wriet");
    let errors = from_text("dir/test.toml", &bad).expect_err("three mistakes");
    let lines: Vec<usize> = errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [17, 19, 21]);
}
