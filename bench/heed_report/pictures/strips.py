# SPDX-License-Identifier: MIT
"""strips - every round of every case as a dot: how still was the machine?"""
from .. import figure, units, view
from ..palette import color, rung

MOST = 40  # rows of a picture; those with the widest spread are shown


def _deviations(case):
    """[(relative deviation from the median, is it kept?)]"""
    return [(r["seconds"] / case["median_seconds"] - 1, not r["marks"]) for r in case["rounds"]
            if r["seconds"]]


def _name(case):
    parts = [case["operation"], case["dtype"], case["workload"], f"t{case['threads']}",
             "again" if case["repeat_of"] else None]
    return " ".join(part for part in parts if part)


def _reach(cases):
    """How far the axis goes: all kept rounds but the one per cent farthest out, 2 % at least."""
    kept = sorted(abs(d) for case in cases for d, is_kept in _deviations(case) if is_kept)
    return max(0.02, 1.25 * kept[int(0.99 * (len(kept) - 1))]) if kept else 0.05


def _draw_dots(axes, cases, isa, reach):
    inside, marked, beyond = [], [], []
    for i, case in enumerate(cases):
        for deviation, kept in _deviations(case):
            if abs(deviation) > reach:
                beyond.append((100 * (reach if deviation > 0 else -reach), i, kept))
            else:
                (inside if kept else marked).append((100 * deviation, i))
    line = {"edgecolors": rung(isa), "linewidths": 0.9}
    if inside:
        axes.scatter(*zip(*inside), s=13, color=rung(isa), alpha=0.65, linewidths=0)
    if marked:
        axes.scatter(*zip(*marked), s=15, facecolors="none", **line)
    for kept in (True, False):
        for right in (True, False):
            out = [(x, i) for x, i, k in beyond if k == kept and (x > 0) == right]
            if out:
                axes.scatter(*zip(*out), s=24, marker=">" if right else "<", clip_on=False,
                             facecolors=rung(isa) if kept else "none", **line)


def draw(result, isa):
    cases = [case for case in result["cases"] if case["isa"] == isa and case["median_seconds"]
             and case["library"] == "heed" and len(_deviations(case)) > 1]
    if not cases:
        return None
    shown = sorted(cases, key=view.relative_spread, reverse=True)[:MOST]
    reach = _reach(shown)
    drawn, ((axes,),) = figure.new(0.9 + 0.185 * len(shown))
    resolution = result["quality"]["resolution"]
    if resolution:
        axes.axvspan(-100 * resolution, 100 * resolution, color=color("band"), linewidth=0)
    axes.axvline(0, color=color("soft"), linewidth=1)
    _draw_dots(axes, shown, isa, reach)
    axes.set_yticks(range(len(shown)), [_name(case) for case in shown])
    axes.tick_params(axis="y", labelsize=8, labelcolor=color("ink"))
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(-100 * reach, 100 * reach)
    axes.set_xlabel("per cent from the median of the case")
    marked = sum(not kept for case in cases for _, kept in _deviations(case))
    total = sum(len(_deviations(case)) for case in cases)
    some = f" The {MOST} of {len(cases)} cases that spread widest." if len(cases) > MOST else ""
    return figure.Picture(
        f"strips-{isa}", f"Every round, {isa}",
        "Each dot is a round; hollow ones were disturbed and do not count. Triangles lie beyond "
        f"the edge. The grey band is the resolution of the run.{some}",
        f"{marked} of {total} rounds on {isa} were marked and kept out; the median spread of a "
        f"case is {units.percent(view.median(map(view.relative_spread, cases)), 1)}.", drawn)
