"""The table as Markdown, between two marks of a page."""
from .judge import RULE

BEGIN, END = "<!-- begin: benches/hostile.py -->", "<!-- end: benches/hostile.py -->"
NAMES = ("telleaks", "kingfisher", "betterleaks", "gitleaks")


def cell(result):
    if result is None:
        return "–"
    return ("✓ " if result["right"] else "✗ ") + result["text"].replace("|", "\\|")


def table(order, results):
    """`order` has (section, id, mode, text, asks); `results` {"id mode": {tool: {right, text}}}."""
    lines, last = [], None
    for section, id, mode, text, asks in order:
        if section != last:
            lines += ["", f"### {section}", "", "| row | input | asked for | " + " | ".join(NAMES) + " |", "| --- " * 7 + "|"]
            last = section
        cells = [cell(results.get(f"{id} {mode}", {}).get(name)) for name in NAMES]
        named = f"{id}, {mode}" if mode in ("staged", "stdin") else id
        lines.append(f"| {named} | {text} | {asks} | " + " | ".join(cells) + " |")
    return lines


def score(order, results):
    """Checks that each passed, on the rows where all four have a cell, and the rows where telleaks is wrong."""
    shared = [(id, mode) for _, id, mode, _, _ in order if all(name in results.get(f"{id} {mode}", {}) for name in NAMES)]
    counts = {name: sum(results[f"{id} {mode}"][name]["right"] for id, mode in shared) for name in NAMES}
    lines = [f"On the {len(shared)} rows that all four were run on: " + ", ".join(f"**{name} {counts[name]}**" for name in NAMES) + " right."]
    own = [(id, mode, results[f"{id} {mode}"]["telleaks"]) for _, id, mode, _, _ in order if "telleaks" in results.get(f"{id} {mode}", {})]
    wrong = [(id, mode, one) for id, mode, one in own if not one["right"]]
    lines.append(f"telleaks alone, on all {len(own)} rows: {len(own) - len(wrong)} right.")
    if wrong:
        lines.append("Wrong for telleaks: " + "; ".join(f"{id} ({mode}): {one['text']}" for id, mode, one in wrong) + ".")
    better = [f"{id} ({mode})" for id, mode in shared if not results[f"{id} {mode}"]["telleaks"]["right"]
              and any(results[f"{id} {mode}"][name]["right"] for name in NAMES[1:])]
    if better:
        lines.append("Another scanner is right where telleaks is not: " + ", ".join(better) + ".")
    wrote = {name: sum(results[f"{id} {mode}"][name]["text"] in ("WROTE objects, found", "WROTE objects, clean") for id, mode in shared) for name in NAMES}
    lines.append("Wrong only because objects were written into the repository: " + ", ".join(f"{name} {wrote[name]}" for name in NAMES) + ".")
    large = [f"{name} {sum(results[f'{id} {mode}'][name].get('peak', 0) > 512 << 10 for id, mode in shared)}" for name in NAMES]
    lines.append("Rows in which more than 512 MiB of memory were taken (not counted as wrong): " + ", ".join(large) + ".")
    return lines


def render(order, results, versions):
    lines = ["", "Versions: " + ", ".join(f"{name} {versions.get(name, 'unknown')}" for name in NAMES) + ".", *table(order, results), "",
             "### What counts as right", "", RULE, "", "### The score", "", *score(order, results), ""]
    return "\n".join(lines)


def write(path, text):
    with open(path) as file:
        page = file.read()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    with open(path, "w") as file:
        file.write(before + BEGIN + "\n" + text + "\n" + END + after)
