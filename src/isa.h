/* SPDX-License-Identifier: MIT */
/*
 * isa.h - the contract between the portable operations and the kernels.
 *
 * An operation checks its arguments, cuts the work into tasks and hands each to
 * one function of the table of an instruction set.  Strides count elements.
 */
#ifndef HEED_ISA_H
#define HEED_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <heed/heed.h>

#include "dtype.h"
#include "parts.h"
#include "sight.h"

enum {
    HEED_BLOCK = 64,   /* keys per softmax step, at absolute positions */
    HEED_CHUNK = 1024, /* keys per partial result; partial results merge in order */
    HEED_LANES = 16    /* the widest vector of any instruction set, in floats */
};

/* The state of one row after a chunk of keys; its sums of values stand beside it. */
struct heed_row_state {
    float max; /* the score that weights are relative to, before scaling */
    float sum; /* of the weights: 0 if the row saw no key */
};

/* What happens to the scaled scores of a call, in this order; see heed_attention_args. */
struct heed_rules {
    float softcap;
    const float *slopes;
    heed_score_view bias, visible, blocks;
    size_t block_rows, block_keys;
    bool scaled;       /* the call has a cap, slopes or biases: scores are scaled before these */
    bool bias_is_mask; /* the biases that a task sees are 0 or -inf */
};

/* One scale for each row of keys or values, which stand as these do; or NULL: all are 1. */
struct heed_scales {
    const float *at; /* of this batch, the first KV head */
    ptrdiff_t kv, page, row;
};

/*
 * One task of attention: query rows of one KV head against a range of its keys, or
 * those of several KV heads whose keys lie side by side in memory.  The query heads
 * of a group are folded into the rows: row f of the task is query row
 * (first_row + f) / group of head (first_row + f) % group, so that neighbours see
 * nearly the same keys.
 */
struct heed_attend_task {
    const void *q, *k, *v; /* of this batch, the group's first head, the first KV head */
    void *o;
    heed_dtype q_type, k_type, v_type, o_type; /* f32, or less of it: then kernels convert */
    struct heed_scales k_scales, v_scales;
    const int32_t *pages; /* of this batch: k and v are page 0 of a pool; or NULL */
    size_t page_rows;
    ptrdiff_t k_page, v_page;
    const void *panels; /* packed keys of that KV head, of k_type, instead of k; or NULL */
    float *lse;         /* lse may be NULL */
    ptrdiff_t q_head, q_row, k_row, v_row, o_head, o_row, lse_head, lse_row;
    size_t kv_heads;
    ptrdiff_t q_kv, k_kv, v_kv, panels_kv, o_kv, lse_kv; /* from KV head to KV head */
    size_t group, qk_dim, v_dim;
    size_t first_row, rows;    /* folded, per KV head */
    size_t first_key, end_key; /* first_key is a multiple of HEED_CHUNK */
    struct heed_range gap;     /* whole chunks among these keys that no row sees: left out */
    struct heed_sight sight;
    const struct heed_rules *rules; /* or NULL: scores are as they are */
    const float *sinks;             /* of the first query head; or NULL */
    size_t batch, first_q_head;     /* of the task, where rules ask for them */
    float scale;                    /* not 0; may be negative */
    struct heed_parts parts;        /* for a matrix unit, if there is one and it takes the call */
    void *scratch;                  /* heed_scratch_size() bytes */
    /* NULL: finish o and lse.  Else leave each chunk's result here for a later merge. */
    struct heed_row_state *part_state; /* [chunk][row], row of the task */
    float *part_sum;                   /* [chunk][row][v_dim padded to HEED_LANES] */
    size_t part_kv;                    /* rows of parts from KV head to KV head */
};

/* Keys of a tiny problem at most: of two vectors, if these are short. */
#define HEED_SMALL_KEYS(lanes) ((lanes) < 8 ? 2 * (lanes) : (lanes))

/* One head, dense and unmasked, with a positive scale, such keys and 1 to `lanes` dims. */
struct heed_small_task {
    const float *q, *k, *v;
    float *o;
    size_t rows, keys, qk_dim, v_dim;
    float scale;
};

/* The scores of the rows of a task with one KV head, against all keys before end_key. */
struct heed_reveal_task {
    struct heed_attend_task attend;
    float *s;
    ptrdiff_t s_head, s_row;
    size_t columns;          /* of s: those past end_key are of keys that do not exist */
    struct heed_range shown; /* keys whose scores stages before the rules have; of pages those
                                that some row of the sequence sees, but for the prefix */
    heed_scores_stage stage;
};

/*
 * In what follows numbers are f32, or a half of it where a type stands beside them:
 * then kernels convert on the way in and out.
 */

/*
 * Keys into panels: rows [first_row, first_row + rows) of one KV head.  Panels of 8 bits
 * take rows of their own type, or of a wider one, which are quantised as heed_quantize() does.
 */
struct heed_pack_task {
    const void *k; /* the first of these rows */
    heed_dtype k_type;
    ptrdiff_t k_row;
    size_t first_row, rows, qk_dim;
    void *panels; /* of row 0 */
    heed_dtype panels_type;
    float *scales; /* of these rows, one behind the other, where they are quantised */
};

/* The parts of one row, merged in order into the first and finished. */
struct heed_gather_task {
    const struct heed_row_state *part_state; /* a chunk's is state_step after the one before */
    float *part_sum;                         /* [v_dim padded], sum_step apart */
    size_t chunks, state_step, sum_step, v_dim;
    float scale, sink; /* -INFINITY: none */
    void *o;
    heed_dtype o_type, v_type;
    float *lse; /* may be NULL */
};

/* s = scale q k^T for query rows of one head. */
struct heed_scores_task {
    const void *q, *k;
    void *s;
    heed_dtype q_type, k_type, s_type;
    ptrdiff_t q_row, k_row, s_row;
    size_t rows, keys, qk_dim;
    float scale;
};

/* o = w v + b for rows of weights: the weighted sum of values, and linear. */
struct heed_weighted_sum_task {
    const void *w, *v, *b; /* b: one row of v_dim, or NULL */
    void *o;
    heed_dtype w_type, v_type, b_type, o_type;
    ptrdiff_t w_row, v_row, o_row;
    size_t rows, keys, v_dim;
};

/* y = f(x) for rows of numbers; y may be x. */
struct heed_rows_task {
    const void *x;
    void *y;
    heed_dtype x_type, y_type;
    ptrdiff_t x_row, y_row;
    size_t rows, cols;
};

/* One row of a part that is merged. */
struct heed_merge_part {
    const void *o;
    heed_dtype o_type;
    float lse;
};

/* o = sum of exp(lse_p - lse) o_p for one row. */
struct heed_merge_task {
    const struct heed_merge_part *part; /* [parts] */
    size_t parts, v_dim;
    void *out;
    heed_dtype out_type;
    float *out_lse; /* may be NULL */
};

/* Some pairs of one row, of every head, turned by the same angles; y may be x. */
struct heed_rope_task {
    const void *x; /* of the first head */
    void *y;
    heed_dtype x_type, y_type;
    ptrdiff_t x_head, y_head;
    size_t heads;
    const float *cos, *sin; /* [pairs] */
    size_t first, pairs;    /* pairs [first, first + pairs) of the row */
    size_t apart;           /* a pair's numbers; 1: the pairs stand side by side */
    size_t rest, rest_dim;  /* numbers [rest, rest + rest_dim) are copied */
};

/* Rows of one side of attention, from row 0: queries and d_o, or keys and values. */
struct heed_side {
    const void *qk, *v;
    heed_dtype qk_type, v_type;
    ptrdiff_t qk_head, qk_row, v_head, v_row;
};

/*
 * One task of the backward pass: rows of one side are kept, those of the other stream
 * past.  Either query rows of one head are kept and its keys stream, which makes d_q;
 * or keys of one KV head, and the query rows of its group stream, head by head, which
 * makes d_k and d_v.
 */
struct heed_backward_task {
    bool keeps_queries;
    struct heed_side kept, streamed;
    const void *o; /* of the query rows, like lse */
    heed_dtype o_type;
    const float *lse;
    ptrdiff_t o_head, o_row, lse_head, lse_row;
    size_t first_row, rows;         /* kept */
    size_t heads, streamed_rows;    /* streamed, rows per head */
    struct heed_sight sight;        /* which keys a query row sees */
    const struct heed_rules *rules; /* or NULL: scores are as they are */
    size_t batch, first_q_head;     /* of the task, where rules ask for them */
    size_t qk_dim, v_dim;
    float scale;
    bool widens_qk, widens_v; /* whether q or k, and d_o or v, are of other types than f32 */
    void *d_qk, *d_v;         /* row 0 of d_q, or of d_k and d_v; NULL: not wanted */
    heed_dtype d_qk_type, d_v_type;
    ptrdiff_t d_qk_row, d_v_row;
    float
        *d_bias; /* where queries are kept: of query row 0 and key 0, added to; NULL: not wanted */
    ptrdiff_t d_bias_row, d_bias_key;
    void *scratch;
};

/* *sum -= exp(sink - lse) d_o . o over query rows of one head: the gradient of its sink. */
struct heed_sink_task {
    const void *o, *d_o;
    heed_dtype o_type, d_o_type;
    const float *lse;
    ptrdiff_t o_row, d_o_row, lse_row;
    size_t rows, v_dim;
    float sink;
    double *sum;
};

/*
 * Rows of numbers to 8 bits and a scale for each, or such codes to numbers: then scales are
 * only read, and NULL if all are 1.
 */
struct heed_quantize_task {
    const void *x;
    void *y;
    float *scales;
    heed_dtype x_type, y_type;
    ptrdiff_t x_row, y_row, scales_row;
    size_t rows, dim;
};

/* Everything one instruction set offers.  Defined by kernels/<name>.c. */
struct heed_isa {
    const char *name;
    uint32_t needs;           /* HEED_CPU_* bits */
    bool emulated;            /* foreign, by SIMDe: only ever chosen by name */
    size_t lanes;             /* floats of a vector */
    size_t panel_keys;        /* keys of a panel [dim][key] of packed K, of any type: all that its
                                 layout depends on, so that instruction sets may share it */
    bool (*unit_works)(void); /* NULL, or attention of bf16 is multiplied by a matrix unit if so */
    size_t unit_worth;        /* products of parts that pay there for one of f32; 0: no unit */
    void (*attend)(const struct heed_attend_task *);
    void (*attend_small)(const struct heed_small_task *);
    void (*reveal)(const struct heed_reveal_task *);
    void (*gather)(const struct heed_gather_task *);
    void (*pack)(const struct heed_pack_task *);
    void (*convert)(const struct heed_rows_task *);
    void (*scores)(const struct heed_scores_task *);
    void (*weighted_sum)(const struct heed_weighted_sum_task *);
    void (*exp)(const struct heed_rows_task *);
    void (*softmax)(const struct heed_rows_task *);
    void (*normalize)(const struct heed_rows_task *);
    void (*merge)(const struct heed_merge_task *);
    void (*rope)(const struct heed_rope_task *);
    void (*backward)(const struct heed_backward_task *);
    void (*backward_sink)(const struct heed_sink_task *);
    void (*quantize)(const struct heed_quantize_task *);
    void (*dequantize)(const struct heed_quantize_task *);
};

/* The instruction set asked for, or the default one; NULL if it cannot run here. */
const struct heed_isa *heed_isa_usable(const heed_isa *asked);

/* The default one if its panels have so many keys, else the best of those that do; or NULL. */
const struct heed_isa *heed_isa_of_panels(size_t keys);

#endif
