#!/usr/bin/env python3
"""The measuring half of redact.sh: see there for its use, and README.md for what the numbers mean."""
import argparse
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time


def log(path, mib):
    """Lines of an access log, repeated up to `mib` MiB."""
    source = random.Random(3)
    lines = []
    for _ in range(60000):
        lines.append('10.0.%d.%d - - [22/Nov/2026:10:%02d:%02d +0000] "GET /v2/%s/%d HTTP/1.1" 200 %d rt=%.3f id=%016x\n' % (
            source.randrange(256), source.randrange(256), source.randrange(60), source.randrange(60),
            "".join(source.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(8)), source.randrange(10**6),
            source.randrange(10**5), source.random(), source.getrandbits(64)))
    text = "".join(lines).encode()
    with open(path, "wb") as out:
        while out.tell() < mib << 20:
            out.write(text)


def through(command, path):
    """Seconds of wall time, and of processor time in user mode of `command` alone, for `cat PATH | COMMAND`."""
    begun = time.monotonic()
    feed = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
    child = subprocess.Popen(command, stdin=feed.stdout, stdout=subprocess.DEVNULL)
    feed.stdout.close()
    _, _, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - begun
    feed.wait()
    return wall, usage.ru_utime, usage.ru_utime + usage.ru_stime


def latency(command, count):
    """Microseconds from a line's writing to its coming out, for `count` lines."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    times = []
    for number in range(count):
        line = b"2026-11-22T10:00:00Z INFO request %d done in 12 ms\n" % number
        begun = time.monotonic()
        os.write(child.stdin.fileno(), line)
        assert child.stdout.readline() == line
        times.append((time.monotonic() - begun) * 1e6)
    child.stdin.close()
    child.wait()
    return sorted(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--telleaks", default=shutil.which("telleaks"))
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    commands = {"cat": ["cat"], "telleaks redact": [args.telleaks, "redact"]}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        log(path, args.mib)
        size = os.path.getsize(path)
        runs = {name: [] for name in commands}
        for _ in range(args.runs):
            for name, command in commands.items():
                runs[name].append(through(command, path))
    print("| `cat log \\| …` | wall | user | user and system | GB/s of user time |\n| --- | --- | --- | --- | --- |")
    for name, rows in runs.items():
        wall, user, both = (statistics.median(column) for column in zip(*rows))
        print("| %s | %.2f s | %.2f s | %.2f s | %.1f |" % (name, wall, user, both, size / 1e9 / max(user, 0.001)))
    for name, command in commands.items():
        times = latency(command, 5000)
        print("\n%s: a line takes %.0f µs (median), %.0f µs (99 of 100)" % (name, times[2500], times[4950]))


if __name__ == "__main__":
    main()
