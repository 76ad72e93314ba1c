"""A row of the table: an input, how to make it, and what a scanner has to do with it. Runs nothing."""
import os
import random
import subprocess

HEX, BASE62 = "0123456789ABCDEF", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ROWS = []
SECTIONS = []

# What a scanner has to do; judge.py says what is right.
FOUND = "found"  # every key
EITHER = "found or reported"  # every key, or say that something was not read, with an exit code other than 0
TOLD = "reported"  # there is no key to find; say that something was not read, with an exit code other than 0
CLEAN = "clean"  # there is nothing to find or to tell: exit code 0
ERROR = "an error"  # stop with words and an exit code other than 0
QUIET = "a clean end"  # end without a crash and without noise
STOP = "stopped"  # end by the signal, or with 128 and its number


class Row:
    def __init__(self, id, text, mode, expect, build, options):
        self.id, self.text, self.mode, self.expect, self.build = id, text, mode, expect, build
        self.section = SECTIONS[-1]
        self.options = options  # limit, all, kinds

    @property
    def name(self):
        return f"{self.id} {self.mode}"


def section(name):
    SECTIONS.append(name)


def row(id, text, mode="fs", expect=FOUND, **options):
    """Registers the function that follows as the maker of an input."""
    def take(build):
        for one in mode.split():
            ROWS.append(Row(id, text, one, expect, build, options))
        return build
    return take


class Place:
    """A folder of its own for one input. `scan` is what is scanned; what lies beside it is not."""

    def __init__(self, folder, seed):
        self.folder, self.scan = folder, os.path.join(folder, "in")
        os.makedirs(self.scan)
        self.random = random.Random(seed)
        self.keys, self.forbidden = [], []
        self.paths = None  # what is named on the command line instead of `scan`
        self.stdin = None  # a file
        self.prefix = []  # before the command of the scanner
        self.environment = {}
        self.meanwhile = None  # runs in a thread until its event is set
        self.interrupt = None  # seconds after which SIGINT comes
        self.marks = None  # a folder in which a program that is run leaves a file
        self.stdout = None  # a path to open
        self.report = None  # the path of the report file
        self.rules = None  # a rule file: {tool: path}
        self.head = False  # the output goes into `head -1`
        self.only = None  # names of the tools that this row is for
        self.days = 0

    def key(self):
        """A key that nobody has: made here, of the form that Telnyx uses, dated in 2023 or 2024."""
        pick = self.random
        key = "KEY%012X" % (1_680_000_000_000 + pick.randrange(40_000_000_000))
        key += "".join(pick.choice(HEX) for _ in range(20)) + "_" + "".join(pick.choice(BASE62) for _ in range(22))
        self.keys.append(key)
        return key

    def line(self):
        """An assignment with a new key: the word before it is what other scanners ask for."""
        return f'TELNYX_API_KEY="{self.key()}"\n'

    def outside(self):
        """A line whose key must not be reported."""
        line = self.line()
        self.forbidden.append(self.keys.pop())
        return line

    def at(self, *names):
        path = os.path.join(self.scan, *names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def put(self, name, content, mode=None):
        path = name if isinstance(name, bytes) else self.at(name)
        if isinstance(path, bytes):
            path = os.path.join(os.fsencode(self.scan), path)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        if mode is not None:
            os.chmod(path, mode)
        return path

    def beside(self, name):
        return os.path.join(self.folder, name)

    def control(self):
        self.put("control.txt", self.line())

    def git(self, *args, feed=None, env=None, at=None, fails=False):
        """Runs git with nothing of the user's around it; its output without the last line end."""
        date = f"{1_704_067_200 + 86_400 * self.days} +0000"
        around = {
            "PATH": os.environ["PATH"], "HOME": self.folder, "TZ": "UTC", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
            "GIT_COMMITTER_NAME": "Con", "GIT_COMMITTER_EMAIL": "con@example.org", "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date, **(env or {}),
        }
        command = ["git", "-c", "protocol.file.allow=always", "-c", "gc.auto=0", "-c", "maintenance.auto=false", *args]
        data = feed.encode() if isinstance(feed, str) else feed
        done = subprocess.run(command, cwd=at or self.scan, env=around, input=data, capture_output=True)
        if done.returncode and not fails:
            raise RuntimeError(f"{command}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="replace").rstrip("\n")

    def init(self, *options):
        """A repository with one harmless commit."""
        self.git("init", "-q", "-b", "main", *options)
        self.known()
        self.put("README", "A program.\n")
        self.commit("Begin")
        return self

    def known(self):
        """Lets git know who commits: one scanner makes commits, and fails without."""
        self.git("config", "user.name", "Ann")
        self.git("config", "user.email", "ann@example.org")

    def commit(self, message="Go on", **more):
        self.days += 1
        self.git("add", "-A", at=more.get("at"))
        self.git("commit", "-q", "--allow-empty", "-m", message, **more)
        return self.git("rev-parse", "HEAD", at=more.get("at"))

    def past(self, name="a.env", content=None):
        """A file with a key in one commit, taken out by the next; the id of its blob."""
        self.put(name, content if content is not None else self.line())
        self.commit("Add it")
        blob = self.git("rev-parse", f"HEAD:{name}")
        os.remove(self.at(name))
        self.commit("Take it out")
        return blob

    def blob(self, content):
        return self.git("hash-object", "-w", "--stdin", feed=content)

    def object(self, kind, content):
        return self.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", feed=content)

    def tree(self, files):
        lines = "".join(f"100644 blob {self.blob(content)}\t{name}\n" for name, content in files.items())
        return self.git("mktree", feed=lines)

    def stored(self, files, parents=(), message="Stored"):
        """A commit of some files that no name leads to."""
        self.days += 1
        options = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", *options, self.tree(files), feed=message)

    def name(self, ref, id):
        self.git("-c", "core.logAllRefUpdates=false", "update-ref", ref, id)

    def loose(self, id):
        return os.path.join(self.scan, ".git/objects", id[:2], id[2:])

    def damage(self, id):
        path = self.loose(id)
        os.chmod(path, 0o644)
        with open(path, "r+b") as file:
            size = os.path.getsize(path)
            file.seek(size // 2)
            file.write(b"\xff" * (size - size // 2))

    def lone_clone(self, *options):
        """`scan` becomes a clone of itself; what it was is gone."""
        source = self.beside("source")
        os.rename(self.scan, source)
        self.git("config", "uploadpack.allowFilter", "true", at=source)
        self.git("clone", "-q", *options, f"file://{source}", self.scan, at=self.folder)
        subprocess.run(["rm", "-rf", source], check=True)
        # Where it came from is nowhere: nothing may be fetched.
