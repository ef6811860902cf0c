# SPDX-License-Identifier: MIT
"""texts - the cases as rows: for CSV in SI units, for Markdown and the page as people read them."""
import csv
import io

from . import units, view

# Of CSV: the name of a column and the member of a case that it holds.
MEMBERS = ("id", "operation", "dtype", "workload", "isa", "library", "library_version", "threads",
           "median_seconds", "low_seconds", "high_seconds", "mad_seconds", "kept", "flop", "bytes",
           "elements", "rate", "rate_of", "ceiling_id", "of_ceiling", "max_error", "error_bound",
           "repeat_of")
TIMES = {"median_seconds", "low_seconds", "high_seconds", "mad_seconds", "rate", "of_ceiling"}


def times_hidden(result):
    """An emulator's times say nothing about any machine."""
    return bool(result["machine"]["emulation"])


def to_csv(results, names):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["machine", *MEMBERS, "rounds", "over_scalar"])
    for result, name in zip(results, names):
        hidden = TIMES if times_hidden(result) else set()
        for case in result["cases"]:
            speedup = None if hidden else view.over_scalar(case, result)
            writer.writerow([name, *(None if member in hidden else case[member]
                                     for member in MEMBERS), len(case["rounds"]), speedup])
    return text.getvalue()


def _interval(case):
    """Half the 95 % interval over the median."""
    low, high, median = (case[f"{name}_seconds"] for name in ("low", "high", "median"))
    return (high - low) / 2 / median if low and high and median else None


def cells(case, result):
    """[(words, number to sort by)] in the order of HEAD."""
    if times_hidden(result):
        timed = [("", None)] * 5
    else:
        interval, speedup = _interval(case), view.over_scalar(case, result)
        timed = [(units.seconds(case["median_seconds"]), case["median_seconds"]),
                 (f"± {units.percent(interval, 1)}" if interval is not None else "", interval),
                 (units.rate(case["rate"], case["rate_of"]), case["rate"]),
                 (units.percent(case["of_ceiling"]), case["of_ceiling"]),
                 (units.times(speedup), speedup)]
    # The numbers of sweeps sort as numbers.
    workload = case["workload"] or ""
    number = int(workload) if workload.isascii() and workload.isdigit() else None
    operation = case["operation"] + (" (again)" if case["repeat_of"] else "")
    isa = case["isa"] if case["library"] == "heed" else case["library"]
    return [(operation, None), (workload, number), (case["dtype"], None), (isa or "", None),
            (str(case["threads"]), case["threads"]), *timed,
            (units.error(case["max_error"]), case["max_error"]),
            (f"{case['kept']}/{len(case['rounds'])}", case["kept"])]


HEAD = ("operation", "workload", "type", "kernels", "threads", "time", "95 %", "rate",
        "of ceiling", "over scalar", "error", "rounds")
WORDS = 4  # columns of HEAD that hold words, not numbers


def _escape(text):
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _line(words):
    return "| " + " | ".join(map(_escape, words)) + " |"


def _markdown_of(result, name):
    quality, emulation = result["quality"], result["machine"]["emulation"]
    resolution = units.percent(quality["resolution"], 1)
    lines = [f"## {_escape(name)}", "",
             f"heed {_escape(result['library']['version'])}, suite {_escape(result['suite'])}, "
             f"grade {quality['grade']}{', resolution ' if resolution else ''}{resolution}.", ""]
    if emulation:
        lines += [f"Under emulation ({_escape(emulation)}): times are not shown.", ""]
    lines += [_line(HEAD), "|" + "---|" * WORDS + "--:|" * (len(HEAD) - WORDS)]
    lines += [_line(words for words, _ in cells(case, result)) for case in result["cases"]]
    return [*lines, ""]


def to_markdown(results, names, heading="heed-bench"):
    lines = [f"# {_escape(heading)}", ""]
    for result, name in zip(results, names):
        lines += _markdown_of(result, name)
    return "\n".join(lines)
