//! The feature `system`: an installed libmxc.so, by way of the program pkg-config.
use crate::Problem;
use std::process::Command;

pub fn link() -> Result<(), Problem> {
    println!("cargo:rerun-if-env-changed=PKG_CONFIG");
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    let version = env!("CARGO_PKG_VERSION");
    ask(&["--exists", "--print-errors", &format!("mxc >= {version}")])?;
    for word in ask(&["--libs", "mxc"])?.split_whitespace() {
        if let Some(folder) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={folder}");
        } else if let Some(library) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib=dylib={library}");
        }
    }
    if let Some(folder) = ask(&["--variable=includedir", "mxc"])?.lines().next() {
        println!("cargo:include={folder}");
    }
    Ok(())
}

fn ask(arguments: &[&str]) -> Result<String, Problem> {
    let program = std::env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let done = Command::new(&program).args(arguments).output().map_err(|error| {
        format!("the feature `system` asks {program} for libmxc, which could not be started ({error}); on Debian and Ubuntu: apt-get install pkg-config")
    })?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!(
        "no installed libmxc was found: {}\ninstall it (`cmake --install build` in the project), add the folder of its mxc.pc to PKG_CONFIG_PATH, or leave the feature `system` out, which builds it",
        said.trim()
    ))
}
