#!/usr/bin/env python3
"""Makes a home directory of some gigabytes with transcripts, databases, histories and projects, and compares
`telleaks machine` with `rg -uuu` over the same directory.

    benches/machine.py DIR [GIGABYTES]                make DIR/home, unless it exists
    benches/machine.py DIR [GIGABYTES] --time PROGRAM time PROGRAM and rg, best of three each
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time

WORDS = [f"word{number:x}" for number in range(4000)]


def text(rng, count):
    return " ".join(rng.choices(WORDS, k=count))


def transcript(rng, path, size):
    """Writes events of an agent until the file has `size` bytes."""
    blocks = [text(rng, 400) for _ in range(50)]
    with open(path, "w") as out:
        while out.tell() < size:
            for block in blocks:
                event = {"timestamp": "2026-03-04T05:06:07.000Z", "uuid": rng.randbytes(16).hex(),
                         "message": {"role": "assistant", "content": [{"type": "text", "text": block}]}}
                out.write(json.dumps(event) + "\n")


def database(rng, path, size):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE ItemTable(key TEXT UNIQUE, value BLOB)")
    for number in range(size // 20_000):
        connection.execute("INSERT INTO ItemTable VALUES(?, ?)", (f"k{number}", text(rng, 2800).encode()))
    connection.commit()


def make(home, gigabytes):
    rng = random.Random(1)
    size = gigabytes * 10**9
    for number in range(40):
        folder = f"{home}/.claude/projects/p{number}"
        os.makedirs(folder)
        for part in range(3):
            transcript(rng, f"{folder}/{part}.jsonl", size * 6 // 10 // 120)
    state = f"{home}/.config/Cursor/User/globalStorage"
    os.makedirs(state)
    database(rng, f"{state}/state.vscdb", size * 2 // 10)
    for number in range(300):
        folder = f"{home}/work/p{number}/src"
        os.makedirs(folder)
        for part in range(100):
            with open(f"{folder}/f{part}.py", "w") as out:
                out.write(text(rng, size * 2 // 10 // 30_000 // 8))
        with open(f"{home}/work/p{number}/.env", "w") as out:
            out.write("PORT=3000\n")
    with open(f"{home}/.bash_history", "w") as out:
        out.write("\n".join(f"echo {text(rng, 3)}" for _ in range(20_000)))


def best(command):
    times = []
    for _ in range(3):
        begun = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.monotonic() - begun)
    return min(times)


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    home = f"{words[0]}/home"
    if not os.path.exists(home):
        make(home, int(words[1]) if len(words) > 1 and words[1].isdigit() else 5)
    if "--time" in sys.argv:
        program = sys.argv[sys.argv.index("--time") + 1]
        own = best([program, "machine", "--home", home, "--quiet"])
        other = best(["rg", "-uuu", "-c", "KEY01", home])
        print(f"telleaks machine {own:.2f} s, rg {other:.2f} s, ratio {own / other:.2f}")


main()
