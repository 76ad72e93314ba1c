#!/usr/bin/env python3
"""The measuring half of git.sh: see there for its use, and README.md for what the numbers mean."""
import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

from speed import machine, measure, network_cutter, version

QUIET = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
         "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_AUTHOR_DATE": "2026-01-05T10:00Z",
         "GIT_COMMITTER_DATE": "2026-01-05T10:00Z"}
HEX, LETTERS = "0123456789ABCDEF", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def git(repository, *words, stdin=None):
    done = subprocess.run(["git", "-C", repository, *words], input=stdin, stdout=subprocess.PIPE, env={**os.environ, **QUIET}, check=True)
    return done.stdout.decode().strip()


def key(source):
    """A key of the right shape that was never real."""
    tail = "".join(source.choice(HEX) for _ in range(20)), "".join(source.choice(LETTERS) for _ in range(22))
    return "KEY%012X%s_%s" % (1700000000000 + source.randrange(10**10), *tail)


def prepared(repository, scratch):
    """A complete bare clone of the history of HEAD, with three keys added and one of them taken away again; and the keys."""
    clone = os.path.join(scratch, os.path.basename(os.path.normpath(repository)) + ".git")
    subprocess.run(["git", "clone", "-q", "--bare", "--single-branch", "--no-local", repository, clone], check=True, env={**os.environ, **QUIET})
    source = random.Random(1)
    keys = [key(source) for _ in range(3)]
    parent = git(clone, "rev-parse", "HEAD")
    names = git(clone, "ls-tree", "HEAD")
    for count in (3, 2):
        lines = [names] if names else []
        for number, one in enumerate(keys[:count]):
            blob = git(clone, "hash-object", "-w", "--stdin", stdin=("telnyx_%d = '%s'\n" % (number, one)).encode())
            lines.append("100644 blob %s\tplanted-%d.py" % (blob, number))
        tree = git(clone, "mktree", stdin="\n".join(lines).encode() + b"\n")
        parent = git(clone, "commit-tree", tree, "-p", parent, "-m", "Planted")
    git(clone, "update-ref", "HEAD", parent)
    return clone, keys


def commands(tools, clone, report):
    """name -> argument vector."""
    every = {
        "git cat-file": ["git", "-C", clone, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"],
        "telleaks": [tools["telleaks"], "audit", "--no-worktree", "--no-config", "--format", "jsonl", clone],
        "kingfisher": [tools["kingfisher"], "scan", "-n", "--no-update-check", "--no-dedup", "--git-history", "full", "-f", "jsonl", clone],
        "betterleaks": [tools["betterleaks"], "git", "--no-banner", "--no-color", "--jsonl", clone],
        "gitleaks": [tools["gitleaks"], "git", "--no-banner", "--no-color", "-f", "json", "-r", report, clone],
    }
    return {name: argv for name, argv in every.items() if argv[0]}


def found(keys, paths):
    text = b"".join(open(path, "rb").read() for path in paths if os.path.exists(path))
    return sum(one[:35].encode() in text for one in keys)


def table(title, rows, base):
    print("\n### %s\n\n| | wall, median | min - max | processor | runs | peak memory | time / %s | planted keys |\n|---|---:|---:|---:|---:|---:|---:|---:|"
          % (title, base))
    for name, (runs, keys) in rows.items():
        walls = [run["wall"] for run in runs]
        middle = statistics.median(walls)
        against = statistics.median(run["wall"] for run in rows[base][0])
        print("| %s | %.3f s | %.3f - %.3f | %.2f s | %d | %.0f MiB | %.3f | %s |" % (
            name, middle, min(walls), max(walls), statistics.median(run["cpu"] for run in runs), len(runs),
            statistics.median(run["rss_kib"] for run in runs) / 1024, middle / against, keys))


def turns(plan, rounds, scratch, environment, keys=(), limit=None):
    """Runs every command in turn, each time in another order: name -> (runs, planted keys that were reported).

    git and telleaks write to /dev/null while they are measured; which keys telleaks reports, a run before that says. The
    others write a few lines to a file.
    """
    rows = {name: ([], "-") for name in plan}
    if keys and "telleaks" in plan:
        rows["telleaks"] = ([], found(keys, [measure(plan["telleaks"], scratch, environment, limit)["stdout"]]))
    for turn in range(max(rounds.values())):
        names = [name for name in plan if turn < rounds[name]]
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            thrown_away = name.startswith(("git ", "telleaks"))
            run = measure(plan[name], scratch, environment, limit, thrown_away)
            report = os.path.join(scratch, "report.json")
            count = rows[name][1] if thrown_away or not keys else found(keys, [run["stdout"], report])
            rows[name] = (rows[name][0] + [run], count)
            for path in (report, run["stdout"]):
                if os.path.exists(path):
                    os.remove(path)
            print("turn %d, %s: %.3f s, %.0f MiB, exit %d" % (turn + 1, name, run["wall"], run["rss_kib"] / 1024, run["exit"]), file=sys.stderr)
    return rows


def audit(args, tools, scratch, environment):
    for repository in args.repositories:
        clone, keys = prepared(repository, scratch)
        plan = commands(tools, clone, os.path.join(scratch, "report.json"))
        if not args.peers:
            plan = {name: argv for name, argv in plan.items() if name in ("git cat-file", "telleaks")}
        plan = {name: (network_cutter() if not name.startswith("git ") else []) + argv for name, argv in plan.items()}
        rounds = {name: args.runs if name in ("git cat-file", "telleaks") else args.peer_runs for name in plan}
        counts = git(clone, "count-objects", "-v").replace("\n", ", ")
        measure(plan["git cat-file"], scratch, environment, thrown_away=True)  # warms the cache
        table("%s (%s)" % (os.path.basename(clone), counts), turns(plan, rounds, scratch, environment, keys), "git cat-file")
        shutil.rmtree(clone)


def staged(args, tools, scratch, environment):
    """One staged file in a repository of many."""
    repository = os.path.join(scratch, "many")
    subprocess.run(["git", "init", "-q", repository], check=True, env={**os.environ, **QUIET})
    for number in range(args.files):
        folder = os.path.join(repository, "packages", "component-%03d" % (number // 1000), "source-%02d" % (number // 20 % 50))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "module_%d.ts" % number), "w") as file:
            file.write("export const number = %d;\n" % number)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "All")
    git(repository, "repack", "-adq")
    with open(os.path.join(folder, "module_%d.ts" % number), "a") as file:
        file.write("export const more = true;\n")
    git(repository, "add", ".")
    plan = {"git diff --cached": ["git", "-C", repository, "diff", "--cached", "--quiet"],
            "telleaks staged": [tools["telleaks"], "staged", "--no-config", repository]}
    rows = turns(plan, {name: args.staged_runs for name in plan}, scratch, environment)
    table("One staged file in a repository of %d" % args.files, rows, "git diff --cached")


def linear(args, tools, scratch, environment):
    """The same kind of history in four sizes."""
    rows = {}
    for size in (1, 2, 4, 8):
        repository = os.path.join(scratch, "size-%d" % size)
        subprocess.run(["git", "init", "-q", "--bare", repository], check=True, env={**os.environ, **QUIET})
        history = made_history(size * args.unit)
        subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], input=history, check=True, env={**os.environ, **QUIET})
        git(repository, "gc", "-q")
        plan = {"telleaks": [tools["telleaks"], "audit", "--no-worktree", "--no-config", repository]}
        runs = turns(plan, {"telleaks": args.runs}, scratch, environment)["telleaks"]
        rows["%d x" % size] = runs
    table("Sizes (packs of %d, %d, %d, %d times the same kind of history)" % (1, 2, 4, 8), rows, "1 x")


def made_history(commits):
    """A stream for git fast-import: commits that each change some lines of one of some hundred files."""
    source = random.Random(commits)
    words = [bytes(source.choice(b"abcdefghijklmnopqrstuvwxyz") for _ in range(source.randrange(2, 12))) for _ in range(5000)]
    line = lambda: b" ".join(source.choice(words) for _ in range(9))
    files = {"src/%02d/%03d.txt" % (number % 20, number): [line() for _ in range(400)] for number in range(commits // 10 + 1)}
    names = sorted(files)
    out = []
    for number in range(commits):
        name = source.choice(names)
        for _ in range(8):
            files[name][source.randrange(400)] = line()
        content = b"\n".join(files[name]) + b"\n"
        message = b"Change %d" % number
        out.append(b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata %d\n%s\nM 100644 inline %s\ndata %d\n%s\n" % (
            1700000000 + number, len(message), message, name.encode(), len(content), content))
    return b"".join(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["audit", "staged", "linear"])
    parser.add_argument("repositories", nargs="*")
    for tool in ("telleaks", "kingfisher", "betterleaks", "gitleaks"):
        parser.add_argument("--" + tool, default=os.environ.get(tool.upper()) or shutil.which(tool))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--files", type=int, default=50000)
    parser.add_argument("--staged-runs", type=int, default=31)
    parser.add_argument("--unit", type=int, default=4000)
    args = parser.parse_intermixed_args()
    tools = {tool: os.path.abspath(path) if path else None for tool, path in vars(args).items() if tool in ("telleaks", "kingfisher", "betterleaks", "gitleaks")}
    if not tools["telleaks"]:
        sys.exit("telleaks is missing: cargo build --profile dist --locked, then --telleaks target/dist/telleaks")
    print("%s; %s; %s" % (machine(), version("git"), ", ".join(version(path) for path in tools.values() if path)))
    with tempfile.TemporaryDirectory() as scratch:
        home = os.path.join(scratch, "home")
        os.makedirs(home)
        environment = {"PATH": os.environ["PATH"], "HOME": home, **QUIET}
        {"audit": audit, "staged": staged, "linear": linear}[args.what](args, tools, scratch, environment)


if __name__ == "__main__":
    main()
