"""Rows: what git is about to commit."""

from .rows import CLEAN, TOLD, row, section

section("Staged (before a commit)")


@row("G32", "the key is staged, the work tree is clean", "staged")
def staged(at):
    at.init().put("a.env", at.line())
    at.git("add", "a.env")
    at.put("a.env", "text\n")


@row("G33", "the key is in the work tree only (right: clean)", "staged", CLEAN)
def not_staged(at):
    at.init().put("a.env", at.outside())


@row("G08", "the first commit of a new repository", "staged")
def first(at):
    at.git("init", "-q")
    at.known()
    at.put("a.env", at.line())
    at.git("add", "a.env")


@row("G32x", "git does not know who commits", "staged")
def nobody(at):
    staged(at)
    at.git("config", "--remove-section", "user")
    at.git("config", "user.useConfigOnly", "true")


@row("G35b", "renamed and changed, a newline in the name", "staged")
def renamed(at):
    at.init().put("a.txt", "text\n" * 50)
    at.commit()
    at.git("mv", "a.txt", "b\nc.txt")
    at.put("b\nc.txt", "text\n" * 50 + at.line())
    at.git("add", "-A")


@row("G35c", "UTF-16", "staged")
def wide(at):
    at.init().put("a.txt", b"\xff\xfe" + at.line().encode("utf-16-le"))
    at.git("add", "a.txt")


@row("G35d", "`* -diff` in the `.gitattributes` of the work tree", "staged")
def no_diff(at):
    at.init().put("a.txt", at.line())
    at.git("add", "a.txt")
    at.put(".gitattributes", "* -diff\n")


@row("G34", "in one side of an open conflict", "staged")
def unmerged(at):
    at.init()
    ids = [at.blob("base\n"), at.blob("ours\n"), at.blob(at.line())]
    at.git("update-index", "--index-info", feed="".join(f"100644 {id} {stage}\ta.env\n" for stage, id in enumerate(ids, 1)))
    at.put("a.env", "ours\n")


@row("G35", "`git add -N` (nothing is staged yet; right: clean)", "staged", CLEAN)
def intended(at):
    at.init().put("a.env", at.outside())
    at.git("add", "-N", "a.env")


@row("G31n", "the index is garbage", "staged", TOLD)
def garbage(at):
    at.init().put("a.env", "text\n")
    at.git("add", "a.env")
    at.put(".git/index", "garbage" * 10)
