"""Rows: files, folders and file systems."""
import os
import socket
import stat
import time

from .rows import EITHER, ERROR, TOLD, row, section

section("Files and trees")


@row("F00", "control: one plain file")
def plain(at):
    at.control()


@row("F01", "key in `.env`, a hidden file")
def hidden(at):
    at.put(".env", at.line())


@row("F02", "an empty file beside")
def empty(at):
    at.control()
    at.put("empty", "")


@row("F03", "links that lead in circles")
def circles(at):
    at.control()
    os.symlink("b", at.at("a"))
    os.symlink("a", at.at("b"))
    os.symlink("..", at.at("d", "self"))


@row("F04", "a link to a file outside (right: not followed)")
def link_outside(at):
    at.control()
    with open(at.beside("outside.txt"), "w") as file:
        file.write(at.outside())
    os.symlink(at.beside("outside.txt"), at.at("link.txt"))


@row("F05", "a pipe in the tree")
def pipe(at):
    at.control()
    os.mkfifo(at.at("pipe"))


@row("F06", "a socket in the tree")
def unix_socket(at):
    at.control()
    here = os.getcwd()
    os.chdir(at.scan)
    socket.socket(socket.AF_UNIX).bind("socket")
    os.chdir(here)


@row("F07", "devices, and a link to `/dev/zero`")
def devices(at):
    at.control()
    os.symlink("/dev/zero", at.at("link"))
    if os.geteuid() == 0:
        for name, minor in (("zero", 5), ("random", 8)):
            os.mknod(at.at(name), stat.S_IFCHR | 0o666, os.makedev(1, minor))


@row("F09", "a file that may not be read, a key beside", expect=EITHER, limit=120)
def locked_file(at):
    at.control()
    at.put("locked.txt", at.line(), 0)


@row("F09n", "a file that may not be read, nothing else", expect=TOLD, limit=120)
def locked_file_alone(at):
    at.put("locked.txt", "text\n", 0)
    at.put("open.txt", "text\n")


@row("F10n", "a folder that may not be read, nothing else", expect=TOLD, limit=120)
def locked_folder(at):
    at.put("open.txt", "text\n")
    os.mkdir(at.at("locked"), 0)


@row("F11", "files vanish while they are scanned")
def vanishing(at):
    at.control()

    def churn(done):
        number = 0
        while not done.is_set():
            for one in range(number, number + 50):
                at.put(f"v/{one}.txt", "text\n" * 50)
            for one in range(number, number + 50):
                os.remove(at.at("v", f"{one}.txt"))
            number += 50
    at.meanwhile = churn


@row("F11b", "a file grows to 60 MB and is cut, again and again")
def growing_and_cut(at):
    at.control()

    def churn(done):
        while not done.is_set():
            with open(at.at("grows.log"), "wb") as file:
                for _ in range(60):
                    if not done.is_set():
                        file.write(b"text text\n" * 100_000)
    at.meanwhile = churn


@row("F12", "a file of 10 MB grows by 5 MB a second, for 40 s (right: end before it does)", limit=90)
def growing(at):
    at.control()
    at.put("grows.log", b"text text\n" * 1_000_000)
    at.within = 30

    def churn(done):
        with open(at.at("grows.log"), "ab") as file:
            for _ in range(400):
                if not done.is_set():
                    file.write(b"text text\n" * 50_000)
                    file.flush()
                    time.sleep(0.1)
    at.meanwhile = churn


def nested(at, depth):
    here = os.open(at.scan, os.O_DIRECTORY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = inner
    file = os.open("a.env", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=here)
    os.write(file, at.line().encode())
    os.close(file)
    os.close(here)


@row("F38b", "500 folders, one in another")
def deep(at):
    nested(at, 500)


@row("F38n", "5000 folders, one in another: longer than a path may be", expect=EITHER)
def too_deep(at):
    nested(at, 5000)


def many(at):
    for folder in range(100):
        for number in range(1000):
            at.put(f"{folder}/{number:04}.txt", "text\n")


@row("F39", "100,000 files, the key in the last", limit=300)
def many_files(at):
    many(at)
    at.put("99/9999.txt", at.line())


def descriptors(at, count):
    for number in range(40):
        at.put(f"{number // 8}/{number}.txt", at.line())
    at.prefix = ["sh", "-c", f'ulimit -n {count}; exec "$@"', "sh"]


@row("F45", "only 12 file descriptors, 40 files with a key each", expect=EITHER)
def few_descriptors(at):
    descriptors(at, 12)


@row("F45b", "only 24 file descriptors", expect=EITHER)
def some_descriptors(at):
    descriptors(at, 24)


@row("F43", "the path does not exist", expect=ERROR)
def missing_path(at):
    at.paths = [at.beside("nowhere")]


@row("F44", "two paths: one with a key, one that does not exist (right: say so)", expect=TOLD)
def one_missing_path(at):
    at.control()
    at.paths = [at.scan, at.beside("nowhere")]


@row("F51", "`tool <(cat file)`: a pipe that is named")
def substitution(at):
    at.control()
    at.paths = ["SUBSTITUTED"]
    at.prefix = ["bash", "-c", 'args=("$@"); unset "args[-1]"; exec "${args[@]}" <(cat "%s")' % at.at("control.txt"), "bash"]


USUAL = [
    "node_modules/a/index.js", "vendor/a.go", "bower_components/a.js", "static/jquery.min.js", "package-lock.json", "yarn.lock",
    "poetry.lock", "go.sum", "logo.png", "logo.svg", "font.woff2", "a.exe", "doc.pdf", ".git/config", "test/fixtures/a.txt", "dist/app.js",
    "build/a.map", "a.min.css", ".cache/a", "target/debug/a.txt", "a.log", "__pycache__/a.pyc",
]


@row("F40", "22 usual paths (`node_modules`, `vendor`, `*.min.js`, lock files, `.git/config`, text named as a picture …)", mode="fs")
def usual(at):
    for name in USUAL:
        at.put(name, at.line())
    at.note = "`.git` is left to the commands for git"


section("Bytes")


@row("F13", "a file name that is not UTF-8")
def name_bytes(at):
    at.put(b"caf\xe9.env", at.line())


@row("F14", "a newline in the file name")
def name_newline(at):
    at.put("a\nb.env", at.line())


@row("F15", "escape sequences in the file name")
def name_escape(at):
    at.put("a\x1b[2J\x1b]0;x\x07.env", at.line())


@row("F16", "escape sequences round the key")
def line_escape(at):
    at.put("a.log", f"\x1b[8m\x1b]0;x\x07{at.line().strip()}\x1b[2K\n")


@row("F17", "a carriage return behind the key")
def line_return(at):
    at.put("a.log", at.line().strip() + "\rnothing to see here\n")


def wide(id, text, encoding, mark):
    @row(id, text)
    def build(at):
        at.put("a.txt", mark + ("text\n" + at.line() + "text\n").encode(encoding))


wide("F24a", "UTF-16LE with its mark", "utf-16-le", b"\xff\xfe")
wide("F24b", "UTF-16BE with its mark", "utf-16-be", b"\xfe\xff")
wide("F24c", "UTF-16LE without a mark", "utf-16-le", b"")
wide("F24d", "UTF-32LE with its mark", "utf-32-le", b"\xff\xfe\0\0")
wide("F24e", "UTF-8 with its mark", "utf-8", b"\xef\xbb\xbf")

ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0>\0\x01\0\0\0" + bytes(range(256)) * 20


@row("F25a", "NULs first, text behind")
def nuls_first(at):
    at.put("a.dat", bytes(100) + at.line().encode())


@row("F25b", "like a program, a NUL behind the key")
def program_nul(at):
    at.put("a.bin", ELF + b"telnyx_api_key=" + at.key().encode() + bytes(200))


@row("F25d", "like a program, the key on a line of its own")
def program_line(at):
    at.put("a.bin", ELF + b"\n" + at.line().encode() + bytes(200))


@row("F25c", "the first NUL after 96 KB")
def late_nul(at):
    at.put("a.dat", b"text text\n" * 9_900 + bytes(100) + b"\n" + at.line().encode())


@row("F26", "plain text behind a false mark of UTF-16")
def false_mark(at):
    at.put("a.txt", b"\xff\xfe" + (at.line() * 1 + "more text\n").encode())


@row("F26d", "bytes round the key that are not UTF-8")
def not_utf8(at):
    at.put("a.txt", b"\xc3\x28\xff " + at.line().encode() + b"\xff\xfe\xfa\n")


@row("F26b", "lines that end in a carriage return only")
def returns(at):
    at.put("a.txt", ("text\n" * 5 + at.line() + "text\n").replace("\n", "\r"))


@row("F26c", "no line end at the end")
def no_end(at):
    at.put("a.txt", at.line().strip())


@row("F27", "17 files of one line, the key across the edges of 1 KB to 16 MB")
def edges(at):
    for power in range(10, 25):
        filler = b"x=1; " * ((1 << power) // 5 + 1)
        line = at.line().strip().encode()
        at.put(f"{power}.js", filler[: (1 << power) - 40] + b" " + line + b" " + filler[:3000])
    for name, size in (("100k", 100_000), ("64k1", 65_537)):
        filler = b"x=1; " * (size // 5 + 1)
        at.put(f"{name}.js", filler[: size - 40] + b" " + at.line().strip().encode() + b" " + filler[:3000])


def dense(at, end):
    filler = ["word " * 180 for _ in range(4000)]
    at.put("a.txt", "".join(f"{one}{at.line().strip()};{end}" for one in filler))


@row("F27b", "4000 keys in one line of 4 MB")
def dense_line(at):
    dense(at, " ")


@row("F27c", "4000 keys in 4000 lines")
def dense_lines(at):
    dense(at, "\n")


def bundle(at, size):
    piece = "".join(f"function f{number}(a,b){{return a+b*{number}}}" for number in range(20_000)).encode()
    with open(at.at("app.min.js"), "wb") as file:
        while file.tell() < size // 2:
            file.write(piece)
        file.write(f"var a={{}};{at.line().strip()};".encode())
        while file.tell() < size:
            file.write(piece)


@row("F23b", "a bundle of 5 MB in one line")
def small_bundle(at):
    bundle(at, 5 << 20)


@row("F23", "a bundle of 200 MB in one line", limit=150)
def large_bundle(at):
    bundle(at, 200 << 20)


def log(at, path, size):
    piece = b"".join(b"2026-01-02T03:04:05Z GET /v2/messages/%d 200\n" % number for number in range(100_000))
    with open(path, "wb") as file:
        while file.tell() < size:
            file.write(piece)
        file.write(at.line().encode())


@row("F22", "a log of 300 MB, the key in the last line", limit=150)
def large_log(at):
    log(at, at.at("server.log"), 300 << 20)


@row("F21", "a sparse file of 10 GiB, the key at its end", limit=150)
def sparse(at):
    with open(at.at("disk.img"), "wb") as file:
        file.seek(10 << 30)
        file.write(b"\n" + at.line().encode())


@row("F55", "a line of 200 MB on standard input", mode="stdin", limit=150)
def input_line(at):
    bundle(at, 200 << 20)
    at.stdin = at.at("app.min.js")


@row("F55c", "a log of 300 MB on standard input", mode="stdin", limit=150)
def input_log(at):
    at.stdin = at.at("server.log")
    log(at, at.stdin, 300 << 20)
