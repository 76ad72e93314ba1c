"""Rows: the output for people, on a pseudo-terminal. What must not arrive there is what the author of the content wrote."""
import os
import pty
import select
import subprocess
import time

from .run import alone

SECTION = "Terminals (text for people, on a pseudo-terminal)"

TERMINAL = [
    ("T1", "ESC[2J and an OSC title in the file name", {"a\x1b[2J\x1b]0;owned\x07.env": "LINE\n"}, (b"\x1b[2J", b"\x1b]0;owned")),
    ("T2", "OSC, ESC[8m, ESC[2K round the key", {"a.env": "\x1b[8m\x1b]0;owned\x07LINE\x1b[2K\n"}, (b"\x1b[8m", b"\x1b]0;owned", b"\x1b[2K")),
    ("T3", "a carriage return behind the key", {"a.env": "LINE\rnothing here      \n"}, (b"\rnothing here",)),
    ("T4", "U+202E in the file name", {"a\u202egnp.env": "LINE\n"}, ("\u202e".encode(),)),
    ("T5", "a newline in the file name", {"a\nowned: no leaks.env": "LINE\n"}, (b"\nowned: no",)),
    ("T6", "a file whose name brings a line that begins with `::add-mask::`", {"x\n::add-mask::owned.env": "LINE\n"}, (b"\n::add-mask::",)),
    ("T7", "C1 control characters (one byte, and as UTF-8)", {"a\x9b2Jowned.env": "\x9b8mLINE\n"}, (b"\xc2\x9b", b"\x9b2J", b"\x9b8m")),
]


def command(tool, folder):
    return {
        "telleaks": [tool.path, "scan", "--no-progress", "--color=always", folder],
        "kingfisher": [tool.path, "scan", "-n", "--no-update-check", *(["--rule-cache-dir", tool.cache] if tool.cache else []), folder],
        "betterleaks": [tool.path, "fs", "--no-banner", folder],
        "gitleaks": [tool.path, "dir", "-v", "--no-banner", folder],
    }[tool.name]


def capture(words, folder, environment, limit):
    """Everything that a program writes to a terminal, with the line ends of a file."""
    master, slave = pty.openpty()
    child = subprocess.Popen(words, cwd=folder, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    out, begun = b"", time.monotonic()
    while time.monotonic() - begun < limit:
        if not select.select([master], [], [], 0.1)[0]:
            if child.poll() is not None:
                break
            continue
        try:
            more = os.read(master, 65536)
        except OSError:
            break
        if not more:
            break
        out += more
    if child.poll() is None:
        child.wait(timeout=limit)
    os.close(master)
    return out.replace(b"\r\n", b"\n"), child.returncode


def run(tool, one, place, folder, limit):
    """(right, text of the cell)"""
    _, _, files, raw = one
    for name, content in files.items():
        place.put(name, content.replace("LINE", place.line().strip()))
    os.makedirs(os.path.join(folder, "home"))
    environment = {"PATH": os.environ["PATH"], "HOME": os.path.join(folder, "home"), "TMPDIR": folder, "LANG": "C.UTF-8", "TERM": "xterm-256color", "COLUMNS": "200"}
    plain = type("Row", (), {"id": one[0]})
    out, code = capture(alone(plain) + command(tool, place.scan), place.folder, environment, limit)
    came = [bytes_ for bytes_ in raw if bytes_ in out]
    found = code in tool.finds
    if came:
        return False, "raw"
    return found, "inert" if found else f"missed, exit {code}"
