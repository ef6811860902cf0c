/* SPDX-License-Identifier: MIT */
/*
 * check_unseen.c - what no query row sees by its position is never read: the same call twice,
 * once where all operands can be read, once where nobody can read what is not seen.
 */
#include <stdio.h>
#include <stdlib.h>

#include "operations.h"
#include "scaled.h"
#include "trial_layout.h"
#include "trial_rules.h"
#include "unseen.h"

enum { PROBLEMS = 80, MOST_WORK = 1 << 20, MOST_ROWS = 2500 };

static heed_status operation(const void *args)
{
    return heed_attention(args);
}

/* Blocks and chunks that end somewhere, dims of whole vectors and others. */
static heed_attention_args draw_sizes(struct trial *trial)
{
    static const size_t keys[] = {17, 63, 64, 65, 100, 130, 200, 300, 500, 1100, 2100};
    static const size_t dims[] = {1, 8, 16, 17, 32, 40, 64, 64, 96, 128};
    struct random *random = &trial->random;
    heed_attention_args a = {HEED_SIZED(heed_attention_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(random, 2);
        a.kv_heads = 1 + random_below(random, 3);
        a.q_heads = a.kv_heads * (1 + random_below(random, 4));
        a.kv_rows = RANDOM_OF(random, keys);
        a.q_rows = trial_rows(trial);
        a.qk_dim = RANDOM_OF(random, dims);
        a.v_dim = random_once_in(random, 2) ? a.qk_dim : RANDOM_OF(random, dims);
    } while (a.batch * a.kv_heads * a.kv_rows > MOST_ROWS ||
             a.batch * a.q_heads * a.q_rows * a.kv_rows * (a.qk_dim + a.v_dim) > MOST_WORK);
    return a;
}

/* Mostly a window that leaves keys out, now and then a prefix before it. */
static void draw_positions(struct trial *trial, heed_attention_args *a)
{
    struct random *random = &trial->random;

    if (random_once_in(random, 2))
        a->window_left = 1 + random_below(random, 80);
    if (random_once_in(random, 4))
        a->prefix = 1 + random_below(random, 70);
    if (random_once_in(random, 6))
        a->local_chunk = 1 + random_below(random, 100);
    a->mask = (heed_mask)random_below(random, 3);
    if (a->mask == HEED_MASK_CAUSAL_FROM)
        a->q_position =
            (ptrdiff_t)random_below(random, a->q_rows + a->kv_rows + 4) - (ptrdiff_t)a->q_rows - 2;
}

struct operands {
    struct tensor *q;
    struct scaled k, v;
    heed_dtype o_type;
};

static struct operands draw_operands(struct trial *trial, heed_attention_args *a,
                                     const struct extents *e)
{
    const struct shape q = {e->q_batch, a->q_heads, e->q_rows, a->qk_dim};
    const struct shape k = {e->kv_batch, a->kv_heads, e->kv_rows, a->qk_dim};
    const struct shape v = {e->kv_batch, a->kv_heads, e->kv_rows, a->v_dim};
    const heed_dtype half = trial_half(trial);
    const size_t types = random_below(&trial->random, 3);
    const heed_dtype alike = types == 0 ? HEED_F32 : half;
    struct operands op = {trial_input_of(trial, types == 2 ? trial_dtype(trial) : alike, q, -2, 2),
                          .o_type = trial_dtype(trial)};

    op.k = scaled_input(trial, types == 2 ? scaled_dtype(trial) : alike, k, 1.5f);
    op.v = scaled_input(trial, types == 2 ? scaled_dtype(trial) : alike, v, 1.0f);
    a->precision = (heed_precision)random_below(&trial->random, HEED_PRECISION_SPLIT + 1);
    a->q = tensor_input(op.q);
    a->k = tensor_input(op.k.numbers);
    a->v = tensor_input(op.v.numbers);
    a->k_scales = scaled_view(op.k.scales);
    a->v_scales = scaled_view(op.v.scales);
    return op;
}

/* Keys and values where only those that are seen can be read, in one form or another. */
static bool close_rows(struct trial *trial, heed_attention_args *a, const struct operands *op)
{
    const bool natural = !a->kv_offsets && !a->page_table;
    const bool bytes =
        a->k_scales.data || a->v_scales.data || a->k.dtype > HEED_BF16 || a->v.dtype > HEED_BF16;

    if (natural && !bytes && random_once_in(&trial->random, 5))
        return unseen_cache(trial, a, op->k.numbers, op->v.numbers);

    const struct readable rows = readable_rows(a, op->k.numbers->shape);
    const bool packs = natural && random_once_in(&trial->random, 4);
    a->v = unseen_rows(trial, op->v.numbers, &rows);
    if (op->k.scales)
        a->k_scales = unseen_rows(trial, op->k.scales, &rows);
    if (op->v.scales)
        a->v_scales = unseen_rows(trial, op->v.scales, &rows);
    if (!packs)
        a->k = unseen_rows(trial, op->k.numbers, &rows);
    free(rows.row);
    if (a->page_table)
        unseen_pages(trial, a);
    return !packs || unseen_packed_k(trial, a);
}

/* Outputs of a call: o, lse and now and then scores, of a stage that shows no more than is seen. */
struct outputs {
    const struct tensor *o, *lse, *scores;
};

static struct outputs draw_outputs(struct trial *trial, heed_attention_args *a,
                                   const struct extents *e, heed_dtype o_type, bool scores)
{
    const struct shape rows = {e->q_batch, a->q_heads, e->q_rows, 1};
    struct shape shape = rows;
    struct outputs out = {.lse = trial_output(trial, rows)};

    shape.dim = a->v_dim;
    out.o = trial_output_of(trial, o_type, shape);
    shape.dim = a->kv_rows;
    out.scores = scores ? trial_output(trial, shape) : NULL;
    a->o = tensor_output(out.o);
    a->lse = tensor_output(out.lse);
    a->scores = scores ? tensor_output(out.scores) : (heed_output){0};
    a->parallel = trial_parallel(trial);
    return out;
}

static void describe(struct trial *trial, const heed_attention_args *a, const char *rules)
{
    trial_describe(trial,
                   "batch %zu, heads %zu over %zu, rows %zu over %zu, dims %zu and %zu, mask %d "
                   "from %td, types %d %d%s %d%s %d, precision %d, %s%s, pages of %zu, stage %d",
                   a->batch, a->q_heads, a->kv_heads, a->q_rows, a->kv_rows, a->qk_dim, a->v_dim,
                   (int)a->mask, a->q_position, (int)a->q.dtype, (int)a->k.dtype,
                   a->k_scales.data ? " scaled" : "", (int)a->v.dtype,
                   a->v_scales.data ? " scaled" : "", (int)a->o.dtype, (int)a->precision, rules,
                   a->scores.data ? ", scores" : "", a->page_rows, (int)a->scores_are);
}

static bool problem(struct trial *trial)
{
    char rules[TRIAL_TEXT / 2] = "no rules";
    heed_attention_args a = draw_sizes(trial), closed;
    const struct extents e = trial_layout(trial, &a, random_once_in(&trial->random, 2));
    const struct operands op = draw_operands(trial, &a, &e);
    const bool scores = random_once_in(&trial->random, 5);

    a.scores_are = HEED_SCORES_BIASED;
    if (random_once_in(&trial->random, 2))
        a.scores_are = HEED_SCORES_WEIGHTS;
    draw_positions(trial, &a);
    if (random_once_in(&trial->random, 2))
        trial_rules(trial, &a, true, rules, sizeof rules);
    if (a.page_table && !a.blocks.data && random_once_in(&trial->random, 2))
        a.scores_are = HEED_SCORES_SCALED;
    closed = a;

    const struct outputs want = draw_outputs(trial, &a, &e, op.o_type, scores);
    describe(trial, &a, rules);
    if (!trial_call(trial, operation, &a))
        return false;
    const struct outputs got = draw_outputs(trial, &closed, &e, op.o_type, scores);
    if (!close_rows(trial, &closed, &op))
        return false;
    unseen_scores(trial, &a, &closed.bias, &closed.visible, &closed.blocks);
    return trial_call(trial, operation, &closed) && unseen_same(trial, "o", want.o, got.o) &&
           unseen_same(trial, "lse", want.lse, got.lse) &&
           (!scores || unseen_same(trial, "scores", want.scores, got.scores));
}

bool check_unseen(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
