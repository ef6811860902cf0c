/* SPDX-License-Identifier: MIT */
/* cases_openblas.c - the composition of BLAS calls on the named workloads. */
#include <cblas.h>
#include <stdio.h>

#include "buffers.h"
#include "cases.h"
#include "openblas.h"
#include "problem.h"

struct openblas_case {
    const struct workload *workload;
    bool checked;
    double max_error;
};

static void run_openblas(struct gbench *bench, void *argument)
{
    struct openblas_case *c = argument;
    struct problem p;
    double bound;
    char why[120];

    problem_open(&p, c->workload, HEED_F32);
    struct openblas_call call = {.args = &p.args,
                                 .scores = buffer_new(p.args.q_rows * p.args.kv_rows)};

    if (!c->checked) {
        openblas_attend(&call);
        c->checked = problem_check(&p, &c->max_error, &bound, why, sizeof why);
    }
    if (!c->checked) {
        gbench_fail(bench, why);
    } else {
        const double seconds = gbench_time(bench, openblas_attend, &call);

        gbench_counter(bench, "GFLOP/s", workload_flop(c->workload) / seconds * 1e-9);
        gbench_counter(bench, "max_err", c->max_error);
        if (c->workload->q_rows == 1)
            gbench_counter(bench, "GB/s", workload_kv_bytes(c->workload) / seconds * 1e-9);
    }
    buffer_free(call.scores);
    problem_close(&p);
}

void add_openblas(heed_parallel parallel)
{
    const struct workload *w;

    /* Each product may use as many threads as heed does; the softmax stays on one. */
    openblas_set_num_threads(parallel.workers > 1 ? (int)parallel.workers : 1);
    gbench_note("openblas_core", openblas_get_corename());
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++) {
        const struct openblas_case c = {.workload = w};
        char name[80];

        if (!workload_is_plain(w))
            continue;
        snprintf(name, sizeof name, "peer/openblas/%s", w->name);
        gbench_add(name, run_openblas, &c, sizeof c);
    }
}
