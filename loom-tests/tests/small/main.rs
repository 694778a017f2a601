//! What is small: the orderings that the shipped code leans on, the ticket board, the control channel;
//! and that loom stays here.

#![allow(dead_code, unreachable_pub)] // Shipped files, of which not all is called here.

#[path = "../../../conformance/src/real/board.rs"]
mod board;
mod board_tests;
#[path = "../../src/death.rs"]
mod death;
#[path = "../../src/explore.rs"]
mod explore;
mod litmus;
#[path = "../../../conformance/src/real/mail.rs"]
mod mail;
mod mail_tests;
mod separation;
#[path = "../../src/sync.rs"]
mod sync;
