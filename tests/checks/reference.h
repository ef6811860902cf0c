/* SPDX-License-Identifier: MIT */
/*
 * reference.h - every operation straight from its formula, in double precision,
 * with the distance that a sound f32 computation may keep from it.
 *
 * Results are dense, in the order [batch][head][row][dim] whatever the strides
 * of the arguments.  The arguments must be valid.
 */
#ifndef HEED_CHECKS_REFERENCE_H
#define HEED_CHECKS_REFERENCE_H

#include <stdbool.h>

#include <heed/heed.h>

struct bounded {
    double value, error; /* |f32 result - value| <= error */
};

/* NaN wants NaN, an infinity itself; what may round past FLT_MAX may be infinite. */
bool bounded_accepts(struct bounded want, float got);

/* scores: what args->scores shows; NULL: not wanted. */
void reference_attention(const heed_attention_args *args, struct bounded *o, struct bounded *lse,
                         struct bounded *scores);
void reference_scores(const heed_scores_args *args, struct bounded *s);
void reference_weighted_sum(const heed_weighted_sum_args *args, struct bounded *o);
void reference_linear(const heed_linear_args *args, struct bounded *y);
void reference_exp(const heed_rows_args *args, struct bounded *y);
void reference_softmax(const heed_rows_args *args, struct bounded *y);
void reference_normalize(const heed_rows_args *args, struct bounded *y);
void reference_self_attention(const heed_self_attention_args *args, struct bounded *o);
void reference_merge(const heed_merge_args *args, struct bounded *o, struct bounded *lse);
void reference_rope(const heed_rope_args *args, struct bounded *y);
/* What it would make of d_bias if that were dense, and of all others in any case. */
struct reference_gradients {
    struct bounded *d_q, *d_k, *d_v;
    struct bounded *d_scores; /* optional */
    struct bounded *d_sinks;  /* optional, where there are sinks */
};
void reference_backward(const heed_attention_backward_args *args,
                        const struct reference_gradients *to);
/* The attention whose gradients these are: everything but its outputs. */
heed_attention_args reference_forward(const heed_attention_backward_args *args);

#endif
