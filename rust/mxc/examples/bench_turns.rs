//! tests/bench/turns/turns.c in Rust: `bench_turns FOLDER` reads lines with a number N, makes N runs of /bin/true under
//! the preset "workspace" on FOLDER, and prints their times in nanoseconds, separated by tabs. `make bench` builds it.
use mxc::Policy;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::time::Instant;

fn time_of_run(policy: &Policy) -> Result<u128, mxc::Error> {
    let start = Instant::now();
    mxc::run(["/bin/true"], policy)?.check()?;
    Ok(start.elapsed().as_nanos())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: bench_turns FOLDER")?;
    std::env::set_current_dir(&folder)?;
    let policy = Policy::preset_in("workspace", &folder)?;
    for line in io::stdin().lock().lines() {
        let turns = 0..line?.trim().parse::<usize>()?;
        let times = turns.map(|_| time_of_run(&policy)).collect::<Result<Vec<_>, _>>()?;
        let words: Vec<String> = times.iter().map(u128::to_string).collect();
        println!("{}", words.join("\t"));
        io::stdout().flush()?;
    }
    Ok(())
}
