"""The scanners: how each is called, and what its exit codes mean. Commands as their documentation gives them, archives and every
finding switched on, nothing asked of a server."""
import os

RANGE = "main..topic"
INCLUDE = "--include=commit-messages,tag-messages,reflogs"


class Tool:
    def __init__(self, name, path, cache=None):
        self.name, self.path, self.cache = name, os.path.abspath(path), cache
        # betterleaks and gitleaks end with 1 for an error, too.
        self.finds = {"telleaks": (1,), "kingfisher": (200, 205), "betterleaks": (1,), "gitleaks": (1,)}[name]

    def command(self, mode, place, report):
        """The words of the command; `report` is the file for those that write no report to standard output."""
        paths = place.paths or [place.scan]
        return getattr(self, self.name)(mode, paths, place, report)

    def telleaks(self, mode, paths, place, report):
        verb = {"fs": ["scan", "--no-progress"], "stdin": ["scan", "--no-progress"], "git": ["audit"], "staged": ["staged"], "range": ["commits", RANGE]}[mode]
        paths = ["--repo", *paths] if mode == "range" else paths
        rules = ["--rules", place.rules["telleaks"]] if place.rules else []
        written = ["--report", f"json={place.report}"] if place.report else []
        return [self.path, *verb, "--format", "jsonl", "--show-secrets", *rules, *written, *(["-"] if mode == "stdin" else paths)]

    def kingfisher(self, mode, paths, place, report):
        rules = ["--rules-path", place.rules["kingfisher"]] if place.rules else []
        written = ["-o", place.report] if place.report else []
        staged = {"staged": ["--staged"], "range": ["--branch", "topic", "--since-commit", "main"]}.get(mode, [])
        # Compiling its rules takes it seconds; it keeps them, and so one folder serves all runs.
        kept = ["--rule-cache-dir", self.cache] if self.cache and not place.environment and not place.rules else []
        words = [self.path, "scan", "-n", "--no-update-check", "--no-dedup", "-f", "jsonl", *kept, *staged, *rules, *written]
        return [*words, *(["-"] if mode == "stdin" else paths)]

    def betterleaks(self, mode, paths, place, report):
        verb = {"fs": ["fs"], "stdin": ["stdin"], "git": ["git", INCLUDE], "staged": ["git", "--staged"],
                "range": ["git", f"--log-opts={RANGE}"]}[mode]
        rules = ["-c", place.rules["betterleaks"]] if place.rules else []
        # A name that ends in .json is asked for.
        written = ["-o", place.report] if place.report else []
        return [self.path, *verb, "--no-banner", "--no-color", "--jsonl", *rules, *written, *([] if mode == "stdin" else paths)]

    def gitleaks(self, mode, paths, place, report):
        verb = {"fs": ["dir"], "stdin": ["stdin"], "git": ["git"], "staged": ["git", "--staged"],
                "range": ["git", f"--log-opts={RANGE}"]}[mode]
        rules = ["-c", place.rules["gitleaks"]] if place.rules else []
        # Only where the row is about standard output: there it would mix with nothing else.
        where = place.report or ("-" if place.stdout or place.head else report)
        words = [self.path, *verb, "--no-banner", "--no-color", "--max-archive-depth=8", "-f", "json", "-r", where, *rules]
        return [*words, *([] if mode == "stdin" else paths)]
