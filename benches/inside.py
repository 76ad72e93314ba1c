#!/usr/bin/env python3
"""The measuring half of inside.sh: see there for its use, and README.md for what the numbers mean."""
import argparse
import gzip
import io
import os
import random
import shutil
import subprocess
import tarfile
import tempfile

from git import key, table, turns
from speed import machine, version


def log(path, mib):
    """An access log of random lines that compresses to about a fifth, with a key at its end; and the key."""
    source = random.Random(3)
    hosts = ["10.%d.%d.%d" % tuple(source.randrange(256) for _ in range(3)) for _ in range(5000)]
    paths = ["/v2/%s/%d" % ("".join(source.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(source.randrange(4, 12))), source.randrange(10**6)) for _ in range(20000)]
    agents = ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36" % number for number in range(90, 140)]
    written, second = 0, 0
    planted = key(source)
    with open(path, "w", encoding="ascii") as out:
        while written < mib << 20:
            lines = []
            for _ in range(10000):
                second += 1
                lines.append('%s - - [22/Nov/2026:%02d:%02d:%02d +0000] "GET %s HTTP/1.1" %d %d "-" "%s" rt=%.3f id=%016x\n' % (
                    source.choice(hosts), second // 3600 % 24, second // 60 % 60, second % 60, source.choice(paths),
                    source.choice((200, 200, 200, 304, 404, 500)), source.randrange(10**5), source.choice(agents), source.random(), source.getrandbits(64)))
            text = "".join(lines)
            written += len(text)
            out.write(text)
        out.write("authorization: Bearer %s\n" % planted)
    return planted


def folder(directory, tarballs, copies):
    """`copies` tarballs of real packages, three of which have a file with a key of their own; and the keys."""
    os.makedirs(directory)
    source, keys = random.Random(4), []
    for number in range(copies):
        path = os.path.join(directory, "%03d-%s" % (number, os.path.basename(tarballs[number % len(tarballs)])))
        shutil.copy(tarballs[number % len(tarballs)], path)
        if number % (copies // 3 + 1) == copies // 6:
            keys.append(key(source))
            plant(path, keys[-1])
    return keys


def plant(path, secret):
    content = io.BytesIO(gzip.open(path).read())
    with tarfile.open(fileobj=content, mode="a") as archive:
        data = ("const client = new Telnyx('%s')\n" % secret).encode()
        member = tarfile.TarInfo("package/dist/planted.js")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    with gzip.open(path, "wb") as out:
        out.write(content.getvalue())


def compare(title, plan, base, keys, args):
    scratch = tempfile.mkdtemp()
    rounds = {name: args.peer_runs if name in ("kingfisher", "betterleaks") else args.runs for name in plan}
    table(title, turns(plan, rounds, scratch, dict(os.environ), keys), base)
    shutil.rmtree(scratch)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tarballs", nargs="+")
    for tool in ("telleaks", "kingfisher", "betterleaks"):
        parser.add_argument("--" + tool, default=shutil.which(tool))
    parser.add_argument("--mib", type=int, default=1000)
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=1)
    args = parser.parse_args()
    print("- machine: %s" % machine())
    for tool in ("telleaks", "kingfisher", "betterleaks"):
        if getattr(args, tool):
            print("- %s: %s" % (tool, version(os.path.abspath(getattr(args, tool)))))
    work = tempfile.mkdtemp()
    try:
        run(args, work)
    finally:
        shutil.rmtree(work)


def run(args, work):
    scan = [os.path.abspath(args.telleaks), "scan", "--no-config", "--no-ignore", "--format", "jsonl"]
    plain = os.path.join(work, "server.log")
    planted = log(plain, args.mib)
    for ending, pack, unpack in (("gz", ["gzip", "-kf"], "gzip -dc"), ("zst", ["zstd", "-qf"], "zstd -dc")):
        subprocess.run([*pack, plain], check=True)
        packed = plain + "." + ending
        shell = ["sh", "-c", "%s '%s' | grep -c KEY01" % (unpack, packed)]
        compare("%s | grep -c KEY01, %d MiB" % (unpack, args.mib), {"telleaks": scan + [packed], "shell": shell}, "shell", [planted], args)
        os.remove(packed)
    os.remove(plain)
    directory = os.path.join(work, "packages")
    keys = folder(directory, args.tarballs, args.copies)
    plan = {
        "telleaks": scan + [directory],
        "shell": ["sh", "-c", "cd '%s' && for f in *.tgz; do tar xzOf $f | grep -c KEY01; done" % directory],
    }
    if args.kingfisher:
        plan["kingfisher"] = [os.path.abspath(args.kingfisher), "scan", "-n", "--no-update-check", "--no-dedup", "-f", "jsonl", directory]
    if args.betterleaks:
        plan["betterleaks"] = [os.path.abspath(args.betterleaks), "fs", "--no-banner", "--no-color", "--max-archive-depth", "8", "--jsonl", directory]
    compare("a folder of %d tarballs" % args.copies, plan, "shell", keys, args)


if __name__ == "__main__":
    main()
