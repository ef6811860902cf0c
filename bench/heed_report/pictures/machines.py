# SPDX-License-Identifier: MIT
"""machines - several side by side: absolute, and each against its own ceiling."""
from .. import figure, units, view
from ..palette import color, series, series_marker


def _best(result, workload):
    """The fastest attention in f32 on a workload."""
    cases = view.timed(view.heed_cases(result, "attention", dtype="f32", workload=workload,
                                       threads=view.plain_threads(result)))
    cases = [case for case in cases if case["flop"]]
    return min(cases, key=lambda case: case["median_seconds"], default=None)


def _common(results):
    """Workloads of the first result that another has too."""
    cases = view.heed_cases(results[0], "attention", dtype="f32")
    return [workload for workload in view.workloads(cases)
            if sum(_best(result, workload) is not None for result in results) > 1]


def _draw_dots(axes, results, names, workloads, value, words):
    for i, workload in enumerate(workloads):
        found = []
        for j, (result, name) in enumerate(zip(results, names)):
            case = _best(result, workload)
            if case is None or value(case) is None:
                continue
            found.append(value(case))
            dot, = axes.plot(value(case), i, series_marker(j), color=series(j), markersize=8)
            figure.tip(dot, f"{workload}, {name}, {case['isa']}: {words(case)}")
        if len(found) > 1:
            axes.plot([min(found), max(found)], [i, i], color=color("line"), linewidth=3, zorder=1)
    axes.set_yticks(range(len(workloads)), workloads)
    axes.tick_params(axis="y", labelcolor=color("ink"))
    axes.set_ylim(len(workloads) - 0.5, -0.5)


def _describe(results, names, workloads):
    parts = []
    for result, name in zip(results, names):
        best = [case for w in workloads if (case := _best(result, w))]
        shares = [case["of_ceiling"] for case in best if case["of_ceiling"]]
        rates = [case["flop"] / case["median_seconds"] for case in best]
        parts.append(f"{name}: {units.span(rates, lambda x: units.rate(x, 'flop'))}"
                     + (f", {units.span(shares, units.percent)} of its ceilings" if shares else ""))
    return "; ".join(parts) + "."


def draw(results, names):
    workloads = _common(results)
    if not workloads:
        return None
    drawn, ((left, right),) = figure.new(1.5 + 0.34 * len(workloads), 1, 2, sharey=True)
    _draw_dots(left, results, names, workloads,
               lambda case: case["flop"] / case["median_seconds"] / 1e9,
               lambda case: units.rate(case["flop"] / case["median_seconds"], "flop"))
    left.set_xscale("log")
    figure.plain_log(left.xaxis)
    left.set(title="Is the machine faster?", xlabel="GFLOP/s of the best instruction set")
    _draw_dots(right, results, names, workloads,
               lambda case: case["of_ceiling"] and 100 * case["of_ceiling"],
               lambda case: f"{units.percent(case['of_ceiling'])} of its ceiling")
    right.set(title="Or is the library better on it?",
              xlabel="per cent of the machine's own ceiling")
    right.set_xlim(0, 100)
    handles = [left.plot([], [], series_marker(j), color=series(j), markersize=8,
                         label=view.short(name))[0] for j, name in enumerate(names)]
    above = 1 + 0.34 / (0.34 * len(workloads) + 0.4)  # the titles of the axes stand below it
    left.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.02, above),
                ncols=min(len(names), 3))
    return figure.Picture(
        "machines", "Machine or library?",
        "Attention in f32, the best instruction set of each machine. Left absolute; right against "
        "the ceiling that each case is held to, computing or reading, on the same machine.",
        _describe(results, names, workloads), drawn)
