"""Rows: files in the scanned tree that want to switch the scanner off, and rule files that are hostile themselves."""
import hashlib

from .rows import ERROR, row, section

section("Files of an attacker in the scanned tree")


def switch(id, text, files, mode="fs", **options):
    @row(id, text, mode, **options)
    def build(at):
        if mode == "git":
            at.init()
        line = at.line()
        at.put("src/app.env", line)
        for name, content in files(at, line.strip()).items():
            at.put(name, content)
        if mode == "git":
            at.commit("Add it")


OWN_ALL = '[[allow]]\nreason = "trust me"\npaths = ["src/"]\n'
ALL = "[extend]\nuseDefault = true\n[[allowlists]]\ndescription = 'trust me'\npaths = ['''.*''']\n"
switch("F41a", "`.gitleaks.toml` that allows everything", lambda at, line: {".gitleaks.toml": ALL})
switch("F41b", "`.gitleaksignore`", lambda at, line: {
    ".gitleaksignore": "".join(f"{at.scan}/src/app.env:{rule}:1\nsrc/app.env:{rule}:1\n" for rule in ("generic-api-key", "telnyx-api-key"))})
switch("F41c", "`.betterleaks.toml`", lambda at, line: {".betterleaks.toml": ALL})
switch("F41d", "`.betterleaksignore` with the hash of the value", lambda at, line: {
    ".betterleaksignore": "sha256:" + hashlib.sha256(at.keys[0].encode()).hexdigest() + "\n" + hashlib.sha256(at.keys[0].encode()).hexdigest() + "\n"})
switch("F41e", "`kingfisher.yaml`, `.kingfisher.yaml`", lambda at, line: {
    name: "exclude:\n  - '**'\nskip_regex:\n  - '.*'\n" for name in ("kingfisher.yaml", ".kingfisher.yaml")})
switch("F41f", "`.secretsignore`", lambda at, line: {".secretsignore": "*\n"})
switch("F41g", "`.gitignore` outside of a repository", lambda at, line: {".gitignore": "*\n"})
switch("F41h", "`.ignore`", lambda at, line: {".ignore": "*\n", ".rgignore": "*\n"})
switch("F41j", "`telleaks.toml` that allows everything", lambda at, line: {
    "telleaks.toml": OWN_ALL})
switch("F41k", "`telleaks.toml` of the same repository, its history searched", lambda at, line: {
    "telleaks.toml": OWN_ALL}, mode="git")


@row("F41l", "`.gitignore` in a repository, the key in a file that it names and that git does not track")
def ignored(at):
    at.init()
    at.put(".gitignore", "*.env\n")
    at.put("src/app.env", at.line())


@row("F41p", "a branch that brings a key, and comments and files that hide it, is searched from where it began", mode="range")
def branch(at):
    at.init()
    at.git("checkout", "-q", "-b", "topic")
    comments = "gitleaks:allow betterleaks:allow kingfisher:ignore telleaks:allow telnyx-api-key -- trust me"
    at.put("src/app.py", at.line().strip() + f"  # {comments}\n")
    at.put("telleaks.toml", OWN_ALL)
    at.put(".gitleaks.toml", ALL)
    at.commit("Add it")


COMMENTS = [
    "gitleaks:allow", "betterleaks:allow", "kingfisher:ignore", "pragma: allowlist secret", "nosec", "noqa", "trufflehog:ignore",
    "ggignore", "NOSONAR", "telleaks:allow telnyx-api-key -- trust me", "telleaks: allow",
]


@row("F41i", "11 comments beside a key, of many tools (those that count hide it)")
def comments(at):
    for number, comment in enumerate(COMMENTS):
        at.put(f"{number}.py", at.line().strip() + f"  # {comment}\n")


@row("F42", "a rule file with `((a{0,1000}){0,1000}){0,1000}b` (right: words, no crash)", expect=ERROR)
def rule_bomb(at):
    at.control()
    regex = "((a{0,1000}){0,1000}){0,1000}b"
    go = at.beside("go.toml")
    with open(go, "w") as file:
        file.write(f"[[rules]]\nid = 'x'\ndescription = 'x'\nregex = '''{regex}'''\n")
    own = at.beside("own.toml")
    with open(own, "w") as file:
        file.write(OWN % regex)
    fisher = at.beside("rules.yml")
    with open(fisher, "w") as file:
        file.write(f"rules:\n  - name: X\n    id: x.1\n    pattern: '{regex}'\n    confidence: medium\n    min_entropy: 1.0\n    examples: []\n")
    at.rules = {"telleaks": own, "kingfisher": fisher, "betterleaks": go, "gitleaks": go}


OWN = """[[rule]]
id = 'x-token'
name = 'X token'
message = 'X token: places calls'
summary = 'A token.'
severity = 'error'
confidence = 'high'
fix = 'Delete it.'
docs = 'https://example.org/'
anchors = ['aaaa']
run = { set = 'a-z', min = 24 }
regex = '%s'
examples = ['aaaab']
non-examples = ['b']
"""
