# SPDX-License-Identifier: MIT
"""show - the table, and on a terminal how far it is."""
import sys
import time

from judge import OK, SKIPPED, SLOWER

WIDTH = 36
HEAD = f"{'case':{WIDTH}}  {'old':>10}  {'new':>10}  {'ratio':>6}  {'99 % interval':>16}  rounds"


def duration(seconds):
    for factor, unit in ((1e9, "ns"), (1e6, "us"), (1e3, "ms")):
        if seconds * factor < 1000:
            break
    return f"{seconds * factor:.4g} {unit}"


def line(case, verdict, found=None, times=(0, 0), why=""):
    """A row of the table."""
    if verdict == SKIPPED:
        return f"{case:{WIDTH}}  skipped: {why}"
    old, new = map(duration, times)
    words = "" if verdict == OK else f"  {verdict}"
    interval = f"{found.low:.3f} to {found.high:.3f}"
    return (f"{case:{WIDTH}}  {old:>10}  {new:>10}  {found.ratio:6.3f}  {interval:>16}"
            f"  {found.rounds:6}{words}")


def summary(results, limit):
    """The last lines."""
    verdicts = [result[0] for result in results.values()]
    slower = [case for case, result in results.items() if result[0] == SLOWER]
    lines = [f"{len(verdicts)} cases: {verdicts.count(OK)} not slower than {limit:g}, "
             f"{len(slower)} slower, {verdicts.count(SKIPPED)} skipped"]
    return lines + [f"  slower: {case}" for case in slower]


class Progress:
    """A bar on stderr, where that is a terminal and rows go elsewhere or above it."""

    def __init__(self, total, stream=sys.stderr):
        self.total, self.stream, self.done = total, stream, 0
        self.begin, self.shown = time.monotonic(), stream.isatty()

    def clear(self):
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def show(self, case):
        """While the case is measured."""
        if not self.shown:
            return
        part = self.done / self.total
        bar = "#" * round(20 * part) + "." * (20 - round(20 * part))
        spent = time.monotonic() - self.begin
        left = f", {spent * (1 / part - 1):.0f} s left" if self.done > 2 else ""
        self.stream.write(f"\r\x1b[K[{bar}] {self.done}/{self.total}{left}: {case}"[:100])
        self.stream.flush()

    def step(self):
        self.done += 1
