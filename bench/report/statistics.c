/* SPDX-License-Identifier: MIT */
/* statistics.c - order statistics, and the percentile bootstrap (Efron 1979). */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum { RESAMPLES = 1000 };

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts. */
static double median_in(double *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, compare);
    return (samples[(count - 1) / 2] + samples[count / 2]) / 2;
}

static double *copy_of(const double *samples, size_t count)
{
    double *copy = malloc((count ? count : 1) * sizeof *copy);

    if (!copy)
        exit(1);
    return count ? memcpy(copy, samples, count * sizeof *copy) : copy;
}

double median_of(const double *samples, size_t count)
{
    double *copy = copy_of(samples, count);
    const double median = count ? median_in(copy, count) : NAN;

    free(copy);
    return median;
}

static void bootstrap(struct summary *summary, const double *samples, size_t count, uint64_t seed)
{
    double *drawn = copy_of(samples, count), medians[RESAMPLES];

    for (size_t i = 0; i < RESAMPLES; i++) {
        for (size_t j = 0; j < count; j++)
            drawn[j] = samples[random_below(&seed, count)];
        medians[i] = median_in(drawn, count);
    }
    free(drawn);
    qsort(medians, RESAMPLES, sizeof medians[0], compare);
    summary->low = medians[RESAMPLES * 25 / 1000];
    summary->high = medians[RESAMPLES * 975 / 1000 - 1];
}

struct summary summarise(const double *samples, size_t count, uint64_t seed)
{
    struct summary summary = {NAN, NAN, NAN, NAN};

    if (count == 0)
        return summary;
    double *distances = copy_of(samples, count);

    summary.median = median_of(samples, count);
    for (size_t i = 0; i < count; i++)
        distances[i] = fabs(samples[i] - summary.median);
    summary.mad = median_in(distances, count);
    free(distances);
    bootstrap(&summary, samples, count, seed);
    return summary;
}
