//! One case against one server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_mock_server::{AppVersion, MockServer};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::generate::expand;
use super::normalise::{Answer, Variables};
use super::xml;

const USERS: &[&str] = &["alice", "bob", "carol", "mallory"];

/// Sends the steps of a case; the first difference.
pub(crate) async fn replay(release: AppVersion, steps: &[Value]) -> Result<(), String> {
    let server = MockServer::builder().app_version(release).start().await.unwrap();
    replay_on(&server, steps).await
}

/// Sends the steps of a case to this server; the first difference.
pub(crate) async fn replay_on(server: &MockServer, steps: &[Value]) -> Result<(), String> {
    let tenant = server.default_tenant();
    let mut variables = Variables::new();
    variables.insert("base".to_owned(), server.uri());
    variables.insert("team".to_owned(), "team-x7q3".to_owned());
    variables.insert("instance".to_owned(), tenant.model().instance().to_owned());
    for user in USERS {
        let id = format!("{user}-x7q3");
        tenant.add_credential(&id, &format!("password of {user}"), "recorder");
        variables.insert((*user).to_owned(), id);
    }
    for user in ["bob", "carol"] {
        tenant.add_to_group("team-x7q3", &variables[user]);
    }
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    for step in steps {
        let answer = send(&client, &server.uri(), &step["request"], &variables).await;
        let captured = capture(step.get("capture"), &answer, &mut variables)?;
        let is_ocs = step["request"]["path"].as_str().is_some_and(|path| path.starts_with("/ocs/"));
        let mut actual = answer.normal(is_ocs, step.get("select"), &variables);
        let mut expected = step["response"].clone();
        if let Some(shapes) = expected.as_object_mut().and_then(|expected| expected.remove("captured")) {
            check_shapes(&shapes, &captured, &variables)?;
        }
        expand_all(&mut expected);
        drop_empty(&mut actual);
        drop_empty(&mut expected);
        if actual != expected {
            return Err(format!("step {}:\n  expected {expected}\n  actual   {actual}", step["step"]));
        }
    }
    Ok(())
}

async fn send(client: &reqwest::Client, base: &str, request: &Value, variables: &Variables) -> Answer {
    let fill = |text: &str| fill(text, variables);
    let path = fill(request["path"].as_str().unwrap());
    let pairs = |value: &Value| {
        let pairs = value.as_array().into_iter().flatten();
        let text = |value: &Value| encode(&fill(value.as_str().unwrap()));
        pairs.map(|pair| format!("{}={}", text(&pair[0]), text(&pair[1]))).collect::<Vec<_>>().join("&")
    };
    let query = pairs(&request["query"]);
    let question = if query.is_empty() { "" } else { "?" };
    let method = reqwest::Method::from_bytes(request["method"].as_str().unwrap().as_bytes()).unwrap();
    let mut sent = client.request(method, format!("{base}{path}{question}{query}"));
    if let Some(who) = request["as"].as_str() {
        let credentials = match who.split_once(':') {
            Some((user, password)) => format!("{}:{}", fill(user), fill(password)),
            None => format!("{}:password of {who}", variables[who]),
        };
        sent = sent.header("authorization", format!("Basic {}", STANDARD.encode(credentials)));
    }
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        sent = sent.header(name, fill(value.as_str().unwrap()));
    }
    if let Some(form) = request.get("form") {
        sent = sent.header("content-type", "application/x-www-form-urlencoded").body(pairs(form));
    } else if let Some(json) = request.get("json") {
        sent = sent.header("content-type", "application/json").body(fill(&json.to_string()));
    } else if let Some(body) = request.get("body") {
        sent = sent.body(fill(body.as_str().unwrap()));
    }
    let response = sent.send().await.unwrap();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let (status, headers) = (response.status().as_u16(), headers.collect());
    Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

fn fill(text: &str, variables: &Variables) -> String {
    let known = variables.iter();
    let filled =
        known.fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value));
    expand(&filled)
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// What a step captures: name and value, if there was one.
type Captured = Vec<(String, Option<String>, Option<String>)>;

fn capture(wanted: Option<&Value>, answer: &Answer, variables: &mut Variables) -> Result<Captured, String> {
    let mut captured = Captured::new();
    for (name, from) in wanted.and_then(Value::as_object).into_iter().flatten() {
        let from = from.as_str().unwrap();
        let value = match from.split_once(':') {
            None if from == "fileid" => {
                let id = answer.header("oc-fileid").and_then(|id| id.split("oc").next());
                id.map(|id| id.trim_start_matches('0').to_owned())
            }
            Some(("json", path)) => {
                let json: Value = serde_json::from_str(&answer.text()).unwrap_or_default();
                let value = path.split('.').try_fold(&json, |value, name| value.get(name));
                value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            }
            Some(("header", name)) => answer.header(name).map(str::to_owned),
            Some(("prop", name)) => property(&answer.text(), name),
            _ => return Err(format!("unknown capture {from}")),
        };
        let same_as =
            variables.iter().find(|(_, known)| Some(*known) == value.as_ref()).map(|(name, _)| name.clone());
        if let Some(value) = &value {
            variables.insert(name.clone(), value.clone());
        }
        captured.push((name.clone(), value, same_as));
    }
    Ok(captured)
}

fn property(text: &str, name: &str) -> Option<String> {
    let (namespace, local) = name.strip_prefix('{')?.split_once('}')?;
    let prefix = if namespace == "DAV:" { "d:" } else { "oc:" };
    let root = xml::parse(text)?;
    let prop = root.child("d:response")?.child("d:propstat")?.child("d:prop")?;
    Some(prop.child(&format!("{prefix}{local}"))?.text.clone())
}

fn check_shapes(shapes: &Value, captured: &Captured, variables: &Variables) -> Result<(), String> {
    for (name, shape) in shapes.as_object().into_iter().flatten() {
        let (_, value, same_as) = captured.iter().find(|(n, ..)| n == name).ok_or("nothing captured")?;
        let shape = shape.as_str().unwrap_or_default();
        let text = value.as_deref().unwrap_or_default();
        let letters =
            |count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fits = match shape {
            "unset" => value.is_none(),
            "number" => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
            "PEM" => text.starts_with("-----BEGIN"),
            shape => match (shape.strip_prefix("same as "), shape.strip_suffix(" letters and digits")) {
                (Some(other), _) => {
                    same_as.is_some() && variables.get(other).map(String::as_str) == Some(text)
                }
                (_, Some(count)) => letters(count.parse().unwrap_or_default()),
                _ => !text.is_empty(),
            },
        };
        if !fits {
            return Err(format!("captured {name}: expected {shape}, got {value:?}"));
        }
    }
    Ok(())
}

fn expand_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = expand(text),
        Value::Array(items) => items.iter_mut().for_each(expand_all),
        Value::Object(members) => members.values_mut().for_each(expand_all),
        _ => {}
    }
}

/// No headers are the same as an empty map of headers.
fn drop_empty(value: &mut Value) {
    if let Some(members) = value.as_object_mut()
        && members
            .get("headers")
            .is_some_and(|headers| headers.as_object().is_some_and(serde_json::Map::is_empty))
    {
        members.remove("headers");
    }
}
