//! REPORT on calendars and address books: queries with a filter, and objects by their addresses.

use super::multistatus::{CALDAV, CARDDAV};
use super::xml::Element;
use crate::face::call::names;
use crate::model::{CollectionKind, Object};

/// What a report asks for.
pub(super) enum Query<'e> {
    /// What passes the filter; without one everything does.
    Filter(Option<&'e Element>),
    /// The objects with these names.
    These(Vec<String>),
}

/// Reads a report; `None`: it is none that this kind of collection knows.
pub(super) fn read(kind: CollectionKind, request: &Element) -> Option<Query<'_>> {
    let (namespace, query, multiget) = match kind {
        CollectionKind::Calendar => (CALDAV, "calendar-query", "calendar-multiget"),
        CollectionKind::AddressBook => (CARDDAV, "addressbook-query", "addressbook-multiget"),
    };
    if request.name.is(namespace, query) {
        return Some(Query::Filter(request.child(namespace, "filter")));
    }
    let hrefs = request.children.iter().filter(|child| child.name.is("DAV:", "href"));
    let last = |href: &Element| names(href.text.trim()).and_then(|mut names| names.pop());
    request.name.is(namespace, multiget).then(|| Query::These(hrefs.filter_map(last).collect()))
}

impl Query<'_> {
    /// Whether the object is asked for.
    pub(super) fn wants(&self, name: &str, object: &Object) -> bool {
        match self {
            Self::These(names) => names.iter().any(|wanted| wanted == name),
            Self::Filter(None) => true,
            Self::Filter(Some(filter)) => {
                let content = String::from_utf8_lossy(&object.content);
                let lines = unfolded(&content);
                let lines: Vec<&str> = lines.lines().collect();
                // A calendar's outermost filter names VCALENDAR; an address book's are about the properties of a card.
                let whole = Component { name: "", lines: &lines };
                all_or_any(filter, filter.children.iter().map(|child| whole.passes(child)))
            }
        }
    }
}

/// Something between BEGIN and END, with what is nested in it.
struct Component<'l> {
    name: &'l str,
    lines: &'l [&'l str],
}

impl<'l> Component<'l> {
    fn passes(&self, filter: &Element) -> bool {
        match (filter.name.local.as_str(), filter.attribute("name")) {
            ("comp-filter", Some(name)) => {
                let mut found =
                    self.components().filter(|component| component.name.eq_ignore_ascii_case(name));
                let inner = || filter.children.iter().filter(|child| child.name.local != "is-not-defined");
                if is_not_defined(filter) {
                    return found.next().is_none();
                }
                found.any(|component| inner().all(|child| component.passes(child)))
            }
            ("prop-filter", Some(name)) => {
                let mut values = self.values(name);
                if is_not_defined(filter) {
                    return values.next().is_none();
                }
                let matches: Vec<&Element> =
                    filter.children.iter().filter(|child| child.name.local == "text-match").collect();
                values.any(|value| all_or_any(filter, matches.iter().map(|it| matches_text(it, value))))
            }
            // Times, parameters and whatever else there is are not looked at.
            _ => true,
        }
    }

    fn components(&self) -> impl Iterator<Item = Component<'l>> {
        let (mut found, mut open) = (Vec::new(), Vec::new());
        for (at, line) in self.lines.iter().enumerate() {
            if let Some(name) = after(line, "BEGIN:") {
                open.push((name, at + 1));
            } else if after(line, "END:").is_some()
                && let Some((name, from)) = open.pop()
                && open.is_empty()
            {
                found.push(Component { name, lines: self.lines.get(from..at).unwrap_or_default() });
            }
        }
        found.into_iter()
    }

    /// The values of a property, of the component itself; a card's are those of the text as a whole.
    fn values(&self, property: &str) -> impl Iterator<Item = &'l str> {
        let value = move |line: &'l str| {
            let (name, value) = line.split_once(':')?;
            let name = name.split(';').next().unwrap_or_default();
            let name = name.rsplit('.').next().unwrap_or_default();
            name.eq_ignore_ascii_case(property).then_some(value)
        };
        let inside = usize::from(self.name.is_empty());
        let mut depth = 0_usize;
        let own = self.lines.iter().filter(move |line| {
            depth += usize::from(after(line, "BEGIN:").is_some());
            let here = depth <= inside;
            depth = depth.saturating_sub(usize::from(after(line, "END:").is_some()));
            here
        });
        own.filter_map(move |line| value(line)).collect::<Vec<_>>().into_iter()
    }
}

fn after<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let (start, rest) = line.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then(|| rest.trim())
}

/// Address books say whether one condition suffices; where nothing is said, all must hold in calendars, and any in
/// address books.
fn all_or_any(filter: &Element, mut results: impl ExactSizeIterator<Item = bool>) -> bool {
    let any = filter.attribute("test").unwrap_or("anyof") == "anyof" && filter.name.namespace == CARDDAV;
    if any { results.len() == 0 || results.any(|it| it) } else { results.all(|it| it) }
}

fn is_not_defined(filter: &Element) -> bool {
    filter.children.iter().any(|child| child.name.local == "is-not-defined")
}

fn matches_text(condition: &Element, value: &str) -> bool {
    let (wanted, value) = (condition.text.trim().to_lowercase(), value.to_lowercase());
    let matches = match condition.attribute("match-type") {
        Some("equals") => value == wanted,
        Some("starts-with") => value.starts_with(&wanted),
        Some("ends-with") => value.ends_with(&wanted),
        _ => value.contains(&wanted),
    };
    matches != (condition.attribute("negate-condition") == Some("yes"))
}

/// Long lines go on in the next one, which then begins with a blank.
fn unfolded(content: &str) -> String {
    content.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
}
