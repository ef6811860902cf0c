/* SPDX-License-Identifier: MIT */
/*
 * samples.h - one valid call of every operation, for tests of what all of them
 * promise: struct sizes, refusals, threads, stack, floating-point state.
 */
#ifndef HEED_TESTS_SAMPLES_H
#define HEED_TESTS_SAMPLES_H

#include <stdbool.h>

#include <heed/heed.h>

union sample {
    size_t struct_size;
    heed_attention_args attention;
    heed_scores_args scores;
    heed_weighted_sum_args weighted_sum;
    heed_linear_args linear;
    heed_rows_args rows;
    heed_self_attention_args self_attention;
    heed_merge_args merge;
    heed_pack_k_args pack_k;
    heed_rope_args rope;
    heed_attention_backward_args backward;
    heed_quantize_args quantize;
    heed_dequantize_args dequantize;
};

struct operation {
    const char *name;
    size_t size;        /* of its argument struct */
    size_t isa_at;      /* offset of its member isa */
    size_t parallel_at; /* offset of its member parallel; 0: it has none */
    void (*prepare)(union sample *sample);
    heed_status (*call)(const union sample *sample);
    heed_status (*check)(const union sample *sample, char *reason, size_t reason_size);
};

const struct operation *operation_at(size_t i); /* NULL past the end */

/* A valid call on `isa` that reads sample_numbers and writes into sample_output alone. */
union sample sample_of(const struct operation *operation, const heed_isa *isa);
void sample_set_isa(const struct operation *operation, union sample *sample, const heed_isa *isa);
void sample_set_parallel(const struct operation *operation, union sample *sample,
                         heed_parallel parallel);
/* Of a spoilt sample: if it has threads, they are these, and as many as it says. */
void sample_keep_parallel(const struct operation *operation, union sample *sample,
                          void (*parallel_for)(void *context, size_t count,
                                               void (*body)(void *argument, size_t i),
                                               void *argument));

enum { SAMPLE_OUTPUT = 8192, SAMPLE_NUMBERS = 8192 };
extern float sample_output[SAMPLE_OUTPUT], sample_numbers[SAMPLE_NUMBERS];
void sample_blank_output(void);
bool sample_output_is_blank(void);

#endif
