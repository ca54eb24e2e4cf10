//! What the adversary does to a tenant.

use std::sync::{Arc, PoisonError};

use super::Tenant;
use crate::adversary::lie::Lie;
use crate::adversary::{ForgeryFilter, Move, MoveError, Stage};
use crate::control::events::Event;
use crate::journal::Direct;

impl Tenant {
    /// Plays a move of the adversary: it changes the model, or leaves a lie in force, or both.
    ///
    /// # Errors
    /// When the move does not fit the state, for example because there is no such folder; nothing has changed then.
    pub fn play(&self, it: &Move) -> Result<(), MoveError> {
        self.directly(|| Direct::Play(it.clone()), || self.play_now(it), Result::is_ok)?
    }

    fn play_now(&self, it: &Move) -> Result<(), MoveError> {
        let mut model = self.model();
        let mut attacker = self.attacker();
        let (now, seed) = (model.now(), model.ids().seed_of_move());
        let filter = self.state.filter();
        let mut stage = Stage {
            model: &mut model,
            attacker: &mut attacker,
            authority: self.authority(),
            now,
            filter: filter.as_deref(),
        };
        let lie = match seed {
            None => it.play(&mut stage),
            Some(seed) => e2ee_rustcrypto::seeded::with_seed(seed, || it.play(&mut stage)),
        }?;
        if matches!(it, Move::Relent(_)) {
            *self.state.lies.write().unwrap_or_else(PoisonError::into_inner) = Arc::from([]);
        }
        lie.into_iter().for_each(|lie| self.tell(Arc::from(lie)));
        self.state.events.push(Event::Move(Box::new(it.clone())));
        Ok(())
    }

    /// From now on lets only a part of forgeries through.
    pub fn filter_forgeries(&self, filter: Arc<dyn ForgeryFilter>) {
        *self.state.filter.write().unwrap_or_else(PoisonError::into_inner) = Some(filter);
    }

    /// Puts a lie in force, after those that are.
    pub fn tell(&self, lie: Arc<dyn Lie>) {
        let mut lies = self.state.lies.write().unwrap_or_else(PoisonError::into_inner);
        *lies = lies.iter().cloned().chain([lie]).collect();
    }

    /// Takes back all lies of this name.
    pub fn retract(&self, name: &str) {
        self.directly_or_say(
            || Direct::Retract { lie: name.to_owned() },
            || {
                let mut lies = self.state.lies.write().unwrap_or_else(PoisonError::into_inner);
                *lies = lies.iter().filter(|lie| lie.name() != name).cloned().collect();
            },
        );
    }

    /// The lies in force, in the order in which they are asked.
    pub fn lies(&self) -> Arc<[Arc<dyn Lie>]> {
        self.state.lies()
    }
}
