"""What comes after a result."""
import driver
import rows

TITLE = "Teardown"
ABOUT = "A run's result is delivered before its sandbox has gone; nobody waits for what comes after."
TRUE = ["/bin/true"]


def measure(setting):
    driver.needs(setting.build / driver.DRIVER)
    todo = {"posix_spawn": ("exec", TRUE), "after the result": ("leave", TRUE), "mxc_sandbox_free": ("close", TRUE)}
    samples = driver.run(setting, setting.rounds, todo)
    notes = {"posix_spawn": "`/bin/true`, for comparison",
             "after the result": "from the end of `mxc_run` until its keeper has ended: nothing is left then",
             "mxc_sandbox_free": "of an open sandbox in which nothing runs; waits until nothing is left"}
    return [rows.from_ns(name, values, note=notes[name], reference="" if name == "posix_spawn" else "posix_spawn")
            for name, values in samples.items()]
