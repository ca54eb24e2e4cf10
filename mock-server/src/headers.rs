//! The headers of an exchange, of which there are many: all in one piece of memory.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names and values of headers, in their order. JSON: a list of pairs.
///
/// ```
/// use e2ee_mock_server::Headers;
///
/// let mut headers = Headers::from([("depth", "1")]);
/// headers.push("ocs-apirequest", "true");
/// assert_eq!(headers.get("depth"), Some("1"));
/// assert_eq!(headers.iter().collect::<Vec<_>>(), [("depth", "1"), ("ocs-apirequest", "true")]);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    text: String,
    /// Where each name and each value ends, one after the other.
    ends: Vec<usize>,
}

impl Headers {
    /// Makes room for so many headers and so many bytes of them.
    pub(crate) fn with_capacity(headers: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(2 * headers) }
    }

    /// Adds a header behind the others.
    pub fn push(&mut self, name: &str, value: &str) {
        for part in [name, value] {
            self.text.push_str(part);
            self.ends.push(self.text.len());
        }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.chunks_exact(2).map(move |ends| {
            let [name, value] = [start..ends[0], ends[0]..ends[1]];
            start = ends[1];
            [name, value].map(|range| self.text.get(range).unwrap_or_default()).into()
        })
    }

    /// The value of the first header of this name, which is compared as it stands.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(of, _)| *of == name).map(|(_, value)| value)
    }

    /// Leaves those that fit, by name and value.
    pub fn retain(&mut self, fits: impl Fn(&str, &str) -> bool) {
        *self = self.iter().filter(|(name, value)| fits(name, value)).collect();
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Headers {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(headers: I) -> Self {
        let mut all = Self::default();
        headers.into_iter().for_each(|(name, value)| all.push(name, value));
        all
    }
}

impl<'a, const N: usize> From<[(&'a str, &'a str); N]> for Headers {
    fn from(headers: [(&'a str, &'a str); N]) -> Self {
        headers.into_iter().collect()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let headers = Vec::<(String, String)>::deserialize(deserializer)?;
        Ok(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
    }
}

impl JsonSchema for Headers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Headers".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<(String, String)>::json_schema(generator)
    }
}
