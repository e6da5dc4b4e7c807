"""Cold starts in C and from the command line, beside bubblewrap and whoever else is fast enough for as many rounds."""
import driver
import peers
import rows

TITLE = "Starting `/bin/true`"
ABOUT = ("All rows take turns in one process, which starts them with `posix_spawn` (or calls the library) and waits for the "
         "end; who comes first changes with every round. Nothing is pinned to a core, caches are warm.")
TRUE = ["/bin/true"]


def ours(setting):
    return {
        "posix_spawn": ("exec", TRUE, "`posix_spawn` and `waitpid`: the limit, no walls at all", ()),
        "mxc_run": ("api", TRUE, "the C library: a sandbox for the command, built and gone, preset `workspace`", (
            rows.Target("cold, C library", 0.45, "bwrap"), rows.Target("cold, C library", 0.2, "lxc-exec"))),
        "mxc run": ("exec", [str(setting.mxc), "run", "--", *TRUE], "`mxc run -- /bin/true`, preset `workspace`", (
            rows.Target("cold, `mxc run`", 0.6, "bwrap"),)),
        "open sandbox": ("open", TRUE, "`mxc_sandbox_run`: a command in a sandbox that is open already", (
            rows.Target("command in an open sandbox", 1.25, "posix_spawn"),)),
    }


def reference(name, found):
    if name == "posix_spawn":
        return ""
    return "posix_spawn" if name == "open sandbox" or not found.get("bwrap") else "bwrap"


def measure(setting):
    driver.needs(setting.build / driver.DRIVER)
    todo = ours(setting)
    there, absent = peers.split(setting, fast=True)
    for peer in there:
        todo[peer.name] = ("try", peer.command(setting, TRUE), peer.note, ())
    samples = driver.run(setting, setting.rounds, {name: row[:2] for name, row in todo.items()})
    measured = [rows.from_ns(name, samples[name], reference=reference(name, samples), note=note, targets=targets)
                for name, (_, _, note, targets) in todo.items()]
    return driver.without_failed(measured) + [rows.missing(peer.name, why) for peer, why in absent]
