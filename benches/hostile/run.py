"""Runs one scanner on one input: without a network, in a home of its own, with a limit of time; measures its memory."""
import os
import shutil
import signal
import stat
import subprocess
import threading
import time


class Outcome:
    """What came out. `code` is the exit code, 128 and the number of a signal, or None for no end in time."""
    code = None
    out = b""
    said = b""
    seconds = 0.0
    limit = 0
    peak = 0  # KiB
    marks = ()
    wrote = ()
    replaced = False
    crashed = False
    interrupted = True


def unprivileged(row):
    """Root may read everything: rows about what may not be read run as nobody."""
    return os.geteuid() == 0 and row.id in ("F09", "F09n", "F10n")


def alone(row):
    """The words before the command that take the network away, and root's rights where they would matter."""
    words = []
    if shutil.which("unshare"):
        test = ["unshare", "-n", "true"]
        if subprocess.run(test, capture_output=True).returncode == 0:
            words = ["unshare", "-n", "--"]
        elif subprocess.run(["unshare", "-r", "-n", "true"], capture_output=True).returncode == 0:
            words = ["unshare", "-r", "-n", "--"]
    if unprivileged(row):
        words += ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--"]
    return words


def snapshot(folder):
    """Every file below a folder with what tells that it was changed. The index is left out: git refreshes it when it looks."""
    seen = {}
    for path, folders, files in os.walk(folder):
        for name in files:
            whole = os.path.join(path, name)
            try:
                one = os.lstat(whole)
            except OSError:
                continue
            if name not in ("index", "index.lock"):
                seen[os.path.relpath(whole, folder)] = (one.st_size, one.st_mtime_ns, one.st_mode)
    return seen


def run(tool, row, place, folder, limit):
    """Runs `tool` on `place`; `folder` is a new place for what it writes."""
    home, temporary = os.path.join(folder, "home"), os.path.join(folder, "tmp")
    for one in (home, temporary):
        os.makedirs(one)
        if unprivileged(row):
            os.chown(one, 65534, 65534)
    report = os.path.join(folder, "report.json")
    environment = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": temporary, "LANG": "C.UTF-8", **place.environment}
    words = [*place.prefix, *tool.command(row.mode, place, report)]
    head = alone(row)
    if head and "PATH" in place.environment:
        head[0] = shutil.which("unshare")
    words = head + words
    before = snapshot(place.scan) if small(place, row) else None
    result = Outcome()
    paths = [os.path.join(folder, name) for name in ("out", "err")]
    with open(place.stdout or paths[0], "wb") as out, open(paths[1], "wb") as err, open(place.stdin or os.devnull, "rb") as into:
        if place.head:
            pipe_in, pipe_out = os.pipe()
            reader = subprocess.Popen(["head", "-1"], stdin=pipe_in, stdout=subprocess.DEVNULL)
            os.close(pipe_in)
            child = subprocess.Popen(words, cwd=folder, env=environment, stdin=into, stdout=pipe_out, stderr=err, start_new_session=True,
                                     preexec_fn=listen)
            os.close(pipe_out)
        else:
            child = subprocess.Popen(words, cwd=folder, env=environment, stdin=into, stdout=out, stderr=err, start_new_session=True,
                                     preexec_fn=listen)
        wait(child, place, result, limit)
        if place.head:
            reader.wait()
    result.said = read(paths[1])
    result.out = (b"" if place.stdout else read(paths[0])) + read(report)
    if place.report and not stat.S_ISCHR(os.lstat(place.report).st_mode if os.path.lexists(place.report) else 0):
        result.replaced = True
    words = (b"panicked", b"panic: ", b"SIGSEGV", b"fatal error: ", b"Aborted")
    result.crashed = result.code in (101, 132, 134, 135, 136, 139) or any(word in result.said for word in words)
    if place.marks:
        result.marks = tuple(sorted(os.listdir(place.marks)))
    if before is not None:
        after = snapshot(place.scan)
        result.wrote = tuple(sorted(name for name in after if before.get(name) != after[name]) + sorted(set(before) - set(after)))
    return result


def listen():
    """Whoever starts this script in the background has it ignore interrupts; what it starts must not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def small(place, row):
    """Whether it is worth a look if something was written; what a row changes itself is not."""
    return row.mode in ("git", "staged") and row.id not in ("G26f", "G46", "G30n")


def read(path):
    if not os.path.isfile(path):
        return b""
    with open(path, "rb") as file:
        return file.read(64 << 20)


def processor(pid):
    """Seconds of processor time that a process has used, with the children that it has waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def wait(child, place, result, limit):
    result.limit = limit
    done, begun = threading.Event(), time.monotonic()
    thread = threading.Thread(target=place.meanwhile, args=(done,)) if place.meanwhile else None
    if thread:
        thread.start()
    interrupt, last = place.interrupt, (0.0, 0.0)
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        passed = time.monotonic() - begun
        if interrupt is not None and passed > interrupt:
            os.killpg(child.pid, signal.SIGINT)
            interrupt = None
        spent = processor(child.pid)
        if spent > last[0] + 0.05:
            last = (spent, passed)
        # On a busy machine what counts is the processor's time; who only waits is given up, too.
        if passed > limit and (spent > limit or passed - last[1] > 10):
            os.killpg(child.pid, signal.SIGKILL)
            pid, status, usage = os.wait4(child.pid, 0)
            status = None
            break
        time.sleep(0.003)
    child.returncode = 0  # It has been waited for.
    done.set()
    if thread:
        thread.join()
    result.seconds, result.peak = time.monotonic() - begun, usage.ru_maxrss
    result.interrupted = place.interrupt is None or interrupt is None
    if status is not None:
        result.code = os.waitstatus_to_exitcode(status)
        if result.code < 0:
            result.code = 128 - result.code
