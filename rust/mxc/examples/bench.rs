//! Times of the crate beside the C library that it calls, taking turns in one process.
//!
//!     bench ROUNDS FOLDER
//!
//! Prints for each row its name and every sample in nanoseconds, as tests/bench/bench_python.py does.
use mxc::{Command, Policy};
use std::error::Error;
use std::ffi::{c_char, CString};
use std::path::Path;
use std::time::Instant;
use std::{env, mem, process, ptr};

const WARM_UP: usize = 3;

type Row<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// The same run by hand: the C API with what every caller of it has to do.
struct Bare(*mut mxc_sys::mxc_policy);

impl Bare {
    fn new(folder: &Path) -> Self {
        let (name, folder) = (c"workspace", CString::new(folder.to_str().unwrap()).unwrap());
        let mut policy = ptr::null_mut();
        // SAFETY: strings live during the call; errors are not asked for
        let status =
            unsafe { mxc_sys::mxc_policy_preset(&mut policy, name.as_ptr(), folder.as_ptr(), ptr::null_mut()) };
        assert_eq!(status, mxc_sys::MXC_OK);
        Self(policy)
    }

    fn run(&self) {
        let argv: [*const c_char; 2] = [c"/bin/true".as_ptr(), ptr::null()];
        let mut result = ptr::null_mut();
        // SAFETY: as mxc.h describes the command and the call
        unsafe {
            let mut command: mxc_sys::mxc_command = mem::zeroed();
            command.struct_size = mem::size_of::<mxc_sys::mxc_command>();
            command.argv = argv.as_ptr();
            assert_eq!(mxc_sys::mxc_run(&mut result, self.0, &command, ptr::null(), ptr::null_mut()), mxc_sys::MXC_OK);
            assert_eq!(mxc_sys::mxc_result_exit_code(result), 0);
            mxc_sys::mxc_result_free(result);
        }
    }
}

fn rows<'a>(policy: &'a Policy, bare: &'a Bare) -> Vec<Row<'a>> {
    vec![
        ("std::process true", Box::new(|| assert!(process::Command::new("/bin/true").status().unwrap().success()))),
        ("mxc_run true (C)", Box::new(|| bare.run())),
        ("mxc::run true", Box::new(move || assert!(mxc::run(["/bin/true"], policy).unwrap().ok()))),
        (
            "mxc::spawn true, wait",
            Box::new(move || assert!(mxc::spawn(["/bin/true"], policy).unwrap().wait().unwrap().ok())),
        ),
        ("mxc::run sh", Box::new(move || assert!(Command::new("/bin/sh").args(["-c", ":"]).run(policy).unwrap().ok()))),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(rounds), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bench ROUNDS FOLDER".into());
    };
    let rounds: usize = rounds.parse()?;
    env::set_current_dir(&folder)?;
    let (policy, bare) = (Policy::preset_in("workspace", &folder)?, Bare::new(Path::new(&folder)));
    let todo = rows(&policy, &bare);
    let mut samples = vec![Vec::with_capacity(rounds); todo.len()];
    for round in 0..rounds + WARM_UP {
        for turn in 0..todo.len() {
            let index = (turn + round) % todo.len();
            let began = Instant::now();
            todo[index].1();
            if round >= WARM_UP {
                samples[index].push(began.elapsed().as_nanos());
            }
        }
    }
    for ((name, _), values) in todo.iter().zip(samples) {
        let values: Vec<_> = values.iter().map(u128::to_string).collect();
        println!("{name}\t{}", values.join("\t"));
    }
    Ok(())
}
