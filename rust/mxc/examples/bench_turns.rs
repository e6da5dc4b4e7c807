//! tests/bench/turns/turns.c in Rust: reads lines on stdin, each a number N; makes N runs of /bin/true under the preset
//! "workspace" on FOLDER, and prints N times in nanoseconds, separated by tabs, on one line. Ends with its input.
//!
//!     bench_turns FOLDER
use mxc::Policy;
use std::error::Error;
use std::time::Instant;
use std::{env, io};

fn time_of_run(policy: &Policy) -> mxc::Result<u128> {
    let start = Instant::now();
    mxc::run(["/bin/true"], policy)?.check()?;
    Ok(start.elapsed().as_nanos())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).ok_or("usage: bench_turns FOLDER")?;
    env::set_current_dir(&folder)?;
    let policy = Policy::preset_in("workspace", &folder)?;
    for line in io::stdin().lines() {
        let times = (0..line?.trim().parse()?).map(|_: u32| time_of_run(&policy)).collect::<mxc::Result<Vec<_>>>()?;
        println!("{}", times.iter().map(u128::to_string).collect::<Vec<_>>().join("\t"));
    }
    Ok(())
}
