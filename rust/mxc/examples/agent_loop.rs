//! An agent loop in Rust: a model proposes code, the program runs it in a sandbox and feeds back what came of it, until
//! the code prints a line that begins with "ANSWER: ". The model is a script (examples/agent-loop/script.json); the
//! sandboxes are real.
//!
//!     cargo run --example agent_loop -- SCRIPT DATA
use mxc::{Code, Command, Outcome, Policy};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The code may read the data file and nothing else of the caller's; it has no network.
fn policy_for(data: &Path) -> mxc::Result<Policy> {
    Policy::builder().read(data).memory("512M").processes(16).timeout("20s").build()
}

/// Runs the proposed code in a sandbox of its own.
fn run_code(code: &str, policy: &Policy, data: &Path) -> mxc::Result<Outcome> {
    let home = env::var_os("HOME").unwrap_or_else(|| "/".into());
    Command::from(Code::python(code)).env("DATA", data).env("CALLER_HOME", home).run(policy)
}

/// What the model is told: both streams, what was refused, how it ended.
fn feedback_of(outcome: &Outcome) -> String {
    let mut text = format!("{}{}", outcome.stdout_text(), outcome.stderr_text());
    for denial in outcome.denials() {
        text += &format!("denied: {}\n", denial.what);
    }
    text + &match outcome.signal() {
        Some(signal) => format!("ended by signal {signal}\n"),
        None => format!("exit code {}\n", outcome.exit_code().unwrap_or(-1)),
    }
}

fn answer_of(outcome: &Outcome) -> Option<String> {
    outcome.stdout_text().lines().find(|line| line.starts_with("ANSWER: ")).map(str::to_owned)
}

/// One turn of the conversation; gives the answer when the code printed it.
fn turn(step: &Value, policy: &Policy, data: &Path) -> Result<Option<String>> {
    let text = |name: &str| step[name].as_str().ok_or(format!("the script has a step without {name}"));
    println!("model: {}\n{}", text("say")?, text("code")?);
    let outcome = run_code(text("code")?, policy, data)?;
    let feedback = feedback_of(&outcome);
    println!("sandbox:\n{feedback}");
    // the script looks at what it was told, as a model would: when something else happened, it has nothing to say
    let expected = step["expect"].as_array().into_iter().flatten().filter_map(Value::as_str);
    match expected.into_iter().find(|wanted| !feedback.contains(wanted)) {
        Some(missing) => Err(format!("the script did not see {missing:?}").into()),
        None => Ok(answer_of(&outcome)),
    }
}

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let (Some(script), Some(data)) = (arguments.next(), arguments.next()) else {
        return Err("usage: agent_loop SCRIPT DATA".into());
    };
    let script: Vec<Value> = serde_json::from_str(&fs::read_to_string(script)?)?;
    let data = fs::canonicalize(data)?;
    let policy = policy_for(&data)?;
    for step in &script {
        if let Some(answer) = turn(step, &policy, &data)? {
            println!("{answer}");
            return Ok(());
        }
    }
    Err("the script ended without an answer".into())
}
