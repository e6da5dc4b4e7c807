//! The command of a case as one of the crate. A key that is not known is an error.
use crate::{number, text};
use mxc::{Code, Command};
use serde_json::Value;
use std::time::Duration;

pub fn of(case: &Value) -> Result<Command, String> {
    let object = case.as_object().ok_or("the command is no object")?;
    let mut command = what(case)?;
    for name in object.keys() {
        match name.as_str() {
            "argv" | "code" | "language" | "interpreter" => continue,
            "cwd" => command.cwd(text(case, name)?),
            "env" => command.envs(variables(&case["env"])?),
            "input" => command.input(text(case, name)?),
            "timeoutMs" => command.timeout(Duration::from_millis(number(case, name)?)),
            "graceMs" => command.grace(Duration::from_millis(number(case, name)?)),
            other => return Err(format!("no key {other:?} of a command is known")),
        };
    }
    Ok(command)
}

fn what(case: &Value) -> Result<Command, String> {
    if let Some(list) = case["argv"].as_array() {
        let words = list.iter().map(|word| word.as_str().ok_or("an argument is no text"));
        return Ok(words.collect::<Result<Vec<_>, _>>()?.into());
    }
    if case["code"].is_null() {
        return Ok(Command::of_policy());
    }
    let source = text(case, "code")?;
    let mut code = Code::new(case["language"].as_str().unwrap_or("python"), source);
    if let Some(path) = case["interpreter"].as_str() {
        code = code.interpreter(path);
    }
    Ok(code.into())
}

fn variables(list: &Value) -> Result<Vec<(&str, &str)>, String> {
    let entries = list.as_array().ok_or("env is no list")?.iter();
    let found: Option<_> = entries.map(|entry| entry.as_str()?.split_once('=')).collect();
    found.ok_or_else(|| format!("env is {list}"))
}

pub fn signal(name: &str) -> Result<i32, String> {
    match name {
        "SIGHUP" => Ok(1),
        "SIGINT" => Ok(2),
        "SIGQUIT" => Ok(3),
        "SIGKILL" => Ok(9),
        "SIGUSR1" => Ok(10),
        "SIGUSR2" => Ok(12),
        "SIGTERM" => Ok(15),
        "SIGCONT" => Ok(18),
        "SIGSTOP" => Ok(19),
        other => Err(format!("no signal {other:?} is known")),
    }
}
