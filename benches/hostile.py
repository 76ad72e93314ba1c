#!/usr/bin/env python3
"""Runs telleaks and three other scanners on every hostile input of docs/reliability.md, and writes the table there.

    benches/hostile.py --telleaks target/dist/telleaks --kingfisher PATH --betterleaks PATH --gitleaks PATH \\
        --results target/hostile.json --write docs/reliability.md

Every input is made in a temporary folder and thrown away. A scanner that is not given is left out. `--only F09,G24` runs the
rows whose names begin so; results of the other rows are taken from --results, which a run extends. Needs Python 3.9, git, zip,
zstd, tar, and Linux; unshare to take the network away, and root for some rows (devices, foreign owners). 20 GB of disk, of
which little is written: the largest file is sparse. benches/README.md says where the others come from."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from hostile import probe, rows, run, terminal
from hostile.judge import judge
from hostile.page import render, write
from hostile.rows import Place, ROWS
from hostile.tools import Tool
# Each registers its rows; the order is that of the table.
from hostile import files, archives, attackers, process, history, staged, traps  # noqa: F401,E402

COPIED = ("git", "staged", "range")


def remove(folder):
    # Folders deeper than a path may be long, and locked ones, are no work for shutil.
    subprocess.run(["chmod", "-R", "u+rwx", folder], capture_output=True)
    subprocess.run(["rm", "-rf", folder], check=True)


def run_row(row, tools, work, limit, results):
    folder = tempfile.mkdtemp(prefix="hostile-", dir=work)
    os.chmod(folder, 0o755)
    try:
        place = Place(folder, row.id)
        row.build(place)
        staged_only(row, place)
        for tool in tools:
            if row.options.get("root") and os.geteuid() != 0:
                continue
            one(row, tool, place, work, row.options.get("limit", limit), results)
    finally:
        remove(folder)


def staged_only(row, place):
    """Rows with a key in the past and one that is staged: each command is asked for its own."""
    if getattr(place, "staged", None):
        place.keys = place.keys[-place.staged:] if row.mode == "staged" else place.keys[:-place.staged]
    if row.id == "G40" and row.mode == "staged":
        place.keys = []


def one(row, tool, place, work, limit, results):
    out = tempfile.mkdtemp(prefix="hostile-out-", dir=work)
    os.chmod(out, 0o777)
    whole = place.folder
    if row.mode in COPIED and row.id not in ("G26f", "G46", "G30n"):
        # Not under another path: repositories name each other. The original waits beside.
        os.rename(whole, whole + ".kept")
        subprocess.run(["cp", "-a", whole + ".kept", whole], check=True)
    try:
        outcome = run.run(tool, row, place, out, limit)
        right, text = judge(tool, row, place, outcome)
        results.setdefault(row.name, {})[tool.name] = {
            "right": right, "text": text, "code": outcome.code, "seconds": round(outcome.seconds, 2), "peak": outcome.peak,
            "said": outcome.said[:2000].decode(errors="replace")}
        print(f"{row.name:16} {tool.name:12} {'right' if right else 'WRONG'}  {text}  ({outcome.seconds:.1f} s, {outcome.peak >> 10} MiB)", flush=True)
    finally:
        remove(out)
        if os.path.exists(whole + ".kept"):
            remove(whole)
            os.rename(whole + ".kept", whole)
        if place.report and not os.path.exists(place.report):
            process.full_report(place)


def run_other(kind, one, tools, work, limit, results):
    for tool in tools:
        if kind is probe and tool.name != "telleaks":
            continue
        folder = tempfile.mkdtemp(prefix="hostile-", dir=work)
        os.chmod(folder, 0o755)
        try:
            right, text = kind.run(tool, one, Place(folder, one[0]), folder, limit)
            name = f"{one[0]} {'tty' if kind is terminal else 'probe'}"
            results.setdefault(name, {})[tool.name] = {"right": right, "text": text}
            print(f"{name:16} {tool.name:12} {'right' if right else 'WRONG'}  {text}", flush=True)
        finally:
            remove(folder)


def order():
    listed = [(row.section, row.id, row.mode, row.text, row.expect if row.expect != rows.FOUND else "every key") for row in ROWS]
    listed += [(terminal.SECTION, id, "tty", text, "inert") for id, text, _, _ in terminal.TERMINAL]
    return listed + [(probe.SECTION, one[0], "probe", one[1], one[5] or "not inactive") for one in probe.PROBES]


def version(tool):
    done = subprocess.run([tool.path, "--version"], capture_output=True, text=True)
    return done.stdout.strip().split()[-1]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("telleaks", "kingfisher", "betterleaks", "gitleaks"):
        options.add_argument(f"--{name}", metavar="PATH")
    options.add_argument("--only", default="", help="rows whose names begin so, with commas between")
    options.add_argument("--limit", type=int, default=60, help="seconds for each run, of processor time or of waiting (some rows have a longer one)")
    options.add_argument("--results", help="a file that keeps the results of every row")
    options.add_argument("--write", help="the page whose table is written")
    options.add_argument("--list", action="store_true", help="list the rows and run nothing")
    options.add_argument("--work", default=tempfile.gettempdir(), help="where inputs are made")
    given = options.parse_args()
    if given.list:
        for _, id, mode, text, asks in order():
            print(f"{id}\t{mode}\t{asks}\t{text}")
        return
    kept = {"results": {}, "versions": {}}
    if given.results and os.path.exists(given.results):
        with open(given.results) as file:
            kept = json.load(file)
    cache = tempfile.mkdtemp(prefix="hostile-rules-", dir=given.work)
    tools = [Tool(name, path, cache) for name in ("telleaks", "kingfisher", "betterleaks", "gitleaks") if (path := getattr(given, name))]
    for tool in tools:
        kept["versions"][tool.name] = version(tool)
    wanted = lambda id: not given.only or any(id.startswith(one) for one in given.only.split(","))
    for row in ROWS:
        if wanted(row.id) and tools:
            run_row(row, tools, given.work, given.limit, kept["results"])
            keep(given.results, kept)
    for kind, listed in ((terminal, terminal.TERMINAL), (probe, probe.PROBES)):
        for one_row in listed:
            if wanted(one_row[0]) and tools:
                run_other(kind, one_row, tools, given.work, given.limit, kept["results"])
                keep(given.results, kept)
    remove(cache)
    if given.write:
        write(given.write, render(order(), kept["results"], kept["versions"]))


def keep(path, kept):
    if path:
        with open(path, "w") as file:
            json.dump(kept, file, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
