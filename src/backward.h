/* SPDX-License-Identifier: MIT */
/*
 * backward.h - a checked call of the backward pass, between its check and its tasks.
 *
 * Three kinds of tasks in one list, each with its outputs to itself: blocks of keys of a
 * KV head for d_k and d_v, blocks of rows of a query head for d_q and d_bias, and heads for
 * their sinks.  The first two recompute the scores that they need, so nothing is handed
 * over between them, nothing is added up by two threads, and memory does not grow with the
 * rows.  Blocks of rows whose d_bias are added up belong to one task, which takes them in
 * order.
 */
#ifndef HEED_BACKWARD_H
#define HEED_BACKWARD_H

#include "attention.h"

enum {
    HEED_GRAD_Q,
    HEED_GRAD_K,
    HEED_GRAD_V,
    HEED_GRAD_O,
    HEED_GRAD_D_O,
    HEED_GRAD_LSE,
    HEED_GRAD_D_Q,
    HEED_GRAD_D_K,
    HEED_GRAD_D_V,
    HEED_GRAD_D_SINKS,
    HEED_GRAD_D_BIAS, /* its addresses alone: it has one more stride */
    HEED_GRAD_OPERANDS
};

/*
 * Rows kept by a task, whatever the number of workers: a multiple of every instruction
 * set's tile rows.  What streams past is transposed for each task: each number once, for
 * 144 to 192 FMAs where the dims are equal.
 */
enum { HEED_BACKWARD_ROWS = 96 };

struct heed_backward_job {
    heed_attention_backward_args args;
    heed_attention_args call; /* whose gradients these are, as far as masks and rules go */
    struct heed_operand operand[HEED_GRAD_OPERANDS];
    const struct heed_isa *isa;
    struct heed_rules rules;
    bool has_rules;
    bool widens_qk, widens_v; /* q or k, d_o or v are no f32 */
    size_t group, key_blocks, row_blocks;
    bool sums_batches, sums_heads, sums_rows; /* d_bias does: one task goes through them all */
    size_t key_tasks, row_tasks, tasks;       /* in this order; the rest are those of sinks */
    size_t scratch;                           /* bytes per worker */
    size_t workspace; /* bytes in all, with room for alignment; SIZE_MAX: too many */
    char *memory;     /* [worker], on cache lines */
};

/* Whether there is anything to write: an operand left out, or empty, has no addresses. */
static inline bool heed_wanted(const struct heed_operand *output)
{
    return output->begin != output->end;
}

static inline size_t heed_at_most(size_t rows, size_t most)
{
    return rows < most ? rows : most;
}

/* Checks d_bias against the operands, which are checked already, and adds its own. */
bool heed_check_d_bias(struct heed_check *check, struct heed_backward_job *job);

/* Cuts a checked call; tasks or workspace are SIZE_MAX where there are too many. */
void heed_backward_plan(struct heed_backward_job *job);

/* A batch of a call: where its rows stand, and what they see. */
struct heed_backward_batch {
    size_t index;
    struct heed_sequence at;
    struct heed_sight sight;
};

struct heed_backward_batch heed_backward_batch_of(const struct heed_backward_job *job,
                                                  size_t index);

/* Of a shorter sequence the last blocks have fewer rows, or none. */
static inline size_t heed_rows_of_block(size_t rows, size_t first)
{
    return rows > first ? heed_at_most(rows - first, HEED_BACKWARD_ROWS) : 0;
}

/* d_k and d_v of a block of keys.  The first keys are seen by most rows and come first. */
struct heed_backward_task heed_backward_keys(const struct heed_backward_job *job, size_t index);
/* d_q of a block of query rows, and what they add to d_bias. */
struct heed_backward_task heed_backward_rows(const struct heed_backward_job *job,
                                             const struct heed_backward_batch *batch, size_t head,
                                             size_t block);

/*
 * What masks that all its rows share leave of a task: after this the rules that remain may stand
 * in `rest`.
 */
void heed_backward_narrow(struct heed_backward_task *task, struct heed_rules *rest);

/* Of row `row` of a head, at key 0. */
float *heed_d_bias_at(const struct heed_backward_job *job, size_t batch, size_t head, size_t row);
/* Zeros in d_bias for rows of a head. */
void heed_clear_d_bias(const struct heed_backward_job *job, size_t batch, size_t head, size_t row,
                       size_t rows);

/* Runs the tasks with a workspace of job->workspace bytes. */
void heed_backward_run(struct heed_backward_job *job, char *workspace);

#endif
