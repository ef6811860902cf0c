# SPDX-License-Identifier: MIT
"""page.py - draws the tables of docs/trust.md from docs/results/.

Usage: page.py [coverage summary-of-gcovr.json | mutants report.json | soak log-of-heed_soak]

With an argument the numbers of that file are taken into docs/results/ first.
"""
import datetime
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "docs/results"
PAGE = ROOT / "docs/trust.md"

# Of these only another processor runs all: native AVX-512, the registers of SVE.
ELSEWHERE = ("src/simd/avx512.h", "src/cpu_sve.c")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" + "--:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def percent(some, of):
    return f"{100 * some / of:.1f} %" if of else "-"


def fuzz_table(runs):
    """A row for each fuzzer, all runs added up."""
    names = sorted({run["fuzzer"] for run in runs})
    rows = []
    for name in names + [None]:
        own = [run for run in runs if name in (None, run["fuzzer"])]
        rows.append((f"`{name}`" if name else "all", f"{sum(r['executions'] for r in own):,}",
                     f"{sum(r['seconds'] for r in own) / 3600:.1f}", sum(r["findings"] for r in own)))
    return table(("fuzzer", "executions", "hours of a core", "findings"), rows)


def coverage_row(name, files):
    branches, covered = (sum(f[k] for f in files) for k in ("branches", "covered"))
    return name, branches, branches - covered, percent(covered, branches)


def coverage_table(files):
    """A row for each file that has branches which no test takes, the worst first, and one for all."""
    missed = sorted((f for f in files if f["covered"] < f["branches"]),
                    key=lambda f: (f["covered"] - f["branches"], f["file"]))
    rows = [coverage_row("all of `src/`", files),
            coverage_row("what an x86-64 with AVX2 can run", [f for f in files if f["file"] not in ELSEWHERE])]
    rows += [coverage_row(f"`{f['file']}`", [f]) for f in missed]
    return table(("file", "branches", "not taken", "taken"), rows)


def mutants_table(mutants):
    counts = Counter(m["verdict"] for m in mutants)
    judged = counts["killed"] + counts["survived"]
    head = f"{counts['killed']} of {judged} killed ({percent(counts['killed'], judged)}).\n\n"
    survivors = [(f"`{m['file']}:{m['line']}`", f"`{m['from']}`", f"`{m['to']}`", m.get("why", ""))
                 for m in mutants if m["verdict"] == "survived"]
    lines = ["| survivor | was | became | why |", "|---|---|---|---|"]
    return head + "\n".join(lines + ["| " + " | ".join(s) + " |" for s in survivors])


def soak_table(runs):
    rows = [(run["date"], run["version"], f"{run['seconds'] / 3600:.1f}", f"{run['calls']:,}", f"{run['early']:.1f}",
             f"{run['late']:.1f}", run["verdict"]) for run in runs]
    return table(("date", "version", "hours", "calls", "MiB after a tenth", "MiB at the end", "result"), rows)


TABLES = {"fuzz": fuzz_table, "coverage": coverage_table, "mutants": mutants_table, "soak": soak_table}


def version():
    return subprocess.run(["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"], check=True,
                          capture_output=True, text=True).stdout.strip()


def read(name):
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else []


def write(name, items):
    (RESULTS / f"{name}.json").write_text("[\n" + ",\n".join(map(json.dumps, items)) + "\n]\n")


def take_coverage(path):
    """What is kept of gcovr's summary."""
    return [{"file": f["filename"], "branches": f["branch_total"], "covered": f["branch_covered"]}
            for f in json.loads(Path(path).read_text())["files"] if f["branch_total"]]


def take_mutants(path):
    """Those that were judged; reasons that somebody wrote for survivors are kept."""
    why = {(m["file"], m["line"], m["from"], m["to"]): m["why"] for m in read("mutants") if "why" in m}
    judged = [m for m in json.loads(Path(path).read_text()) if m["verdict"] in ("killed", "survived")]
    for m in judged:
        key = m["file"], m["line"], m["from"], m["to"]
        if key in why:
            m["why"] = why[key]
    return judged


def take_soak(path):
    """One run more."""
    lines = Path(path).read_text().strip().split("\n")
    end = re.fullmatch(r"(\d+) calls, ([\d.]+) MiB then and ([\d.]+) MiB now, ([\d.]+) s: (.*)", lines[-1])
    if not end:
        sys.exit(f"{path} does not end as heed_soak does: {lines[-1]}")
    return read("soak") + [{"date": datetime.date.today().isoformat(), "version": version(),
                            "seconds": float(end[4]), "calls": int(end[1]), "early": float(end[2]),
                            "late": float(end[3]), "verdict": end[5]}]


def draw():
    """Puts every table for which there are results between its marks."""
    text = PAGE.read_text()
    for name, make in TABLES.items():
        items = read(name)
        if items:
            new = f"<!-- {name} -->\n\n{make(items)}\n\n<!-- /{name} -->"
            text = re.sub(rf"<!-- {name} -->.*<!-- /{name} -->", lambda _: new, text, flags=re.S)
    PAGE.write_text(text)


def main():
    takers = {"coverage": take_coverage, "mutants": take_mutants, "soak": take_soak}
    if len(sys.argv) == 3 and sys.argv[1] in takers:
        write(sys.argv[1], takers[sys.argv[1]](sys.argv[2]))
    elif len(sys.argv) != 1:
        sys.exit(__doc__)
    draw()


if __name__ == "__main__":
    main()
