/* SPDX-License-Identifier: MIT */
/* statistics.h - a number and how sure it is, without assumptions about distributions. */
#ifndef HEED_BENCH_REPORT_STATISTICS_H
#define HEED_BENCH_REPORT_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* NAN throughout where there are no samples. */
struct summary {
    double median, mad; /* median of the distances to the median, not scaled */
    double low, high;   /* the 95 % interval of the median, by bootstrap */
};

struct summary summarise(const double *samples, size_t count, uint64_t seed);
double median_of(const double *samples, size_t count);

#endif
