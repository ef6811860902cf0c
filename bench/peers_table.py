#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""peers_table - writes the tables of a page from the files of medians that peers.py --save made.

    bench/peers_table.py docs/performance.md          # between their markers
    bench/peers_table.py --check docs/performance.md  # exit status 1: a table is not that of its file

A table stands between two lines,

    <!-- peers: results/epyc-zen3-peers.json f32 -->
    <!-- end of peers -->

the first with the file, seen from the page, and the type.  Runs of that type in it count alike.
"""
import argparse
import re
import statistics
import sys
from pathlib import Path

from peer_medians import BadMedians, load

MARKED = re.compile(r"(<!-- peers: (\S+) (\S+) -->\n)(.*?)(<!-- end of peers -->)", re.DOTALL)
NAMES = {"pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}


def _digits(seconds):
    """In milliseconds, to three digits."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{float(f'{value:.3g}'):.{3 - _whole(value)}f}"


def _whole(value):
    """Digits before the point, or fewer than none for zeros behind it."""
    return int(f"{value:.2e}".partition("e")[2]) + 1


def _distinct(values):
    return list(dict.fromkeys(values))


def _ratios(runs, workload):
    """The best peer's time over heed's, of each run that has both."""
    for run in runs:
        seconds = dict(run["seconds"].get(workload, {}))
        heed = seconds.pop("heed", None)
        if heed and seconds:
            yield min(seconds.values()) / heed


def _ratio_words(ratios):
    """Their median, and where there are enough of them their range; bold where a peer is ahead."""
    if not ratios:
        return "-"
    middle = f"{statistics.median(ratios):.2f}"
    words = f"**{middle}**" if float(middle) < 1 else middle
    return words + (f" ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 2 else "")


def _row(runs, workload, libraries):
    cells = [workload]
    for library in ("heed", *libraries):
        seconds = [run["seconds"][workload][library] for run in runs
                   if library in run["seconds"].get(workload, {})]
        cells.append(_digits(statistics.median(seconds)) if seconds else "-")
    return [*cells, _ratio_words(list(_ratios(runs, workload)))]


def _caption(medians, runs, dtype):
    days = sorted(run["date"] for run in runs)
    when = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    return (f"{medians['cpu']}, {dtype}, `{'`, `'.join(_distinct(run['isa'] for run in runs))}`, heed at "
            f"{', '.join(_distinct(run['heed'] for run in runs))}, {len(runs)} run"
            f"{'s' if len(runs) > 1 else ''}, {when}; milliseconds, one thread:")


def table(medians, dtype):
    """Lines of Markdown."""
    runs = [run for run in medians["runs"] if run["type"] == dtype]
    if not runs:
        raise BadMedians(f"no run of {dtype}")
    versions = {name: version for run in runs for name, version in run["libraries"].items()}
    libraries = [name for name in versions
                 if any(name in row for run in runs for row in run["seconds"].values())]
    heads = [f"{NAMES.get(name, name)} {re.split('[+-]', versions[name])[0]}" for name in libraries]
    rows = [["workload", "heed", *heads, "best of them / heed"],
            ["---", *["--:"] * (len(heads) + 2)]]
    rows += [_row(runs, workload, libraries)
             for workload in _distinct(name for run in runs for name in run["seconds"])]
    return [_caption(medians, runs, dtype), "",
            *("| " + " | ".join(row) + " |" for row in rows)]


def filled(page):
    """The page with its tables as their files have them."""
    def fill(match):
        head, name, dtype, _, end = match.groups()
        path = page.parent / name
        if not path.exists():
            raise BadMedians(f"{path}: there is no such file")
        return head + "\n".join(table(load(path), dtype)) + "\n" + end

    text, count = MARKED.subn(fill, page.read_text(encoding="utf-8"))
    if not count:
        raise BadMedians(f"{page}: no table of peers is marked in it")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    try:
        text = filled(options.page)
        if options.check:
            if text != options.page.read_text(encoding="utf-8"):
                sys.exit(f"{options.page}: a table of peers is not that of its file; "
                         f"bench/peers_table.py {options.page} writes it")
        else:
            options.page.write_text(text, encoding="utf-8")
    except (OSError, BadMedians) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
