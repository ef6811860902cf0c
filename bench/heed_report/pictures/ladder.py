# SPDX-License-Identifier: MIT
"""ladder - how many times faster than plain C each instruction set is, and could be at most."""
from .. import figure, units, view
from ..palette import color, rung

BAR = 0.78  # of a workload's share of the axis, for all its bars
NEAR = 0.25  # the share of its ceiling from which on a bar has a say in where the axis ends


def _bars(result, dtype):
    """[(workload, [(case, speed-up, the speed-up of its ceiling)])] of attention above scalar."""
    cases = view.timed(view.heed_cases(result, "attention", dtype=dtype,
                                       threads=view.plain_threads(result)))
    order = view.isas(result)
    groups = []
    for workload in view.workloads(cases):
        rungs = []
        for case in cases:
            speedup = view.over_scalar(case, result)
            if case["workload"] != workload or case["isa"] == "scalar" or speedup is None:
                continue
            ceiling = view.ceiling_rate(case, result)
            rungs.append((case, speedup, ceiling and speedup * ceiling / case["rate"]))
        if rungs:
            groups.append((workload, sorted(rungs, key=lambda bar: order.index(bar[0]["isa"]))))
    return groups


def _edge(groups):
    """Where the axis ends.  Ceilings that a problem is too small to come near are cut off there."""
    bars = [bar for _, rungs in groups for bar in rungs]
    near = [most for _, speedup, most in bars if most and speedup > NEAR * most]
    return 1.02 * max([1.3 * speedup for _, speedup, _ in bars] + near)


def _draw_bar(axes, place, height, edge, case, speedup, most):
    words = f"{case['workload']}, {case['isa']}: {units.times(speedup)} scalar"
    share = units.percent(case["of_ceiling"])
    cut = most is not None and most > edge
    if most:
        words += f", {share} of its ceiling" if share else ""
        axes.barh(place, min(most, edge), height, color=rung(case["isa"]), alpha=0.2, linewidth=0)
    bar = axes.barh(place, speedup, height * 0.86, color=rung(case["isa"]), linewidth=0)
    figure.tip(bar.patches[0], words)
    note = units.times(speedup) + (f" · {share}" if share else "")
    end = speedup if cut else max(speedup, most or 0)
    axes.annotate(note + (f", ceiling at {units.times(most)}" if cut else ""), (end, place), (5, 0),
                  textcoords="offset points", va="center", fontsize=8.5, color=color("ink"))


def _describe(groups):
    found = {}
    for _, rungs in groups:
        for case, speedup, _ in rungs:
            found.setdefault(case["isa"], []).append(speedup)
    return "; ".join(f"{isa} is {units.span(speedups, units.times)} as fast as scalar code"
                     for isa, speedups in found.items()) + "."


def draw(result, dtype):
    groups = _bars(result, dtype)
    if not groups:
        return None
    most = max(len(rungs) for _, rungs in groups)
    drawn, ((axes,),) = figure.new(1.0 + len(groups) * (0.12 + 0.175 * most))
    height, edge = BAR / most, _edge(groups)
    for i, (_, rungs) in enumerate(groups):
        for j, bar in enumerate(rungs):
            _draw_bar(axes, i + (j - (len(rungs) - 1) / 2) * height, height, edge, *bar)
    isas = [isa for isa in view.isas(result) if any(
        case["isa"] == isa for _, rungs in groups for case, _, _ in rungs)]
    handles = [axes.barh(0, 0, color=rung(isa), label=isa) for isa in isas]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(isas),
                borderaxespad=0.2, handlelength=1, handleheight=0.8)
    axes.axvline(1, color=color("soft"), linewidth=1)
    axes.set_yticks(range(len(groups)), [workload for workload, _ in groups])
    axes.tick_params(axis="y", labelcolor=color("ink"))
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlim(0, 1.12 * edge)
    axes.set_xlabel(f"times the rate of scalar code (attention, K and V in {dtype})")
    return figure.Picture(
        f"ladder-{dtype}", f"The ladder of instruction sets, {dtype}",
        "Solid: how many times the rate of scalar code each instruction set reaches. Pale: what "
        "its ceiling, measured beside it, would allow; the share of it in per cent. Workloads that "
        "the run has no scalar time of are not here.",
        _describe(groups), drawn)
