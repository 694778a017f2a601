//! Litmus programs on the real system.

use ipc_conformance::litmus;
use ipc_conformance::litmus::histogram::{Question, Way};
use ipc_conformance::real::{Real, RealOptions};
use ipc_conformance::system::System;
use ipc_model::profile::LINUX;

fn options() -> RealOptions {
    RealOptions { program: env!("CARGO_BIN_EXE_ipc-conformance").into(), ..RealOptions::default() }
}

#[test]
fn show() {
    let mut real = Real::start(options()).expect("the real system starts");
    let n: u64 = std::env::var("N").map_or(2000, |n| n.parse().unwrap());
    let only = std::env::var("ONLY").unwrap_or_default();
    for litmus in litmus::all().filter(|l| l.name.contains(&only)) {
        let program = litmus.program().unwrap_or_else(|error| panic!("{error}"));
        let question = Question::new(&LINUX, real.numbers(), &program).expect("bounded");
        let told = match question.way.clone() {
            Way::Fast(plan) => {
                question.ask_fast(&plan, &options(), real.numbers(), (n, 7), &|| false)
            }
            Way::ByLine(_) => question.ask(&mut real, n / 20, &|| false),
        }
        .unwrap_or_else(|e| panic!("{e}"));
        println!("== {} {:?} {:.0}/s {:?}", litmus.name, question.way, told.rate(), told.trouble);
        for (e, c) in &told.allowed {
            println!("{c:8} {}", e.display(&program, &question.told()));
        }
        for (e, c) in &told.forbidden {
            println!("!! {c:8} {}", e.display(&program, &question.told()));
        }
    }
}
