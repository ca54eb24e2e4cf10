//! Several rows at a time, so that nobody waits for the last play of one before the next begins.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What becomes of each, in their order; they are begun in it, too. `alone`: one after the other.
pub(super) async fn side_by_side<F: Future>(
    works: impl IntoIterator<Item = F>,
    alone: bool,
) -> Vec<F::Output> {
    let works = Mutex::new(works.into_iter().enumerate());
    let done = Mutex::new(BTreeMap::new());
    let lane = async || {
        loop {
            let next = works.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, work)) = next else { break };
            let outcome = work.await;
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(number, outcome);
        }
    };
    if alone {
        lane().await;
    } else {
        tokio::join!(lane(), lane(), lane());
    }
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}
