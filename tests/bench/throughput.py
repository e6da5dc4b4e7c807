"""How many runs a second with 1, 2, 8 and 64 of them in flight, from one thread that waits with poll(2)."""
import subprocess

import driver
import rows

TITLE = "Throughput"
ABOUT = "Runs of `/bin/true` in a second: `mxc_spawn`, each in a sandbox of its own, and `posix_spawn`, in turns."
PROGRAM = "bench/bench_flight"
FLIGHTS = (1, 2, 8, 64)


def rate(setting, kind, flight, total):
    done = subprocess.run([*setting.prefix, setting.build / PROGRAM, kind, str(flight), str(total), setting.folder, "/bin/true"],
                          stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"{PROGRAM} failed, see above")
    return total / (int(done.stdout.split()[0]) / 1e9)


def measure(setting):
    driver.needs(setting.build / PROGRAM)
    total, rounds = max(64, min(setting.rounds, 400)), 5 if setting.full else 2 if setting.rounds >= 100 else 1
    samples = {(kind, flight): [] for flight in FLIGHTS for kind in ("exec", "mxc")}
    for _ in range(rounds):
        for (kind, flight), values in samples.items():
            values.append(rate(setting, kind, flight, total))
    names = {"exec": "posix_spawn, {} in flight", "mxc": "mxc_spawn, {} in flight"}
    return [rows.Row(names[kind].format(flight), values, unit="1/s", more=True,
                     reference=names["exec"].format(flight) if kind == "mxc" else "")
            for (kind, flight), values in samples.items()]
