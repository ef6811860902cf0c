/* SPDX-License-Identifier: MIT */
/*
 * soak.c - threads append to one cache, drop rows and attend over it, for as long as one likes.
 *
 * Usage: heed_soak [seconds [seed]]
 *
 * Each round the threads first change entries, each its own, and then all attend at the same time,
 * by a pool that they share, with masks and shapes drawn anew.  Every result has to be that of
 * plain views of the same rows, bit for bit, and every thirty-second round the image that of a
 * copy, opened anew.  The memory of the process must not grow.  Exit status 1 otherwise.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <heed/pool.h>

#include "random.h"
#include "sanitizers.h"

enum { THREADS = 4, BATCH = 8, Q_HEADS = 4, KV_HEADS = 2, CAPACITY = 700, QK_DIM = 40, V_DIM = 33 };
enum { MOST_ROWS = 70, OPERATIONS = 6, GROWTH = 1 << 20 };

/* What the cache has to hold: keys of f32, values of bf16, one entry after the other. */
static float k[BATCH][KV_HEADS][CAPACITY][QK_DIM];
static uint16_t v[BATCH][KV_HEADS][CAPACITY][V_DIM];
static size_t lengths[BATCH];

static heed_kv cache;
static heed_pool *pool;
static pthread_barrier_t step;
static atomic_bool over, wrong;
static atomic_ullong calls;

struct worker {
    pthread_t thread;
    size_t number;
    struct random random;
    float q[BATCH * Q_HEADS * MOST_ROWS * QK_DIM];
    float o[2][BATCH * Q_HEADS * MOST_ROWS * V_DIM];
};

static void expect(heed_status status, const char *what)
{
    if (status == HEED_OK)
        return;
    fprintf(stderr, "heed_soak: %s: %s\n", what, heed_status_string(status));
    exit(1);
}

static void draw_rows(struct random *random, size_t b, size_t from, size_t rows)
{
    for (size_t h = 0; h < KV_HEADS; h++)
        for (size_t r = from; r < from + rows; r++) {
            for (size_t d = 0; d < QK_DIM; d++)
                k[b][h][r][d] = random_float(random, -2.0f, 2.0f);
            for (size_t d = 0; d < V_DIM; d++) /* 0.5 to 2, either sign */
                v[b][h][r][d] = (uint16_t)(0x3f00 | (random_bits(random) & 0x80ff));
        }
}

static void append(struct random *random, size_t b)
{
    const size_t room = CAPACITY - lengths[b], most = random_once_in(random, 4) ? 90 : 3;
    const size_t rows = random_below(random, (room < most ? room : most) + 1);
    const heed_kv_append_args a = {
        HEED_SIZED(heed_kv_append_args),
        .kv = &cache,
        .first_batch = b,
        .batch = 1,
        .rows = rows,
        .k = {k[b][0][lengths[b]], HEED_F32, .head_stride = CAPACITY * QK_DIM,
              .row_stride = QK_DIM},
        .v = {v[b][0][lengths[b]], HEED_BF16, .head_stride = CAPACITY * V_DIM, .row_stride = V_DIM},
    };

    draw_rows(random, b, lengths[b], rows);
    expect(heed_kv_append(&a), "heed_kv_append");
    lengths[b] += rows;
}

static void truncate_entry(struct random *random, size_t b)
{
    lengths[b] = random_below(random, lengths[b] + 1);
    expect(heed_kv_truncate(&cache, b, lengths[b]), "heed_kv_truncate");
}

static void change(struct worker *w)
{
    for (int i = 0; i < OPERATIONS; i++) {
        const size_t own = w->number + THREADS * random_below(&w->random, BATCH / THREADS);

        if (random_once_in(&w->random, 12))
            truncate_entry(&w->random, own);
        else
            append(&w->random, own);
        atomic_fetch_add(&calls, 1);
    }
}

static heed_attention_args draw_call(struct worker *w)
{
    struct random *random = &w->random;
    const size_t rows = 1 + random_below(random, random_once_in(random, 4) ? MOST_ROWS : 4);
    heed_attention_args a = {HEED_SIZED(heed_attention_args), .q_heads = Q_HEADS, .q_rows = rows,
                             .q.data = w->q};

    for (size_t i = 0; i < BATCH * Q_HEADS * rows * QK_DIM; i++)
        w->q[i] = random_float(random, -2.0f, 2.0f);
    a.mask = random_once_in(random, 3) ? HEED_MASK_NONE : HEED_MASK_CAUSAL;
    if (random_once_in(random, 3))
        a.window_left = 1 + random_below(random, CAPACITY);
    if (random_once_in(random, 5))
        a.softcap = 3.0f;
    if (random_once_in(random, 2))
        a.parallel = heed_pool_parallel(pool);
    return a;
}

static void attend_over(const heed_kv *kv, heed_attention_args a, float *o)
{
    a.kv = kv;
    a.o.data = o;
    expect(heed_attention(&a), "heed_attention over the cache");
}

static void attend_over_views(heed_attention_args a, float *o)
{
    a.batch = BATCH;
    a.kv_heads = KV_HEADS;
    a.kv_rows = CAPACITY;
    a.qk_dim = QK_DIM;
    a.v_dim = V_DIM;
    a.k = (heed_input){.data = k};
    a.v = (heed_input){.data = v, .dtype = HEED_BF16};
    a.kv_lengths = lengths;
    a.o.data = o;
    expect(heed_attention(&a), "heed_attention over views");
}

static void compare(struct worker *w)
{
    const heed_attention_args a = draw_call(w);
    const size_t count = BATCH * Q_HEADS * a.q_rows * V_DIM;

    attend_over(&cache, a, w->o[0]);
    attend_over_views(a, w->o[1]);
    atomic_fetch_add(&calls, 2);
    if (memcmp(w->o[0], w->o[1], count * sizeof(float))) {
        fprintf(stderr, "heed_soak: %zu rows by thread %zu: not the bits of views\n", a.q_rows,
                w->number);
        atomic_store(&wrong, true);
    }
}

/* The image, copied elsewhere, is the same cache. */
static void compare_copy(struct worker *w, void *copy, size_t bytes)
{
    const heed_attention_args a = draw_call(w);
    const heed_kv_open_args open = {HEED_SIZED(heed_kv_open_args), .memory = copy,
                                    .memory_size = bytes, .read_only = 1};
    heed_kv other;

    memcpy(copy, cache.memory, bytes);
    expect(heed_kv_open(&open, &other), "heed_kv_open");
    attend_over(&cache, a, w->o[0]);
    attend_over(&other, a, w->o[1]);
    atomic_fetch_add(&calls, 3);
    if (memcmp(w->o[0], w->o[1], BATCH * Q_HEADS * a.q_rows * V_DIM * sizeof(float)))
        atomic_store(&wrong, true);
}

static void *work(void *argument)
{
    struct worker *w = argument;

    while (pthread_barrier_wait(&step), !atomic_load(&over)) {
        change(w);
        pthread_barrier_wait(&step);
        for (int i = 0; i < OPERATIONS; i++)
            compare(w);
        pthread_barrier_wait(&step);
    }
    return NULL;
}

static size_t resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t create_cache(void)
{
    heed_kv_create_args a = {HEED_SIZED(heed_kv_create_args),
                             .batch = BATCH,
                             .kv_heads = KV_HEADS,
                             .qk_dim = QK_DIM,
                             .v_dim = V_DIM,
                             .capacity = CAPACITY,
                             .v_dtype = HEED_BF16};

    expect(heed_kv_bytes(&a, &a.memory_size), "heed_kv_bytes");
    a.memory = aligned_alloc(64, a.memory_size);
    expect(a.memory ? heed_kv_create(&a, &cache) : HEED_OUT_OF_MEMORY, "heed_kv_create");
    return a.memory_size;
}

/* Rounds until the time is up; the memory that the process had after a tenth of them, or 0. */
static size_t run(double seconds, struct worker *checker, size_t bytes)
{
    void *copy = aligned_alloc(64, bytes);
    const double start = now();
    double told = start;
    size_t early = 0;

    expect(copy ? HEED_OK : HEED_OUT_OF_MEMORY, "a copy");
    for (unsigned long round = 0; now() - start < seconds && !atomic_load(&wrong); round++) {
        for (int i = 0; i < 3; i++)
            pthread_barrier_wait(&step);
        if (round % 32 == 0)
            compare_copy(checker, copy, bytes);
        if (!early && now() - start > seconds / 10)
            early = resident();
        if (now() - told >= 60.0) {
            told = now();
            printf("%6.0f s  %lu rounds  %llu calls  %.1f MiB\n", told - start, round + 1,
                   atomic_load(&calls), (double)resident() / (1 << 20));
            fflush(stdout);
        }
    }
    free(copy);
    return early;
}

int main(int argc, char **argv)
{
    static struct worker workers[THREADS + 1]; /* the last is the main thread's */
    const double seconds = argc > 1 ? strtod(argv[1], NULL) : 3.0;
    const unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    const size_t bytes = create_cache();

    pool = heed_pool_create(THREADS);
    pthread_barrier_init(&step, NULL, THREADS + 1);
    for (size_t i = 0; i <= THREADS; i++) {
        workers[i].number = i;
        workers[i].random.state = seed * 1000 + i;
        if (i < THREADS && pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
            perror("heed_soak: pthread_create");
            return 1;
        }
    }
    const size_t early = run(seconds, &workers[THREADS], bytes), late = resident();

    atomic_store(&over, true);
    pthread_barrier_wait(&step);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    heed_pool_destroy(pool);
    free(cache.memory);
    /* In seconds, and where a sanitizer keeps what was freed, memory has not come to rest. */
    const bool grows = !SANITIZED && seconds >= 60.0 && late > early + GROWTH;
    printf("%llu calls, %.1f MiB then and %.1f MiB now, %.0f s: %s\n", atomic_load(&calls),
           (double)early / (1 << 20), (double)late / (1 << 20), seconds,
           atomic_load(&wrong) ? "wrong results"
           : grows             ? "it grows"
                               : "well");
    return atomic_load(&wrong) || grows;
}
