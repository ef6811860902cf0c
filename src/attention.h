/* SPDX-License-Identifier: MIT */
/* attention.h - a checked attention call, between its check and its tasks. */
#ifndef HEED_ATTENTION_H
#define HEED_ATTENTION_H

#include "packed.h"
#include "plan.h"

enum {
    HEED_Q,
    HEED_K,
    HEED_V,
    HEED_O,
    HEED_LSE,
    HEED_SCORES,
    HEED_K_SCALES,
    HEED_V_SCALES,
    HEED_OPERANDS
};

struct heed_job {
    heed_attention_args args;
    struct heed_operand operand[HEED_OPERANDS];
    struct heed_plan plan;
    const struct heed_isa *isa;
    struct heed_rules rules;
    bool has_rules;
    struct heed_packed_header packed; /* of args.packed_k */
    struct heed_parts parts;          /* of what a matrix unit multiplies; none: it does not */
    char *scratch;                    /* [worker], on cache lines like the rest */
    struct heed_row_state *part_state;
    float *part_sum;
};

/* How many batches and rows q, o and lse have, and how many k and v. */
struct heed_extents {
    size_t q_batch, q_rows, kv_batch, kv_rows;
};

/* Checks offsets and pages. */
bool heed_check_extents(struct heed_check *check, const heed_attention_args *args,
                        struct heed_extents *extents);

/* Where the rows of a batch stand in the operands: by the batch's stride, or by offsets. */
struct heed_sequence {
    size_t batch, page; /* along the batch axes of q and o, and of k and v */
    size_t q_row, q_rows, kv_row, kv_rows;
};

struct heed_sequence heed_sequence_of(const heed_attention_args *args, size_t batch);

/* Checks row counts, the mask and positions, and bounds those that only have to be far away. */
bool heed_check_sight(struct heed_check *check, heed_attention_args *args);

/* Which keys the rows of a batch see. */
struct heed_sight heed_sight_of(const heed_attention_args *args, size_t batch,
                                const struct heed_sequence *sequence);

/* Lengths against the rows that there are; page numbers, if the caller wants that. */
bool heed_check_lengths(struct heed_check *check, const heed_attention_args *args);
bool heed_check_page_numbers(struct heed_check *check, const heed_attention_args *args);

/* Checks what the arguments say of scores, after the operands, and sets the rules. */
bool heed_check_rules(struct heed_check *check, const heed_attention_args *args,
                      const struct heed_operand *operands, size_t count, struct heed_rules *rules);

enum { HEED_SCORE_DIMS = 4 }; /* batch, head, row, key */

/* The addresses that a view of scores reaches, of no count of 0; false if they are none. */
bool heed_score_addresses(const heed_score_view *view, size_t size, const size_t *count,
                          uintptr_t *begin, uintptr_t *end);

/* Whether the rules do anything. */
bool heed_has_rules(const struct heed_rules *rules);

/* Runs the tasks of the plan with a workspace of plan.workspace bytes. */
void heed_job_run(struct heed_job *job, char *workspace);

#endif
