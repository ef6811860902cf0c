/* SPDX-License-Identifier: MIT */
/* plan.c - how one attention call is cut into tasks. */
#include "plan.h"

#include "chunks.h"
#include "cpu.h"
#include "parallel.h"

enum {
    /* A block of keys is transposed for each task, which is 2 % of the time at 192 rows: 384
       take 1 to 2 % less than 252 where the second cache has room for them. */
    MOST_ROWS = 384,
    /* Of windows, which keys of neighbours share, 384 took 3 % more, 120 1 %. */
    WINDOW_ROWS = 252,
    ROWS_TOGETHER = 252, /* of several KV heads */
    FEW_ROWS = 48,       /* however small the second cache */
    /* With many threads rather smaller tasks than idle threads, down to four register tiles. */
    LEAST_ROWS = 24,
    TASKS_PER_WORKER = 4,
    ROW_STEP = 12 /* a multiple of every instruction set's tile rows */
};

/* As many as have their queries, weights and sums in half of the second cache. */
static size_t most_rows(const heed_attention_args *a)
{
    const size_t dims = heed_add(a->qk_dim, heed_mul(2, a->v_dim));
    const size_t row = heed_mul(heed_add(dims, HEED_BLOCK), sizeof(float));
    const size_t l2 = a->q_rows > 1 ? heed_cpu_l2() : 0;
    const size_t rows = l2 / 2 / row / ROW_STEP * ROW_STEP;
    const size_t most = !l2 || a->window_left || a->local_chunk ? WINDOW_ROWS : MOST_ROWS;

    return !l2 || rows > most ? most : rows < FEW_ROWS ? FEW_ROWS : rows;
}

/* Rows per task, near evenly, so that there are about `wanted` blocks of at most `full` rows. */
static size_t rows_per_block(size_t rows, size_t full, size_t wanted)
{
    size_t blocks = heed_pieces(rows, full);
    const size_t most = heed_pieces(rows, LEAST_ROWS);

    if (blocks < wanted)
        blocks = wanted < most ? wanted : most;
    if (blocks <= 1)
        return rows;
    return heed_pad(heed_pieces(rows, blocks), ROW_STEP);
}

/* So many query rows are those of a row block at most, which may begin within a group. */
static size_t query_rows(const struct heed_plan *p, const heed_attention_args *a)
{
    const size_t rows = heed_pieces(p->block_rows - 1, p->group) + 1;

    return rows < a->q_rows ? rows : a->q_rows;
}

static size_t workers_of(const heed_parallel *parallel)
{
    return parallel->parallel_for && parallel->workers > 1 ? parallel->workers : 1;
}

/* Whether the heads of a position lie closer together than the positions of a head. */
static bool interleaved(const heed_input *x)
{
    return heed_magnitude(x->head_stride) < heed_magnitude(x->row_stride);
}

/* KV heads per task: as many as there are rows for, but no fewer tasks than workers. */
static size_t heads_together(const struct heed_plan *p, const heed_attention_args *a,
                             size_t workers)
{
    size_t heads = a->kv_heads;

    if (!interleaved(&a->v) || p->row_blocks > 1 || p->rows > ROWS_TOGETHER)
        return 1;
    if (heads > ROWS_TOGETHER / p->rows)
        heads = ROWS_TOGETHER / p->rows;
    while (heads > 1 &&
           heed_mul(heed_mul(a->batch, heed_pieces(a->kv_heads, heads)), p->chunks) < workers)
        heads = heed_pieces(heads, 2);
    return heads;
}

static struct heed_copies copies_of(const struct heed_plan *p, const heed_attention_args *a,
                                    const struct heed_parts *parts, bool rules)
{
    struct heed_copies copies = heed_copies_of(a->q.dtype, a->k.dtype, a->page_table);

    copies.rules = rules;
    copies.parts = *parts;
    copies.behind = heed_rows_behind(p->together, p->block_rows);
    if (parts->q)
        copies.unit_rows = p->together * heed_pad(p->block_rows, HEED_UNIT_ROWS);
    return copies;
}

static void plan_memory(struct heed_plan *p, const heed_attention_args *a,
                        const struct heed_parts *parts, bool rules)
{
    struct heed_scratch s;
    const size_t v_pad = heed_pad(a->v_dim, HEED_LANES);
    const size_t rows = p->together * p->block_rows;
    /* Checked before the layout adds it up: no piece of it is larger than this times 32. */
    const size_t numbers =
        heed_mul(rows + HEED_BLOCK, heed_add(heed_add(a->qk_dim, v_pad), HEED_BLOCK + HEED_LANES));

    p->workspace = SIZE_MAX;
    if (heed_mul(numbers, 64) == SIZE_MAX)
        return;
    p->scratch = heed_scratch_layout(&s, NULL, rows, a->kv_rows, a->qk_dim, a->v_dim,
                                     copies_of(p, a, parts, rules));
    if (p->ranges > 1) {
        const size_t results =
            heed_mul(heed_mul(heed_mul(p->heads, p->row_blocks), p->block_rows), p->chunks);

        p->part_state = heed_mul(results, sizeof(struct heed_row_state));
        p->part_sum = heed_mul(results, heed_mul(v_pad, sizeof(float)));
    }
    p->workspace = heed_add(heed_add(p->part_state, p->part_sum), HEED_ALIGNMENT_ROOM);
    p->workspace = heed_add(p->workspace, heed_mul(p->workers, p->scratch));
}

void heed_plan_attention(const heed_attention_args *a, const struct heed_parts *parts, bool rules,
                         struct heed_plan *p)
{
    const size_t workers = workers_of(&a->parallel);

    memset(p, 0, sizeof *p);
    p->group = 1;
    p->heads = heed_mul(a->batch, a->kv_heads);

    if (a->kv_heads)
        p->group = a->q_heads / a->kv_heads;
    p->rows = heed_mul(p->group, a->q_rows);
    p->ranges = 1;
    if (!p->heads || !p->rows)
        return;

    const size_t wanted = workers > 1 ? heed_mul(workers, TASKS_PER_WORKER) : 1;
    p->block_rows = rows_per_block(p->rows, most_rows(a), heed_pieces(wanted, p->heads));
    p->row_blocks = heed_pieces(p->rows, p->block_rows);
    p->chunks = heed_most_chunks(a, query_rows(p, a));
    p->together = heads_together(p, a, workers);
    p->head_groups = heed_pieces(a->kv_heads, p->together);
    p->tasks = heed_mul(heed_mul(a->batch, p->head_groups), p->row_blocks);
    if (p->tasks < wanted && p->chunks > 1) {
        p->ranges = heed_pieces(p->chunks, heed_pieces(p->chunks, heed_pieces(wanted, p->tasks)));
        p->tasks = heed_mul(p->tasks, p->ranges);
    }
    p->workers = heed_worker_count(&a->parallel, p->tasks);
    plan_memory(p, a, parts, rules);
}
