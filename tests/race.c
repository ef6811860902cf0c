/* SPDX-License-Identifier: MIT */
/*
 * race.c - 32 threads race to be the first to use the library, then each calls it
 * with threads of its own.
 *
 * A plain program, so that ThreadSanitizer sees nothing but the library, and a
 * process of its own, so that the first use is the first.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <heed/heed.h>

#include "random.h"
#include "threads.h"

enum { THREADS = 32, WORKERS = 3, ROWS = 100, KEYS = 2100, DIM = 5 };

static float q[ROWS * DIM], k[KEYS * DIM], v[KEYS * DIM];
static pthread_barrier_t start;

struct result {
    const heed_isa *isa;
    heed_status status, shared_status;
    heed_cpu_info cpu;
    float o[ROWS * DIM], shared_o[ROWS * DIM];
};

static void fill(struct random *random, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = random_float(random, -1.0f, 1.0f);
}

static void *first_use(void *argument)
{
    struct result *result = argument;
    struct calls calls = {.workers = WORKERS};
    heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = ROWS,
        .kv_rows = KEYS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = q,
        .k.data = k,
        .v.data = v,
        .o.data = result->o,
    };

    pthread_barrier_wait(&start);
    result->status = heed_attention(&a);
    result->isa = heed_isa_default();
    heed_cpu(&result->cpu, sizeof result->cpu);
    a.o.data = result->shared_o;
    a.parallel = (heed_parallel){each_on_a_thread, &calls, WORKERS};
    result->shared_status = heed_attention(&a);
    return NULL;
}

static int agree(const struct result *one, const struct result *other)
{
    return one->status == HEED_OK && one->shared_status == HEED_OK && one->isa == other->isa &&
           !memcmp(&one->cpu, &other->cpu, sizeof one->cpu) &&
           !memcmp(one->o, other->o, sizeof one->o) &&
           !memcmp(one->shared_o, one->o, sizeof one->o);
}

int main(void)
{
    static struct result results[THREADS];
    struct random random = {1};
    pthread_t threads[THREADS];

    fill(&random, q, ROWS * DIM);
    fill(&random, k, KEYS * DIM);
    fill(&random, v, KEYS * DIM);
    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, first_use, &results[i])) {
            perror("pthread_create");
            return 2;
        }
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < THREADS; i++) {
        if (!agree(&results[i], &results[0])) {
            fprintf(stderr, "thread %zu saw another library than thread 0\n", i);
            return 1;
        }
    }
    printf("%d threads, one choice: %s\n", THREADS, heed_isa_name(results[0].isa));
    return 0;
}
