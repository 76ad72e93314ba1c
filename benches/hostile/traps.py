"""Rows: repositories that want a program run. A program that runs leaves a mark."""
import os

from .rows import EITHER, row, section

section("Settings of a repository that run programs")


def script(at, name):
    at.marks = at.beside("marks")
    os.makedirs(at.marks, exist_ok=True)
    path = at.beside(f"run-{name}")
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\n: > '{at.marks}/{name}'\ncat \"$@\" 2>/dev/null\nexit 0\n")
    os.chmod(path, 0o755)
    os.chmod(at.marks, 0o777)
    return path


def ready(at):
    """A key in the past, another one staged."""
    at.init().past("a.txt")
    at.put("c.txt", "text\n")
    at.commit()
    at.put("b.txt", at.line())
    at.git("add", "b.txt")
    # Git has to look at the file to know whether it has changed.
    at.put("c.txt", "other\n")
    at.staged = 1


def trap(id, text, modes="git staged", expect="found"):
    def take(build):
        @row(id, text, modes, expect)
        def whole(at):
            ready(at)
            build(at)
            # What git itself ran while the input was made does not count.
            for mark in os.listdir(at.marks):
                os.remove(os.path.join(at.marks, mark))
        return whole
    return take


def configure(at, *settings):
    for name, value in settings:
        at.git("config", "--file", ".git/config", name, value)


@trap("G24a", "`core.fsmonitor`")
def fsmonitor(at):
    configure(at, ("core.fsmonitor", script(at, "fsmonitor")))


@trap("G24b", "`diff.*.textconv` and `.gitattributes`")
def textconv(at):
    at.put(".gitattributes", "* diff=x\n")
    configure(at, ("diff.x.textconv", script(at, "textconv")))


@trap("G24c", "`diff.external`, `diff.*.command`")
def external(at):
    at.put(".gitattributes", "* diff=x\n")
    configure(at, ("diff.external", script(at, "external")), ("diff.x.command", script(at, "command")))


@trap("G24d", "`log.showSignature` and `gpg.program`", "git")
def signature(at):
    configure(at, ("log.showSignature", "true"), ("gpg.program", script(at, "gpg")))
    tree, head = at.git("rev-parse", "HEAD^{tree}"), at.git("rev-parse", "HEAD")
    person = "A <a@example.org> 1704067200 +0000"
    signed = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----"
    commit = at.object("commit", f"tree {tree}\nparent {head}\nauthor {person}\ncommitter {person}\n{signed}\n\nSigned\n")
    at.name("refs/heads/main", commit)


@trap("G24e", "`filter.*.clean`, `smudge`, `process`")
def filters(at):
    at.put(".gitattributes", "* filter=x\n")
    configure(at, *((f"filter.x.{one}", script(at, one)) for one in ("clean", "smudge")))


@trap("G24f", "hooks, and `core.hooksPath`")
def hooks(at):
    folder = at.beside("hooks")
    os.mkdir(folder)
    for name in ("post-index-change", "pre-commit", "pre-auto-gc", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        os.symlink(script(at, name), os.path.join(folder, name))
    configure(at, ("core.hooksPath", folder))


@trap("G24h", "a partial clone that fetches with `core.sshCommand`, a blob missing", "git staged", EITHER)
def ssh(at):
    at.git("add", "-A")
    blob = at.git("rev-parse", ":c.txt")
    configure(at, ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"), ("remote.origin.promisor", "true"),
              ("remote.origin.url", "ssh://example.org/x"), ("core.sshCommand", script(at, "sshcommand")))
    os.remove(at.loose(blob))


@trap("G24i", "`include.path` that leads to `core.fsmonitor`")
def included(at):
    at.put("settings", f"[core]\n\tfsmonitor = {script(at, 'included')}\n")
    configure(at, ("include.path", "../settings"))


@trap("G24j", "a bare repository within the tree")
def embedded(at):
    at.put("README", "A program.\n")
    inner = at.beside("inner")
    os.rename(os.path.join(at.scan, ".git"), inner)
    subfolder = at.scan
    os.makedirs(subfolder, exist_ok=True)
    for name in os.listdir(inner):
        os.rename(os.path.join(inner, name), os.path.join(subfolder, name))
    with open(os.path.join(subfolder, "config"), "w") as file:
        file.write(f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = {script(at, 'embedded')}\n")
