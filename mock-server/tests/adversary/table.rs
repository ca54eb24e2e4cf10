//! The table of all moves in `docs/moves.md` is what the types say.

use e2ee_mock_server::adversary::{Attacker, Move, Stage};
use e2ee_mock_server::control::moves_schema;
use e2ee_mock_server::model::Model;
use serde_json::Value;

use crate::lab::{NOW, people};
use crate::spelling::examples;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/moves.md");
/// What stands in the last column of a move that can be made on an empty server.
const NOTHING: &str = "nothing";

/// A line of the table.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    members: String,
    does: String,
    needs: String,
}

impl Row {
    /// `None`: the line is no row.
    fn read(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect();
        let [name, members, does, needs] = columns.try_into().unwrap();
        let name = name.strip_suffix('`').unwrap().to_owned();
        Some(Self { name, members: members.to_owned(), does: does.to_owned(), needs: needs.to_owned() })
    }

    fn write(&self) -> String {
        let Self { name, members, does, needs } = self;
        format!("| `{name}` | {members} | {does} | {needs} |")
    }
}

/// What the types say of the moves, in their order. What they need is taken from `rows`.
fn expected(rows: &[Row]) -> Vec<Row> {
    let schema = moves_schema();
    let of = |one: &Value| {
        let name = one["required"][0].as_str().unwrap().to_owned();
        let members = one["properties"][&name]["$ref"].as_str().unwrap().strip_prefix('#').unwrap();
        let members = schema.pointer(members).unwrap();
        let required = members["required"].as_array().cloned().unwrap_or_default();
        let (must, may): (Vec<_>, Vec<_>) = members["properties"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys())
            .partition(|member| required.contains(&Value::from(member.as_str())));
        let must = must.into_iter().map(|member| format!("`{member}`"));
        let may = may.into_iter().map(|member| format!("[`{member}`]"));
        let members: Vec<String> = must.chain(may).collect();
        let known = rows.iter().find(|row| row.name == name);
        Row {
            members: if members.is_empty() { "none".to_owned() } else { members.join(", ") },
            does: one["description"].as_str().unwrap().to_owned(),
            needs: known.map_or_else(|| "?".to_owned(), |row| row.needs.clone()),
            name,
        }
    };
    schema["oneOf"].as_array().unwrap().iter().map(of).collect()
}

/// All but the last column is written anew with
/// `UPDATE_SCHEMA=1 cargo test -p e2ee-mock-server --test adversary table`.
#[test]
fn every_move_has_its_line() {
    let text = std::fs::read_to_string(FILE).unwrap();
    let (head, table) = text.split_once("|---|---|---|---|\n").unwrap();
    let mut rows: Vec<Row> = table.lines().map_while(Row::read).collect();
    let expected = expected(&rows);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        let tail = table.lines().skip(rows.len());
        let lines: Vec<String> = expected.iter().map(Row::write).chain(tail.map(str::to_owned)).collect();
        std::fs::write(FILE, format!("{head}|---|---|---|---|\n{}\n", lines.join("\n"))).unwrap();
        rows = lines.iter().map_while(|line| Row::read(line)).collect();
    }
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, Move::NAMES, "run the test with UPDATE_SCHEMA=1 and say what the new move needs");
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(row, expected, "run the test with UPDATE_SCHEMA=1");
        assert!(row.needs.len() > 1, "say in docs/moves.md what `{}` needs", row.name);
    }
}

/// A move that needs nothing can be made on a server that knows nobody, and no other can.
#[test]
fn what_needs_nothing_is_true() {
    let text = std::fs::read_to_string(FILE).unwrap();
    let rows: Vec<Row> = text.lines().filter_map(Row::read).collect();
    for example in examples() {
        let it: Move = serde_json::from_value(example).unwrap();
        let (mut model, mut attacker) = (Model::new("ocempty"), Attacker::default());
        let authority = &people().authority;
        let mut stage =
            Stage { model: &mut model, attacker: &mut attacker, authority, now: NOW, filter: None };
        let made = it.play(&mut stage).is_ok();
        let row = rows.iter().find(|row| row.name == it.name()).unwrap();
        assert_eq!(row.needs == NOTHING, made, "{row:?}");
    }
}
