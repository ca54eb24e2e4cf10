//! A device that is killed in the middle of a step, as by `kill -9` (ROB-LOCK-03).

use std::sync::Arc;

use e2ee_mock_server::{Aim, Asker, Endpoint, Lie, Pause, Tenant};
use tokio::sync::watch;

use crate::judge::is_way_of;

const NAME: &str = "killed_at";

/// What holds the next request of one kind that a device sends, before anything has changed; it is never carried out.
/// Gone when dropped.
pub(super) struct Trap {
    tenant: Tenant,
    hold: Arc<Hold>,
}

impl Trap {
    /// In force at once.
    pub(super) fn set(tenant: &Tenant, device: &str, on: Endpoint) -> Self {
        let hold = Hold { on, device: device.to_owned(), sprung: watch::Sender::new(false) };
        let hold = Arc::new(hold);
        tenant.tell(Arc::clone(&hold) as Arc<dyn Lie>);
        Self { tenant: tenant.clone(), hold }
    }

    /// The kind of request.
    pub(super) fn on(&self) -> Endpoint {
        self.hold.on
    }

    /// Waits until such a request is there.
    pub(super) async fn sprung(&self) {
        // Fails when the sender is gone, which is here.
        let _ = self.hold.sprung.subscribe().wait_for(|sprung| *sprung).await;
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.tenant.retract(NAME);
    }
}

struct Hold {
    on: Endpoint,
    device: String,
    sprung: watch::Sender<bool>,
}

impl Lie for Hold {
    fn name(&self) -> &'static str {
        NAME
    }

    fn before(&self, aim: &Aim, told_to: &Asker) -> Pause {
        if told_to.device.as_ref() != Some(&self.device) || !is_way_of(self.on, aim.endpoint) {
            return Pause::None;
        }
        self.sprung.send_replace(true);
        Pause::Forever
    }
}
