#!/usr/bin/env python3
"""Builds the two speed corpora that speed.sh measures on.

    corpora.py small --out DIR [--files 120000] SOURCE_DIR...
    corpora.py large --out DIR [--mib 150] --binary FILE SOURCE_DIR...

`small` copies real text files (no NUL byte, 64 B to 100 KB, no symbolic links) out of the source
directories, evenly from each, and keeps their folders. Names that general scanners skip by default
are avoided, so that every tool has to read every byte: folders such as `node_modules` are renamed,
lock files and image files are left out. One synthetic key is appended to each of 20 files.

`large` writes eight files of --mib MiB each (below 256 MiB, above which some scanners skip a file):
    access.log      HTTP access lines and JSON application lines, paths and messages from real sources
    bundle.min.js   real minified JavaScript, one after the other: very long lines
    sources.txt     real source files, one after the other, with a heading for each
    library.so      a real shared library (--binary), whole
    dump.sql        INSERT statements and COPY blocks: many digits, UUIDs, phone numbers, times
    numbers.csv     rows of numbers
    events.json     one JSON object a line: \\u00e9, \\/, \\n, and URL-encoded strings
    mail.mbox       MIME: base64 of real files in 76-character lines, and data: URIs on one line
One synthetic key stands in access.log and one in dump.sql.

Both print what they built and write the planted places to OUT/../planted-{small,large}.tsv. The same
arguments and the same sources give the same bytes (a fixed seed). Python 3.8 or later, nothing else.
"""
import argparse
import base64
import json
import os
import random
import re
import sys
import urllib.parse

SKIPPED_BY_OTHERS = re.compile(
    r"(?i)\.(?:bmp|gif|jpe?g|png|svg|tiff?|eot|[ot]tf|woff2?|docx?|xlsx?|pdf|bin|dll|exe|gltf|gem|zip|gz|jar|pyc)$"
    r"|(?:^|/)(?:go\.(?:mod|sum|work)|gradlew|mvnw|.*\.lock|npm-shrinkwrap\.json|package-lock\.json|pnpm-lock\.yaml"
    r"|verification-metadata\.xml|javascript\.json|\.git|\.(?:gitleaks|betterleaks)\w*)"
    r"|(?:^|/)(?:angular|bootstrap|jquery|plotly|swagger-?ui)[^/]*\.js"
)
RENAMED = {"node_modules": "modules", "site-packages": "packages", "vendor": "thirdparty", "bower_components": "modules",
           "lib": "library", "lib64": "library", "venv": "environment", "env": "environment", "tests": "checks",
           "test": "checks"}


def key(rng):
    """A string of the shape of a Telnyx key: 48 bits of milliseconds, 80 random bits, 22 random characters."""
    ms = rng.randrange(1598918400000, 1796083200000)  # 2020-09-01 .. 2026-12-01
    b62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "KEY%012X%020X_%s" % (ms, rng.getrandbits(80), "".join(rng.choice(b62) for _ in range(22)))


def walk(root):
    for folder, dirs, files in os.walk(root):
        dirs.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                yield path


def is_text(data):
    return b"\0" not in data


def small(args):
    rng = random.Random(1)
    share = args.files // len(args.sources)
    left_over, chosen = [], []
    for number, source in enumerate(args.sources):
        found = []
        for path in walk(source):
            rel = os.path.relpath(path, source)
            size = os.path.getsize(path)
            if 64 <= size <= 100_000 and not SKIPPED_BY_OTHERS.search(rel):
                found.append((number, path, rel))
        rng.shuffle(found)
        chosen += found[:share]
        left_over += found[share:]
    rng.shuffle(left_over)
    queue = chosen + left_over
    written, total, sizes = [], 0, []
    for number, path, rel in queue:
        if len(written) >= args.files:
            break
        with open(path, "rb") as file:
            data = file.read()
        if not is_text(data):
            continue
        parts = [RENAMED.get(part, part).replace(".dist-info", ".info") for part in rel.split(os.sep)]
        target = os.path.join(args.out, "%02d-%s" % (number, os.path.basename(os.path.normpath(args.sources[number]))),
                              re.sub(r"python([23])\.", r"py\1-", os.path.join(*parts)))
        if os.path.lexists(target):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
        written.append(target)
        sizes.append(len(data))
        total += len(data)
    with open(os.path.join(os.path.dirname(os.path.abspath(args.out)), "planted-small.tsv"), "w") as listing:
        for target in sorted(rng.sample(written, 20)):
            one = key(rng)
            with open(target, "ab") as file:
                file.write(("\nTELNYX_API_KEY=%s\n" % one).encode())
            listing.write("%s\t%s\n" % (os.path.relpath(target, args.out), one))
    sizes.sort()
    print("%d files, %d bytes, median %d bytes, 20 planted keys" % (len(sizes), total, sizes[len(sizes) // 2]))


class Words:
    """Real paths, lines and identifiers out of real sources, for the generated files."""

    def __init__(self, sources, rng):
        self.paths, self.lines, words = [], [], set()
        files = []
        for source in sources:
            for path in walk(source):
                if path.endswith((".py", ".ts", ".md", ".txt", ".rst", ".html", ".h", ".json", ".po")):
                    files.append((path, os.path.relpath(path, source)))
        rng.shuffle(files)
        for path, rel in files[:6000]:
            self.paths.append("/" + rel.replace(os.sep, "/"))
            with open(path, encoding="utf-8", errors="replace") as file:
                for line in file.read(30_000).split("\n"):
                    line = line.strip()
                    if 20 < len(line) < 240:
                        self.lines.append(line)
                    words.update(re.findall(r"[a-z]{4,12}", line)[:2])
        rng.shuffle(self.lines)
        self.lines = self.lines[:120_000]
        self.words = sorted(words)


class Cut:
    """A file that stops taking text after so many bytes."""

    def __init__(self, path, limit):
        self.file, self.left = open(path, "wb"), limit

    def __call__(self, text):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        self.file.write(data)
        self.left -= len(data)
        return self.left > 0


CLIENTS = ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
          "curl/8.5.0", "python-requests/2.32.3", "okhttp/4.12.0", "Go-http-client/2.0"]


def stamp(n):
    return "2026-%02d-%02dT%02d:%02d:%02d.%03dZ" % (1 + n // 900_000_0 % 12, 1 + n // 300_000 % 28, n // 36_000 % 24,
                                                    n // 600 % 60, n // 10 % 60, n * 37 % 1000)


def access_log(write, rng, words, planted, middle):
    n = 0
    while True:
        n += 1
        address = "%d.%d.%d.%d" % (rng.randrange(1, 224), rng.randrange(256), rng.randrange(256), rng.randrange(256))
        if n % 3:
            more = write('%s - - [%s] "%s %s?id=%d&q=%s HTTP/1.1" %d %d "https://www.example.com%s" "%s"\n' % (
                address, stamp(n), rng.choice(("GET", "GET", "GET", "POST", "PUT")), rng.choice(words.paths),
                rng.getrandbits(33), urllib.parse.quote(rng.choice(words.lines)[:30]), rng.choice((200, 200, 304, 404, 500)),
                rng.getrandbits(18), rng.choice(words.paths), rng.choice(CLIENTS)))
        else:
            more = write(json.dumps({"ts": stamp(n), "level": rng.choice(("info", "warn", "error", "debug")),
                                     "logger": ".".join(rng.choices(words.words, k=3)), "trace_id": "%032x" % rng.getrandbits(128),
                                     "span": "%016X" % rng.getrandbits(64), "duration_ms": rng.random() * 1000,
                                     "client": address, "msg": rng.choice(words.lines)}) + "\n")
        if n == middle:
            write('{"ts":"%s","level":"debug","msg":"POST https://api.telnyx.com/v2/messages","headers":'
                  '{"Authorization":"Bearer %s"}}\n' % (stamp(n), planted))
        if not more:
            return


def dump_sql(write, rng, words, planted, middle):
    n = 0
    while True:
        n += 1
        if n % 40 == 1:
            more = write("INSERT INTO calls (id, uuid, number, started_at, cost, note) VALUES\n")
        u = "%032x" % rng.getrandbits(128)
        more = write("(%d, '%s-%s-4%s-a%s-%s', '+1%010d', '%s', %.4f, '%s')%s\n" % (
            n, u[:8], u[8:12], u[13:16], u[17:20], u[20:], rng.randrange(2_000_000_000, 9_999_999_999), stamp(n), rng.random() * 10,
            " ".join(rng.choices(words.words, k=4)), ";" if n % 40 == 0 else ","))
        if n == middle:
            write("(0, '', '+15555550100', '%s', 0, 'key %s'),\n" % (stamp(n), planted))
        if n % 200 == 0:
            write("COPY rates FROM stdin;\n")
            for row in range(50):
                write("%d\t%d\t%.6f\t%d\t\\N\n" % (n + row, rng.getrandbits(40), rng.random(), rng.getrandbits(20)))
            more = write("\\.\n")
        if not more:
            return


def numbers_csv(write, rng):
    more = write("id,at_ms,lat,lon,a,b,c,d,hash\n")
    n = 0
    while more:
        n += 1
        more = write("%d,%d,%.7f,%.7f,%d,%d,%d,%.12f,%X\n" % (
            n, 1_600_000_000_000 + rng.getrandbits(37), rng.random() * 180 - 90, rng.random() * 360 - 180, rng.getrandbits(31),
            rng.getrandbits(20), rng.getrandbits(10), rng.random(), rng.getrandbits(64)))


def events_json(write, rng, words):
    accents = "é ü ñ ö ß 日本 Ж € – “ ”".split()
    n = 0
    more = True
    while more:
        n += 1
        line, other = rng.choice(words.lines), rng.choice(words.lines)
        text = json.dumps({"id": n, "at": stamp(n), "type": ".".join(rng.choices(words.words, k=2)),
                           "url": "https://www.example.com%s?next=%s" % (rng.choice(words.paths), urllib.parse.quote(other, safe="")),
                           "body": line + "\n\t" + other + " " + rng.choice(accents) + rng.choice(words.words),
                           "author": rng.choice(words.words).title() + " " + "".join(rng.choices(accents, k=2)),
                           "nested": json.dumps({"q": line, "h": "%x" % rng.getrandbits(64)})})
        more = write(text.replace("/", "\\/") + "\n")


def mail(write, rng, sources, words):
    files = []
    for source in sources:
        for path in walk(source):
            size = os.path.getsize(path)
            if 20_000 < size < 3_000_000 and not path.endswith((".py", ".ts", ".map", ".md")):
                files.append(path)
    rng.shuffle(files)
    n = 0
    while True:
        for path in files:
            n += 1
            with open(path, "rb") as file:
                data = file.read()
            name = os.path.basename(path)
            if n % 3:
                coded = base64.encodebytes(data)
                more = write(b"From someone@example.com Mon Jan  5 10:00:00 2026\nSubject: " + rng.choice(words.lines)[:60].encode()
                             + b"\nContent-Type: application/octet-stream; name=\"" + name.encode()
                             + b"\"\nContent-Transfer-Encoding: base64\n\n" + coded + b"\n")
            else:
                more = write(b'<img alt="' + name.encode() + b'" src="data:application/octet-stream;base64,' + base64.b64encode(data[:400_000])
                             + b'">\n')
            if not more:
                return


def concatenate(write, sources, rng, wanted, heading):
    files = [path for source in sources for path in walk(source) if wanted(path)]
    rng.shuffle(files)
    while files:
        for path in files:
            with open(path, "rb") as file:
                data = file.read()
            if is_text(data) and not write((heading % path).encode() + data + b"\n"):
                return
    sys.exit("no file fits: give more source directories")


def minified(path):
    if not path.endswith((".js", ".mjs", ".cjs")) or os.path.getsize(path) < 20_000:
        return False
    with open(path, "rb") as file:
        head = file.read(50_000)
    return len(head) / (head.count(b"\n") + 1) > 400


def large(args):
    rng = random.Random(2)
    limit = args.mib << 20
    os.makedirs(args.out, exist_ok=True)
    words = Words(args.sources, rng)
    at = lambda name: Cut(os.path.join(args.out, name), limit)
    planted = {"access.log": key(rng), "dump.sql": key(rng)}
    access_log(at("access.log"), rng, words, planted["access.log"], args.mib * 1500)
    dump_sql(at("dump.sql"), rng, words, planted["dump.sql"], args.mib * 1500)
    numbers_csv(at("numbers.csv"), rng)
    events_json(at("events.json"), rng, words)
    mail(at("mail.mbox"), rng, args.sources, words)
    concatenate(at("bundle.min.js"), args.sources, rng, minified, "/* %s */\n")
    code = (".py", ".ts", ".js", ".c", ".h", ".rs", ".go", ".pyi", ".hpp", ".java")
    concatenate(at("sources.txt"), args.sources, rng, lambda path: path.endswith(code) and os.path.getsize(path) < 200_000
                and not path.endswith(".min.js"), "==> %s <==\n")
    with open(args.binary, "rb") as source, open(os.path.join(args.out, "library.so"), "wb") as target:
        while True:
            block = source.read(1 << 20)
            if not block:
                break
            target.write(block)
    with open(os.path.join(os.path.dirname(os.path.abspath(args.out)), "planted-large.tsv"), "w") as listing:
        for name in sorted(planted):
            listing.write("%s\t%s\n" % (name, planted[name]))
    for name in sorted(os.listdir(args.out)):
        print("%12d  %s" % (os.path.getsize(os.path.join(args.out, name)), name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, run in (("small", small), ("large", large)):
        kind = kinds.add_parser(name)
        kind.add_argument("--out", required=True)
        kind.add_argument("sources", nargs="+")
        kind.set_defaults(run=run)
        if name == "small":
            kind.add_argument("--files", type=int, default=120_000)
        else:
            kind.add_argument("--mib", type=int, default=150)
            kind.add_argument("--binary", required=True)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    args.run(args)


if __name__ == "__main__":
    main()
