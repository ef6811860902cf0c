/* SPDX-License-Identifier: MIT */
/* item_primitive.c - the operations that attention is made of. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buffers.h"
#include "plan.h"
#include "suite.h"

struct state {
    const struct primitive *primitive;
    struct operands on;
    struct ceiling beside;
};

static size_t left_count(size_t length)
{
    return PRODUCT_ROWS * length + ELEMENTS;
}

static size_t right_count(size_t length)
{
    return PRODUCT_DIM * length;
}

static void call(void *state)
{
    const struct state *s = state;

    (void)s->primitive->run(&s->on);
}

static struct ceiling *beside(void *state)
{
    struct state *s = state;

    return s->beside.share ? &s->beside : NULL;
}

static void close_state(void *state)
{
    buffer_free(((struct state *)state)->on.result);
    free(state);
}

/* Every result has to be written and finite, and some are compared with double. */
static void check(const struct state *s, struct verdict *verdict)
{
    const size_t results = primitive_results(s->primitive, s->on.length);
    size_t i = 0;

    for (size_t j = 0; j < results; j++)
        s->on.result[j] = NAN;
    const heed_status status = s->primitive->run(&s->on);

    while (i < results && isfinite(s->on.result[i]))
        i++;
    if (status != HEED_OK || i < results)
        snprintf(verdict->why, sizeof verdict->why, "%s",
                 status == HEED_OK ? "a result is not finite" : heed_status_string(status));
    else
        verdict->right = primitive_check(s->primitive, &s->on, &verdict->max_error,
                                         &verdict->error_bound, verdict->why, sizeof verdict->why);
}

static bool has_exp(const struct primitive *primitive)
{
    return strcmp(primitive->name, "exp") == 0 || strcmp(primitive->name, "softmax") == 0;
}

static void open(struct item *item, const struct setting *setting, struct verdict *verdict)
{
    const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(setting->isa));
    const size_t left = left_count(item->length);
    struct state *s = item->state = calloc(1, sizeof *s);

    if (!s) {
        snprintf(verdict->why, sizeof verdict->why, "no memory");
        return;
    }
    s->primitive = item->primitive;
    s->on = (struct operands){.isa = setting->isa,
                              .parallel = setting->parallel,
                              .length = item->length,
                              .left = normal_numbers(item->numbers),
                              .right = normal_numbers(item->numbers) + left,
                              .result = buffer_new(left)};
    if (item->primitive->product)
        s->beside = ceiling_fma(unit, setting->parallel);
    else if (has_exp(item->primitive))
        s->beside = ceiling_exp(unit, setting->parallel);
    check(s, verdict);
}

const struct item_kind primitive_kind = {open, call, beside, close_state};

static void add(struct plan *plan, const struct primitive *primitive, size_t length)
{
    const bool product = primitive->product;
    char name[24];

    snprintf(name, sizeof name, "%zu", length);
    struct item *item = plan_add(plan, primitive->name, "f32", name);

    item->kind = &primitive_kind;
    item->primitive = primitive;
    item->length = length;
    item->numbers = left_count(length) + right_count(length);
    item->rate_of = product ? WORK_FLOP : WORK_ELEMENTS;
    item->work[item->rate_of] = primitive_work(primitive, length);
    if (product || has_exp(primitive))
        plan_name_ceiling(item, &plan->setting, product ? "fma" : "exp", "f32");
}

void plan_add_primitives(struct plan *plan, const struct settings *settings)
{
    const struct primitive *primitive;

    for (size_t i = 0; (primitive = primitive_at(i)) != NULL; i++)
        for (size_t n = 0; suite_length(settings->suite, n) != 0; n++)
            add(plan, primitive, suite_length(settings->suite, n));
}
