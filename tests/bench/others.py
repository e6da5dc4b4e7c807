"""The peers that take tens of milliseconds or more for a start, in fewer rounds, beside bubblewrap and mxc."""
import driver
import peers
import rows

TITLE = "Starting `/bin/true`, the slower ones"
ABOUT = "As above, in fewer rounds: bubblewrap and `mxc run` take their turns among them again."
TRUE = ["/bin/true"]


def measure(setting):
    driver.needs(setting.build / driver.DRIVER)
    there, absent = peers.split(setting, fast=False)
    reference = next(peer for peer in peers.PEERS if peer.name == "bwrap")
    todo = {"mxc run": ("exec", [str(setting.mxc), "run", "--", *TRUE])}
    if not peers.not_there(setting, reference, {}) and not peers.fault(setting, reference):
        there.insert(0, reference)
    for peer in there:
        todo[peer.name] = ("try", peer.command(setting, TRUE))
    samples = driver.run(setting, setting.fewer(20), todo)
    notes = {"mxc run": "`mxc run -- /bin/true`", **{peer.name: peer.note for peer in there}}
    found = [rows.from_ns(name, values, note=notes[name], reference="" if name == "bwrap" else "bwrap")
             for name, values in samples.items()]
    return driver.without_failed(found) + [rows.missing(peer.name, why) for peer, why in absent]
