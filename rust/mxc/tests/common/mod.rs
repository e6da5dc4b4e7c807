//! What the integration tests share.
#![allow(dead_code)]
use mxc::Policy;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A fresh folder that ends with the object, and the policy that makes it writable. Not below /tmp, which is private
/// inside: below `$MXC_TEST_BASE`.
pub struct Ground {
    pub folder: PathBuf,
    pub policy: Policy,
}

impl Ground {
    pub fn new() -> Self {
        let base =
            env::var_os("MXC_TEST_BASE").map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
        let folder = base.join(format!("{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).unwrap();
        let policy = Policy::preset_in("workspace", &folder).unwrap();
        Self { folder, policy }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A command line that no other process has: `sleep <marker>` is found on the host by it.
pub struct Marker(pub String);

impl Marker {
    pub fn new() -> Self {
        Self(format!("{}.{}", 100_000 + u64::from(process::id()), NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    pub fn count(&self) -> usize {
        let is_it = |path: &Path| {
            let line = fs::read(path.join("cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|word| word == self.0.as_bytes())
        };
        fs::read_dir("/proc").unwrap().flatten().filter(|entry| is_it(&entry.path())).count()
    }

    /// Waits until there are so many of these processes.
    pub fn becomes(&self, number: usize) -> bool {
        eventually(|| self.count() == number)
    }
}

/// Whether it comes true within some seconds.
pub fn eventually(condition: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

pub fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

pub fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// Resident memory in bytes.
pub fn memory() -> usize {
    let text = fs::read_to_string("/proc/self/statm").unwrap();
    text.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
