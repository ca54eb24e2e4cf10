//! Commands and the control API.

mod commands;
