"""Captured output per second."""
import driver
import rows

TITLE = "Output"
ABOUT = "1 GiB from `dd` in writes of 1 MiB, the whole run counted, start included."
BYTES = 1 << 30


def measure(setting):
    driver.needs(setting.build / driver.DRIVER)
    argv = ["dd", "if=/dev/zero", "bs=1M", f"count={BYTES >> 20}", "status=none"]
    samples = driver.run(setting, setting.fewer(50), {"pipe": ("pipe", argv), "captured": ("capture", argv)})
    rates = {name: [BYTES / value for value in values] for name, values in samples.items()}
    return [rows.Row("pipe", rates["pipe"], "GB/s", more=True,
                     note="a pipe of 1 MiB, read and dropped by the starter: no sandbox"),
            rows.Row("captured", rates["captured"], "GB/s", "pipe", (rows.Target("capture", 2, least=True),), more=True,
                     note="`mxc_run`, captured into its bounded memory")]
