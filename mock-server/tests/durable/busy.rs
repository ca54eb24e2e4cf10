//! A busy history: requests of nearly all kinds, one after the other.

use e2ee_reference::identity::certificate_request;
use reqwest::Method;

const E2EE: &str = "/ocs/v2.php/apps/end_to_end_encryption/api/v2";
const SHARES: &str = "/ocs/v2.php/apps/files_sharing/api/v1/shares";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Whoever sends requests to a server with the accounts alice, bob and the administrator admin (password `secret`), and
/// keeps the answers.
pub(crate) struct Busy {
    base: String,
    http: reqwest::Client,
    pub(crate) answers: Vec<String>,
}

impl Busy {
    pub(crate) fn new(base: String) -> Self {
        Self { base, http: reqwest::Client::new(), answers: Vec::new() }
    }

    /// Changes all that clients can change: some of it is refused.
    pub(crate) async fn work(&mut self) {
        self.work_in("plans").await;
    }

    /// The same with an encrypted folder of this name.
    pub(crate) async fn work_in(&mut self, folder: &str) {
        self.keys().await;
        self.transaction(folder).await;
        self.files().await;
        self.shares(folder).await;
        self.accounts().await;
        self.look().await;
    }

    /// Asks for all that clients can see, and changes nothing.
    pub(crate) async fn look(&mut self) {
        for user in ["alice", "bob"] {
            let tree = format!("/remote.php/dav/files/{user}/");
            self.send(user, "PROPFIND", &tree, &[("depth", "infinity")], ALL).await;
            self.send(user, "GET", SHARES, &[], "").await;
            self.send(user, "GET", &format!("{E2EE}/private-key"), &[], "").await;
            let addresses = format!("/remote.php/dav/addressbooks/users/{user}/");
            self.send(user, "PROPFIND", &addresses, &[("depth", "1")], "").await;
        }
        self.send("alice", "GET", &format!("{E2EE}/public-key?users=[\"alice\",\"bob\"]"), &[], "").await;
        self.send("alice", "GET", "/remote.php/dav/files/alice/notes.txt", &[], "").await;
        self.send("admin", "GET", "/ocs/v2.php/cloud/users", &[], "").await;
        self.send("", "GET", "/status.php", &[], "").await;
    }

    async fn keys(&mut self) {
        for (number, user) in ["alice", "bob"].into_iter().enumerate() {
            let key = e2ee_mock_server::test_key(number).unwrap();
            let csr = encode(&certificate_request(&key, user).unwrap());
            self.send(user, "POST", &format!("{E2EE}/public-key"), &[FORM], &format!("csr={csr}")).await;
            self.send(user, "POST", &format!("{E2EE}/private-key"), &[FORM], "privateKey=blob").await;
        }
        self.send("bob", "DELETE", &format!("{E2EE}/private-key"), &[], "").await;
    }

    /// A folder is encrypted, locked, written, unlocked; locked again and the change aborted; locked once more.
    async fn transaction(&mut self, folder: &str) {
        let folder = format!("/remote.php/dav/files/alice/{folder}");
        let made = self.send("alice", "MKCOL", &folder, &[], "").await;
        let id = file_id(&made);
        self.send("alice", "PUT", &format!("{E2EE}/encrypted/{id}"), &[], "").await;
        let metadata = format!("{E2EE}/meta-data/{id}");
        for (counter, method, abort) in [("1", "POST", false), ("2", "PUT", true), ("3", "PUT", false)] {
            let lock = format!("{E2EE}/lock/{id}");
            let locked = self.send("alice", "POST", &lock, &[("x-nc-e2ee-counter", counter)], "").await;
            let token = between(&locked, "<e2e-token>", "</e2e-token>");
            let body = format!("metaData={}", encode(&format!(r#"{{"counter":{counter},"version":"2.1"}}"#)));
            let headers = [FORM, ("e2e-token", &*token), ("x-nc-e2ee-signature", "c2ln")];
            self.send("alice", method, &metadata, &headers, &body).await;
            let file = format!("{folder}/{counter}");
            self.send("alice", "PUT", &file, &[("e2e-token", &*token)], "ciphertext and a tag of 16 bytes")
                .await;
            let abort = if abort { "?abort=true" } else { "" };
            let unlock = format!("{lock}{abort}");
            self.send("alice", "DELETE", &unlock, &[("e2e-token", &*token)], "").await;
        }
        self.send("alice", "POST", &format!("{E2EE}/lock/{id}"), &[("x-nc-e2ee-counter", "4")], "").await;
        self.send("alice", "GET", &metadata, &[], "").await;
    }

    async fn files(&mut self) {
        let files = "/remote.php/dav/files/alice";
        let to = |name: &str| format!("{}{files}/{name}", self.base);
        let (copy, moved, joined) = (to("copy.txt"), to("moved.txt"), to("joined.bin"));
        self.send("alice", "PUT", &format!("{files}/notes.txt"), &[("x-oc-mtime", "1700000000")], "one")
            .await;
        self.send("alice", "PUT", &format!("{files}/notes.txt"), &[], "two").await;
        self.send("alice", "COPY", &format!("{files}/notes.txt"), &[("destination", &*copy)], "").await;
        self.send("alice", "MOVE", &format!("{files}/copy.txt"), &[("destination", &*moved)], "").await;
        self.send("alice", "DELETE", &format!("{files}/moved.txt"), &[], "").await;
        self.send("alice", "PROPPATCH", &format!("{files}/notes.txt"), &[], FAVOURITE).await;
        let uploads = "/remote.php/dav/uploads/alice/one";
        self.send("alice", "MKCOL", uploads, &[("destination", &*joined)], "").await;
        self.send("alice", "PUT", &format!("{uploads}/1"), &[], "first ").await;
        self.send("alice", "PUT", &format!("{uploads}/2"), &[], "second").await;
        self.send("alice", "MOVE", &format!("{uploads}/.file"), &[("destination", &*joined)], "").await;
        self.send("alice", "MKCOL", "/remote.php/dav/uploads/alice/left-over", &[], "").await;
        self.send("alice", "PUT", "/remote.php/dav/uploads/alice/left-over/1", &[], "waits").await;
        let card = "/remote.php/dav/addressbooks/users/alice/contacts/carol.vcf";
        self.send("alice", "PUT", card, &[], "BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n").await;
    }

    async fn shares(&mut self, folder: &str) {
        let with_bob = format!("path=/{folder}&shareType=0&shareWith=bob");
        self.send("alice", "POST", SHARES, &[FORM], &with_bob).await;
        self.send("alice", "POST", SHARES, &[FORM], "path=/notes.txt&shareType=3").await;
        self.send("alice", "POST", SHARES, &[FORM], "path=/notes.txt&shareType=0&shareWith=nobody").await;
    }

    async fn accounts(&mut self) {
        self.send("admin", "POST", "/ocs/v2.php/cloud/groups", &[FORM], "groupid=team").await;
        let users = "/ocs/v2.php/cloud/users";
        self.send("admin", "POST", users, &[FORM], "userid=carol&password=secret&groups[]=team").await;
        self.send("alice", "POST", users, &[FORM], "userid=dave&password=secret").await;
        self.send("bob", "GET", "/ocs/v2.php/core/getapppassword", &[], "").await;
        self.send("bob", "POST", "/index.php/login/v2", &[], "").await;
        self.send("carol", "PUT", "/remote.php/dav/files/carol/hello.txt", &[], "hello").await;
        self.send("alice", "DELETE", &format!("{SHARES}/1"), &[], "").await;
    }

    /// Sends a request and keeps the answer: status, headers and body.
    pub(crate) async fn send(
        &mut self,
        user: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> String {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if !user.is_empty() {
            request = request.basic_auth(user, Some("secret"));
        }
        request = request.header("ocs-apirequest", "true").header("x-e2ee-supported", "true");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body.to_owned()).send().await.unwrap();
        let mut answer = format!("{method} {path}\n{}\n", response.status());
        for (name, value) in response.headers() {
            answer.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
        }
        answer.push_str(&response.text().await.unwrap());
        self.answers.push(answer.clone());
        answer
    }
}

const ALL: &str = r#"<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"
    xmlns:nc="http://nextcloud.org/ns"><d:prop><d:getetag/><d:getlastmodified/><oc:id/><oc:fileid/><oc:favorite/>
    <oc:size/><nc:is-encrypted/><nc:e2ee-metadata/><nc:e2ee-metadata-signature/><oc:permissions/></d:prop>
    </d:propfind>"#;
const FAVOURITE: &str = r#"<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">
    <d:set><d:prop><oc:favorite>1</oc:favorite><mine xmlns="urn:x">text</mine></d:prop></d:set></d:propertyupdate>"#;

fn file_id(answer: &str) -> String {
    between(answer, "oc-fileid: ", "oc").trim_start_matches('0').to_owned()
}

fn between(text: &str, start: &str, end: &str) -> String {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split_once(end).unwrap().0.to_owned()
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
