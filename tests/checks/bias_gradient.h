/* SPDX-License-Identifier: MIT */
/* bias_gradient.h - a d_bias of any strides: gradients of scores, added up where they meet. */
#ifndef HEED_CHECKS_BIAS_GRADIENT_H
#define HEED_CHECKS_BIAS_GRADIENT_H

#include "trial.h"

/* Memory for a d_bias of the sizes of the arguments, whose view it sets. */
struct tensor *bias_gradient_draw(struct trial *trial, heed_attention_backward_args *a);

/* Compares it with sums of d_scores, dense, and demands that nothing else was written. */
bool bias_gradient_accepts(struct trial *trial, const heed_attention_backward_args *a,
                           const struct tensor *tensor, const struct bounded *d_scores);

#endif
