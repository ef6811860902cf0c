/* SPDX-License-Identifier: MIT */
/*
 * race.c - 32 threads race to be the first to use the library.
 *
 * A plain program, so that ThreadSanitizer sees nothing but the library, and a
 * process of its own, so that the first use is the first.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <heed/heed.h>

enum { THREADS = 32, ROWS = 6, DIM = 3 };

static pthread_barrier_t start;

struct result {
    const heed_isa *isa;
    heed_status status;
    heed_cpu_info cpu;
    float o[ROWS * DIM];
};

static void *first_use(void *argument)
{
    static const float x[ROWS * DIM] = {0.75f, 0.42f, 0.31f, 0.9f,  0.5f, 0.4f,  0.2f,  0.1f, 0.05f,
                                        0.92f, 0.53f, 0.41f, 0.35f, 0.2f, 0.15f, 0.05f, 0.9f, 0.1f};
    struct result *result = argument;
    const heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = ROWS,
        .kv_rows = ROWS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = x,
        .k.data = x,
        .v.data = x,
        .o.data = result->o,
    };

    pthread_barrier_wait(&start);
    result->status = heed_attention(&a);
    result->isa = heed_isa_default();
    heed_cpu(&result->cpu, sizeof result->cpu);
    return NULL;
}

int main(void)
{
    static struct result results[THREADS];
    pthread_t threads[THREADS];

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
        if (results[i].status != HEED_OK || memcmp(&results[i], &results[0], sizeof results[i])) {
            fprintf(stderr, "thread %zu saw another library than thread 0\n", i);
            return 1;
        }
    }
    printf("%d threads, one choice: %s\n", THREADS, heed_isa_name(results[0].isa));
    return 0;
}
