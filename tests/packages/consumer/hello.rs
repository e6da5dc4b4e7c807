//! What a program that uses the crate looks like: a hello from inside, then the name of what was denied.
fn main() -> mxc::Result<()> {
    let outcome = mxc::run(["echo", "hello from inside"], "strict")?.check()?;
    print!("{}", outcome.stdout_text());
    let outcome = mxc::run(["unshare", "--user", "true"], "strict")?;
    println!("denied: {}", outcome.denials()[0].what);
    Ok(())
}
