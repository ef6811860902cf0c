/* SPDX-License-Identifier: MIT */
/* backward_problem.h - one problem of the backward pass, for tests that spoil it. */
#ifndef HEED_TESTS_BACKWARD_PROBLEM_H
#define HEED_TESTS_BACKWARD_PROBLEM_H

#include <heed/heed.h>

/* More than two tasks of either kind, and blocks of 64 that end within and between them. */
enum { HEADS = 2, ROWS = 200, KEYS = 210, QK_DIM = 17, V_DIM = 16 };

extern float q[HEADS][ROWS][QK_DIM], k[KEYS][QK_DIM], v[KEYS][V_DIM], d_o[HEADS][ROWS][V_DIM];
extern float o[HEADS][ROWS][V_DIM], lse[HEADS][ROWS];

/* What the problem writes, and what a test keeps of it. */
struct results {
    float d_q[HEADS][ROWS][QK_DIM], d_k[KEYS][QK_DIM], d_v[KEYS][V_DIM];
};
extern struct results got, clean;

/* Causal, over two query heads that share keys, with the o and lse of its inputs. */
heed_attention_backward_args problem(const heed_isa *isa);
/* o and lse of the inputs as they are now. */
void forward(const heed_attention_backward_args *a);
/* Into `got`, which is blank before. */
void differentiate(const heed_attention_backward_args *a);

#endif
