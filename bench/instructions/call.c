/* SPDX-License-Identifier: MIT */
/*
 * call.c - calls attention on a named workload some times over, for those who count.
 *
 *     heed-call WORKLOAD ISA CALLS
 *
 * WORKLOAD may also be NxDIM: one head, N queries and keys.  Writes the work of one call in FLOP.
 * What two runs differ by is what their calls took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "problem.h"

static const struct workload *find(const char *name)
{
    static struct workload head = {.name = "head", .batch = 1, .q_heads = 1, .kv_heads = 1};

    if (sscanf(name, "%zux%zu", &head.q_rows, &head.dim) == 2) {
        head.kv_rows = head.q_rows;
        return &head;
    }
    for (size_t i = 0; workload_at(i) != NULL; i++)
        if (strcmp(workload_at(i)->name, name) == 0)
            return workload_at(i);
    return NULL;
}

int main(int argc, char **argv)
{
    const struct workload *w = argc == 4 ? find(argv[1]) : NULL;
    const heed_isa *isa = argc == 4 ? heed_isa_find(argv[2]) : NULL;
    struct problem p;

    if (w == NULL || isa == NULL) {
        fputs("usage: heed-call WORKLOAD ISA CALLS\n", stderr);
        return 2;
    }
    problem_open(&p, w, HEED_F32);

    heed_status status = problem_use(&p, isa, (heed_parallel){.workers = 0}, false);
    for (long calls = strtol(argv[3], NULL, 10); calls > 0 && status == HEED_OK; calls--)
        status = heed_attention(&p.args);
    if (status != HEED_OK) {
        fprintf(stderr, "heed-call: %s\n", heed_status_string(status));
        return 1;
    }
    printf("flop %.0f\n", workload_flop(w));
    problem_close(&p);
    return 0;
}
