#!/usr/bin/env python3
"""The measuring half of floods.sh: see there for its use, and README.md for what the numbers mean."""
import argparse
import base64
import gzip
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

MIB = 1 << 20
HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "rules")
SEEDS = os.path.join(HERE, "floods")
LIMIT = 120  # seconds of processor time for one run

# What is repeated ------------------------------------------------------------------------------------------------------


def characters(text):
    """The characters of a class such as 0-9A-F."""
    out, at = "", 0
    while at < len(text):
        if text[at + 1:at + 2] == "-" and at + 2 < len(text):
            out += "".join(map(chr, range(ord(text[at]), ord(text[at + 2]) + 1)))
            at += 3
        else:
            out += text[at]
            at += 1
    return out


def anchors():
    """anchor -> the runs (characters, count) that rules want after it, from the rules' files."""
    found = {}
    for name in sorted(os.listdir(RULES)):
        if not name.endswith(".toml"):
            continue
        with open(os.path.join(RULES, name)) as file:
            for rule in file.read().split("[[rule]]"):
                names = re.search(r"^anchors = \[(.*?)\]", rule, re.M | re.S)
                run = re.search(r"^run = \{ set = '([^']*)', min = (\d+) \}", rule, re.M)
                for one in re.findall(r"'([^']*)'", names.group(1)) if names else []:
                    runs = found.setdefault(one, set())
                    if run:
                        runs.add((run.group(1), int(run.group(2))))
    return found


def units(source):
    """name -> what is repeated: each anchor alone, one short of its run, with its run, and with all a key has."""
    out = {}
    for anchor, runs in anchors().items():
        out[anchor] = anchor
        out[anchor + "+nl"] = anchor + "\n"
        for number, (letters, count) in enumerate(sorted(runs)):
            run = "".join(source.choice(characters(letters)) for _ in range(count))
            name = "%s+run%d" % (anchor, number)
            out[name] = anchor + run
            out[name + "-1"] = anchor + run[:-1] + "\n"
            tail = "".join(source.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(22))
            out[name + "+tail"] = "telnyx " + anchor + run + "_" + tail + "\n"
    return out


# How it is written -----------------------------------------------------------------------------------------------------


def each(pattern):
    return lambda text: b"".join(pattern(byte) for byte in text)


def base(shift):
    return lambda text: base64.b64encode(b"." * shift + text)


def dump(text):
    lines = (text[at:at + 16] for at in range(0, len(text), 16))
    pairs = lambda line: " ".join(line[at:at + 2].hex() for at in range(0, len(line), 2))
    return b"".join(b"%08x: %s  .\n" % (16 * number, pairs(line).encode()) for number, line in enumerate(lines))


def pieces(size, between):
    return lambda text: between.join(text[at:at + size] for at in range(0, len(text), size))


def streams(compress, size=256):
    """Many compressed streams of `size` bytes, each in base64."""
    return lambda text: b"\n".join(base64.b64encode(compress(text[at:at + size])) for at in range(0, len(text), size))


def wide(width, order):
    return lambda text: b"".join(byte.to_bytes(width, order) for byte in text)


FORMS = {
    "plain": lambda text: text,
    "percent": each(lambda b: b"%%%02x" % b),
    "percent twice": each(lambda b: b"%%25%02X" % b),
    "percent thrice": each(lambda b: b"%%2525%02X" % b),
    "percent of percent": lambda text: urllib.parse.quote_from_bytes(each(lambda b: b"%%%02x" % b)(text)).encode(),
    r"\x": each(lambda b: b"\\x%02x" % b),
    r"\x{}": each(lambda b: b"\\x{%x}" % b),
    r"\u": each(lambda b: b"\\u%04x" % b),
    r"\\u": each(lambda b: b"\\\\u%04x" % b),
    r"\u{}": each(lambda b: b"\\u{%x}" % b),
    r"\U": each(lambda b: b"\\U%08x" % b),
    "%u": each(lambda b: b"%%u%04X" % b),
    "octal": each(lambda b: b"\\%03o" % b),
    "entity": each(lambda b: b"&#%d;" % b),
    "hex entity": each(lambda b: b"&#x%X;" % b),
    "entity twice": each(lambda b: b"&amp;#%d;" % b),
    "quoted-printable": each(lambda b: b"=%02X" % b),
    "base64": base(0),
    "base64 +1": base(1),
    "base64 +2": base(2),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text)),
    "base64 in lines": lambda text: pieces(76, b"\n")(base64.b64encode(text)),
    "base64 of utf-16": lambda text: base64.b64encode(wide(2, "little")(text)),
    "gzip in base64": streams(gzip.compress),
    "zlib in base64": streams(zlib.compress),
    "gzip in base64 twice": lambda text: pieces(4096, b"\n")(base64.b64encode(base64.b64encode(gzip.compress(text)))),
    "hex": lambda text: text.hex().encode(),
    "HEX": lambda text: text.hex().upper().encode(),
    "hex, blanks": lambda text: text.hex(" ").encode(),
    "hex, colons": lambda text: text.hex(":").encode(),
    "hex, 0x": each(lambda b: b"0x%02x, " % b),
    "dump": dump,
    "codes": each(lambda b: b"%d," % b),
    "codes, blanks": each(lambda b: b"%d, " % b),
    "chr()": each(lambda b: b"chr(%d)." % b),
    "utf-16le": wide(2, "little"),
    "utf-16be": wide(2, "big"),
    "utf-32le": wide(4, "little"),
    "utf-32be": wide(4, "big"),
    "reversed": lambda text: text[::-1],
    "characters": pieces(1, b"','"),
    "characters +": pieces(1, b"'+'"),
    "concat": pieces(2, b"\" + \""),
    "long concat": pieces(3, b"\" +" + b" " * 150 + b"\""),
    "lines": pieces(2, b"\n"),
    "comment lines": pieces(3, b"\n # "),
    "colours": pieces(1, b"\x1b[31m"),
}
DOUBLE = ["percent", r"\u", "entity", "base64", "hex", "reversed", "utf-16le", "codes", "gzip in base64", "concat"]


def written(form, text):
    """`text` in a form, or in several that lie one in the other ("a < b": b first)."""
    for one in reversed(form.split(" < ")):
        text = FORMS[one](text)
    return text


def flood(unit, form, size):
    """`size` bytes: the unit again and again, in a form."""
    text = unit.encode() * (min(size, 1 << 16) // len(unit) + 1)
    block = written(form, text)
    return (block * (size // len(block) + 1))[:size]


# What it costs ---------------------------------------------------------------------------------------------------------


def run(telleaks, path, command="scan"):
    """Processor seconds and peak resident MiB of one run."""
    words = [telleaks, "redact", path] if command == "redact" else \
        [telleaks, "scan", "--threads", "1", "--no-config", "--format", "jsonl", path]

    def bound():
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 1))

    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=bound)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def cost(args, scratch, bytes_):
    """Seconds for each MiB, and MiB of memory."""
    path = os.path.join(scratch, "input.txt")
    with open(path, "wb") as file:
        file.write(bytes_)
    seconds, memory = run(args.telleaks, path, args.command)
    return max(0.0, seconds - args.start) / len(bytes_) * MIB, memory


def table(args, scratch):
    """Every unit in every form at one size; then the dearest, and every seed, at 1, 2, 4 and 8 MiB."""
    names = list(FORMS) + ["%s < %s" % (one, other) for one in DOUBLE for other in DOUBLE if one != other]
    rows = []
    cases = [(name, unit, form) for name, unit in units(random.Random(1)).items() for form in names]
    if args.sample:
        cases = random.Random(args.seed).sample(cases, min(args.sample, len(cases)))
    for name, unit, form in cases:
        seconds, memory = cost(args, scratch, flood(unit, form, args.kib << 10))
        rows.append((seconds, memory, name, form))
        print("%7.3f s/MiB %6.0f MiB  %s, %s" % (seconds, memory, name, form), file=sys.stderr)
    rows.sort(reverse=True)
    every = {unit: text for unit, text in units(random.Random(1)).items()}
    print("%d floods of %d KiB; the dearest %d at four sizes\n" % (len(rows), args.kib, args.rows))
    print("| repeated | written as | CPU s/MiB: 1 MiB | 2 MiB | 4 MiB | 8 MiB | memory at 8 MiB |\n|---|---|---:|---:|---:|---:|---:|")
    for _, _, name, form in rows[:args.rows]:
        sizes(args, scratch, (name, form), lambda size: flood(every[name], form, size))
    for name, seed in seeds():
        sizes(args, scratch, ("seed", name), lambda size: grown(seed, size))


def sizes(args, scratch, names, make):
    costs = [cost(args, scratch, make(size * MIB)) for size in (1, 2, 4, 8)]
    print("| `%s` | %s | %s | %.0f MiB |" % (*names, " | ".join("%.2f" % seconds for seconds, _ in costs), costs[-1][1]), flush=True)


# The search for worse --------------------------------------------------------------------------------------------------


def seeds():
    """The inputs that were kept: name and recipe."""
    names = sorted(os.listdir(SEEDS)) if os.path.isdir(SEEDS) else []
    for name in names:
        with open(os.path.join(SEEDS, name)) as file:
            yield name, json.load(file)


def grown(recipe, size):
    """`size` bytes from a recipe: a list of steps (unit, form, count), each repeated, and all of them again and again."""
    every = units(random.Random(1))
    block = b"".join(written(form, every.get(unit, unit).encode() * count) for unit, form, count in recipe)
    return (block * (size // len(block) + 1))[:size]


def step(source, every):
    noise = ["\"", "'", "\\", "\n", " ", "=", "%", "&#", "+", "_", "telnyx", "apikey:", "A", "0", "/*", "# ", "{", "}", "KEY", "K", "x"]
    unit = source.choice(list(every)) if source.random() < 0.8 else "".join(source.choice(noise) for _ in range(source.randrange(1, 6)))
    form = " < ".join(source.choice(list(FORMS)) for _ in range(source.choice((1, 1, 1, 2, 2, 3))))
    return [unit, form, source.choice((1, 1, 2, 3, 5, 8, 20, 100))]


def changed(recipe, source, every):
    recipe = [list(one) for one in recipe]
    at = source.randrange(len(recipe))
    kind = source.randrange(5)
    if kind == 0 and len(recipe) < 6:
        recipe.insert(at, step(source, every))
    elif kind == 1 and len(recipe) > 1:
        del recipe[at]
    elif kind == 2:
        recipe[at][2] = max(1, min(400, int(recipe[at][2] * source.choice((0.5, 0.8, 1.3, 2)))))
    else:
        recipe[at][kind % 2] = step(source, every)[kind % 2]
    return recipe


def search(args, scratch):
    """Looks for dearer inputs by chance and keeps the dearest of each run that reach --keep."""
    source, every = random.Random(args.seed), units(random.Random(1))
    best = [(0.0, [step(source, every)])] + [(0.0, recipe) for _, recipe in seeds()]
    tried, until = 0, time.monotonic() + 60 * args.minutes
    while time.monotonic() < until:
        recipe = [step(source, every) for _ in range(source.randrange(1, 5))] if source.random() < 0.4 \
            else changed(source.choice(best)[1], source, every)
        try:
            bytes_ = grown(recipe, args.kib << 10)
        except (ValueError, ZeroDivisionError):
            continue
        tried += 1
        seconds, _ = cost(args, scratch, bytes_)
        if len(best) < 12 or seconds > best[-1][0]:
            best = sorted([(s, r) for s, r in best if r != recipe] + [(seconds, recipe)], key=lambda pair: -pair[0])[:12]
            if best[0][1] == recipe:
                print("%7.3f s/MiB  %s" % (seconds, json.dumps(recipe)), file=sys.stderr)
    print("%d inputs of %d KiB tried in %.0f minutes; the dearest cost %.2f s/MiB" % (tried, args.kib, args.minutes, best[0][0]))
    for number, (seconds, recipe) in enumerate(best[:3]):
        # Only a full MiB says what it costs; small ones hide in the start of the program.
        seconds, _ = cost(args, scratch, grown(recipe, MIB))
        print("%.2f s/MiB at 1 MiB: %s" % (seconds, json.dumps(recipe)))
        if seconds >= args.keep:
            os.makedirs(SEEDS, exist_ok=True)
            with open(os.path.join(SEEDS, "seed-%d-%d.json" % (args.seed, number)), "w") as file:
                json.dump(recipe, file)
                file.write("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["table", "search"])
    parser.add_argument("--telleaks", default="target/dist/telleaks")
    parser.add_argument("--command", choices=["scan", "redact"], default="scan")
    parser.add_argument("--kib", type=int, default=256)
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--sample", type=int, default=0, help="so many floods, chosen by --seed, instead of all")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", default="", help="leave out forms with this in their name")
    parser.add_argument("--keep", type=float, default=0.5)
    args = parser.parse_args()
    args.telleaks = os.path.abspath(args.telleaks)
    for name in [name for name in FORMS if args.without and args.without in name]:
        del FORMS[name]
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "empty.txt")
        open(path, "wb").close()
        args.start = min(run(args.telleaks, path, args.command)[0] for _ in range(5))
        {"table": table, "search": search}[args.what](args, scratch)


if __name__ == "__main__":
    main()
