/* SPDX-License-Identifier: MIT */
/*
 * race_kv.c - each thread appends to an entry of one cache, token by token, and drops some
 * again; then all of it, to the byte, is what one thread alone would have left.
 *
 * A plain program, so that ThreadSanitizer sees nothing but the library.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

#include "random.h"

enum { THREADS = 8, HEADS = 2, TOKENS = 150, DIM = 7 };

static float k[TOKENS][HEADS][DIM], v[TOKENS][HEADS][DIM];
static pthread_barrier_t start;

struct entry {
    heed_kv *kv;
    size_t batch;
    heed_status status;
};

static heed_status append(const struct entry *e, size_t token)
{
    const heed_kv_append_args a = {
        HEED_SIZED(heed_kv_append_args),
        .kv = e->kv,
        .first_batch = e->batch,
        .batch = 1,
        .rows = 1,
        .k = {.data = k[token], .head_stride = DIM, .row_stride = HEADS * DIM},
        .v = {.data = v[token], .head_stride = DIM, .row_stride = HEADS * DIM},
    };

    return heed_kv_append(&a);
}

/* As many tokens as the number of the entry says, two steps forward and one back. */
static void *fill(void *argument)
{
    struct entry *e = argument;

    for (size_t t = 0; t < TOKENS - e->batch && e->status == HEED_OK; t++) {
        e->status = append(e, t);
        if (e->status == HEED_OK && t % 3 == 0)
            e->status = heed_kv_truncate(e->kv, e->batch, t);
        if (e->status == HEED_OK && t % 3 == 0)
            e->status = append(e, t);
    }
    return NULL;
}

static void *fill_at_once(void *argument)
{
    pthread_barrier_wait(&start);
    return fill(argument);
}

/* A cache in memory of malloc(), which is the caller's to free. */
static void *create(heed_dtype k_dtype, heed_dtype v_dtype, heed_kv *kv, size_t *bytes)
{
    heed_kv_create_args a = {HEED_SIZED(heed_kv_create_args),
                             .batch = THREADS,
                             .kv_heads = HEADS,
                             .qk_dim = DIM,
                             .v_dim = DIM,
                             .capacity = TOKENS,
                             .k_dtype = k_dtype,
                             .v_dtype = v_dtype};

    if (heed_kv_bytes(&a, &a.memory_size) != HEED_OK)
        return NULL;
    a.memory = aligned_alloc(64, a.memory_size);
    *bytes = a.memory_size;
    return a.memory && heed_kv_create(&a, kv) == HEED_OK ? a.memory : NULL;
}

static int attend(const heed_kv *kv, float *o)
{
    const heed_attention_args a = {HEED_SIZED(heed_attention_args),
                                   .q_heads = HEADS,
                                   .q_rows = 1,
                                   .q.data = k,
                                   .o.data = o,
                                   .kv = kv};

    return heed_attention(&a) == HEED_OK;
}

static void draw(struct random *random, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = random_float(random, -1.0f, 1.0f);
}

/* Starts the threads; what each did is in its entry. */
static int run_threads(struct entry entries[THREADS], heed_kv *kv)
{
    pthread_t threads[THREADS];

    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        entries[i] = (struct entry){kv, i, HEED_OK};
        if (pthread_create(&threads[i], NULL, fill_at_once, &entries[i])) {
            perror("pthread_create");
            return 0;
        }
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return 1;
}

/* Whether caches of these types, filled together and alone, are the same; else an exit status. */
static int compare(heed_dtype k_dtype, heed_dtype v_dtype)
{
    static float together[THREADS * HEADS * DIM], alone[THREADS * HEADS * DIM];
    struct entry entries[THREADS], single[THREADS];
    heed_kv kv, other;
    size_t bytes = 0;
    void *const memory = create(k_dtype, v_dtype, &kv, &bytes);
    void *const plain = create(k_dtype, v_dtype, &other, &bytes);

    if (!memory || !plain || !run_threads(entries, &kv))
        return 2;
    for (size_t i = 0; i < THREADS; i++) {
        single[i] = (struct entry){&other, i, HEED_OK};
        fill(&single[i]);
        if (entries[i].status != HEED_OK || heed_kv_length(&kv, i) != TOKENS - i)
            return 1;
    }

    const int same = attend(&kv, together) && attend(&other, alone) &&
                     !memcmp(together, alone, sizeof alone) && !memcmp(memory, plain, bytes);
    free(memory);
    free(plain);
    printf("%d threads, one cache: %s\n", THREADS, same ? "as by one thread" : "different");
    return !same;
}

int main(void)
{
    struct random random = {1};

    draw(&random, k[0][0], sizeof k / sizeof(float));
    draw(&random, v[0][0], sizeof v / sizeof(float));

    const int shorter = compare(HEED_BF16, HEED_F16);
    return shorter ? shorter : compare(HEED_I8, HEED_F8);
}
