//! libmxc.a: built here, or built already, and the archives that it needs.
use crate::Problem;
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the build needs, how to see whether it is there, and the Debian package that has it.
const PROGRAMS: [(&str, &str); 4] =
    [("cmake", "cmake"), ("make or ninja", "make"), ("cc", "gcc"), ("objcopy", "binutils")];
const FILES: [(&str, &str); 4] = [
    ("libseccomp.a", "libseccomp-dev"),
    ("libjansson.a", "libjansson-dev"),
    ("seccomp.h", "libseccomp-dev"),
    ("jansson.h", "libjansson-dev"),
];

/// Links what a build of the project has left in its folder.
pub fn link_built(build: &Path) -> Result<(), Problem> {
    let library = build.join("lib/libmxc.a");
    if !library.is_file() {
        return Err(format!(
            "MXC_BUILD_DIR is {}, and {} is not there; run `make build` in the project, or unset MXC_BUILD_DIR",
            build.display(),
            library.display()
        ));
    }
    println!("cargo:rerun-if-changed={}", library.display());
    say_how(build)
}

/// Builds libmxc.a in OUT_DIR and links it.
pub fn build_and_link() -> Result<(), Problem> {
    if env::var("TARGET") != env::var("HOST") {
        return Err("libmxc cannot be built for another machine than this one; use the feature `system`".into());
    }
    check_needs()?;
    let sources = sources()?;
    let build = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("libmxc");
    for part in ["CMakeLists.txt", "VERSION", "cmake", "core/src", "core/keeper", "core/relay", "core/include"] {
        println!("cargo:rerun-if-changed={}", sources.join(part).display());
    }
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&sources).arg("-B").arg(&build).arg("-DMXC_LIBRARY_ONLY=ON");
    if found("ninja") {
        configure.arg("-GNinja");
    }
    run(&mut configure)?;
    let jobs = env::var("NUM_JOBS").unwrap_or_else(|_| "1".into());
    run(Command::new("cmake").arg("--build").arg(&build).args([
        "--target",
        "mxc_archive",
        "mxc_jansson_pic",
        "--parallel",
        &jobs,
    ]))?;
    println!("cargo:include={}", sources.join("core/include").display());
    say_how(&build)
}

/// The C sources: of the package, or of the repository that this crate is a folder of.
fn sources() -> Result<PathBuf, Problem> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let packaged = here.join("vendor");
    let tree = if packaged.is_dir() { packaged } else { here.join("../..") };
    if tree.join("core/include/mxc/mxc.h").is_file() {
        return Ok(tree);
    }
    Err(format!("the C sources of libmxc are not in {}; this package is not complete", tree.display()))
}

fn check_needs() -> Result<(), Problem> {
    let has = |name: &str| name.split(" or ").any(found);
    let mut missing: Vec<_> = PROGRAMS.iter().filter(|(name, _)| !has(name)).collect();
    if missing.iter().all(|(name, _)| *name != "cc") {
        missing.extend(FILES.iter().filter(|(name, _)| place_of(name).is_none()));
    }
    if missing.is_empty() {
        if !found("musl-gcc") {
            println!(
                "cargo:warning=without musl-gcc (Debian: musl-tools) each start of a sandbox takes some 330 us more"
            );
        }
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
    let mut packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    packages.dedup();
    Err(format!(
        "libmxc is built from source and needs {}.\non Debian and Ubuntu: apt-get install {} musl-tools linux-libc-dev",
        names.join(", "),
        packages.join(" ")
    ))
}

/// How to link the archive below `build`. All three end up in the rlib, so their order does not matter.
fn say_how(build: &Path) -> Result<(), Problem> {
    let seccomp =
        place_of("libseccomp.a").ok_or("libseccomp.a was not found; Debian: apt-get install libseccomp-dev")?;
    for folder in [build.join("lib"), build.join("deps"), seccomp] {
        println!("cargo:rustc-link-search=native={}", folder.display());
    }
    // libjansson.a with one symbol renamed, so that it can be part of a shared object: cmake/dependencies.cmake
    for library in ["mxc", "jansson_pic", "seccomp"] {
        println!("cargo:rustc-link-lib=static={library}");
    }
    Ok(())
}

/// The folder in which the compiler finds this library or header.
fn place_of(name: &str) -> Option<PathBuf> {
    if name.ends_with(".h") {
        let mut compiler = Command::new("cc");
        compiler.args(["-E", "-include", name, "-x", "c", "/dev/null"]);
        let status = compiler.stdout(Stdio::null()).stderr(Stdio::null()).status();
        return status.ok().filter(|done| done.success()).map(|_| PathBuf::new());
    }
    let answer = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    // what it does not find it gives back as it was
    path.is_absolute().then(|| path.parent().map(Path::to_owned))?
}

fn found(program: impl AsRef<OsStr>) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let there = env::split_paths(&path).any(|folder| folder.join(program.as_ref()).is_file());
    there
}

fn run(command: &mut Command) -> Result<(), Problem> {
    let status = command.status().map_err(|error| format!("{command:?} could not be started: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed ({status}); what it printed is above"))
}
