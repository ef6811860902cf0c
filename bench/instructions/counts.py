#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""counts - holds counted instructions against a baseline.  bench/counts.sh counts and calls this.

Both files have lines "compiler TARGET WORDS" and "TARGET ISA CALL COUNT".
"""
import argparse
import sys
from pathlib import Path

# A change of a line of the library may move a few instructions of any call; of the compiler, more.
TOLERANCE = 0.01
RENEW = "sh bench/counts.sh --renew"


class Counts:
    """What a file holds."""

    def __init__(self, text):
        self.compilers, self.calls = {}, {}
        for line in text.splitlines():
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "compiler":
                self.compilers[words[1]] = " ".join(words[2:])
            else:
                target, isa, call, count = words
                self.calls[target, isa, call] = int(count)

    def of(self, groups):
        """The calls of some pairs of target and instruction set."""
        return {key: count for key, count in self.calls.items() if key[:2] in groups}

    @property
    def groups(self):
        return list(dict.fromkeys(key[:2] for key in self.calls))


def compare(before, now):
    """Lines for a person, and whether a baseline that says so may stay."""
    lines, good = [], True
    for group in now.groups:
        old, new = before.of([group]), now.of([group])
        more, fewer = [], []
        for key in new.keys() & old.keys():
            ratio = new[key] / old[key]
            if ratio > 1 + TOLERANCE:
                more.append(key)
            elif ratio < 1 - TOLERANCE:
                fewer.append(key)
        strange = sorted(new.keys() ^ old.keys())
        words = [f"{len(more)} more"] if more else []
        words += [f"{len(fewer)} fewer"] if fewer else []
        lines.append(f"{group[1]} on {group[0]}: {len(new)} call{'s' if len(new) != 1 else ''}, "
                     + (", ".join(words) if words else f"all within {TOLERANCE:.0%}"))
        for key in sorted(more, key=lambda key: old[key] / new[key]) + sorted(fewer):
            lines.append(f"  {key[2]:40} {old[key]:>10} -> {new[key]:>10}  "
                         f"{new[key] / old[key] - 1:+.1%}{'  MORE' if key in more else ''}")
        for key in strange:
            lines.append(f"  {key[2]:40} is only in the {'counts' if key in new else 'baseline'}")
        good = good and not more and not strange
    return lines, good


def renewed(before, now):
    """The baseline with what was counted in place of what it had of the same targets."""
    targets = {group[0] for group in now.groups}
    compilers = before.compilers | now.compilers
    calls = {key: count for key, count in before.calls.items() if key[0] not in targets} | now.calls
    return "\n".join([
        f"# Instructions of one call of bench/instructions/counted.c.  {RENEW} writes them.",
        *(f"compiler {target} {words}" for target, words in sorted(compilers.items())),
        *(f"{' '.join(key)} {count}" for key, count in sorted(calls.items())), ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("baseline", type=Path)
    parser.add_argument("measured", type=Path)
    parser.add_argument("--renew", action="store_true", help="write the baseline, compare nothing")
    options = parser.parse_args()
    now = Counts(options.measured.read_text(encoding="utf-8"))
    before = Counts(options.baseline.read_text(encoding="utf-8")
                    if options.baseline.exists() else "")
    if not now.calls:
        known = ", ".join(sorted(set(before.compilers.values()))) or "none"
        print(f"nothing could be compared: the baseline is of gcc {known}; {RENEW} makes one of this")
        return 77
    if options.renew:
        options.baseline.write_text(renewed(before, now), encoding="utf-8")
        print(f"{options.baseline}: {len(now.calls)} counts are new")
        return 0
    lines, good = compare(before, now)
    print("\n".join(lines))
    if not good:
        print(f"If that is meant: {RENEW}, and say in the commit what it buys.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
