/* SPDX-License-Identifier: MIT */
/*
 * scratch.h - the working memory of one attention task.
 *
 * One layout for all instruction sets, so that the plan can size it and the
 * kernels can use it without asking each other.  Per row of the task (of every
 * KV head): pointers, limits and running softmax; a block of weights; the sums of values
 * of the current chunk and of the chunks before it.  Per task: one block of
 * keys, transposed, and one block of values where they must be padded.  Where a
 * matrix unit multiplies, its operands, padded as the most demanding one wants it.
 */
#ifndef HEED_SCRATCH_H
#define HEED_SCRATCH_H

#include "isa.h"
#include "parts.h"

enum {
    HEED_FEW_ROWS = 4,
    HEED_UNIT_ROWS = 16,      /* queries of a KV head are padded to a multiple of so many, */
    HEED_UNIT_DEPTH = 32,     /* their dims to one of so many; */
    HEED_UNIT_MOST_ROWS = 32, /* and so many rows are multiplied at a time */
};

/* The rules as one row of queries has them. */
struct heed_row_rules {
    const char *bias, *visible, *blocks; /* of this row, at key 0; NULL: none */
    float slope;
    ptrdiff_t position;
};

/* Of a block of keys, those that some row of a group sees, in [from, to), and that all rows see. */
struct heed_group_keys {
    uint64_t all;
    unsigned char from, to;
};

/* What masks leave of a block of keys. */
struct heed_keys_left {
    uint64_t *rows;                 /* [rows] a bit for each key that the row sees */
    struct heed_group_keys *groups; /* [rows], at the first row of a group */
};

struct heed_scratch {
    const float **q;                   /* [rows] */
    float *q_rows;                     /* [rows][qk_dim], where queries have to be converted */
    struct heed_range *sees;           /* [rows] keys, but for the prefix */
    struct heed_row_rules *rules;      /* [rows], where there are rules */
    const char **maps;                 /* [rows] of blocks, where there are any */
    struct heed_keys_left left;        /* of the current block, where there are rules */
    struct heed_keys_left left_behind; /* of the block before, where rows are few */
    unsigned char *begun;         /* [rows] at the first row of a group: enum begun in block.h */
    float *max;                   /* [rows] of the current chunk */
    float *sum;                   /* [rows][HEED_LANES] of the current chunk, by lane */
    struct heed_row_state *total; /* [rows] of the chunks before */
    float *weights;               /* [rows][HEED_BLOCK] scores, then weights */
    float *behind;                /* the same of the block before, where rows are few */
    float *chunk_o;               /* [rows][v_pad] sums of values of the current chunk */
    float *total_o;               /* [rows][v_pad] and of the chunks before */
    float *key_rows;              /* [HEED_BLOCK][qk_dim], where keys have to be copied together */
    float *keys;                  /* [qk_dim][up to HEED_BLOCK] a panel, transposed */
    float *values;                /* [up to HEED_BLOCK][v_pad] */
    struct heed_unit {            /* operands of a matrix unit, of bf16, part after part */
        uint16_t *q, *k, *weights, *values;
        size_t q_part, k_part, weights_part, values_part; /* from part to part */
        uint16_t *rows; /* [part][HEED_BLOCK][row] where numbers are taken apart */
        size_t row, rows_part;
        unsigned char *far_q; /* [rows] whether a query is beyond the unit */
    } unit;
    size_t v_pad; /* v_dim rounded up to HEED_LANES */
};

static inline size_t heed_pad(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* Takes `bytes` from the arena whose next free byte is *at; every piece starts on a cache line. */
static inline void *heed_scratch_take(char *base, size_t *at, size_t bytes)
{
    void *piece = base ? base + *at : NULL;

    *at += heed_pad(bytes, 64);
    return piece;
}

/*
 * What cannot be read in place: other types than f32, keys in pages; what a unit multiplies;
 * and whether there are rules.
 */
struct heed_copies {
    bool q, k;
    bool rules;
    size_t behind;    /* rows whose weights of two blocks are kept */
    size_t unit_rows; /* of queries, padded; 0: no matrix unit */
    struct heed_parts parts;
};

static inline struct heed_copies heed_copies_of(heed_dtype q_type, heed_dtype k_type, bool paged)
{
    return (struct heed_copies){.q = q_type != HEED_F32, .k = k_type != HEED_F32 || paged};
}

/* The same of an attention call: few rows sum the values of a block while they score the next. */
static inline size_t heed_rows_behind(size_t kv_heads, size_t rows)
{
    return kv_heads * (rows < HEED_FEW_ROWS ? rows : HEED_FEW_ROWS);
}

static inline size_t heed_unit_layout(struct heed_unit *unit, char *base, size_t at,
                                      const struct heed_copies *copies, size_t qk_dim, size_t v_pad)
{
    const size_t depth = heed_pad(qk_dim, HEED_UNIT_DEPTH), size = sizeof(uint16_t);
    const size_t qk_row = heed_pad(qk_dim, HEED_LANES);
    const struct heed_parts *parts = &copies->parts;

    unit->q_part = copies->unit_rows * depth;
    unit->k_part = HEED_BLOCK * depth;
    unit->weights_part = HEED_UNIT_MOST_ROWS * HEED_BLOCK;
    unit->values_part = HEED_BLOCK * v_pad;
    unit->row = qk_row > v_pad ? qk_row : v_pad;
    unit->rows_part = HEED_BLOCK * unit->row;
    unit->q = heed_scratch_take(base, &at, parts->q * unit->q_part * size);
    unit->k = heed_scratch_take(base, &at, parts->k * unit->k_part * size);
    unit->weights = heed_scratch_take(base, &at, parts->weights * unit->weights_part * size);
    unit->values = heed_scratch_take(base, &at, parts->v * unit->values_part * size);
    unit->rows = heed_scratch_take(base, &at, HEED_PARTS * unit->rows_part * size);
    unit->far_q = heed_scratch_take(base, &at, copies->unit_rows);
    return at;
}

static inline struct heed_keys_left heed_keys_layout(char *base, size_t *at, size_t rows)
{
    struct heed_keys_left left;

    left.rows = heed_scratch_take(base, at, rows * sizeof *left.rows);
    left.groups = heed_scratch_take(base, at, rows * sizeof *left.groups);
    return left;
}

/*
 * Lays out a task's scratch at `base` (NULL: only counts) and returns its size in
 * bytes.  `keys` are those of the task: few of them make small blocks.
 */
static inline size_t heed_scratch_layout(struct heed_scratch *s, char *base, size_t rows,
                                         size_t keys, size_t qk_dim, size_t v_dim,
                                         struct heed_copies copies)
{
    const size_t block = keys < HEED_BLOCK ? heed_pad(keys, HEED_LANES) : HEED_BLOCK;
    const size_t ruled = copies.rules ? rows : 0;
    const size_t behind = keys > HEED_BLOCK ? copies.behind : 0;
    size_t at = 0;

    s->v_pad = heed_pad(v_dim, HEED_LANES);
    s->q = heed_scratch_take(base, &at, rows * sizeof *s->q);
    s->sees = heed_scratch_take(base, &at, rows * sizeof *s->sees);
    s->rules = heed_scratch_take(base, &at, ruled * sizeof *s->rules);
    s->maps = heed_scratch_take(base, &at, ruled * sizeof *s->maps);
    s->left = heed_keys_layout(base, &at, ruled);
    s->left_behind = heed_keys_layout(base, &at, copies.rules ? behind : 0);
    s->begun = heed_scratch_take(base, &at, rows);
    s->max = heed_scratch_take(base, &at, rows * sizeof *s->max);
    s->sum = heed_scratch_take(base, &at, rows * HEED_LANES * sizeof *s->sum);
    s->total = heed_scratch_take(base, &at, rows * sizeof *s->total);
    s->weights = heed_scratch_take(base, &at, rows * HEED_BLOCK * sizeof *s->weights);
    s->behind = heed_scratch_take(base, &at, behind * HEED_BLOCK * sizeof *s->behind);
    s->chunk_o = heed_scratch_take(base, &at, rows * s->v_pad * sizeof *s->chunk_o);
    s->total_o = heed_scratch_take(base, &at, rows * s->v_pad * sizeof *s->total_o);
    s->q_rows = heed_scratch_take(base, &at, copies.q ? rows * qk_dim * sizeof *s->q_rows : 0);
    s->key_rows =
        heed_scratch_take(base, &at, copies.k ? HEED_BLOCK * qk_dim * sizeof *s->key_rows : 0);
    s->keys = heed_scratch_take(base, &at, HEED_BLOCK * qk_dim * sizeof *s->keys);
    s->values = heed_scratch_take(base, &at, block * s->v_pad * sizeof *s->values);
    if (copies.unit_rows)
        at = heed_unit_layout(&s->unit, base, at, &copies, qk_dim, s->v_pad);
    return at;
}

#endif
