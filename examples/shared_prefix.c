/* SPDX-License-Identifier: MIT */
/*
 * shared_prefix.c - sequences with a common beginning read its keys once (cascade attention).
 *
 * All sequences began with the same prompt, and each went on by itself.  One call attends
 * to the prompt with the rows of all of them, which makes it a product of matrices instead of
 * one pass over the same keys for each; another attends to what is their own; heed_merge()
 * makes of both what one call over prompt and continuation would have given.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

enum { SEQUENCES = 6, HEADS = 4, DIM = 64, PROMPT = 500, OWN = 40, ALL = PROMPT + OWN };

/* [sequence][head][dim]: one token of each sequence. */
static float q[SEQUENCES][HEADS][DIM], merged[SEQUENCES][HEADS][DIM], whole[SEQUENCES][HEADS][DIM];
static float prompt_o[SEQUENCES][HEADS][DIM], own_o[SEQUENCES][HEADS][DIM];
static float prompt_lse[SEQUENCES][HEADS], own_lse[SEQUENCES][HEADS];
/* [head][key][dim], the prompt once and the rest for each sequence. */
static float prompt_k[HEADS][PROMPT][DIM], prompt_v[HEADS][PROMPT][DIM];
static float own_k[SEQUENCES][HEADS][OWN][DIM], own_v[SEQUENCES][HEADS][OWN][DIM];
static float all_k[SEQUENCES][HEADS][ALL][DIM], all_v[SEQUENCES][HEADS][ALL][DIM];

static void fill(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
}

static void join(float to[ALL][DIM], float prompt[PROMPT][DIM], float own[OWN][DIM])
{
    memcpy(to, prompt, sizeof(float[PROMPT][DIM]));
    memcpy(to + PROMPT, own, sizeof(float[OWN][DIM]));
}

/* The sequences are the rows of one batch. */
static heed_status attend_to_prompt(void)
{
    return heed_attention(&(heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = HEADS,
        .kv_heads = HEADS,
        .q_rows = SEQUENCES,
        .kv_rows = PROMPT,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q = {.data = q, .head_stride = DIM, .row_stride = HEADS * DIM},
        .k = {.data = prompt_k},
        .v = {.data = prompt_v},
        .o = {.data = prompt_o, .head_stride = DIM, .row_stride = HEADS * DIM},
        .lse = {.data = prompt_lse, .head_stride = 1, .row_stride = HEADS},
    });
}

/* The sequences are the batch. */
static heed_status attend(const void *k, const void *v, size_t keys, void *o, void *lse)
{
    return heed_attention(&(heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = SEQUENCES,
        .q_heads = HEADS,
        .kv_heads = HEADS,
        .q_rows = 1,
        .kv_rows = keys,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q = {.data = q},
        .k = {.data = k},
        .v = {.data = v},
        .o = {.data = o},
        .lse = {.data = lse},
    });
}

static heed_status merge(void)
{
    const heed_part parts[] = {{{.data = prompt_o}, {.data = prompt_lse}},
                               {{.data = own_o}, {.data = own_lse}}};

    return heed_merge(&(heed_merge_args){
        HEED_SIZED(heed_merge_args),
        .batch = SEQUENCES,
        .heads = HEADS,
        .rows = 1,
        .v_dim = DIM,
        .parts = parts,
        .part_count = 2,
        .o = {.data = merged},
    });
}

int main(void)
{
    float off = 0;

    fill(&q[0][0][0], SEQUENCES * HEADS * DIM);
    fill(&prompt_k[0][0][0], HEADS * PROMPT * DIM);
    fill(&prompt_v[0][0][0], HEADS * PROMPT * DIM);
    fill(&own_k[0][0][0][0], SEQUENCES * HEADS * OWN * DIM);
    fill(&own_v[0][0][0][0], SEQUENCES * HEADS * OWN * DIM);
    for (size_t s = 0; s < SEQUENCES; s++)
        for (size_t h = 0; h < HEADS; h++) {
            join(all_k[s][h], prompt_k[h], own_k[s][h]);
            join(all_v[s][h], prompt_v[h], own_v[s][h]);
        }
    if (attend_to_prompt() != HEED_OK || attend(own_k, own_v, OWN, own_o, own_lse) != HEED_OK ||
        merge() != HEED_OK || attend(all_k, all_v, ALL, whole, NULL) != HEED_OK) {
        fputs("a call was refused\n", stderr);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < SEQUENCES * HEADS * DIM; i++) {
        const float apart = fabsf((&merged[0][0][0])[i] - (&whole[0][0][0])[i]);

        off = apart <= off ? off : apart; /* and NaN stays */
    }
    printf("%d sequences share %d keys; merged and whole differ by at most %g\n", SEQUENCES, PROMPT,
           (double)off);
    /* Averages of 540 values below 1/2: a few roundings of numbers that small. */
    return off < 1e-7f ? EXIT_SUCCESS : EXIT_FAILURE;
}
