/* SPDX-License-Identifier: MIT */
/* cases_primitives.c - the operations that attention is made of, over rows of several lengths. */
#include <math.h>
#include <stdio.h>

#include "buffers.h"
#include "cases.h"
#include "ceilings/ceilings.h"
#include "primitives.h"

static const size_t lengths[] = {64, 256, 1024, 4096, 65536};

struct primitive_case {
    const struct primitive *primitive;
    struct operands on;
};

static void call_primitive(void *argument)
{
    const struct primitive_case *c = argument;

    (void)c->primitive->run(&c->on);
}

static bool is_finite(const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* Every result has to be written and finite, and some are compared with double. */
static bool is_sound(struct gbench *bench, const struct primitive_case *c)
{
    const size_t results = primitive_results(c->primitive, c->on.length);
    double max_error, bound;
    char why[120];

    for (size_t i = 0; i < results; i++)
        c->on.result[i] = NAN;
    const heed_status status = c->primitive->run(&c->on);

    if (status != HEED_OK)
        gbench_fail(bench, heed_status_string(status));
    else if (!is_finite(c->on.result, results))
        gbench_fail(bench, "a result is not finite");
    else if (!primitive_check(c->primitive, &c->on, &max_error, &bound, why, sizeof why))
        gbench_fail(bench, why);
    else
        return true;
    return false;
}

static void time_primitive(struct gbench *bench, struct primitive_case *c)
{
    const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(c->on.isa));
    const bool product = c->primitive->product;
    const double peak = product ? ceiling_rate(ceiling_fma(unit, c->on.parallel)) : 0;
    const double seconds = gbench_time(bench, call_primitive, c);
    const double rate = primitive_work(c->primitive, c->on.length) / seconds;

    gbench_counter(bench, product ? "GFLOP/s" : "Gelement/s", rate * 1e-9);
    if (product)
        gbench_counter(bench, "of_peak", rate / peak);
}

static void run_primitive(struct gbench *bench, void *argument)
{
    struct primitive_case *c = argument;
    const char *obstacle = isa_obstacle(c->on.isa);
    const size_t left = PRODUCT_ROWS * c->on.length + ELEMENTS;
    const size_t right = PRODUCT_DIM * c->on.length;

    if (obstacle) {
        gbench_skip(bench, obstacle);
        return;
    }
    c->on.left = normal_numbers(left + right);
    c->on.right = c->on.left + left;
    c->on.result = buffer_new(left);
    if (is_sound(bench, c))
        time_primitive(bench, c);
    buffer_free(c->on.result);
}

static void add_case(const struct primitive *primitive, const struct operands *on)
{
    const struct primitive_case c = {primitive, *on};
    char name[80];

    snprintf(name, sizeof name, "%s/f32/%zu/%s", primitive->name, on->length,
             heed_isa_name(on->isa));
    gbench_add(name, run_primitive, &c, sizeof c);
}

void add_primitives(heed_parallel parallel)
{
    const struct primitive *primitive;

    for (size_t i = 0; (primitive = primitive_at(i)) != NULL; i++)
        for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++)
            for (size_t j = 0; heed_isa_at(j); j++)
                add_case(primitive, &(struct operands){.isa = heed_isa_at(j),
                                                       .parallel = parallel,
                                                       .length = lengths[n]});
}
