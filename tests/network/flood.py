#!/usr/bin/env python3
"""A flood in one sandbox beside the work of another: how much longer a connection with one byte there and back takes
there. In turns (with, without, with, ...), so that both meet the same load, and the ratio of the medians is judged, at
best of three: at most 1.2. Silent connections are held against none; a storm, which uses both processors, against a sandbox
that uses them without any network, since a busy machine is slower for everybody.
flood.py root|user"""
import json
import statistics

import run
from addresses import DNS
from world import World

POLICY = {"version": "1.0.0", "network": {"egress": {"allow": [{"to": [{"host": "echo.test"}], "ports": [{"protocol": "tcp", "port": 7000}]}]}}}
MOST = 1.2
TURNS, EACH, SECONDS = 8, 20, 0.3


class Actor:
    def __init__(self, t):
        self.process = t.start("obey", policy=POLICY)

    def begin(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, line):
        self.begin(line)
        return self.end()

    def close(self):
        self.process.communicate(timeout=60)


def meanwhile(flooder, worker, flood, instead):
    """Medians: while the one goes on, while the other does."""
    found = {flood: [], instead: []}
    for _ in range(TURNS):
        for line, times in found.items():
            flooder.begin(line)
            times += worker.ask(f"timed echo.test 7000 {EACH}")
            flooder.end()
    return statistics.median(found[flood]) / statistics.median(found[instead])


def afterwards(flooder, worker, flood, instead):
    """The same for what only stays as it is when it was done."""
    found = {flood: [], instead: []}
    for _ in range(TURNS // 2 - 1):
        for line, times in found.items():
            flooder.ask(line)
            times += worker.ask(f"timed echo.test 7000 {EACH}")
    return statistics.median(found[flood]) / statistics.median(found[instead])


def at_best(t, what, measure, flood, instead):
    ratios = []
    while len(ratios) < 3 and (not ratios or min(ratios) > MOST):
        flooder, worker = Actor(t), Actor(t)
        try:
            worker.ask(f"timed echo.test 7000 {EACH}")
            ratios.append(measure(flooder, worker, flood, instead))
        finally:
            flooder.close()
            worker.close()
        t.arrived()
    t.note(f"{what}: " + ", ".join(f"{ratio:.2f}" for ratio in ratios))
    t.is_(min(ratios) <= MOST, True, f"{what}: {ratios}")


def connections(t):
    at_best(t, "connections that come and go, over as much work without them", meanwhile,
            f"busy connections echo.test 7000 {SECONDS}", f"busy nothing - 0 {SECONDS}")


def questions(t):
    at_best(t, "questions for names, over as much work without them", meanwhile, f"busy questions {DNS} 53 {SECONDS}",
            f"busy nothing - 0 {SECONDS}")


def silence(t):
    at_best(t, "1,000 silent connections, over none", afterwards, "hold echo.test 7000 1000", "release")


CHECKS = (connections, questions, silence)

if __name__ == "__main__":
    run.main(World, lambda world, folder, role: run.play(world, folder, role, CHECKS))
