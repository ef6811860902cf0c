/* SPDX-License-Identifier: MIT */
/* checks.c - the list of checks, in the order in which attention is made of them. */
#include "checks.h"

#include "operations.h"

const struct check *check_at(size_t i)
{
    static const struct check checks[] = {
        {"scores", check_scores},
        {"exp", check_exp},
        {"softmax", check_softmax},
        {"normalize", check_normalize},
        {"weighted sum", check_weighted_sum},
        {"linear", check_linear},
        {"attention", check_attention},
        {"attention, rules", check_rules},
        {"attention, same bits", check_cuts},
        {"attention, unseen", check_unseen},
        {"self-attention", check_self_attention},
        {"merge", check_merge},
        {"rope", check_rope},
        {"attention backward", check_backward},
        {"backward, unseen", check_unseen_backward},
        {"quantize", check_quantize},
        {"dequantize", check_dequantize},
    };

    return i < sizeof checks / sizeof *checks ? &checks[i] : NULL;
}
