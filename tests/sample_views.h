/* SPDX-License-Identifier: MIT */
/* sample_views.h - the views of a sample, for tests of what is promised of all views. */
#ifndef HEED_TESTS_SAMPLE_VIEWS_H
#define HEED_TESTS_SAMPLE_VIEWS_H

#include "samples.h"
#include "tensor.h"

/* Strides that an operation does not take. */
enum { NO_HEAD_STRIDE = 1, NO_BATCH_STRIDE = 2 };

struct sample_view {
    const char *name;
    void *at; /* a heed_input or a heed_output, of the sample or of what it points to */
    bool written;
    int without;        /* strides */
    struct shape shape; /* sizes saturate */
};

enum { SAMPLE_VIEWS = 12 };

/* Those that are there; no views of single scores. */
size_t sample_views(const struct operation *operation, union sample *sample,
                    struct sample_view views[SAMPLE_VIEWS]);

/* What stands there, and what shall stand there: the two kinds of views have one layout. */
heed_input sample_view_get(const struct sample_view *view);
void sample_view_set(const struct sample_view *view, const heed_input *to);

#endif
