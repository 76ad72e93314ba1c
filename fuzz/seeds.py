#!/usr/bin/env python3
"""Writes the seeds of all fuzz targets to seeds/, beside this file: small inputs from which libFuzzer starts. The same
bytes on every run, and no whole key among them: the targets make keys themselves. `src/` says what the bytes mean."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import pathlib
import random
import shutil
import sqlite3
import struct
import tarfile
import tempfile
import zipfile
import zlib

HERE = pathlib.Path(__file__).parent / "seeds"
# The number of forms in src/planted.rs.
FORMS = 27
TEXT = b"# a line\nname = \"value\"\nprint('a' + \"b\")\n"


def put(target, name, *parts):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"".join(bytes(part) for part in parts))


def short(number):
    return struct.pack(">H", number)


def piece(content):
    content = content.encode() if isinstance(content, str) else content
    return bytes([len(content)]) + bytes(content)


def detect():
    for form in range(FORMS):
        put("detect", f"form-{form:02}", [form], short(form * 7), b"abc", short(12), TEXT)


def redact():
    for form in range(0, FORMS, 3):
        one = [bytes([form]), short(form), piece(TEXT[:9]), b"xyz"]
        other = [bytes([(form + 1) % FORMS]), short(form + 9), piece(b""), b"xyz"]
        put("redact", f"form-{form:02}", [2], *one, *other, piece(bytes([1, 40, 255])), TEXT)


def same():
    for form in range(0, FORMS, 3):
        key = [[0], [form], short(form), b"xyz"]
        filler = [[1], short(20000 + form * 900), piece(TEXT[:20])]
        parts = [[5], *key, *filler, *key, [2], piece(TEXT)]
        put("same", f"form-{form:02}", short(form * 500), piece([64, 128]), piece([1, 0, 9]), *parts)


def a_tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("a.txt")
        info.size = len(TEXT)
        tar.addfile(info, io.BytesIO(TEXT))
    return out.getvalue()[:1536]


def a_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (2024, 1, 1, 0, 0, 0)), TEXT)
    return out.getvalue()


MAIL = b"""From: a@example.org
To: b@example.org
Subject: =?utf-8?B?aGVsbG8=?=
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain
Content-Transfer-Encoding: quoted-printable

one=3Dtwo=
three
--x
Content-Type: application/octet-stream; name="a.txt"
Content-Transfer-Encoding: base64

aGVsbG8gd29ybGQK
--x--
"""
PDF = (
    b"%PDF-1.4\n1 0 obj\n<< /Length 40 /Filter /ASCIIHexDecode >>\nstream\n48656c6c6f>\nendstream\nendobj\n"
    b"2 0 obj\n<< /Length 9 /Filter [/ASCII85Decode /LZWDecode] >>\nstream\n<~87cUR~>\nendstream\nendobj\n"
    b"3 0 obj\n(a \\(text\\) \\101) <feff0041>\nendobj\ntrailer << >>\n%%EOF\n"
)


def pages():
    """Databases: pages of SQLite with an overflow chain, a record of LevelDB, a dump of Redis, a block of Avro."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.db"
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("pragma page_size = 512")
            database.execute("create table t (a text)")
            database.execute("insert into t values (?)", ("a long text " * 60,))
            database.execute("insert into t values ('short')")
            database.commit()
            database.execute("delete from t where a = 'short'")
            database.commit()
        lite = bytearray(path.read_bytes())
    # The version of the library is not part of the seed.
    lite[96:100] = bytes(4)
    # A checksum of a LevelDB record is not computed here: the reader refuses it, and mutations reach the parser.
    level = struct.pack("<IHB", 0, len(TEXT), 1) + TEXT
    redis = b"REDIS0011\xfe\x00\x00\x03key\xc3\x08\x0c\x03abcd\xe0\x00\x03\x00a\xff" + bytes(8)
    sync = bytes(range(16))
    schema = b'{"type":"string"}'
    avro = b"Obj\x01\x02\x16avro.schema" + bytes([2 * len(schema)]) + schema + b"\x00" + sync
    avro += b"\x02" + bytes([2 * len(TEXT)]) + TEXT + sync
    return {"sqlite": bytes(lite[:4000]), "level": level, "redis": redis, "avro": avro}


def streams():
    """Compressed data that does not begin its file, and formats of one stream."""
    chunk = b"Comment\0\0" + zlib.compress(TEXT)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(chunk)) + b"zTXt" + chunk + struct.pack(">I", zlib.crc32(b"zTXt" + chunk))
    http = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(TEXT, mtime=0) + b"\r\n\0end"
    moz = b"mozLz40\0" + struct.pack("<I", len(TEXT)) + bytes([0xF0, len(TEXT) - 15]) + TEXT
    snappy = b"\xff\x06\0\0sNaPpY" + bytes([1, 4 + len(TEXT), 0, 0]) + bytes(4) + TEXT
    sparse = bytes(16) + lzma.compress(TEXT) + bytes(16) + bz2.compress(TEXT)
    return {"png": png, "http": http, "mozlz4": moz, "snappy": snappy, "inner": sparse, "dump": b"PGDMP\x01\x0e\0" + zlib.compress(TEXT)}


def texts():
    """Records of one stream, text in runs, and forms that are recognised by their frame."""
    cri = b"2024-01-01T00:00:00.0Z stdout P abc\n2024-01-01T00:00:00.1Z stdout F def\n" * 2
    docker = b'{"log":"abc","stream":"stdout","time":"2024-01-01T00:00:00Z"}\n' * 3
    events = b'data: {"delta":"ab"}\n\ndata: {"delta":"cd"}\n\n' * 2
    cast = b'{"version": 2, "width": 80, "height": 24}\n[0.1, "o", "a\\b \\r"]\n[0.2, "o", "b"]\n'
    office = b'<w:document><w:r><w:t>ab</w:t></w:r><w:r><w:t xml:space="preserve">cd</w:t></w:r></w:document>'
    page = b"<html><p>a<b>b</b>&shy;c<wbr>d&#8203;<!-- x --><script>'<b>'</script></p></html>"
    rtf = b"{\\rtf1\\ansi a{\\b b}\\u75 ?\\'4b}"
    notebook = b'{"cells":[{"source":["a = \'b\\\n","c\'"]}],"nbformat":4}'
    flowed = b"Subject: a\nContent-Type: text/plain; format=flowed\n\none \ntwo\n"
    dump = b"0000000 0000113 042531 0000000\n0000020\n00000000: 4b45 5930  KEY0\n0000000   K   E   Y\n"
    frames = b"<~87cUR~>\nbegin 644 a\n#86)C\n`\nend\nJNCVS4MBQ\nGIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\n"
    return {
        "cri": cri, "docker": docker, "events": events, "cast": cast, "office": office, "page": page, "rtf": rtf,
        "notebook": notebook, "flowed": flowed, "od": dump, "frames": frames,
    }


def containers():
    for kind in range(18):
        head = [[kind], [0], short(kind)]
        put("containers", f"made-{kind:02}", *head, [0], short(0), piece(b"aa"), piece(b"bb"), piece("n.txt"), TEXT)
        change = [short(40 + kind), [1]]
        put("containers", f"hurt-{kind:02}", *head, [1], *change, short(0), piece(b""), piece(b""), piece("n"), TEXT)
    har = json.dumps({"log": {"entries": [{"response": {"content": {"text": "aGk=", "encoding": "base64"}}}]}})
    source_map = {"version": 3, "sources": ["a.ts"], "sourcesContent": ["let a;"], "mappings": "AAAA,SAASA"}
    raw = {
        "gzip": (0, gzip.compress(TEXT, mtime=0)),
        "zlib": (0, zlib.compress(TEXT)),
        "bzip2": (0, bz2.compress(TEXT)),
        "xz": (0, lzma.compress(TEXT)),
        "lzma": (0, lzma.compress(TEXT, lzma.FORMAT_ALONE)),
        "tar": (0, a_tar()),
        "zip": (0, a_zip()),
        "mail": (2, MAIL),
        "har": (3, har.encode()),
        "map": (4, json.dumps(source_map).encode()),
        "pdf": (5, PDF),
        "mbox": (6, b"From a Mon Jan  1 00:00:00 2024\n" + MAIL),
        "code": (7, b"let a;\n//# sourceMappingURL=data:application/json;base64,e30=\n"),
        "script": (0, b"#!/bin/sh\nexit\n" + a_zip()),
    }
    raw.update({name: (0, content) for name, content in {**pages(), **streams(), **texts()}.items()})
    for name, (ending, content) in raw.items():
        put("containers", f"raw-{name}", [23, ending], content)


def pack():
    whole = [[2], piece(TEXT), [3]]
    for name, sha, damage in [("good", 1, []), ("sha256", 0, []), ("hurt", 1, [[0], short(30), [1]])]:
        deltas = []
        for way in (4, 5, 6, 7):
            deltas += [[way, 0], [2], [1], short(5), short(9), [0], b"q", [1], short(0), short(60), [0]]
        put("pack", name, [sha], [len(damage) // 3], *damage, *whole, [1], piece(b"tree"), [0], *deltas)
    put("pack", "many", [1, 0], *[part for n in range(9) for part in ([n % 4], piece(bytes([n]) * n), [n * 20])], [0])


RULE = """[[rule]]
id = 'mine'
name = 'n'
message = 'm'
summary = 's'
severity = 'warning'
confidence = 'low'
fix = 'f'
docs = 'd'
anchors = ['mine_']
regex = '(mine_[0-9a-f]{8})'
context = 'telnyx'
checks = ['boundary', 'placeholder']
examples = ['mine_{}0123abcd']
non-examples = ['mine', 'mine_']
"""
CONFIG = """fail-on = 'warning'
baseline = 'b.jsonl'
[rules.telnyx-v1-token]
enabled = false
severity = 'note'
[[allow]]
reason = 'docs'
paths = ['docs/', '*.md', 'a/**']
rules = ['telnyx-api-key']
expires = '2030-01-31'
"""


def config():
    put("config", "config", [0], CONFIG.encode())
    put("config", "rule", [1], RULE.encode())
    head = json.dumps({"baseline": 1, "salt": "ab" * 32}, separators=(",", ":"))
    entry = {"hash": "cd" * 32, "rule": "mine", "path": "a/*.md", "reason": "r", "expires": "2030-01-01"}
    put("config", "baseline", [2], head.encode(), b"\n", json.dumps(entry, separators=(",", ":")).encode(), b"\n")
    place = {"path": "a", "start_line": 1}
    one = {"rule_id": "mine", "severity": "error", "secret": "a", "secret_sha256": "ef" * 32, "location": place}
    put("config", "records", [3], json.dumps({"tool": "telleaks", "findings": [one], "suppressed": []}).encode())
    # The target writes the word of such a comment for @.
    put("config", "comment", [4], b"a # @ telnyx-api-key why\nb\n")
    put("config", "block", [4], b"# @-begin telnyx-api-key why\nb\nc\n# @-end\n")


def report():
    for seed in range(6):
        numbers = random.Random(seed)
        put("report", f"made-{seed}", [1, 3], [numbers.randrange(160) for _ in range(400)])
    place = {"path": "a.js", "start_line": 3, "start_column": 1, "end_line": 3, "end_column": 9, "byte_start": 4, "byte_end": 12}
    git = {"commit": "ab", "author": "A", "date": "2026-01-05T10:00:00Z", "subject": "S", "in_head": True, "refs": ["main"]}
    alive = {"status": "active", "detail": "d", "checked_at": "2026-02-01T00:00:00Z"}
    one = {"rule_id": "telnyx-api-key", "severity": "error", "message": "m", "secret": "KEY…", "secret_sha256": "0a" * 32}
    one |= {"location": place, "encoding": ["base64"], "git": git, "occurrences": [place], "occurrence_count": 2}
    other = one | {"liveness": alive, "git": None, "suppression": {"kind": "config", "by": "t.toml:3", "reason": "r"}}
    whole = {"tool": "telleaks", "findings": [one], "suppressed": [other], "unreadable": [{"path": "b", "reason": "c"}]}
    put("report", "json", [0], json.dumps(whole, ensure_ascii=False).encode())


def git():
    entry = bytes(24) + struct.pack(">I", 0o100644) + bytes(12) + b"\1" * 20
    one = entry + struct.pack(">H", 5) + b"a.txt" + bytes(5)
    two = entry + struct.pack(">H", 5) + b"b/c.d" + bytes(5)
    put("git", "index-2", [0], b"DIRC", struct.pack(">II", 2, 2), one, two)
    cached = b"TREE" + struct.pack(">I", 6) + b"\0-1 0\n"
    put("git", "index-tree", [0], b"DIRC", struct.pack(">II", 2, 1), one, cached)
    four = entry + struct.pack(">H", 5) + b"\0a.txt\0" + entry + struct.pack(">H", 3) + b"\4bc\0"
    put("git", "index-4", [0], b"DIRC", struct.pack(">II", 4, 2), four)
    # 0xE0 and on stand for raw ids, 0xF0 and on for hex.
    tree = [[1], piece(b"100644 a.txt\0\xe0")]
    people = b"author A <a@b> 1700000000 +0100\ncommitter A <a@b> 1700000000 +0100\n\nsubject\n"
    commit = [[0], piece(b"tree \xf1\n" + people)]
    second = [[0], piece(b"tree \xf1\nparent \xf2\n" + people)]
    tag = [[3], piece(b"object \xf3\ntype commit\ntag v1\ntagger A <a@b> 1700000000 +0100\n\nm\n")]
    files = [
        (5, b"\xf3\n"), (6, b"\xf4\n"), (1, b"# pack-refs with: peeled fully-peeled sorted \n\xf3 refs/heads/x\n^\xf2\n"),
        (2, b"[core]\n\tbare = true\n[remote \"o\"]\n\turl = https://a.example/b\n"), (3, b"\xf2\n"),
        (9, b"\xf2 \xf3 A <a@b> 1700000000 +0100\tcommit: m\n"),
    ]
    written = [part for number, content in files for part in ([number], piece(content))]
    put("git", "history", [1], short(3), *tree, *commit, *second, *tag, [4], [len(files)], *written)
    put("git", "bare", [1], short(4), [4], [0])


if __name__ == "__main__":
    shutil.rmtree(HERE, ignore_errors=True)
    for write in (detect, redact, same, containers, pack, config, report, git):
        write()
