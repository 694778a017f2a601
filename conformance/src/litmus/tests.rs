use ipc_model::profile::{LINUX, Numbers, POSIX2024};
use ipc_model::spec::Spec;

use super::outcomes::{Limit, enumerate};
use super::*;

#[test]
fn show() {
    for profile in [&LINUX, &POSIX2024] {
        let spec = Spec::new(profile, Numbers::EXAMPLE);
        for litmus in all() {
            let program = litmus.program().unwrap_or_else(|e| panic!("{e}"));
            let begin = std::time::Instant::now();
            let allowed = enumerate(&spec, &program, Limit::default());
            println!("== {} {} {:?}", profile.name, litmus.name, begin.elapsed());
            match allowed {
                Err(e) => println!("   {e}"),
                Ok(allowed) => {
                    println!(
                        "   {} worlds, sleeps {}, finals {}",
                        allowed.worlds,
                        allowed.sleeps,
                        allowed.finals.len()
                    );
                    let lines: Vec<usize> =
                        (program.together.start.into()..program.lines.len()).collect();
                    for e in allowed.endings {
                        println!("   {}", e.display(&program, &lines));
                    }
                }
            }
        }
    }
}
