//! Many clients, bad connections and `kill -9`: what the clients saw is checked against a model.

mod check;
mod clients;
mod connection;
mod negative;
mod play;
