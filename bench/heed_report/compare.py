# SPDX-License-Identifier: MIT
"""compare - one run against an older one: what has really changed?

A difference is real if it is significant, among all that are tested together, and larger than
what either run can resolve, which is how far the same kernel measured twice differs in it.
"""
from . import estimate, units, view
from .fields import Refused

SAME, CHANCE, FEW = "no difference", "could be chance", "too few rounds"
FASTER, SLOWER = "FASTER", "SLOWER"


def check_comparable(old, new):
    for member, words in (("schema_version", "versions of the schema"),
                          ("suite_id", "sets of workloads")):
        if old[member] != new[member]:
            raise Refused(f"{member}: {old[member]} and {new[member]} are different {words}, "
                          "which cannot be compared")
    for which, result in (("old", old), ("new", new)):
        if result["machine"]["emulation"]:
            raise Refused(f"machine.emulation: the {which} result is of "
                          f"{result['machine']['emulation']}, whose times say nothing")


def _samples(case, of_ceiling):
    """Of the rounds that count: seconds, or work that the ceiling would have done in them."""
    rounds = [r for r in case["rounds"] if r["seconds"] and not r["marks"]]
    if of_ceiling:
        return [r["seconds"] * r["ceiling"] for r in rounds if r["ceiling"]]
    return [r["seconds"] for r in rounds]


def _pairs(old, new, of_ceiling):
    """[(id, samples of old, samples of new)] of what both have; then what one has only."""
    new_cases = {case["id"]: case for case in new["cases"]}
    old_ids = {case["id"] for case in old["cases"]}
    pairs, gone = [], []
    for case in old["cases"]:
        if case["id"] in new_cases:
            pairs.append((case["id"], _samples(case, of_ceiling),
                          _samples(new_cases[case["id"]], of_ceiling)))
        else:
            gone.append(case["id"])
    return pairs, gone, [case["id"] for case in new["cases"] if case["id"] not in old_ids]


def resolution(old, new):
    """Of the coarser run; 0 if neither states one."""
    return max(old["quality"]["resolution"] or 0, new["quality"]["resolution"] or 0)


def _verdict(ratio, counts, is_significant, limit):
    if abs(ratio - 1) <= limit:
        return SAME
    if min(counts) < estimate.LEAST_ROUNDS:
        return FEW
    if not is_significant:
        return CHANCE
    return SLOWER if ratio > 1 else FASTER


def compare(old, new, of_ceiling=False):
    """[(id, ratio or None, low, high, p, verdict)] of the common cases, and what is missing.

    The ratio is that of times, new over old: above 1 is slower.
    """
    check_comparable(old, new)
    pairs, gone, added = _pairs(old, new, of_ceiling)
    if not pairs:
        raise Refused("cases: the results have none in common")
    tested = [i for i, (_, a, b) in enumerate(pairs)
              if min(len(a), len(b)) >= estimate.LEAST_ROUNDS]
    chances = [estimate.chance(*pairs[i][1:]) for i in tested]
    counted = {i for i, counts in zip(tested, estimate.significant(chances)) if counts}
    by_pair, limit, rows = dict(zip(tested, chances)), resolution(old, new), []
    for i, (name, a, b) in enumerate(pairs):
        if not a or not b:
            rows.append((name, None, None, None, None, FEW))
            continue
        ratio, low, high = estimate.ratio(a, b)
        verdict = _verdict(ratio, (len(a), len(b)), i in counted, limit)
        rows.append((name, ratio, low, high, by_pair.get(i), verdict))
    return rows, gone, added


def _line(row, width):
    name, ratio, low, high, p, verdict = row
    if ratio is None:
        return f"{name:<{width}}  {'':>9}  {'':>19}  {'':>7}  {verdict}"
    interval = " to ".join(units.signed_percent(edge - 1) or "0 %" for edge in (low, high))
    shown = "" if p is None else f"{p:.1g}"
    return (f"{name:<{width}}  {units.signed_percent(ratio - 1) or '0 %':>9}  {interval:>19}  "
            f"{shown:>7}  {verdict}")


def _machine_lines(old, new):
    """What else differs, and would explain a difference."""
    for member, words in (("brand", "CPUs"), ("microcode", "microcodes"), ("kernel", "kernels"),
                          ("governor", "governors"), ("turbo", "turbo settings"),
                          ("huge_pages", "huge page settings")):
        a, b = old["machine"][member], new["machine"][member]
        if a != b:
            yield f"note: different {words}: {a} and {b}"
    a, b = (result["memory"] or "huge" for result in (old, new))
    if a != b:
        yield f"note: tensors in different memory: {a} and {b}"
    for name in ("compiler", "flags"):
        a, b = old["library"][name], new["library"][name]
        if a != b:
            yield f"note: different {name}: {a} and {b}"
    for which, result in (("old", old), ("new", new)):
        if not result["complete"]:
            yield f"note: the {which} run was interrupted"


def _ceiling_line(old, new, of_ceiling):
    """Has the machine changed, rather than the library?"""
    before = {c["id"]: c["median"] for c in old["ceilings"]}
    ratios = [c["median"] / before[c["id"]] for c in new["ceilings"]
              if c["median"] and before.get(c["id"])]
    middle = view.median(ratios)
    if middle is None or abs(middle - 1) <= resolution(old, new) or of_ceiling:
        return []
    return [f"note: the ceilings of the new run differ by {units.signed_percent(middle - 1)} in "
            "the median: the machine changed; --of-ceiling compares without that"]


def _totals(rows, limit):
    count = {verdict: sum(row[-1] == verdict for row in rows)
             for verdict in (SLOWER, FASTER, SAME, CHANCE, FEW)}
    parts = [f"{n} {verdict.lower()}" for verdict, n in count.items() if n]
    return (f"{len(rows)} cases: {', '.join(parts)}  (real: significant at "
            f"{units.percent(estimate.LEVEL)} together, and over {units.percent(limit, 1)})")


def report(old, new, of_ceiling=False):
    """Lines for a person, and whether anything is really slower."""
    rows, gone, added = compare(old, new, of_ceiling)
    width = max(len(row[0]) for row in rows)
    lines = [*_machine_lines(old, new), *_ceiling_line(old, new, of_ceiling)]
    lines.append(f"{'case':<{width}}  {'time':>9}  {'95 % interval':>19}  {'p':>7}  verdict")
    order = {SLOWER: 0, FASTER: 1}
    lines += [_line(row, width) for row in sorted(rows, key=lambda row: order.get(row[-1], 2))]
    lines += [f"only in the old run: {name}" for name in gone]
    lines += [f"only in the new run: {name}" for name in added]
    lines.append(_totals(rows, resolution(old, new)))
    return lines, any(row[-1] == SLOWER for row in rows)
