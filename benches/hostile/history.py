"""Rows: the history of a repository, and what git keeps beside it."""
import hashlib
import os
import shutil
import zlib

from .archives import zipped
from .rows import CLEAN, EITHER, TOLD, row, section

section("Git history")


@row("G00", "control", "git")
def control(at):
    at.init().put("a.env", at.line())
    at.commit()


@row("G01", "added, then taken out", "git")
def past(at):
    at.init().past()


@row("G02a", "in the reflog only", "git")
def reflog(at):
    at.init().put("a.env", at.line())
    at.commit()
    at.git("reset", "-q", "--hard", "HEAD~1")


@row("G02b", "a blob that nothing leads to", "git")
def dangling(at):
    at.init().blob(at.line())


@row("G03", "in a stash only", "git")
def stash(at):
    at.init().put("README", at.line())
    at.git("stash", "-q")


@row("G04a", "commit message", "git")
def message(at):
    at.init().commit("Use " + at.line())
    # Not what git leaves beside the objects.
    os.remove(at.at(".git/COMMIT_EDITMSG"))
    shutil.rmtree(at.at(".git/logs"))


@row("G04b", "message of a tag", "git")
def tag(at):
    at.init().git("tag", "-a", "-m", at.line(), "v1")


@row("G04c", "notes", "git")
def notes(at):
    at.init().git("notes", "add", "-m", at.line())


@row("G04d", "a tag that names a blob", "git")
def tagged_blob(at):
    at.init().git("tag", "blob", at.blob(at.line()))


@row("G04e", "`refs/pull/1/head` only", "git")
def pull(at):
    at.init().name("refs/pull/1/head", at.stored({"a.env": at.line()}, ["HEAD"]))


@row("G04f", "name of a branch", "git")
def branch(at):
    at.init().git("branch", f"telnyx_api_key={at.key()}")


@row("G04g", "name of an author", "git")
def author(at):
    at.init().commit(env={"GIT_AUTHOR_NAME": f"TELNYX_API_KEY={at.key()}"})


def merged(at, others):
    """A merge commit by hand that brings what none of its parents has, and a commit that takes it out."""
    at.init()
    sides = [at.stored({"README": "A program.\n", f"{number}.txt": "side\n"}, ["HEAD"]) for number in range(others)]
    files = {"README": "A program.\n", "evil.env": at.line(), **{f"{number}.txt": "side\n" for number in range(others)}}
    merge = at.stored(files, ["HEAD", *sides], "Merge")
    del files["evil.env"]
    at.name("refs/heads/main", at.stored(files, [merge], "Take it out"))
    at.git("reset", "-q", "--hard")


@row("G05b", "in a merge commit only, later taken out", "git")
def evil_merge(at):
    merged(at, 1)


@row("G06", "in a merge of three only", "git")
def octopus(at):
    merged(at, 2)


@row("G07", "in one of two merges that cross", "git")
def crossing(at):
    at.init()
    one, two = (at.stored({"README": "A program.\n", f"{name}.txt": "x\n"}, ["HEAD"]) for name in "ab")
    both = {"README": "A program.\n", "a.txt": "x\n", "b.txt": "x\n"}
    first = at.stored({**both, "evil.env": at.line()}, [one, two], "Merge")
    second = at.stored(both, [two, one], "Merge")
    at.name("refs/heads/main", at.stored(both, [first, second], "Merge"))
    at.git("reset", "-q", "--hard")


@row("G09", "HEAD is detached", "git")
def detached(at):
    at.init().git("checkout", "-q", "--detach")
    at.past()


@row("G10n", "a shallow clone, the key beyond its edge", "git", TOLD)
def shallow(at):
    at.init().past()
    at.keys.clear()
    at.lone_clone("--depth", "1")


def partial(at, with_control):
    at.init()
    if with_control:
        at.control()
    at.past()
    at.keys.pop()
    at.lone_clone("--filter=blob:none")


@row("G11", "a clone without blobs, its remote gone, a key in HEAD", "git", EITHER)
def partial_clone(at):
    partial(at, True)


@row("G11n", "the same, nothing else to find", "git", TOLD)
def partial_alone(at):
    partial(at, False)


@row("G12", "a damaged blob, a key in HEAD", "git", EITHER)
def damaged(at):
    at.init().control()
    at.damage(at.past("b.txt", "text\n" * 500))


@row("G12n", "a damaged blob, nothing else", "git", TOLD)
def damaged_alone(at):
    at.init().damage(at.past("b.txt", "text\n" * 500))


@row("G13", "another blob is missing", "git", EITHER)
def missing_other(at):
    at.init().past()
    os.remove(at.loose(at.past("b.txt", "text\n" * 500)))


@row("G13n", "the blob with the key is missing", "git", TOLD)
def missing(at):
    os.remove(at.init().loose(at.past()))
    at.keys.clear()


@row("G13bn", "a tree is missing", "git", TOLD)
def missing_tree(at):
    at.init().past("sub/a.txt", "text\n")
    os.remove(at.loose(at.git("rev-parse", "HEAD~1:sub")))


@row("G13cn", "a parent commit is missing", "git", TOLD)
def missing_parent(at):
    at.init().past("a.txt", "text\n")
    os.remove(at.loose(at.git("rev-parse", "HEAD~1")))


@row("G14n", "a pack cut to 100 bytes", "git", TOLD)
def cut_pack(at):
    at.init().past()
    at.keys.clear()
    at.git("gc", "-q")
    folder = at.at(".git/objects/pack")
    pack = os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith(".pack")))
    os.chmod(pack, 0o644)
    os.truncate(pack, 100)


@row("G15", "`refs/replace` hides the commit", "git")
def replaced_commit(at):
    at.init().past()
    at.git("replace", at.git("rev-parse", "HEAD~1"), at.stored({"README": "A program.\n"}, ["HEAD~2"]))


@row("G15b", "`refs/replace` hides the blob", "git")
def replaced_blob(at):
    at.init()
    at.git("replace", at.past(), at.blob("text\n"))


@row("G16", "`info/grafts` hides the commit", "git")
def grafts(at):
    at.init().past()
    at.put(".git/info/grafts", f"{at.git('rev-parse', 'HEAD')} {at.git('rev-parse', 'HEAD~2')}\n")


@row("G17n", "in the history of a submodule", "git", EITHER)
def submodule(at):
    inner = at.beside("inner")
    shutil.copytree(at.scan, inner)
    at.init().past()
    os.rename(at.scan, inner + "-repository")
    os.mkdir(at.scan)
    at.init()
    at.git("submodule", "--quiet", "add", f"file://{inner}-repository", "lib")
    at.commit("Add a submodule")


@row("G18", "a linked work tree, a commit of its own", "git")
def linked(at):
    at.init()
    main = at.beside("main")
    os.rename(at.scan, main)
    at.git("worktree", "add", "-q", "--detach", at.scan, at=main)
    at.past()


@row("G19", "a bare repository", "git")
def bare(at):
    at.init().past()
    at.lone_clone("--bare")


@row("G20", "a repository with ids of SHA-256", "git")
def sha256(at):
    at.init("--object-format=sha256").past()


@row("G21", "a repository with reftable", "git", EITHER)
def reftable(at):
    at.init("--ref-format=reftable").past()


@row("G22", "objects borrowed from another repository", "git")
def borrowed(at):
    at.init().past()
    source = at.beside("source")
    os.rename(at.scan, source)
    at.git("clone", "-q", "--shared", source, at.scan, at=at.folder)


@row("G23", "it belongs to another user", "git staged", EITHER, root=True)
def foreign(at):
    at.init().past()
    at.put("b.env", at.line())
    at.git("add", "b.env")
    at.staged = 1
    for folder, _, files in os.walk(at.scan):
        for path in [folder, *(os.path.join(folder, name) for name in files)]:
            os.lchown(path, 12345, 12345)


@row("G25a", "`.gitattributes`: `*.txt -diff`", "git")
def no_diff(at):
    at.init().put(".gitattributes", "*.txt -diff\n")
    at.past("a.txt")


@row("G25b", "`.gitattributes`: `* binary`, later taken out", "git")
def binary(at):
    at.init().put(".gitattributes", "* binary\n")
    at.put("a.env", at.line())
    at.commit()
    os.remove(at.at(".gitattributes"))
    os.remove(at.at("a.env"))
    at.commit()


def setting(id, text, *settings):
    @row(id, text, "git")
    def build(at):
        at.init().past()
        for name, value in settings:
            at.git("config", name, value)


setting("G25c", "`color.ui=always` in its configuration", ("color.ui", "always"))
setting("G25d", "`diff.noprefix`", ("diff.noprefix", "true"))
setting("G25g", "`log.diffMerges`, `format.pretty` and others in its configuration", ("log.diffMerges", "off"),
        ("format.pretty", "oneline"), ("diff.context", "0"), ("diff.mnemonicPrefix", "true"), ("log.follow", "true"), ("diff.renames", "copies"))
setting("G25h", "`diff.orderFile` that is not there", ("diff.orderFile", "/nowhere"))


@row("G26a", "UTF-16 in history", "git")
def wide(at):
    at.init().past("a.txt", b"\xff\xfe" + ("text\n" + at.line()).encode("utf-16-le"))


@row("G26b", "a NUL in history", "git")
def nul(at):
    at.init().past("a.txt", b"a\0b\n" + at.line().encode())


@row("G26c", "a line of 20 MB in history", "git")
def long_line(at):
    filler = b"text text " * 1_000_000
    at.init().past("a.js", filler + at.line().strip().encode() + b" " + filler)


@row("G26d", "a zip in history", "git")
def zip_past(at):
    at.init().past("a.zip", zipped({"a.env": at.line()}))


@row("G26e", "where a link leads, in history", "git")
def link_past(at):
    at.init()
    os.symlink(f"TELNYX_API_KEY={at.key()}", at.at("link"))
    at.commit()
    os.remove(at.at("link"))
    at.commit()


@row("G26f", "a text of 600 MB in history", "git", limit=200)
def large_blob(at):
    at.init()
    piece = b"".join(b"2026-01-02T03:04:05Z GET /v2/messages/%d 200\n" % number for number in range(100_000))
    with open(at.at("a.log"), "wb") as file:
        while file.tell() < 600 << 20:
            file.write(piece)
        file.write(at.line().encode())
    at.commit()
    os.remove(at.at("a.log"))
    at.commit()


ODD = ["a b", "-n", "--output=x", "a\tb", "a\nb", 'a"b', "a\\b", "é.env", "$(touch x)", ":(glob)a", "\x1b[2Ja"]


@row("G27", "11 odd names in history", "git")
def odd_names(at):
    at.init()
    for name in ODD:
        at.put(name, at.line())
    at.commit()
    for name in ODD:
        os.remove(at.at(name))
    at.commit()


@row("G29", "malformed commits (no date, a NUL, no UTF-8)", "git")
def bad_commits(at):
    at.init()
    tree, parent = at.tree({"a.env": at.line()}), at.git("rev-parse", "HEAD")
    for number, head in enumerate((b"author A <a>\ncommitter A <a>\n", b"author \xff\xfe <a> 1 +0000\ncommitter a\0b <a> 1 +0000\n")):
        text = b"tree %s\nparent %s\n%s\nText \xff\n" % (tree.encode(), parent.encode(), head)
        parent = at.object("commit", text)
    at.put(".git/refs/heads/odd", parent + "\n")


@row("G29b", "a malformed tree (`.git`, `../`, empty and double names)", "git")
def bad_tree(at):
    at.init()
    blob = bytes.fromhex(at.blob(at.line()))
    text = b"".join(b"100644 %s\0%s" % (name, blob) for name in (b"", b"..", b".git", b"../x", b"a/b", b"same", b"same"))
    tree = at.object("tree", text)
    person = "A <a@example.org> 1704067200 +0000"
    head = at.git("rev-parse", "HEAD")
    commit = at.object("commit", f"tree {tree}\nparent {head}\nauthor {person}\ncommitter {person}\n\nOdd\n")
    at.put(".git/refs/heads/odd", commit + "\n")


@row("G30n", "3000 trees, one in another", "git", EITHER)
def deep_trees(at):
    at.init()
    inner = at.git("mktree", feed=f"100644 blob {at.blob(at.line())}\ta.env\n")
    for _ in range(3000):
        # By hand: a process for each takes half a minute.
        raw = b"40000 d\0" + bytes.fromhex(inner)
        raw = b"tree %d\0" % len(raw) + raw
        inner = hashlib.sha1(raw).hexdigest()
        at.put(os.path.relpath(at.loose(inner), at.scan), zlib.compress(raw))
    person = "A <a@example.org> 1704067200 +0000"
    head = at.git("rev-parse", "HEAD")
    at.put(".git/refs/heads/deep", at.object("commit", f"tree {inner}\nparent {head}\nauthor {person}\ncommitter {person}\n\nDeep\n") + "\n")


@row("G36", "refs named `--output=x` and `$(touch x)`", "git")
def odd_refs(at):
    at.init().past()
    head = at.git("rev-parse", "HEAD")
    for name in ("--output=PWNED", "$(touch x)", "a;b"):
        at.put(f".git/refs/heads/{name}", head + "\n")


@row("G37", "HEAD names a branch that is not there", "git")
def unborn_head(at):
    at.init().past()
    at.put(".git/HEAD", "ref: refs/heads/none\n")


@row("G37b", "HEAD is garbage", "git", EITHER)
def garbage_head(at):
    at.init().past()
    at.put(".git/HEAD", "garbage\n")


@row("G38", "repository format 99", "git", EITHER)
def future(at):
    at.init().past()
    at.git("config", "core.repositoryFormatVersion", "99")


@row("G39", "a `.git` file that leads nowhere", "git", EITHER)
def lost_link(at):
    at.put(".git", "gitdir: /nowhere/at/all\n")
    at.control()


@row("G40", "a folder that is no repository", "git staged", EITHER)
def no_repository(at):
    at.control()


@row("G41", "no git on the PATH", "git")
def no_git(at):
    at.init().past()
    at.environment = {"PATH": "/nonexistent"}


@row("G08b", "an empty repository", "git", CLEAN)
def empty(at):
    at.git("init", "-q")


@row("G46", "20,000 commits, the key in the eighth", "git", limit=150)
def many_commits(at):
    at.git("init", "-q", "-b", "main")
    person = "A <a@example.org>"
    stream = []
    for number in range(20_000):
        content = f"{number}\n" if number != 7 else at.line()
        stream.append(f"commit refs/heads/main\ncommitter {person} {1_600_000_000 + number} +0000\ndata 2\nc\n"
                      f"M 100644 inline a.txt\ndata {len(content)}\n{content}\n")
    at.git("fast-import", "--quiet", feed="".join(stream))
    at.git("reset", "-q", "--hard")
