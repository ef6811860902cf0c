# SPDX-License-Identifier: MIT
"""judge - from rounds of two libraries to a verdict, on a machine that is never still.

A round is old, new, new, old, the next new, old, old, new, and of each side the shorter time; its
ratio is that of old over that of new: below 1 is slower.  What is left of noise are bursts that
meet single rounds, either side of them alike, and drift, which makes them now too high and now
too low.  So the ratio of a case is the median, and its interval that of ranks (the sign test),
which asks nothing of how rounds are distributed.
"""
import math
import statistics
from dataclasses import dataclass

LIMIT = 0.97
# Of an interval to miss the true median.  It is looked at several times, of a hundred cases.
MISS = 0.01
LEAST = 8  # rounds: with fewer no interval of ranks is as sure as that
MOST = 96

OK, SLOWER, SKIPPED = "ok", "SLOWER", "skipped"


def ranks(count, miss=MISS):
    """How many rounds from either end the interval of the median leaves out."""
    tail, term, cut = 0.0, 0.5**count, 0
    for k in range(count // 2):
        tail += term
        if 2 * tail > miss:
            break
        cut = k + 1
        term *= (count - k) / (k + 1)
    if cut == 0:
        raise ValueError(f"{count} rounds are too few")
    return cut - 1


@dataclass(frozen=True)
class Estimate:
    """The median ratio of some rounds, and what it may be."""

    ratio: float
    low: float
    high: float
    rounds: int


def estimate(rounds):
    """Of [(seconds of old, seconds of new)]."""
    ratios = sorted(old / new for old, new in rounds)
    cut = ranks(len(ratios))
    return Estimate(statistics.median(ratios), ratios[cut], ratios[-1 - cut], len(ratios))


def decided(found, limit=LIMIT):
    """OK or SLOWER where the interval lies on one side of the limit, else None."""
    if found.low >= limit:
        return OK
    return SLOWER if found.high < limit else None


def judge(measure, limit=LIMIT, most_seconds=math.inf):
    """(verdict, estimate) of a case; measure(n) gives n more rounds.

    As many rounds as are needed: few where the interval is far from the limit, many where it is
    near.  Those that stay in doubt are judged by their median.
    """
    rounds, wanted = [], LEAST
    while True:
        rounds += measure(wanted - len(rounds))
        found = estimate(rounds)
        verdict = decided(found, limit)
        spent = sum(2 * (old + new) for old, new in rounds)
        if verdict is None and (len(rounds) >= MOST or spent >= most_seconds):
            verdict = OK if found.ratio >= limit else SLOWER
        if verdict is not None:
            return verdict, found
        wanted = min(MOST, len(rounds) * 3 // 2)


def worse(first, second):
    """Of a case that was judged twice: slower only if it was so both times, and then by less."""
    if second[0] != SLOWER:
        return second
    return first if first[1].ratio >= second[1].ratio else second
