//! The brute-force protection and the rate limit, which count by address.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// Attempts count for twelve hours, and block when there were too many in half an hour.
const REMEMBERED: i64 = 12 * 3600;
const BLOCKING: i64 = 30 * 60;
const TOO_MANY: usize = 10;
/// The longest delay, in milliseconds.
const MAX_DELAY: u64 = 25_000;
/// How many requests for the server key are allowed in how many seconds.
const KEY_REQUESTS: usize = 6;
const KEY_SECONDS: i64 = 600;
/// More addresses are not remembered, and no more times of one.
const MAX_ADDRESSES: usize = 10_000;
const MAX_TIMES: usize = 100;

/// The times, in seconds, at which something happened from an address.
type Times = BTreeMap<IpAddr, VecDeque<i64>>;

/// What a tenant remembers of the addresses from which it is asked.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    attempts: Times,
    key_requests: Times,
}

impl Throttle {
    /// How long an answer to this address is delayed, in milliseconds. Nextcloud 32 only says so and does not wait.
    pub(crate) fn delay(&self, address: IpAddr, now: i64) -> u64 {
        match since(&self.attempts, address, now - REMEMBERED) {
            0 => 0,
            attempts @ 1..=TOO_MANY => (100 << attempts).min(MAX_DELAY),
            _ => MAX_DELAY,
        }
    }

    /// Whether the address is not answered any more.
    pub(crate) fn is_blocked(&self, address: IpAddr, now: i64) -> bool {
        since(&self.attempts, address, now - BLOCKING) > TOO_MANY
    }

    /// Counts a refusal.
    pub(crate) fn attempt(&mut self, address: IpAddr, now: i64) {
        remember(&mut self.attempts, address, now);
    }

    /// Counts a request for the server key, unless there were too many.
    pub(crate) fn may_ask_for_key(&mut self, address: IpAddr, now: i64) -> bool {
        let may = since(&self.key_requests, address, now - KEY_SECONDS) < KEY_REQUESTS;
        if may {
            remember(&mut self.key_requests, address, now);
        }
        may
    }
}

fn since(times: &Times, address: IpAddr, from: i64) -> usize {
    times.get(&address).map_or(0, |times| times.iter().filter(|time| **time > from).count())
}

fn remember(times: &mut Times, address: IpAddr, now: i64) {
    if times.len() >= MAX_ADDRESSES && !times.contains_key(&address) {
        return;
    }
    let times = times.entry(address).or_default();
    times.push_back(now);
    if times.len() > MAX_TIMES {
        times.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_are_forgotten() {
        let (mut throttle, address) = (Throttle::default(), IpAddr::from([127, 0, 0, 1]));
        let delays: Vec<u64> = (0..12)
            .map(|_| {
                throttle.attempt(address, 1000);
                throttle.delay(address, 1000)
            })
            .collect();
        assert_eq!(delays[..4], [200, 400, 800, 1600]);
        assert_eq!(delays[7..], [25_000; 5]);
        assert!(throttle.is_blocked(address, 1000));
        assert!(!throttle.is_blocked(address, 1000 + BLOCKING));
        assert_eq!(throttle.delay(address, 1000 + REMEMBERED), 0);
    }
}
