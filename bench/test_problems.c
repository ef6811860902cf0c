/* SPDX-License-Identifier: MIT */
/* test_problems.c - do tensors stand where --memory says, and do masks hide what they should? */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "buffers.h"
#include "problem.h"
#include "seen.h"

static bool failed;

static void expect(bool right, const char *where, const char *what)
{
    if (right)
        return;
    printf("%s: %s\n", where, what);
    failed = true;
}

static bool is_zero(const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (x[i] != 0)
            return false;
    return true;
}

/* Of sizes around a page: the last number of each is written, for sanitizers to see. */
static void check_memory(const char *name, size_t alignment, size_t offset)
{
    expect(buffers_use(name), name, "is not known");
    expect(strcmp(memory_name(buffers_memory()), name) == 0, name, "is not what is used");
    for (size_t count = 1020; count <= 1028; count++) {
        float *buffer = buffer_new(count);

        expect((uintptr_t)buffer % alignment == offset, name, "a buffer stands elsewhere");
        expect(is_zero(buffer, count), name, "a buffer does not begin as zeros");
        buffer[count - 1] = 1;
        buffer_free(buffer);
    }
    expect((uintptr_t)normal_numbers(2000) % alignment == offset, name, "numbers stand elsewhere");
}

/* Pairs of a row and a key that it does not see, of the first head of a sequence. */
static size_t hidden(const struct problem *p, size_t batch)
{
    const heed_attention_args *a = &p->args;
    size_t count = 0;

    for (size_t r = 0; r < a->q_rows; r++)
        for (size_t j = 0; j < a->kv_rows; j++)
            count += !key_is_seen(a, batch, 0, r, j);
    return count;
}

static void check_padding(const struct problem *p, const struct workload *w)
{
    for (size_t b = 0; b < w->batch; b++) {
        const size_t length = workload_length(w, b);

        expect(hidden(p, b) == w->q_rows * (w->kv_rows - length), w->name, "hides other pairs");
        expect(b % 2 == (length < w->kv_rows), w->name, "pads other sequences");
        expect(length > 0, w->name, "hides a sequence");
    }
}

/* Of n pairs n / 8 are hidden, give or take five deviations; P(N(0,1) < -1.15) = 0.1251. */
static void check_scattered(const struct problem *p, const struct workload *w)
{
    const double n = (double)(w->q_rows * w->kv_rows), share = 0.1251;

    expect(fabs((double)hidden(p, 0) - share * n) < 5 * sqrt(n * share * (1 - share)), w->name,
           "hides more or fewer than one pair of eight");
}

static void check_bias(const struct problem *p, const struct workload *w)
{
    const float *bias = p->args.bias.data;
    const ptrdiff_t last = (ptrdiff_t)w->q_heads - 1, step = p->args.bias.head_stride;

    expect(bias && bias[0] != bias[1], w->name, "has no bias");
    expect((bias[0] != bias[last * step]) == (w->mask == HEAD_BIAS), w->name,
           "heads have the same bias, or ought to");
}

/* Both counts of the arithmetic and of the pairs agree. */
static void check_window(const struct problem *p, const struct workload *w)
{
    const double seen = (double)(w->q_rows * w->kv_rows - hidden(p, 0));

    expect(workload_flop(w) == 4 * (double)(w->batch * w->q_heads * w->dim) * seen, w->name,
           "the work is not that of the pairs seen");
}

static void check_workload(const struct workload *w)
{
    struct problem p;

    problem_open(&p, w, HEED_F32);
    if (w->mask == MASK_PAD)
        check_padding(&p, w);
    else if (w->mask == MASK_BITS || w->mask == MASK_BYTES)
        check_scattered(&p, w);
    else if (w->mask == BIAS || w->mask == HEAD_BIAS)
        check_bias(&p, w);
    else if (w->window)
        check_window(&p, w);
    problem_close(&p);
}

/* A result that is right, and the same beside a mask that is another: only one may pass. */
static void check_refusal(const struct workload *w)
{
    struct problem p;
    double error, bound;
    char why[120] = "refused";

    problem_open(&p, w, HEED_F32);
    expect(heed_attention(&p.args) == HEED_OK && problem_check(&p, &error, &bound, why, sizeof why),
           w->name, why);
    const heed_score_view seen = p.args.visible, bias = p.args.bias;

    p.args.visible.data = p.args.bias.data = NULL;
    p.args.window_left *= 2;
    expect(!problem_check(&p, &error, &bound, why, sizeof why), w->name,
           "the check does not see masks");
    p.args.visible = seen;
    p.args.bias = bias;
    problem_close(&p);
}

/* One kind of memory in a process: "huge" or "malloc". */
int main(int argc, char **argv)
{
    const bool huge = argc == 2 && strcmp(argv[1], "huge") == 0;
    const struct workload *w;

    check_memory(huge ? "huge" : "malloc", huge ? 1 << 21 : 4096, huge ? 0 : 16);
    expect(!buffers_use("mallo"), "mallo", "is known");
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        if (!workload_is_plain(w)) {
            check_workload(w);
            check_refusal(w);
        }
    return failed;
}
