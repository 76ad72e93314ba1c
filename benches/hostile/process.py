"""Rows: the process: full devices, readers that go away, signals, an environment that is not there."""
import os
import stat

from . import archives
from .files import many
from .rows import ERROR, QUIET, STOP, row, section

section("Process")


@row("F46", "standard output is full (right: words, no crash)", expect=ERROR)
def full_output(at):
    at.control()
    at.stdout = "/dev/full"


def full_report(at):
    # A node of our own: a program that removes what it cannot write to must not meet the one of the machine.
    at.report = at.beside("full")
    os.mknod(at.report, stat.S_IFCHR | 0o666, os.makedev(1, 7))


@row("F46b", "the report file is on a full device, one finding (right: words, not the code of findings alone)", expect=ERROR, root=True)
def full_report_found(at):
    at.control()
    full_report(at)


@row("F46c", "the report file is on a full device, nothing found", expect=ERROR, root=True)
def full_report_clean(at):
    at.put("a.txt", "text\n")
    full_report(at)


@row("F47", "2000 findings into `head -1` (right: no crash, no noise)", expect=QUIET)
def reader_gone(at):
    for number in range(2000):
        at.put(f"{number // 100}/{number}.env", at.line())
    at.head = True


@row("F48", "SIGINT after 0.3 s of 100,000 files, on one processor", expect=STOP)
def interrupted(at):
    many(at)
    bundle = b"text text\n" * 100
    for number in range(1500):
        at.put(f"more/{number}.log", bundle * 500)
    at.prefix = ["taskset", "-c", "0"]
    at.interrupt = 0.3


@row("F49", "HOME and TMPDIR do not exist, the 18 containers of F29", limit=120)
def nowhere(at):
    archives.containers(at)
    at.environment = {"HOME": "/nonexistent/home", "TMPDIR": "/nonexistent/tmp"}
