#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gate - is any call slower in one library than in another?  scripts/speed-gate makes both.

Exit status 1: a case is slower than the limit, twice, each time in a process of its own.
"""
import argparse
import os
import re
import statistics
import sys

import show
from judge import LIMIT, SKIPPED, SLOWER, judge, worse
from session import Failed, Session, Skipped


class Gate:
    def __init__(self, options):
        memory = ["--memory", options.memory] if options.memory else []
        isa = ["--isa", options.isa] if options.isa else []
        self.command = [options.program, *memory, *isa, options.old, options.new]
        self.options, self.results = options, {}

    @staticmethod
    def say(words):
        print(words, flush=True)

    def judged(self, session, case):
        """(verdict, estimate, median times, reason to skip it)"""
        rounds = []

        def measure(count):
            new = session.rounds(case, count)
            rounds.extend(new)
            return new

        try:
            verdict, found = judge(measure, self.options.limit, self.options.seconds)
        except Skipped as reason:
            return SKIPPED, None, (0, 0), str(reason)
        return verdict, found, tuple(statistics.median(side) for side in zip(*rounds)), ""

    def pick(self, session):
        chosen = [case for case in session.cases if re.search(self.options.cases, case)]
        if not chosen:
            raise Failed(f"no case matches {self.options.cases}")
        return chosen

    def once(self):
        """All cases in one process."""
        with Session(self.command) as session:
            chosen = self.pick(session)
            progress = show.Progress(len(chosen))
            self.say(f"old: {self.options.names[0]}, {session.isas[0]}; "
                     f"new: {self.options.names[1]}, {session.isas[1]}; "
                     f"ratio: speed of new over that of old")
            self.say(show.HEAD)
            for case in chosen:
                progress.show(case)
                self.results[case] = self.judged(session, case)
                progress.clear()
                self.say(show.line(case, *self.results[case]))
                progress.step()

    def again(self):
        """Those that were slower: where memory happens to stand can make a difference, too."""
        doubtful = [case for case, result in self.results.items() if result[0] == SLOWER]
        if not doubtful:
            return
        self.say(f"once more, in another process: {len(doubtful)} that "
                 f"{'was' if len(doubtful) == 1 else 'were'} slower")
        with Session(self.command) as session:
            for case in doubtful:
                second = self.judged(session, case)
                self.results[case] = worse(self.results[case], second)
                self.say(show.line(case, *second))

    def run(self):
        self.once()
        self.again()
        for words in show.summary(self.results, self.options.limit):
            self.say(words)
        return int(any(result[0] == SLOWER for result in self.results.values()))


def parse_options(arguments):
    parser = argparse.ArgumentParser(prog="speed-gate", description=__doc__.partition("\n")[0])
    parser.add_argument("old", help="libheed.so, the older one")
    parser.add_argument("new", help="libheed.so")
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--names", nargs=2, metavar=("OLD", "NEW"), help=argparse.SUPPRESS)
    parser.add_argument("--cases", default="", metavar="REGEX", help="only those whose name matches")
    parser.add_argument("--isa", help="an instruction set instead of what each library prefers")
    parser.add_argument("--memory", choices=("huge", "malloc"), help="where tensors stand")
    parser.add_argument("--limit", type=float, default=LIMIT,
                        help=f"ratio below which a case fails (default {LIMIT})")
    parser.add_argument("--seconds", type=float, default=20,
                        help="of a case that stays in doubt, at most (default 20)")
    parser.add_argument("--cpu", type=int, help="core to stay on; default: the last allowed")
    options = parser.parse_args(arguments)
    options.names = options.names or [options.old, options.new]
    return options


def main(arguments=None):
    options = parse_options(arguments)
    cpu = options.cpu if options.cpu is not None else max(os.sched_getaffinity(0))
    try:
        os.sched_setaffinity(0, {cpu})
        return Gate(options).run()
    except (Failed, OSError, re.error) as error:
        print(f"speed-gate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
