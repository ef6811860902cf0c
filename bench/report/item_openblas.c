/* SPDX-License-Identifier: MIT */
/* item_openblas.c - the composition of BLAS calls as a case of its own. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buffers.h"
#include "../openblas.h"
#include "../problem.h"
#include "plan.h"
#include "suite.h"

struct state {
    struct problem problem;
    struct openblas_call call;
    struct ceiling beside;
};

static void call(void *state)
{
    openblas_attend(&((struct state *)state)->call);
}

static struct ceiling *beside(void *state)
{
    return &((struct state *)state)->beside;
}

static void close_state(void *state)
{
    struct state *s = state;

    buffer_free(s->call.scores);
    problem_close(&s->problem);
    free(s);
}

static void open(struct item *item, const struct setting *setting, struct verdict *verdict)
{
    const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(setting->isa));
    struct state *s = item->state = calloc(1, sizeof *s);

    if (!s) {
        snprintf(verdict->why, sizeof verdict->why, "no memory");
        return;
    }
    problem_open(&s->problem, &item->shape, HEED_F32);
    /* Each product may use as many threads as heed does; the softmax stays on one. */
    openblas_set_num_threads((int)setting->threads);
    s->call.args = &s->problem.args;
    s->call.scores = buffer_new(item->shape.q_rows * item->shape.kv_rows);
    s->beside = item->rate_of == WORK_BYTES ? ceiling_read(unit, setting->parallel, HEED_F32,
                                                           s->problem.stored, s->problem.kv_count)
                                            : ceiling_fma(unit, setting->parallel);
    openblas_attend(&s->call);
    verdict->right = problem_check(&s->problem, &verdict->max_error, &verdict->error_bound,
                                   verdict->why, sizeof verdict->why);
}

const struct item_kind openblas_kind = {open, call, beside, close_state};

/* Beside each case of heed with f32, with the same shape, work and ceiling. */
void plan_add_peers(struct plan *plan, const struct settings *settings)
{
    const size_t count = plan->count;

    for (size_t i = 0; i < count; i++) {
        const struct item ours = plan->items[i];

        if (ours.kind != &attention_kind || ours.type != HEED_F32 ||
            strcmp(ours.operation, "attention") != 0 || !suite_has_more(settings, &ours.shape) ||
            !workload_is_plain(&ours.shape))
            continue;
        struct item *peer = plan_add(plan, "peer", "f32", ours.workload);

        *peer = ours;
        peer->kind = &openblas_kind;
        peer->operation = "peer";
        peer->library = "openblas";
        snprintf(peer->id, ID_SIZE, "peer/f32/%s/openblas/t%zu%s", ours.workload,
                 plan->setting.threads, plan->setting.suffix);
    }
}

/* "OpenBLAS 0.3.21 ..." with the core that it chose kernels for. */
void peer_version(char *text, size_t size)
{
    char version[32] = "";

    sscanf(openblas_get_config(), "OpenBLAS %31s", version);
    snprintf(text, size, "%s (%s)", version, openblas_get_corename());
}
