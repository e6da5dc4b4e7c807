"""A command in a sandbox that was built ahead."""
import driver
import rows

TITLE = "Prepared"
ABOUT = ("`mxc_pool_run` with a pool of two. Before each round, of every row, the pool is full and five milliseconds pass, "
         "so that building the next sandbox is not in the time.")
TRUE = ["/bin/true"]


def measure(setting):
    driver.needs(setting.build / driver.DRIVER)
    samples = driver.run(setting, setting.rounds, {
        "posix_spawn": ("exec", TRUE), "prepared": ("pool", TRUE), "mxc_run": ("api", TRUE)})
    return [rows.from_ns("posix_spawn", samples["posix_spawn"], note="`posix_spawn` of `/bin/true` and `waitpid`: the limit"),
            rows.from_ns("prepared", samples["prepared"], reference="posix_spawn", note="`mxc_pool_run` of `/bin/true`",
                         targets=(rows.Target("prepared", 1.5, "posix_spawn"),)),
            rows.from_ns("mxc_run", samples["mxc_run"], reference="posix_spawn", note="cold, for comparison")]
