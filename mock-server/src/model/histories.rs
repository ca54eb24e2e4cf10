//! Devices that are shown a state of their own.

use super::Model;
use super::ids::Ids;

impl Model {
    /// Gives a device a history of its own, which begins with the state of now: what it writes only it sees, and it sees
    /// nothing of what others write from now on. A device that has one already begins anew.
    pub fn fork(&mut self, device: &str) {
        self.join(device);
        self.fork_from(device, device);
    }

    /// Gives `label` a history that begins with what a device is shown now.
    pub(crate) fn fork_from(&mut self, device: &str, label: &str) {
        let mut own = self.history_of(device).clone();
        own.histories.clear();
        self.histories.insert(label.to_owned(), Box::new(own));
    }

    /// The same for what nobody will see: the ids and tokens in it are of no tenant's.
    pub(crate) fn pretend_from(&mut self, device: &str, label: &str) {
        self.fork_from(device, label);
        if let Some(own) = self.histories.get_mut(label) {
            own.ids = Ids::default();
            own.tree.draw_from(Ids::default());
        }
    }

    /// Ends the history of a device: it sees again what everybody sees. Whether it had one.
    pub fn join(&mut self, device: &str) -> bool {
        self.histories.remove(device).is_some()
    }

    /// Ends all histories but the common one.
    pub fn join_all(&mut self) {
        self.histories.clear();
    }

    /// Whether any device has a history of its own.
    pub fn is_forked(&self) -> bool {
        !self.histories.is_empty()
    }

    /// Whether any of the histories has other metadata than the common one.
    pub fn has_diverged(&self) -> bool {
        let told = |model: &Self| {
            let told = model.metadata.iter().filter_map(|(id, slot)| Some((*id, slot.last.clone()?)));
            told.collect::<Vec<_>>()
        };
        self.histories.values().any(|own| told(own) != told(self))
    }

    /// What a device is shown: its own history, or the common one.
    pub fn history_of(&self, device: &str) -> &Self {
        self.histories.get(device).map_or(self, Box::as_ref)
    }

    /// The same to be changed.
    pub fn history_of_mut(&mut self, device: &str) -> &mut Self {
        if !self.histories.contains_key(device) {
            return self;
        }
        // It is there: this is how the compiler is told so.
        self.histories.entry(device.to_owned()).or_insert_with(|| Box::new(Self::new("")))
    }
}
