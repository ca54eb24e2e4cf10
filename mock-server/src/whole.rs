//! All that a tenant knows, in one piece: what its state file is written anew with.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::adversary::Attacker;
use crate::journal::{Change, Record};
use crate::model::{Content, Model};
use crate::order::Rest;
use crate::tenant::State;

/// All that a tenant knows but the bytes of files, in whose places there are numbers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    rest: Rest,
    model: Model,
    /// What a reset goes back to, and whether that was said.
    beginning: Model,
    begun: bool,
    /// How many keys the attacker has made up.
    made_up: usize,
    snapshots: BTreeMap<String, Model>,
}

/// The bytes of files, each of them once.
#[derive(Default)]
struct Contents {
    all: Vec<Content>,
    numbers: HashMap<(usize, u64), u64>,
}

impl State {
    /// Writes the state file anew if it is long and less than half of it is still needed. Changes wait meanwhile.
    ///
    /// Lies, and what the attacker holds, are the outcome of moves and cannot be written down but as those: while there
    /// are any, the file is left as it is.
    pub(crate) fn compact_if_due(&self) {
        let Some(order) = self.order() else { return };
        order.at_rest(|journal, rest| {
            let Some((whole, contents)) = self.whole(rest) else { return };
            let needed = whole.len() as u64 + contents.all.iter().map(Content::len).sum::<u64>();
            let length = journal.length();
            if length / 2 < needed {
                return journal.ask_again_at(2 * needed);
            }
            match journal.write_anew(contents.records(whole)) {
                Ok(()) => journal.ask_again_at(2 * needed),
                Err(error) => {
                    eprintln!("warning: {error}; it goes on as it is");
                    journal.ask_again_at(2 * length);
                }
            }
        });
    }

    fn whole(&self, rest: Rest) -> Option<(Vec<u8>, Contents)> {
        let (mut model, attacker) = {
            let (model, attacker) = (self.model(), self.attacker());
            let blank = attacker.is_blank() && self.lies().is_empty();
            blank.then(|| (model.clone(), attacker.clone()))?
        };
        let (begun, beginning) = self.beginning();
        let mut beginning = Model::clone(&beginning);
        let (made_up, mut snapshots) = attacker.kept();
        let mut contents = Contents::default();
        for model in [&mut model, &mut beginning].into_iter().chain(snapshots.values_mut()) {
            model.each_content(&mut |content| contents.take(content));
        }
        let whole = Whole { rest, model, beginning, begun, made_up, snapshots };
        Some((serde_json::to_vec(&whole).ok()?, contents))
    }

    /// Makes everything what it was when the file was written anew.
    pub(crate) fn go_on_from(&self, whole: &[u8], contents: &[Content]) -> Result<(), String> {
        let whole: Whole = serde_json::from_slice(whole).map_err(|error| error.to_string())?;
        let Whole { rest, mut model, mut beginning, begun, made_up, mut snapshots } = whole;
        let order = self.order().ok_or("there is no order")?;
        order.go_on_from(rest);
        let (ids, clock) = order.parts();
        let mut missing = None;
        for model in [&mut model, &mut beginning].into_iter().chain(snapshots.values_mut()) {
            model.go_on_with(&clock, &ids);
            model.each_content(
                &mut |content| match number(content).and_then(|number| contents.get(number)) {
                    Some(found) => *content = found.clone(),
                    None => missing = Some("the bytes of a file are missing"),
                },
            );
        }
        missing.map_or(Ok(()), Err)?;
        *self.model() = model;
        *self.attacker() = Attacker::blank(made_up, snapshots);
        self.set_beginning(begun, Arc::new(beginning));
        Ok(())
    }
}

impl Contents {
    /// Takes the bytes of a file, and leaves their number in their place.
    fn take(&mut self, content: &mut Content) {
        let next = self.all.len() as u64;
        let number = match content.place() {
            Some(place) => *self.numbers.entry(place).or_insert(next),
            None => next,
        };
        let taken = std::mem::replace(content, number.to_be_bytes().to_vec().into());
        if number == next {
            self.all.push(taken);
        }
    }

    fn records(self, whole: Vec<u8>) -> impl Iterator<Item = std::io::Result<Record>> {
        let contents = self.all.into_iter();
        let contents = contents.map(|content| Ok(Record::kept(Change::Content {}, content.to_bytes()?)));
        contents.chain([Ok(Record::kept(Change::Whole {}, Bytes::from(whole)))])
    }
}

/// The number that stands in the place of the bytes.
fn number(content: &Content) -> Option<usize> {
    let number = content.in_memory()?.first_chunk().copied().map(u64::from_be_bytes)?;
    usize::try_from(number).ok()
}
