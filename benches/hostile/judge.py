"""What a cell says, and whether it is right. The rule, in words, is RULE: it stands under the table."""
from .rows import CLEAN, EITHER, ERROR, FOUND, QUIET, STOP, TOLD

MEMORY = 512 << 10  # KiB

RULE = """\
A check is one row and one scanner. It is **right** (`✓`) if the scanner did what the row asks for, and ran no program, wrote nothing into a
repository (its index aside), did not crash, ended in time, and reported nothing outside what it was asked to read:

- *every key* (where nothing else is said): each planted key is in its report, and the exit code is that for findings;
- *found or reported* (what cannot be read whole: damaged, locked, elsewhere, too deep, too large): the same; or what is not in the report is reported on
  standard error, with an exit code other than 0;
- *reported* (there is no key to find, and not everything can be read): words on standard error, and an exit code other than 0. betterleaks and gitleaks
  use the code for findings (1) for errors too; that is not held against them;
- *clean*: exit code 0, nothing reported; *an error*: words, and an exit code other than 0; *a clean end*: no noise; *stopped*: by the signal, or 130.

Whatever hides a key counts as wrong if it lies in the scanned content, also where a scanner says in its documentation that it believes it."""


def told(outcome):
    """Whether something was said that is more than how the scan goes and what it found."""
    for line in outcome.said.decode(errors="replace").splitlines():
        low = line.lower()
        progress = any(mark in line for mark in (" INFO ", " INF ", " DBG ", " DEBUG "))
        # Where a scanner keeps its rules, and how much it found, is no gap.
        usual = "rule cache" in low or "rule-cache" in low or "leaks found" in low and "incomplete" not in low
        if line.strip() and not progress and not usual:
            return True
    return False


def judge(tool, row, place, outcome):
    """(right, text of the cell)"""
    keys = len(place.keys)
    found = sum(key.encode() in outcome.out for key in place.keys)
    leaked = any(key.encode() in outcome.out for key in place.forbidden)
    code = outcome.code
    parts, wrong = [], False
    if outcome.marks:
        parts.append("**EXEC " + ", ".join(outcome.marks) + "**")
        wrong = True
    if outcome.wrote:
        parts.append("WROTE " + ", ".join(sorted({short(name) for name in outcome.wrote})))
        wrong = True
    if outcome.crashed:
        parts.append("CRASH")
        wrong = True
    if outcome.replaced:
        parts.append("REPLACED THE DEVICE")
        wrong = True
    if leaked:
        parts.append("REPORTED WHAT LIES OUTSIDE")
        wrong = True
    if code is None:
        return False, ", ".join([*parts, f"no end in {outcome.limit} s{memory(outcome)}"])
    good, words = verdict(tool, row, place, outcome, found, keys)
    late = getattr(place, "within", None)
    if late and outcome.seconds > late:
        good, words = False, words + f", ends after {outcome.seconds:.0f} s"
    return good and not wrong, ", ".join([*parts, words]) + memory(outcome)


def short(name):
    if name.startswith(".git/objects/") or name.startswith("objects/"):
        return "objects"
    return "`" + name.replace("`", "'").replace("|", "¦") + "`"


def memory(outcome):
    return f", {outcome.peak >> 10} MiB" if outcome.peak > MEMORY else ""


def verdict(tool, row, place, outcome, found, keys):
    code, said = outcome.code, told(outcome)
    silent = "reported" if said else "SILENT"
    if row.expect in (FOUND, EITHER) and keys:
        count = "" if keys == 1 else f" {found}/{keys}"
        if found == keys and code in tool.finds:
            # Where a part could not be read, more than the keys counts only in rows that plant nothing there.
            return True, f"found{count}"
        if found == keys:
            return row.expect == EITHER and said and code != 0, f"found, exit {code}"
        text = f"missed{count}, {silent}, exit {code}" if not found else f"found{count}, {silent}, exit {code}"
        return row.expect == EITHER and said and code != 0, text
    if row.expect in (TOLD, EITHER):
        return said and code != 0, f"{silent}, exit {code}"
    if row.expect == CLEAN:
        return code == 0 and not outcome.marks, "clean" if code == 0 else f"exit {code}"
    if row.expect == ERROR:
        return said and code not in (0, 200, 205) and not outcome.crashed, f"{silent}, exit {code}"
    if row.expect == QUIET:
        quiet = not said or code == 141
        noise = "" if quiet else ", with noise"
        return quiet and code in (0, 1, 141, 200, 205), f"exit {code}{noise}"
    assert row.expect == STOP
    if not outcome.interrupted:
        return code in tool.finds or code == 0, f"had ended before, exit {code}"
    return code in (130, 143), f"exit {code}"
