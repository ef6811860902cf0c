/* SPDX-License-Identifier: MIT */
/* attention.h - a checked attention call, between its check and its tasks. */
#ifndef HEED_ATTENTION_H
#define HEED_ATTENTION_H

#include "packed.h"
#include "plan.h"

enum { HEED_Q, HEED_K, HEED_V, HEED_O, HEED_LSE, HEED_SCORES, HEED_OPERANDS };

struct heed_job {
    heed_attention_args args;
    struct heed_operand operand[HEED_OPERANDS];
    struct heed_plan plan;
    const struct heed_isa *isa;
    struct heed_rules rules;
    bool has_rules;
    struct heed_packed_header packed; /* of args.packed_k */
    float scale;
    char *scratch; /* [worker], on cache lines like the rest */
    struct heed_row_state *part_state;
    float *part_sum;
};

/* Checks offsets and pages, and makes operands of q, k, v, o and lse. */
bool heed_check_layout(struct heed_check *check, struct heed_job *job);

/* Lengths against the rows that there are; page numbers, if the caller wants that. */
bool heed_check_lengths(struct heed_check *check, const heed_attention_args *args);
bool heed_check_page_numbers(struct heed_check *check, const heed_attention_args *args);

/* Checks what the arguments say of scores, after the operands, and sets the rules. */
bool heed_check_rules(struct heed_check *check, struct heed_job *job);

/* Runs the tasks of the plan with a workspace of plan.workspace bytes. */
void heed_job_run(struct heed_job *job, char *workspace);

#endif
