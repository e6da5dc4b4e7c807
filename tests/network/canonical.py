#!/usr/bin/env python3
"""The host names and the guarded addresses of C (canonical.c) against slow models: Python's regular expressions, its
socket, ipaddress and idna. Many random cases, and the table of spellings.
canonical.py [SECONDS] [SEED]"""
import ipaddress
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import time

import idna

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = pathlib.Path(os.environ["MXC_BUILD"]) / "tests/network_canonical"
LABEL = rb"(?!-)[a-z0-9_-]{1,63}(?<!-)"
NAME = re.compile(rb"(?:%s\.)*(%s)" % (LABEL, LABEL))
# what ipaddress does not call global and a name may lead to all the same: the blocks for examples, which nobody has
EXAMPLES = [ipaddress.ip_network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
# registries that ipaddress does not know, or calls global: forms that carry an IPv4 address, metadata, 6to4, what we hand out
MORE = [ipaddress.ip_network(block) for block in (
    "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32",
    "::/96", "::ffff:0:0:0/96", "ff00::/8", "fec0::/10")]
MAY_DIFFER = [ipaddress.ip_network(block) for block in ("2001::/23", "3fff::/20", "5f00::/16", "100:0:0:1::/64")]  # by Python's version


def canonical(text):
    """The model of mxc_hostname_canonical; None: refused."""
    if len(text) > 1 and text.endswith(b"."):
        text = text[:-1]
    text = bytes(byte | 0x20 if 0x41 <= byte <= 0x5a else byte for byte in text)
    found = NAME.fullmatch(text)
    if not found or len(text) > 253 or re.fullmatch(rb"[0-9]+|0x[0-9a-f]*", found[1]):
        return None
    return text.decode()


def within(inner, outer):
    return inner == outer or outer.startswith("*.") and inner.endswith(outer[1:]) and len(inner) > len(outer) - 1


def reads_as_address(text):
    for reader in (lambda: socket.inet_aton(text), lambda: ipaddress.ip_address(text)):
        try:
            reader()
            return True
        except (OSError, ValueError):
            continue
    return False


def guarded(address):
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in block for block in MORE if block.version == address.version):
        return True
    return not address.is_global and not any(address in block for block in EXAMPLES if block.version == address.version)


def some_label(dice):
    kind = dice.random()
    if kind < 0.5:
        return bytes(dice.choice(b"abcxyz019-_") for _ in range(dice.randint(0, 6)))
    if kind < 0.7:
        return dice.choice([b"web", b"test", b"WEB", b"0x7f", b"0177", b"127", b"0x", b"1", b"xn--bcher-kva", b"a" * 63, b"a" * 64, b"-a", b"a-"])
    if kind < 0.8:
        return bytes(dice.choice(b"0123456789") for _ in range(dice.randint(1, 10)))
    if kind < 0.9:
        return bytes(dice.randrange(256) for _ in range(dice.randint(0, 5))).replace(b"\n", b"n")
    return "".join(chr(dice.choice([0xe9, 0x3002, 0xff0e, 0xad, 0x200b, 0x435, 0xff57, 0x1f4a9])) for _ in range(2)).encode()


def some_name(dice):
    text = b".".join(some_label(dice) for _ in range(dice.choice([1, 2, 2, 3, 4, 5, 8])))
    return text + dice.choice([b"", b"", b"", b".", b"..", b":80", b" "])


def some_address(dice):
    if dice.random() < 0.5:
        block = dice.choice([block for block in BLOCKS if block.version == 4])
    else:
        block = dice.choice([block for block in BLOCKS if block.version == 6])
    last = int(block.broadcast_address)
    number = dice.choice([int(block[0]), last, int(block[0]) - 1, last + 1, dice.randint(int(block[0]), last), dice.getrandbits(block.max_prefixlen)])
    return (ipaddress.IPv4Address if block.version == 4 else ipaddress.IPv6Address)(number % (1 << block.max_prefixlen))


BLOCKS = MORE + EXAMPLES + MAY_DIFFER + [ipaddress.ip_network(block) for block in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "240.0.0.0/4",
    "0.0.0.0/0", "::/0", "2000::/3", "fc00::/7", "fe80::/10", "100::/64", "::ffff:0.0.0.0/96", "::ffff:10.0.0.0/104", "fd6d:7863:7265:1::/64",
    "fd00:ec2::254/128")]


def batch(dice, count):
    """(line for the program, what it must say; None: nothing, how it is shown)"""
    names = [some_name(dice) for _ in range(count)]
    names += [json.loads(line.split("\t")[0]).encode() for line in (HERE / "spellings.tsv").read_text().splitlines()[1:]]
    accepted = [name for name in map(canonical, names) if name]
    for name in names:
        yield "h " + name.hex(), canonical(name) or "-", name
    for name in accepted[:count // 2]:
        cut = name.split(".", dice.randint(0, 2))[-1]
        outer = dice.choice([name, "*." + cut, "*." + cut[1:], "*." + dice.choice(accepted), "*"])
        yield f"w {name} {outer}", str(int(within(name, outer))), (name, outer)
    for _ in range(count):
        address = some_address(dice)
        if not any(address in block for block in MAY_DIFFER if block.version == address.version):
            yield f"g {address}", str(int(guarded(address))), address


def judge(line, said, wanted, shown):
    """What is wrong; None."""
    if line[0] == "g":
        said = str(min(1, int(said)))
    if said != wanted:
        return f"{line[0]} {shown!r}: {said}, not {wanted}"
    if line[0] == "h" and said != "-":
        if reads_as_address(said):
            return f"{shown!r} is accepted and reads as an address"
        try:
            if idna.encode(said, uts46=True).decode() != said:
                return f"{shown!r} is accepted and has another spelling for IDNA"
        except idna.IDNAError:
            pass  # underscores, hyphens in the third and fourth place: names, but not of IDNA
    return None


def main():
    seconds, seed = float(sys.argv[1]) if len(sys.argv) > 1 else 3, int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    dice, count, end, faults, accepted = random.Random(seed), 0, time.monotonic() + seconds, [], 0
    while time.monotonic() < end and len(faults) < 20:
        cases = list(batch(dice, 5000))
        done = subprocess.run([PROGRAM], input="".join(line + "\n" for line, _, _ in cases), stdout=subprocess.PIPE, text=True, check=True)
        said = done.stdout.split("\n")[:-1]
        if len(said) != len(cases):
            sys.exit(f"{len(said)} answers to {len(cases)} lines")
        faults += filter(None, (judge(line, one, wanted, shown) for (line, wanted, shown), one in zip(cases, said)))
        accepted += sum(line[0] == "h" and one != "-" for (line, _, _), one in zip(cases, said))
        count += len(cases)
    for fault in faults:
        print("FAILED", fault)
    print(f"{count} cases, {accepted} names accepted (seed {seed})")
    sys.exit(1 if faults or not accepted else 0)


main()
