#!/usr/bin/env python3
"""The measuring half of speed.sh: see there for its use, and README.md for what the numbers mean."""
import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

FAST = ("telleaks", "rg", "rg-a")
TIME = "/usr/bin/time"


def commands(tools):
    """What is run: name -> (label, function of the directory and of a report path, giving the argument vector)."""
    all_of_them = {
        "telleaks": ("telleaks", lambda d, r: [tools["telleaks"], "scan", "--no-ignore", "--no-config", "--format", "jsonl", d]),
        "rg": ("rg -c KEY01 (skips binary files)", lambda d, r: [tools["rg"], "--no-ignore", "--hidden", "-c", "KEY01", d]),
        "rg-a": ("rg -a -c KEY01 (reads all)", lambda d, r: [tools["rg"], "--no-ignore", "--hidden", "-a", "-c", "KEY01", d]),
        "kingfisher": ("kingfisher", lambda d, r: [tools["kingfisher"], "scan", "-n", "--no-update-check", "--no-dedup", "-f", "jsonl", d]),
        "betterleaks": ("betterleaks", lambda d, r: [tools["betterleaks"], "fs", "--no-banner", "--no-color", "--jsonl", d]),
        "gitleaks": ("gitleaks", lambda d, r: [tools["gitleaks"], "dir", "--no-banner", "--no-color", "-f", "json", "-r", r, d]),
    }
    return {name: pair for name, pair in all_of_them.items() if tools.get(name.split("-")[0])}


def network_cutter():
    """A command prefix that takes the network away, or nothing where the system does not permit one."""
    for prefix in (["unshare", "-n"], ["unshare", "-r", "-n"]):
        if shutil.which("unshare") and subprocess.run(prefix + ["true"], stderr=subprocess.DEVNULL).returncode == 0:
            return prefix
    return []


def measure(argv, scratch, environment, limit=None, thrown_away=False):
    """Runs argv once: wall and processor seconds, peak resident KiB of the process, exit code, whether it was ended, stdout's path.

    What it writes goes to a file, or to /dev/null if it is to be thrown away: gigabytes in a file would be measured, too.

    Peak memory comes from /usr/bin/time, a small process: wait4 from here would count this interpreter's own pages,
    which a child shares until it starts its program. Without /usr/bin/time that floor of some 15 MiB remains.
    """
    out, err, peak = (os.path.join(scratch, name) for name in ("stdout", "stderr", "peak"))
    if os.path.exists(peak):
        os.remove(peak)
    full = ([TIME, "-f", "%M %U %S", "-o", peak] if os.path.exists(TIME) else []) + argv
    ended = threading.Event()
    with open(os.devnull if thrown_away else out, "wb") as stdout, open(err, "wb") as stderr:
        begin = time.perf_counter()
        child = subprocess.Popen(full, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=scratch, env=environment,
                                 start_new_session=True)

        def stop():
            ended.set()
            os.killpg(child.pid, signal.SIGKILL)

        timer = threading.Timer(limit, stop) if limit else None
        if timer:
            timer.start()
        # A blocking wait: subprocess's own wait with a time limit looks only every 50 ms.
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:  # interrupted: leave nothing running
            os.killpg(child.pid, signal.SIGKILL)
            raise
        finally:
            if timer:
                timer.cancel()
        wall = time.perf_counter() - begin
        child.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    rss, cpu = usage.ru_maxrss, usage.ru_utime + usage.ru_stime
    if os.path.exists(peak):
        with open(peak) as file:
            last = file.read().split()[-3:]  # a line of its own stands before where the exit code is not 0
            if len(last) == 3:
                rss, cpu = int(last[0]), float(last[1]) + float(last[2])
    return {"wall": wall, "cpu": cpu, "rss_kib": rss, "exit": child.returncode, "ended": ended.is_set(), "stdout": out, "stderr": err}


def planted_keys(directory):
    """The ids (35 characters) of the keys that corpora.py planted, if its list lies beside the corpus."""
    path = os.path.join(os.path.dirname(os.path.abspath(directory)), "planted-%s.tsv" % os.path.basename(os.path.normpath(directory)))
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [line.split("\t")[1].strip()[:35] for line in file if "\t" in line]


def count_found(name, keys, *outputs):
    """How many planted keys a tool reported: by the key's id; ripgrep prints only counts, so there it is their sum."""
    text = b""
    for path in outputs:
        if os.path.exists(path):
            with open(path, "rb") as file:
                text += file.read()
    if name.startswith("rg"):
        return sum(int(line.rsplit(b":", 1)[1]) for line in text.splitlines() if b":" in line)
    return sum(key.encode() in text for key in keys)


def warm(directory):
    files = size = 0
    buffer = bytearray(1 << 20)
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            files += 1
            with open(path, "rb", buffering=0) as file:
                while True:
                    got = file.readinto(buffer)
                    if not got:
                        break
                    size += got
    return files, size


def machine():
    model, memory = platform.processor() or "?", "?"
    try:
        with open("/proc/cpuinfo") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
        with open("/proc/meminfo") as file:
            memory = "%.0f GiB" % (int(file.readline().split()[1]) / 2**20)
    except OSError:
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return "%s, %d cores, %s, Linux %s" % (model, cores, memory, platform.release())


def version(path):
    try:
        done = subprocess.run([path, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return (done.stdout.decode("utf-8", "replace").strip().splitlines() or ["?"])[0]
    except (OSError, subprocess.TimeoutExpired):
        return "?"


def table(title, rows, baseline):
    print("\n### %s\n" % title)
    print("| tool | wall, median | min - max | processor | runs | peak memory | time / telleaks | memory / telleaks | planted keys | exit |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    base = rows.get(baseline)
    for row in rows.values():
        if row["ended"]:
            wall, spread, cpu, memory = "> %.0f s" % row["limit"], "", "", ""
            ratio = "> %.1f" % (row["limit"] / base["wall"]) if base else "-"
            memory_ratio = "-"
        else:
            wall, spread, cpu = "%.2f s" % row["wall"], "%.2f - %.2f" % (row["min"], row["max"]), "%.2f s" % row["cpu"]
            memory = "%.0f MiB" % (row["rss_kib"] / 1024)
            ratio = "%.2f" % (row["wall"] / base["wall"]) if base else "-"
            memory_ratio = "%.1f" % (row["rss_kib"] / base["rss_kib"]) if base else "-"
        print("| %s | %s | %s | %s | %d | %s | %s | %s | %s | %s |" % (
            row["label"], wall, spread, cpu, row["runs"], memory, ratio, memory_ratio,
            "-" if row["ended"] else row["found"], "-" if row["ended"] else row["exit"]))


def run_corpus(kind, directory, plan, args, scratch, cut, environment, record):
    files, size = warm(directory)
    keys = planted_keys(directory)
    results = {name: [] for name in plan}
    rounds = {name: args.runs if name in FAST else args.peer_runs for name in plan}
    for turn in range(max(rounds.values())):
        names = [name for name in plan if turn < rounds[name]]
        names = names[turn % len(names):] + names[:turn % len(names)]  # no tool always follows the same one
        for name in names:
            if any(run["ended"] for run in results[name]):
                continue
            report = os.path.join(scratch, "report.json")
            if os.path.exists(report):
                os.remove(report)
            limit = None if name in FAST else args.peer_timeout
            run = measure(cut + plan[name][1](directory, report), scratch, environment, limit)
            run["found"] = count_found(name, keys, run["stdout"], report)
            results[name].append(run)
            record.append({"corpus": kind, "tool": name, "turn": turn, **{k: run[k] for k in ("wall", "cpu", "rss_kib", "exit", "ended", "found")}})
            print("%s, turn %d, %s: %.2f s (processor %.2f s), %.0f MiB, exit %d%s" % (
                kind, turn + 1, name, run["wall"], run["cpu"], run["rss_kib"] / 1024, run["exit"], ", ended" if run["ended"] else ""), file=sys.stderr)
    rows = {}
    for name, runs in results.items():
        walls = [run["wall"] for run in runs]
        rows[name] = {"label": plan[name][0], "wall": statistics.median(walls), "min": min(walls), "max": max(walls), "runs": len(runs),
                      "cpu": statistics.median(run["cpu"] for run in runs),
                      "rss_kib": statistics.median(run["rss_kib"] for run in runs), "ended": any(run["ended"] for run in runs),
                      "limit": args.peer_timeout, "exit": "/".join(sorted({str(run["exit"]) for run in runs})),
                      "found": "%s of %d" % ("/".join(sorted({str(run["found"]) for run in runs})), len(keys)) if keys else "-"}
    table("%s: %s files, %.2f GB" % (kind, format(files, ","), size / 1e9), rows, "telleaks")


def run_startup(plan, args, scratch, cut, environment, record):
    """Wall time of scanning one small file, started directly: no wrapper, no measuring process between."""
    directory = os.path.join(scratch, "one")
    os.makedirs(directory)
    one = os.path.join(directory, "settings.py")
    with open(one, "w") as file:
        file.write("import os\n\nTOKEN = os.environ['TOKEN']\nDEBUG = False\n" * 20)
    print("\n### Start-up: one file of %d bytes\n" % os.path.getsize(one))
    print("| command | median | min | runs |\n|---|---:|---:|---:|")
    started = {"/bin/true (the measurement itself)": (lambda: ["/bin/true"], args.startup_runs)}
    for name in plan:
        if name != "rg-a":
            prefix = [] if name in FAST else cut
            started[plan[name][0]] = (lambda name=name, prefix=prefix: prefix + plan[name][1](one, os.path.join(scratch, "report.json")),
                                      args.startup_runs if name in FAST else min(5, args.startup_runs))
    walls = {label: [] for label in started}
    with open(os.devnull, "r+b") as null:
        for turn in range(args.startup_runs):
            for label, (argv, wanted) in started.items():
                if turn < wanted:
                    full = argv()
                    begin = time.perf_counter()
                    child = os.posix_spawn(shutil.which(full[0]) or full[0], full, environment, file_actions=[
                        (os.POSIX_SPAWN_DUP2, null.fileno(), 0), (os.POSIX_SPAWN_DUP2, null.fileno(), 1), (os.POSIX_SPAWN_DUP2, null.fileno(), 2)])
                    os.waitpid(child, 0)
                    walls[label].append(time.perf_counter() - begin)
    for label, measured in walls.items():
        record.append({"corpus": "start-up", "tool": label, "walls": measured})
        print("| %s | %.1f ms | %.1f ms | %d |" % (label, statistics.median(measured) * 1e3, min(measured) * 1e3, len(measured)))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("telleaks", "rg", "kingfisher", "betterleaks", "gitleaks"):
        parser.add_argument("--" + name, default=os.environ.get(name.upper()))
    parser.add_argument("--small", default=os.environ.get("SMALL_DIR"))
    parser.add_argument("--large", default=os.environ.get("LARGE_DIR"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=1)
    parser.add_argument("--peer-timeout", type=float, default=900)
    parser.add_argument("--startup-runs", type=int, default=50)
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--json")
    args = parser.parse_args()

    tools = {}
    for name in ("telleaks", "rg", "kingfisher", "betterleaks", "gitleaks"):
        given = getattr(args, name)
        path = shutil.which(given or name)
        if given and not path:
            parser.error("--%s: %s cannot be run" % (name, given))
        tools[name] = os.path.abspath(path) if path else None
    wanted = args.only.split(",") if args.only else None
    corpora = [(kind, os.path.abspath(path)) for kind, path in (("small", args.small), ("large", args.large)) if path]
    for _, path in corpora:
        if not os.path.isdir(path):
            parser.error("%s is not a directory" % path)

    versions = {name: version(path) for name, path in tools.items() if path}
    if tools["gitleaks"] and "gitleaks" not in versions["gitleaks"] and not versions["gitleaks"].lstrip("v").startswith("8."):
        parser.error("--gitleaks %s answers %r: is it another tool under that name?" % (tools["gitleaks"], versions["gitleaks"]))

    scratch = tempfile.mkdtemp(prefix="telleaks-speed-")
    try:
        plan = {name: pair for name, pair in commands(tools).items() if not wanted or name in wanted}
        if not plan:
            parser.error("no tool to measure")
        cut = network_cutter()
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("GITLEAKS", "BETTERLEAKS", "TELLEAKS", "KF_"))}
        environment["KF_RULE_CACHE_DIR"] = os.path.join(scratch, "kingfisher-cache")
        environment["RIPGREP_CONFIG_PATH"] = ""
        print("## Speed\n\n- machine: %s\n- network: %s\n- memory: %s" % (
            machine(), "cut off (%s) for every tool" % " ".join(cut) if cut else "NOT cut off: unshare is not permitted here; "
            "no tool is asked to check keys or to update itself", "peak resident set, from %s" % TIME if os.path.exists(TIME) else "wait4, floor about 15 MiB"))
        for name, path in tools.items():
            print("- %s: %s" % (name, versions[name] if path else "not present, left out"))
        sys.stdout.flush()

        # Rule databases that are compiled once and kept are compiled before the clock starts.
        tiny = os.path.join(scratch, "tiny")
        os.makedirs(tiny)
        with open(os.path.join(tiny, "a.txt"), "w") as file:
            file.write("nothing\n")
        for name in plan:
            done = measure(cut + plan[name][1](tiny, os.path.join(scratch, "report.json")), scratch, environment, args.peer_timeout)
            with open(done["stderr"], "rb") as file:
                message = file.read()[-400:].decode("utf-8", "replace")
            if done["exit"] not in (0, 1, 3) or b"error:" in message.encode()[:200]:
                print("warning: %s on a harmless file: exit %d: %s" % (name, done["exit"], message), file=sys.stderr)

        record = []
        for kind, directory in corpora:
            run_corpus(kind, directory, plan, args, scratch, cut, environment, record)
            sys.stdout.flush()
        if args.startup_runs:
            run_startup(plan, args, scratch, cut, environment, record)
        if args.json:
            with open(args.json, "w") as file:
                json.dump({"machine": machine(), "versions": versions, "runs": record}, file, indent=1)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
