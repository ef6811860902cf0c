# SPDX-License-Identifier: MIT
"""estimate - is one sample of times longer than another, and by how much?"""
import numpy
from scipy import stats

LEVEL = 0.05  # of all tests of a comparison together
RESAMPLES = 2000
LEAST_ROUNDS = 4  # below, no order of two samples is rare enough: 3 against 3 has p = 0.1 at best


def ratio(old, new):
    """Median of new over median of old, with its 95 % interval by the percentile bootstrap.

    The seed is fixed: the same samples get the same interval.
    """
    draw = numpy.random.default_rng(20260101)
    old, new = numpy.asarray(old, float), numpy.asarray(new, float)
    middles = [numpy.median(draw.choice(sample, (RESAMPLES, len(sample))), axis=1)
               for sample in (old, new)]
    low, high = numpy.percentile(middles[1] / middles[0], (2.5, 97.5))
    return float(numpy.median(new) / numpy.median(old)), float(low), float(high)


def chance(old, new):
    """The p-value of Mann and Whitney (1947), two-sided: ranks, so that no burst drags it."""
    if len(set(old) | set(new)) == 1:  # all the same: no ranks to compare
        return 1.0
    return float(stats.mannwhitneyu(old, new, alternative="two-sided").pvalue)


def significant(chances):
    """Which of many p-values count at LEVEL, by Benjamini and Hochberg (1995).

    Where nothing has changed, the chance that any one counts is LEVEL at most, as with
    Bonferroni's correction; where something has, at most that share of what counts is false,
    and a single change is not drowned by the number of cases.
    """
    order = numpy.argsort(chances)
    limits = LEVEL * numpy.arange(1, len(chances) + 1) / max(len(chances), 1)
    below = numpy.nonzero(numpy.asarray(chances)[order] <= limits)[0]
    counted = set(order[:below[-1] + 1].tolist()) if len(below) else set()
    return [i in counted for i in range(len(chances))]
