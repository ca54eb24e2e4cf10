//! The brute-force protection around a call.

use super::Target;
use super::outcome::Outcome;
use crate::face::call::Call;
use crate::face::reply::Reply;

/// What is counted about a call, and what its answer says of it.
pub(super) struct Guard {
    active: bool,
    protected: bool,
    now: i64,
    /// The delay before the handler, in milliseconds.
    before: u64,
}

impl Guard {
    pub(super) fn new(call: &Call<'_>, target: Target<'_>, method: &str) -> Self {
        let active = call.tenant.options.throttling && call.behaviour().throttles;
        let protected = active && target.is_protected(method);
        let now = if active { call.tenant.model().now() } else { 0 };
        let before = if protected { call.tenant.throttle().delay(call.head.address, now) } else { 0 };
        Self { active, protected, now, before }
    }

    /// The answer to an address that has asked too often: an outcome, or an answer without an envelope.
    pub(super) fn refuse_early(&self, call: &Call<'_>, target: Target<'_>) -> Option<Result<Reply, Outcome>> {
        let address = call.head.address;
        if self.protected && call.tenant.throttle().is_blocked(address, self.now) {
            return Some(Err(Outcome::exception(429, "Reached maximum delay")));
        }
        let asks_for_key = self.active && target == Target::ServerKey;
        let may = !asks_for_key || call.tenant.throttle().may_ask_for_key(address, self.now);
        (!may).then(|| Ok(Reply::empty(429)))
    }

    /// Counts a refusal, which may be one too many.
    pub(super) fn finish(
        self,
        call: &Call<'_>,
        outcome: Outcome,
        reply: impl FnOnce(Outcome) -> Reply,
    ) -> Reply {
        if !self.protected {
            return reply(outcome);
        }
        let address = call.head.address;
        let mut throttle = call.tenant.throttle();
        let mut delay = self.before;
        if matches!(outcome, Outcome::Throttled(..)) {
            throttle.attempt(address, self.now);
            if throttle.is_blocked(address, self.now) {
                // The real server's own refusal is an exception that nobody catches.
                return reply(Outcome::Uncaught);
            }
            delay += throttle.delay(address, self.now);
        }
        let header = (delay > 0).then(|| format!("{delay}ms"));
        reply(outcome).maybe("x-nextcloud-bruteforce-throttled", header)
    }
}
