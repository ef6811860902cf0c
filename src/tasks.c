/* SPDX-License-Identifier: MIT */
/* tasks.c - the tasks of an attention call: from row blocks and key ranges to kernels. */
#include <math.h>

#include "attention.h"
#include "chunks.h"
#include "masks.h"
#include "parallel.h"

static const int32_t *pages_of(const heed_attention_args *a, size_t batch)
{
    return a->page_table ? a->page_table + (ptrdiff_t)batch * a->page_table_stride : NULL;
}

/* Of a shorter sequence the last row blocks have fewer rows, or none. */
static size_t rows_left(size_t rows, size_t first_row, size_t most)
{
    if (rows <= first_row)
        return 0;
    return rows - first_row < most ? rows - first_row : most;
}

static struct heed_scales scales_of(const struct heed_operand *o, const struct heed_sequence *at,
                                    size_t kv_head)
{
    if (!o->data)
        return (struct heed_scales){0};
    return (struct heed_scales){heed_at(o, at->page, kv_head, at->kv_row), o->stride[1],
                                o->stride[0], o->stride[2]};
}

/* The rows of a row block: task rows, o and lse of its KV head, and of those after it. */
static struct heed_attend_task rows_task(const struct heed_job *job, size_t batch, size_t kv_head,
                                         size_t row_block)
{
    const struct heed_plan *p = &job->plan;
    const struct heed_operand *op = job->operand;
    const size_t q_head = kv_head * p->group, first_row = row_block * p->block_rows;
    const size_t heads = job->args.kv_heads - kv_head;
    const ptrdiff_t group = (ptrdiff_t)p->group;
    const struct heed_sequence at = heed_sequence_of(&job->args, batch);
    const struct heed_sight sight = heed_sight_of(&job->args, batch, &at);
    const size_t rows = p->group * at.q_rows;
    const void *panels = job->args.packed_k
                             ? heed_packed_panels(job->args.packed_k, &job->packed, batch, kv_head)
                             : NULL;

    return (struct heed_attend_task){
        .q = heed_address(&op[HEED_Q], at.batch, q_head, at.q_row),
        .k = panels ? NULL : heed_address(&op[HEED_K], at.page, kv_head, at.kv_row),
        .v = heed_address(&op[HEED_V], at.page, kv_head, at.kv_row),
        .pages = pages_of(&job->args, batch),
        .page_rows = job->args.page_rows,
        .k_page = op[HEED_K].stride[0],
        .v_page = op[HEED_V].stride[0],
        .panels = panels,
        .o = (void *)(uintptr_t)heed_address(&op[HEED_O], at.batch, q_head, at.q_row),
        .q_type = op[HEED_Q].dtype,
        .k_type = panels ? (heed_dtype)job->packed.dtype : op[HEED_K].dtype,
        .v_type = op[HEED_V].dtype,
        .o_type = op[HEED_O].dtype,
        .k_scales = scales_of(&op[HEED_K_SCALES], &at, kv_head),
        .v_scales = scales_of(&op[HEED_V_SCALES], &at, kv_head),
        .lse = op[HEED_LSE].data ? heed_out(&op[HEED_LSE], at.batch, q_head, at.q_row) : NULL,
        .q_head = op[HEED_Q].stride[1],
        .q_row = op[HEED_Q].stride[2],
        .k_row = op[HEED_K].stride[2],
        .v_row = op[HEED_V].stride[2],
        .o_head = op[HEED_O].stride[1],
        .o_row = op[HEED_O].stride[2],
        .lse_head = op[HEED_LSE].stride[1],
        .lse_row = op[HEED_LSE].stride[2],
        .kv_heads = heads < p->together ? heads : p->together,
        .q_kv = group * op[HEED_Q].stride[1],
        .k_kv = op[HEED_K].stride[1],
        .v_kv = op[HEED_V].stride[1],
        .panels_kv = panels ? heed_packed_head(&job->packed) : 0,
        .o_kv = group * op[HEED_O].stride[1],
        .lse_kv = group * op[HEED_LSE].stride[1],
        .part_kv = p->row_blocks * p->chunks * p->block_rows,
        .group = p->group,
        .qk_dim = job->args.qk_dim,
        .v_dim = job->args.v_dim,
        .first_row = first_row,
        .rows = rows_left(rows, first_row, p->block_rows),
        .end_key = job->args.kv_rows,
        .sight = sight,
        .rules = job->has_rules ? &job->rules : NULL,
        .sinks = job->args.sinks ? job->args.sinks + q_head : NULL,
        .batch = batch,
        .first_q_head = q_head,
        .scale = heed_scale(job->args.scale, job->args.qk_dim),
        .parts = job->parts,
    };
}

/* Where the partial results of a row block stand: [chunk][row of the block]. */
static size_t first_part(const struct heed_plan *p, size_t head, size_t row_block)
{
    return (head * p->row_blocks + row_block) * p->chunks * p->block_rows;
}

/* The chunks that a row block goes through; `t` is its task. */
static struct heed_chunks chunks_of(const struct heed_attend_task *t)
{
    return heed_chunks_of(&t->sight, t->first_row / t->group,
                          (t->first_row + t->rows - 1) / t->group);
}

static void set_walk(struct heed_attend_task *t, const struct heed_walk *walk)
{
    t->first_key = walk->first_key;
    t->end_key = walk->end_key < t->end_key ? walk->end_key : t->end_key;
    t->gap = walk->gap;
}

/* What masks that its rows share leave of a task; the rules that remain may stand in `rest`. */
static void narrow(struct heed_attend_task *t, struct heed_rules *rest)
{
    const size_t row = t->first_row / t->group, last = (t->first_row + t->rows - 1) / t->group;
    const struct heed_scope scope = {
        .batch = t->batch,
        .first_head = t->first_q_head,
        .heads = t->group * t->kv_heads,
        .first_row = row,
        .rows = last - row + 1,
        .first_key = t->first_key,
        .end_key = t->end_key,
    };

    if (t->rules)
        t->rules = heed_narrow(t->rules, &scope, &t->sight, rest);
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct heed_job *job = shared;
    const struct heed_plan *p = &job->plan;
    const size_t range = index % p->ranges, block = index / p->ranges % p->row_blocks;
    const size_t heads = index / p->ranges / p->row_blocks, batch = heads / p->head_groups;
    const size_t kv_head = heads % p->head_groups * p->together;
    /* Causal rows see more the later they come: the longest tasks first. */
    const size_t row_block = p->row_blocks - 1 - block;
    struct heed_attend_task task = rows_task(job, batch, kv_head, row_block);
    struct heed_rules rest;

    if (!task.rows)
        return;

    const struct heed_chunks chunks = chunks_of(&task);
    const size_t count = heed_chunk_count(&chunks), range_chunks = heed_pieces(count, p->ranges);
    const size_t chunk = range * range_chunks;
    const size_t end = chunk + range_chunks < count ? chunk + range_chunks : count;

    if (chunk >= end) /* what other ranges have */
        return;
    const struct heed_walk walk = heed_walk_of(&chunks, chunk, end);
    set_walk(&task, &walk);
    task.scratch = job->scratch + worker * p->scratch;
    if (p->ranges > 1) {
        const size_t head = batch * job->args.kv_heads + kv_head;
        const size_t part = first_part(p, head, row_block) + chunk * task.rows;

        task.part_state = job->part_state + part;
        task.part_sum = job->part_sum + part * heed_pad(task.v_dim, HEED_LANES);
    }
    narrow(&task, &rest);
    job->isa->attend(&task);
}

/* Merges the partial results of the rows of one row block. */
static void gather_block(const void *shared, size_t index, size_t worker)
{
    const struct heed_job *job = shared;
    const struct heed_plan *p = &job->plan;
    const size_t head = index / p->row_blocks, row_block = index % p->row_blocks;
    const size_t kv_heads = job->args.kv_heads;
    const struct heed_attend_task t = rows_task(job, head / kv_heads, head % kv_heads, row_block);
    const size_t part = first_part(p, head, row_block), v_pad = heed_pad(t.v_dim, HEED_LANES);

    (void)worker;
    if (!t.rows)
        return;
    const struct heed_chunks chunks = chunks_of(&t);
    for (size_t r = 0; r < t.rows; r++) {
        const ptrdiff_t i = (ptrdiff_t)((t.first_row + r) / t.group);
        const ptrdiff_t h = (ptrdiff_t)((t.first_row + r) % t.group);
        const struct heed_gather_task gather = {
            .part_state = job->part_state + part + r,
            .part_sum = job->part_sum + (part + r) * v_pad,
            .chunks = heed_chunk_count(&chunks),
            .state_step = t.rows,
            .sum_step = t.rows * v_pad,
            .v_dim = t.v_dim,
            .scale = t.rules && t.rules->scaled ? 1.0f : t.scale,
            .sink = t.sinks ? t.sinks[h] : -INFINITY,
            .o = (void *)(uintptr_t)heed_after(t.o, h * t.o_head + i * t.o_row, t.o_type),
            .o_type = t.o_type,
            .v_type = t.v_type,
            .lse = t.lse ? t.lse + h * t.lse_head + i * t.lse_row : NULL,
        };

        job->isa->gather(&gather);
    }
}

/* How many keys stand in memory, whatever a row may see of them. */
static size_t keys_in_memory(const struct heed_job *job, const struct heed_attend_task *t)
{
    const heed_attention_args *a = &job->args;

    return a->kv_offsets || a->page_table || a->kv ? (size_t)t->sight.keys : a->kv_rows;
}

static void reveal_block(const void *shared, size_t index, size_t worker)
{
    const struct heed_job *job = shared;
    const struct heed_plan *p = &job->plan;
    const struct heed_operand *s = &job->operand[HEED_SCORES];
    const size_t head = index / p->row_blocks, batch = head / job->args.kv_heads;
    const size_t kv_head = head % job->args.kv_heads;
    const struct heed_sequence at = heed_sequence_of(&job->args, batch);
    struct heed_reveal_task reveal = {
        .attend = rows_task(job, batch, kv_head, index % p->row_blocks),
        .s = heed_out(s, at.batch, kv_head * p->group, at.q_row),
        .s_head = s->stride[1],
        .s_row = s->stride[2],
        .columns = job->args.kv_rows,
        .stage = job->args.scores_are,
    };

    if (!reveal.attend.rows)
        return;
    reveal.attend.kv_heads = 1;
    reveal.attend.end_key = keys_in_memory(job, &reveal.attend);
    reveal.shown = (struct heed_range){0, reveal.attend.end_key};
    if (job->args.page_table) /* other pages may be gone */
        reveal.shown = heed_seen_by_some(&reveal.attend.sight, at.q_rows);
    reveal.attend.scratch = job->scratch + worker * p->scratch;
    job->isa->reveal(&reveal);
}

void heed_job_run(struct heed_job *job, char *workspace)
{
    const struct heed_plan *p = &job->plan;
    char *at = workspace + (64 - (uintptr_t)workspace % 64) % 64;

    job->scratch = at;
    at += p->workers * p->scratch;
    job->part_state = (struct heed_row_state *)(void *)at;
    job->part_sum = (float *)(void *)(at + heed_pad(p->part_state, 64));
    heed_run(&job->args.parallel, p->tasks, run_task, job);
    if (p->ranges > 1)
        heed_run(&job->args.parallel, p->heads * p->row_blocks, gather_block, job);
    if (job->operand[HEED_SCORES].data) {
        heed_parallel parallel = job->args.parallel;

        parallel.workers = p->workers; /* for so many there is scratch */
        heed_run(&parallel, p->heads * p->row_blocks, reveal_block, job);
    }
}
