//! The conformance suite through the crate: answers requests, one JSON object a line on stdin, one on stdout. The
//! protocol is described in tests/conformance/harness/bridge.py. Cases, clocks and judging are there; every call of
//! mxc is here.
mod command;
mod outcome;

use mxc::{Child, Policy, Sandbox};
use serde_json::{json, Value};
use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::time::Duration;

/// Why a request could not be answered.
enum Failure {
    /// what mxc says
    Package(mxc::Error),
    /// a request that is not one, or one that is not known
    Broken(String),
}

impl From<mxc::Error> for Failure {
    fn from(error: mxc::Error) -> Self {
        Self::Package(error)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Broken(text)
    }
}

/// What the other side has opened, by its numbers.
#[derive(Default)]
struct Session {
    sandboxes: HashMap<u64, Sandbox>,
    processes: HashMap<u64, Child>,
}

impl Session {
    fn answer(&mut self, request: &Value) -> Result<Value, Failure> {
        match text(request, "op")? {
            "doctor" => {
                let found = serde_json::from_str::<Value>(&mxc::doctor()?.json).map_err(|error| error.to_string())?;
                return Ok(json!({ "doctor": found }));
            }
            "run" => return Ok(json!({ "result": outcome::shown(&self.run(request)?)? })),
            "wait" => return Ok(json!({ "result": outcome::shown(&self.wait(request)?)? })),
            "spawn" => self.spawn(request)?,
            "signal" => self.process(request)?.send_signal(command::signal(text(request, "signal")?)?)?,
            "stop" => self.process(request)?.stop(Duration::from_millis(number(request, "graceMs")?))?,
            "forget" => drop(self.processes.remove(&number(request, "process")?)),
            "open" => drop(self.sandboxes.insert(number(request, "sandbox")?, Sandbox::open(policy(request)?)?)),
            "kill" => self.sandbox(request)?.kill()?,
            "close" => drop(self.sandboxes.remove(&number(request, "sandbox")?)),
            other => return Err(format!("no request {other:?} is known").into()),
        }
        Ok(json!({ "done": true }))
    }

    fn run(&self, request: &Value) -> Result<mxc::Outcome, Failure> {
        let command = command::of(&request["command"])?;
        if request.get("sandbox").is_some() {
            return Ok(self.sandbox(request)?.run(command)?);
        }
        Ok(mxc::run(command, policy(request)?)?)
    }

    fn spawn(&mut self, request: &Value) -> Result<(), Failure> {
        let command = command::of(&request["command"])?;
        let child = if request.get("sandbox").is_some() {
            self.sandbox(request)?.spawn(command)?
        } else {
            mxc::spawn(command, policy(request)?)?
        };
        self.processes.insert(number(request, "process")?, child);
        Ok(())
    }

    fn wait(&self, request: &Value) -> Result<mxc::Outcome, Failure> {
        let process = self.process(request)?;
        if request.get("timeoutMs").is_none() {
            return Ok(process.wait()?);
        }
        Ok(process.wait_timeout(Duration::from_millis(number(request, "timeoutMs")?))?)
    }

    fn sandbox(&self, request: &Value) -> Result<&Sandbox, Failure> {
        let wanted = number(request, "sandbox")?;
        self.sandboxes.get(&wanted).ok_or_else(|| Failure::Broken(format!("no sandbox {wanted}")))
    }

    fn process(&self, request: &Value) -> Result<&Child, Failure> {
        let wanted = number(request, "process")?;
        self.processes.get(&wanted).ok_or_else(|| Failure::Broken(format!("no process {wanted}")))
    }
}

fn policy(request: &Value) -> Result<Policy, Failure> {
    Ok(Policy::from_json_in(text(request, "policy")?, text(request, "baseDir")?)?)
}

pub fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str, String> {
    object[name].as_str().ok_or_else(|| format!("no text {name:?} in {object}"))
}

pub fn number(object: &Value, name: &str) -> Result<u64, String> {
    object[name].as_u64().ok_or_else(|| format!("no number {name:?} in {object}"))
}

fn main() -> io::Result<()> {
    let mut session = Session::default();
    for line in io::stdin().lock().lines() {
        let request = serde_json::from_str::<Value>(&line?).map_err(|error| Failure::Broken(error.to_string()));
        let answer = match request.and_then(|request| session.answer(&request)) {
            Ok(answer) => answer,
            Err(Failure::Package(error)) => json!({ "error": outcome::shown_error(&error) }),
            Err(Failure::Broken(text)) => json!({ "broken": text }),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
