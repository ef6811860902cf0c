/* SPDX-License-Identifier: MIT */
/* kv_list.h - what a KV cache must hold, as a plain list of rows. */
#ifndef HEED_FUZZ_KV_LIST_H
#define HEED_FUZZ_KV_LIST_H

#include <heed/heed.h>

enum { BATCH = 3, HEADS = 2, GROUP = 2, CAPACITY = 150, MOST_DIM = 20 };
enum { NUMBERS = 256 };

typedef float rows_of_numbers[BATCH][HEADS][CAPACITY][MOST_DIM];

/* What the cache must hold: rows of numbers in its types, for 8 bits as they came. */
struct list {
    size_t length[BATCH];
    rows_of_numbers k, v;
};

/* The same of 8 bits. */
struct codes {
    uint8_t rows[BATCH][HEADS][CAPACITY][MOST_DIM];
    float scales[BATCH][HEADS][CAPACITY];
};

struct problem {
    heed_kv_create_args args;
    heed_kv kv;
    struct list list;
};

extern struct problem p;

/* What all rows are made of, in f32 and in f16. */
extern float numbers[NUMBERS];
extern uint16_t halves[NUMBERS];

/* Says what is wrong, and of which cache; ends the process. */
void fail(const char *what);

/* Rows that are appended, drawn by `seed`: into the list; dense, in memory that ends with them. */
void append_to_list(const heed_kv_append_args *a, size_t seed);
void *rows_of(heed_dtype type, const heed_kv_append_args *a, size_t seed, size_t dim);

/* Rows of the list in a type, and their scales, if it has any. */
heed_input listed(const rows_of_numbers *rows, size_t dim, heed_dtype type, struct codes *codes,
                  heed_input *scales);

#endif
