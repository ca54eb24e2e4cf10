//! Paths as the suite writes them.

use e2ee_adapter::protocol::ClientError;

/// A path below the root of the account: at least one component, each a plain name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UserPath {
    components: Vec<String>,
}

impl UserPath {
    pub(crate) fn parse(text: &str) -> Result<Self, ClientError> {
        let components: Vec<String> = text.split('/').map(str::to_owned).collect();
        let is_name = |c: &String| !matches!(c.as_str(), "" | "." | "..") && !c.contains(['\0', '\\']);
        if components.iter().all(is_name) {
            return Ok(Self { components });
        }
        Err(ClientError::failed(format!("path {text:?}: expected names separated by single slashes")))
    }

    pub(crate) fn text(&self) -> String {
        self.components.join("/")
    }

    /// The first component: a folder or file in the root of the account.
    pub(crate) fn root(&self) -> &str {
        &self.components[0]
    }

    pub(crate) fn components(&self) -> &[String] {
        &self.components
    }

    /// What leads from the root folder to the last component; empty for one component.
    pub(crate) fn folders(&self) -> &[String] {
        &self.components[1..self.components.len().max(2) - 1]
    }

    /// All components but the first.
    pub(crate) fn below_root(&self) -> &[String] {
        &self.components[1..]
    }

    /// The last component.
    pub(crate) fn name(&self) -> &str {
        &self.components[self.components.len() - 1]
    }

    /// What is called so in the same folder.
    pub(crate) fn beside(&self, name: &str) -> Result<Self, ClientError> {
        match self.components.split_last() {
            Some((_, [])) | None => Self::parse(name),
            Some((_, folders)) => Self::parse(&format!("{}/{name}", folders.join("/"))),
        }
    }

    /// Whether it is one component.
    pub(crate) fn is_root(&self) -> bool {
        self.components.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_falls_into_root_folders_and_name() {
        let path = UserPath::parse("plans/year/month/a.txt").unwrap();
        assert_eq!((path.root(), path.name(), path.is_root()), ("plans", "a.txt", false));
        assert_eq!(path.folders(), ["year", "month"]);
        assert!(UserPath::parse("plans/a.txt").unwrap().folders().is_empty());
        let root = UserPath::parse("plans").unwrap();
        assert!(root.is_root() && root.folders().is_empty() && root.name() == "plans");
    }

    #[test]
    fn what_is_no_name_is_no_path() {
        for text in ["", "/", "a//b", "/a", "a/", "a/../b", "./a", "a\\b", "a\0"] {
            assert!(UserPath::parse(text).is_err(), "{text:?}");
        }
    }
}
