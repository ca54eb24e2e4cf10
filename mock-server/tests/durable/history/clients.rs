//! Clients that change encrypted folders, all the same ones, and write down what they see.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::check::{Document, Event, What};
use super::connection::{Fault, Request, Sent};

const E2EE: &str = "/ocs/v2.php/apps/end_to_end_encryption/api/v2";
/// How many folders are in use at a time.
const FOLDERS: usize = 12;
/// More refusals in a row mean that nobody has the token of a lock.
const REFUSALS: usize = 30;

/// What all clients share.
pub(super) struct World {
    address: SocketAddr,
    began: Instant,
    history: Mutex<Vec<Event>>,
    folders: Mutex<Vec<Folder>>,
    /// All folders that ever were.
    all: Mutex<Vec<Folder>>,
    /// How often in a row the lock of a folder was refused.
    refused: Mutex<BTreeMap<String, usize>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Folder {
    pub(super) id: String,
    pub(super) name: String,
}

/// Numbers that follow from a seed (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn fault(&mut self) -> Fault {
        match self.roll(40) {
            0 => Fault::AnswerLost,
            1 => Fault::CutShort,
            2 => Fault::Slow,
            _ => Fault::None,
        }
    }
}

impl World {
    pub(super) fn new(address: SocketAddr) -> Arc<Self> {
        let (history, folders, all) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { address, began: Instant::now(), history, folders, all, refused: Mutex::default() })
    }

    /// What was seen by everybody, and all folders that ever were.
    pub(super) fn seen(&self) -> (Vec<Event>, Vec<Folder>) {
        (self.history.lock().unwrap().clone(), self.all.lock().unwrap().clone())
    }

    /// Makes the first folders.
    pub(super) async fn prepare(&self) {
        for number in 0..FOLDERS {
            let folder = self.make_folder(&format!("first-{number}")).await.expect("a server that answers");
            self.folders.lock().unwrap().push(folder);
        }
    }

    /// Counts a refusal. When the answer to whoever got the lock was lost, nobody can release it, for locks do not
    /// expire: sooner or later others take another folder.
    fn is_stuck(&self, folder: &Folder) -> bool {
        let mut refused = self.refused.lock().unwrap();
        let count = refused.entry(folder.id.clone()).or_default();
        *count += 1;
        *count > REFUSALS
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_micros().try_into().unwrap()
    }

    fn note(&self, client: usize, folder: &Folder, began: u64, what: What) {
        let event = Event { folder: folder.name.clone(), client, began, ended: self.now(), what };
        self.history.lock().unwrap().push(event);
    }

    /// An encrypted folder with an empty document. `None`: the server does not answer as it should, try again.
    async fn make_folder(&self, name: &str) -> Option<Folder> {
        let path = format!("/remote.php/dav/files/alice/{name}");
        Request::new("MKCOL", path.clone()).send(self.address, Fault::None).await.status()?;
        let ask = r#"<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:fileid/></d:prop></d:propfind>"#;
        let asked = Request::new("PROPFIND", path).header("depth", 0).body(ask.to_owned());
        let Sent::Answer { body, .. } = asked.send(self.address, Fault::None).await else { return None };
        let id = body.split_once("<oc:fileid>")?.1.split_once('<')?.0.to_owned();
        let folder = Folder { id, name: name.to_owned() };
        let flag = Request::new("PUT", format!("{E2EE}/encrypted/{}", folder.id));
        (flag.send(self.address, Fault::None).await.status()? == 200).then_some(())?;
        self.all.lock().unwrap().push(folder.clone());
        Some(folder)
    }

    /// Reads the document of a folder and writes that down.
    pub(super) async fn read(&self, client: usize, folder: &Folder, fault: Fault) -> Option<Document> {
        let began = self.now();
        let asked =
            Request::new("GET", format!("{E2EE}/meta-data/{}", folder.id)).send(self.address, fault).await;
        let document = match asked {
            Sent::Answer { status: 404, .. } => Document::default(),
            Sent::Answer { status: 200, body } => parse(&body),
            _ => return None,
        };
        self.note(client, folder, began, What::Read(document.clone()));
        Some(document)
    }

    /// The bytes of a file in a folder. `None`: there is none.
    pub(super) async fn file(&self, folder: &Folder, name: &str) -> Option<String> {
        let path = format!("/remote.php/dav/files/alice/{}/{name}", folder.name);
        match Request::new("GET", path).send(self.address, Fault::None).await {
            Sent::Answer { status: 200, body } => Some(body),
            _ => None,
        }
    }
}

fn parse(answer: &str) -> Document {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let document: Value = serde_json::from_str(answer["ocs"]["data"]["meta-data"].as_str().unwrap()).unwrap();
    let changes = document["changes"].as_array().unwrap().iter();
    Document {
        counter: document["counter"].as_u64().unwrap(),
        changes: changes.map(|change| change.as_str().unwrap().to_owned()).collect(),
    }
}

/// Changes folders until the time is over; whoever holds a lock then releases it first.
pub(super) async fn client(world: Arc<World>, number: usize, seed: u64, time: Duration) {
    let mut client = Client { world, number, dice: Dice::new(seed), changes: 0 };
    while client.world.began.elapsed() < time {
        client.once().await;
    }
}

struct Client {
    world: Arc<World>,
    number: usize,
    dice: Dice,
    changes: usize,
}

impl Client {
    /// One transaction, as far as it gets.
    async fn once(&mut self) {
        let folder = {
            let folders = self.world.folders.lock().unwrap();
            folders[usize::try_from(self.dice.roll(folders.len() as u64)).unwrap()].clone()
        };
        let fault = self.dice.fault();
        let Some(before) = self.world.read(self.number, &folder, fault).await else {
            return self.pause().await;
        };
        let counter = before.counter + 1;
        // A lock whose answer gets lost may take a folder away from everybody: seldom.
        let fault = if self.dice.roll(5) == 0 { self.dice.fault() } else { Fault::None };
        let lock = format!("{E2EE}/lock/{}", folder.id);
        let began = self.world.now();
        let asked = Request::new("POST", lock).header("x-nc-e2ee-counter", counter);
        let token = match asked.send(self.world.address, fault).await {
            Sent::Answer { status: 200, body } => {
                let answer: Value = serde_json::from_str(&body).unwrap();
                answer["ocs"]["data"]["e2e-token"].as_str().unwrap().to_owned()
            }
            Sent::Answer { status: 423, .. } if self.world.is_stuck(&folder) => {
                return self.replace(&folder).await;
            }
            Sent::Answer { .. } | Sent::Never | Sent::Unknown => return self.pause().await,
        };
        self.world.refused.lock().unwrap().remove(&folder.id);
        self.world.note(self.number, &folder, began, What::Locked { token: token.clone() });
        let change = self.change(&folder, &token, counter).await;
        let abort = change.is_none() || self.dice.roll(10) == 0;
        self.release(&folder, &token, change, abort).await;
    }

    /// Writes under the lock; the name of the change if everything has arrived.
    async fn change(&mut self, folder: &Folder, token: &str, counter: u64) -> Option<String> {
        let before = self.until_answered(folder).await;
        // Somebody was faster between reading and locking.
        (before.counter < counter).then_some(())?;
        self.changes += 1;
        let change = format!("c{}-{}", self.number, self.changes);
        let method = if before.changes.is_empty() { "POST" } else { "PUT" };
        if self.dice.roll(8) == 0 {
            // Not all of it arrives, and it must have no effect.
            let ghost = self.metadata(folder, token, counter, &before, (method, &format!("ghost-{change}")));
            assert_eq!(ghost.send(self.world.address, Fault::CutShort).await, Sent::Never);
        }
        let (began, fault) = (self.world.now(), self.dice.fault());
        let request = self.metadata(folder, token, counter, &before, (method, &change));
        let sent = request.send(self.world.address, fault).await;
        if sent != Sent::Never {
            self.world.note(self.number, folder, began, What::Sent { change: change.clone() });
        }
        (sent.status()? == 200).then_some(())?;
        let path = format!("/remote.php/dav/files/alice/{}/{change}", folder.name);
        let upload = Request::new("PUT", path).header("e2e-token", token).body(format!("bytes of {change}"));
        let fault = self.dice.fault();
        (upload.send(self.world.address, fault).await.status()? == 201).then_some(change)
    }

    fn metadata(
        &self,
        folder: &Folder,
        token: &str,
        counter: u64,
        before: &Document,
        (method, change): (&'static str, &str),
    ) -> Request<'static> {
        let mut changes = before.changes.clone();
        changes.push(change.to_owned());
        let document = json!({ "counter": counter, "changes": changes, "version": "2.1" }).to_string();
        let form = format!("metaData={}", utf8_percent_encode(&document, NON_ALPHANUMERIC));
        Request::new(method, format!("{E2EE}/meta-data/{}", folder.id))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("e2e-token", token)
            .header("x-nc-e2ee-signature", "c2ln")
            .body(form)
    }

    /// Asks to release the lock until it is said that it is released.
    async fn release(&mut self, folder: &Folder, token: &str, change: Option<String>, abort: bool) {
        let began = self.world.now();
        self.world.note(self.number, folder, began, What::Released { token: token.to_owned() });
        let query = if abort { "?abort=true" } else { "" };
        loop {
            let request = Request::new("DELETE", format!("{E2EE}/lock/{}{query}", folder.id))
                .header("e2e-token", token);
            let fault = self.dice.fault();
            match request.send(self.world.address, fault).await {
                // Nobody else releases it: if it is released, that was an earlier try.
                Sent::Answer { status: 200 | 403 | 404, .. } => break,
                Sent::Answer { status, body } => panic!("unlock: {status} {body}"),
                Sent::Never | Sent::Unknown => self.pause().await,
            }
        }
        let what =
            change.map(|change| if abort { What::Aborted { change } } else { What::Committed { change } });
        if let Some(what) = what {
            self.world.note(self.number, folder, began, what);
        }
    }

    async fn until_answered(&mut self, folder: &Folder) -> Document {
        loop {
            let fault = self.dice.fault();
            if let Some(document) = self.world.read(self.number, folder, fault).await {
                return document;
            }
            self.pause().await;
        }
    }

    /// Puts another folder in the place of this one.
    async fn replace(&mut self, folder: &Folder) {
        self.changes += 1;
        let name = format!("by-{}-{}", self.number, self.changes);
        let made = loop {
            match self.world.make_folder(&name).await {
                Some(made) => break made,
                None => self.pause().await,
            }
        };
        let mut folders = self.world.folders.lock().unwrap();
        // Others may have replaced it, too.
        if let Some(place) = folders.iter_mut().find(|it| *it == folder) {
            *place = made;
        }
    }

    async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(1 + self.dice.roll(20))).await;
    }
}
