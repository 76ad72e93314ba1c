"""See sarif.sh."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

HEX = "0123456789ABCDEF"
BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
IGNORE = "telleaks" + ":ignore"


def key():
    time = random.randint(1607000000000, 1760000000000)
    head = "KEY%012X" % time + "".join(random.choice(HEX) for _ in range(20))
    return head + "_" + "".join(random.choice(BASE62) for _ in range(22))


def put(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def run(*words, cwd=None, accept=(0,)):
    done = subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in accept:
        sys.exit("%s: exit %d\n%s" % (" ".join(words), done.returncode, done.stderr.decode()))
    return done.stdout.decode()


def make(work):
    """A folder of 6,000 findings, and a repository with a history, comments, and awkward names."""
    for number in range(6000):
        put(work, "many/%d.env" % number, "A=%s\n" % key())
    repo = os.path.join(work, "repo")
    os.makedirs(repo)
    git = lambda *words: run("git", "-c", "user.name=A [b](1)", "-c", "user.email=a@b", *words, cwd=repo)
    git("init", "-q", "-b", "main")
    git("remote", "add", "origin", "git@example.com:owner/name.git")
    put(repo, "src/a b#[c](1).py", 'import telnyx\nkey = "%s"\n' % key())
    shared = key()
    put(repo, "größe/😀.js", "const k = '%s';\n" % shared)
    put(repo, "gone.env", "K=%s\n" % key())
    git("add", "-A")
    git("commit", "-qm", "one " + key())
    os.remove(os.path.join(repo, "gone.env"))
    put(repo, "hidden.py", "# %s telnyx-api-key of the [mock](1)\nk = '%s'\n" % (IGNORE, key()))
    put(repo, "copy.js", "const k = '%s';\n" % shared)
    git("add", "-A")
    git("commit", "-qm", "two")
    put(repo, "staged.py", "k = '%s'\n" % key())
    git("add", "-A")
    run("tar", "czf", "a.tgz", "src", cwd=repo)
    put(repo, "broken.zip", "PK\x03\x04 no archive")
    return repo


def judge(validator, report, out):
    subprocess.run(
        [validator, "validate", report, "-o", out, "--log", "ForceOverwrite", "--rule-kind", "Sarif;Ghas"],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    with open(out, encoding="utf-8-sig") as file:
        return json.load(file)["runs"][0].get("results", [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--telleaks", required=True)
    telleaks = os.path.abspath(parser.parse_args().telleaks)
    random.seed(1)
    with tempfile.TemporaryDirectory() as work:
        run("npm", "install", "--silent", "--no-audit", "@microsoft/sarif-multitool", cwd=work)
        validator = os.path.join(work, "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool")
        os.chmod(validator, 0o755)
        run("python3", "-m", "venv", "venv", cwd=work)
        run("venv/bin/pip", "install", "-q", "sarif-tools", cwd=work)
        repo = make(work)
        complaints = 0
        print("| report | results | complaints |\n| --- | ---: | ---: |")
        for name, words in [
            ("scan", ["scan", "."]),
            ("scan, suppressed ones too", ["scan", ".", "--sarif-suppressions"]),
            ("staged", ["staged"]),
            ("commits", ["commits", "HEAD"]),
            ("audit", ["audit"]),
            ("scan of 6,000", ["scan", "../many"]),
        ]:
            report = os.path.join(work, "report.sarif")
            run(telleaks, *words, "--report", "sarif=" + report, cwd=repo, accept=(0, 1, 3))
            with open(report, encoding="utf-8") as file:
                results = len(json.load(file)["runs"][0]["results"])
            found = judge(validator, report, os.path.join(work, "out.sarif"))
            for one in found:
                print(one["ruleId"], one["message"], file=sys.stderr)
            run("venv/bin/sarif", "summary", report, cwd=work)
            complaints += len(found)
            print("| %s | %d | %d |" % (name, results, len(found)))
        sys.exit(complaints > 0)


main()
