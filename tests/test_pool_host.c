/* SPDX-License-Identifier: MIT */
/* test_pool_host.c - the pool where it has fewer CPUs than threads, busy ones, or none of its
 * threads. */
#define _GNU_SOURCE /* affinity */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <heed/pool.h>

#include "../src/pool_cpus.h"
#include "sanitizers.h"

enum { MOST = 64, PATIENCE = 60 /* seconds until something hangs for sure */ };

static size_t allowed_cpus(void)
{
    cpu_set_t set;

    cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
    return (size_t)CPU_COUNT(&set);
}

/* Keeps a thread (0: this one) on the first CPU that this one may use. */
static void pin(pid_t thread)
{
    cpu_set_t set;
    int cpu = 0;

    cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
    while (!CPU_ISSET(cpu, &set))
        cpu++;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    cr_assert_eq(sched_setaffinity(thread, sizeof set, &set), 0);
}

static void pin_all_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");

    cr_assert(tasks);
    for (struct dirent *task; (task = readdir(tasks));) {
        if (atoi(task->d_name))
            pin(atoi(task->d_name));
    }
    closedir(tasks);
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void run(heed_pool *pool, size_t count, void (*body)(void *, size_t), void *argument)
{
    const heed_parallel parallel = heed_pool_parallel(pool);

    parallel.parallel_for(parallel.context, count, body, argument);
}

/* Who ran which body. */
struct census {
    pthread_t by[MOST];
    atomic_size_t ran[MOST];
};

static void sign(void *argument, size_t i)
{
    struct census *census = argument;

    census->by[i] = pthread_self();
    atomic_fetch_add(&census->ran[i], 1);
    wait_ms(1);
}

/* Threads that ran bodies; each body once. */
static size_t threads_in(const struct census *census, size_t count)
{
    size_t threads = 0;

    for (size_t i = 0; i < count; i++) {
        size_t before = 0;

        cr_expect_eq(census->ran[i], 1, "body %zu ran %zu times", i, (size_t)census->ran[i]);
        while (before < i && !pthread_equal(census->by[before], census->by[i]))
            before++;
        threads += before == i;
    }
    return threads;
}

static size_t threads_used(heed_pool *pool, size_t count)
{
    struct census census = {0};

    run(pool, count, sign, &census);
    return threads_in(&census, count);
}

Test(pool_host, as_many_threads_as_cpus_may_be_used)
{
    const size_t quota = heed_pool_quota(""), cpus = allowed_cpus();
    heed_pool *all = heed_pool_create(0);

    cr_expect_eq(heed_pool_threads(all), quota && quota < cpus ? quota : cpus);
    heed_pool_destroy(all);
    pin(0);
    heed_pool *pinned = heed_pool_create(0);
    cr_expect_eq(heed_pool_threads(pinned), 1);
    heed_pool_destroy(pinned);
}

/* What a thread asks counts for it and for the workers, wherever either may run. */
Test(pool_host, cpus_of_all_threads_count)
{
    const size_t cpus = allowed_cpus();
    pthread_t self = pthread_self();

    cr_expect_eq(heed_pool_cpus(NULL, 0), cpus);
    cr_expect_eq(heed_pool_cpus(&self, 1), cpus);
    pin(0);
    cr_expect_eq(heed_pool_cpus(&self, 1), 1);
}

Test(pool_host, no_more_threads_work_than_there_are_cpus)
{
    const size_t cpus = allowed_cpus();
    heed_pool *pool = heed_pool_create(16);

    cr_assert_eq(heed_pool_threads(pool), 16);
    wait_ms(50); /* until all have begun, and sleep */
    for (size_t i = 0; i < 20; i++)
        cr_expect_leq(threads_used(pool, 16), cpus);
    pin_all_threads();
    wait_ms(50);
    for (size_t i = 0; i < 20; i++)
        cr_expect_eq(threads_used(pool, 16), 1);
    heed_pool_destroy(pool);
}

static void need_two_cpus(void)
{
    if (allowed_cpus() < 2)
        cr_skip_test("only one CPU may be used");
}

/* The caller alone is kept on one CPU: its workers have theirs, and are still worth waking. */
Test(pool_host, a_pinned_caller_keeps_its_workers)
{
    need_two_cpus();
    heed_pool *pool = heed_pool_create(2);
    const double end = seconds() + PATIENCE;
    size_t threads = 0;

    pin(0);
    wait_ms(50);
    while (threads < 2 && seconds() < end)
        threads = threads_used(pool, 2);
    cr_expect_eq(threads, 2);
    heed_pool_destroy(pool);
}

static double best_of(heed_attention_args *args, heed_parallel parallel)
{
    double best = 1e9;

    args->parallel = parallel;
    for (size_t i = 0; i < 40; i++) {
        const double begin = seconds();

        cr_assert_eq(heed_attention(args), HEED_OK);
        best = seconds() - begin < best ? seconds() - begin : best;
    }
    return best;
}

/*
 * 16 threads on one CPU.  Blocks made for 16 workers cost some 10 % (512 rows and keys); a pool
 * that waits awake for each of its threads takes 16 times as long, or more.
 */
Test(pool_host, threads_on_one_cpu_cost_little)
{
    enum { ROWS = 512, DIM = 64 };
    static float x[ROWS * DIM], o[ROWS * DIM];
    heed_attention_args args = {
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
        .o.data = o,
    };
    heed_pool *pool = heed_pool_create(16);

    for (size_t i = 0; i < ROWS * DIM; i++)
        x[i] = (float)(i % 7) / 7;
    pin_all_threads();
    wait_ms(50);
    const double alone = best_of(&args, (heed_parallel){0});
    const double together = best_of(&args, heed_pool_parallel(pool));
    cr_expect_lt(together, 2 * alone, "%g s alone, %g s with 16 threads", alone, together);
    heed_pool_destroy(pool);
}

/* Bodies that stay until they are told to go. */
struct gate {
    heed_pool *pool;
    atomic_size_t inside;
    atomic_bool open;
};

static void stay(void *argument, size_t i)
{
    struct gate *gate = argument;

    (void)i;
    atomic_fetch_add(&gate->inside, 1);
    while (!atomic_load(&gate->open))
        wait_ms(1);
}

static void *call_and_stay(void *argument)
{
    struct gate *gate = argument;

    run(gate->pool, 2, stay, gate);
    return NULL;
}

/* All workers are in a call that does not end; another one ends all the same. */
Test(pool_host, a_call_needs_no_worker, .timeout = PATIENCE)
{
    need_two_cpus();
    struct gate gate = {.pool = heed_pool_create(2)};
    pthread_t caller;

    cr_assert_eq(pthread_create(&caller, NULL, call_and_stay, &gate), 0);
    while (atomic_load(&gate.inside) < 2)
        wait_ms(1);
    cr_expect_eq(threads_used(gate.pool, 2), 1);
    atomic_store(&gate.open, true);
    pthread_join(caller, NULL);
    heed_pool_destroy(gate.pool);
}

static void call_inside(void *argument, size_t i)
{
    (void)i;
    cr_expect_geq(threads_used(argument, 2), 1);
}

Test(pool_host, a_body_may_call, .timeout = PATIENCE)
{
    heed_pool *pool = heed_pool_create(4);

    for (size_t i = 0; i < 100; i++)
        run(pool, 4, call_inside, pool);
    heed_pool_destroy(pool);
}

static void *count_threads(void *argument)
{
    for (size_t i = 0; i < 20; i++)
        cr_expect_geq(threads_used(argument, 3), 1);
    return NULL;
}

/* More callers than can have help. */
Test(pool_host, many_callers, .timeout = PATIENCE)
{
    heed_pool *pool = heed_pool_create(3);
    pthread_t callers[40];

    for (size_t i = 0; i < 40; i++)
        cr_assert_eq(pthread_create(&callers[i], NULL, count_threads, pool), 0);
    for (size_t i = 0; i < 40; i++)
        pthread_join(callers[i], NULL);
    heed_pool_destroy(pool);
}

/* What a child does; its exit status. */
static int in_a_child(int (*act)(heed_pool *pool), heed_pool *pool)
{
    int status;
    const pid_t child = fork();

    if (!child) {
        alarm(PATIENCE);
        _exit(act(pool));
    }
    cr_assert_gt(child, 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int use_and_destroy(heed_pool *pool)
{
    struct census census = {0};

    run(pool, 4, sign, &census);
    for (size_t i = 0; i < 4; i++) {
        if (census.ran[i] != 1 || !pthread_equal(census.by[i], pthread_self()))
            return 1;
    }
    if (heed_pool_threads(pool) != 4)
        return 2;
    heed_pool_destroy(pool);
    return 0;
}

/* A pool of the child's own; in_a_child() in a child: what a grandchild does. */
static int make_another(heed_pool *pool)
{
    heed_pool *own = heed_pool_create(4);
    const bool good = own && !use_and_destroy(pool) && in_a_child(use_and_destroy, own) == 0;

    heed_pool_destroy(own);
    return good ? 0 : 3;
}

Test(pool_host, a_child_works_alone)
{
    heed_pool *pool = heed_pool_create(4);

    cr_expect_eq(in_a_child(use_and_destroy, pool), 0, "before any call");
    threads_used(pool, 4);
    cr_expect_eq(in_a_child(use_and_destroy, pool), 0, "after a call");
    if (!SANITIZED) /* ThreadSanitizer lets no child of a process with threads start any */
        cr_expect_eq(in_a_child(make_another, pool), 0, "with a pool of its own");
    cr_expect_geq(threads_used(pool, 4), 1, "the parent's pool goes on");
    heed_pool_destroy(pool);
}

/* The child's copy of the pool is in the middle of a call of a thread that the child has not. */
Test(pool_host, a_child_born_during_a_call, .timeout = PATIENCE)
{
    struct gate gate = {.pool = heed_pool_create(4)};
    pthread_t caller;

    cr_assert_eq(pthread_create(&caller, NULL, call_and_stay, &gate), 0);
    while (!atomic_load(&gate.inside))
        wait_ms(1);
    cr_expect_eq(in_a_child(use_and_destroy, gate.pool), 0);
    atomic_store(&gate.open, true);
    pthread_join(caller, NULL);
    heed_pool_destroy(gate.pool);
}

static int with_little_room(heed_pool *unused)
{
    const struct rlimit room = {64 << 20, 64 << 20}; /* threads have stacks of 2 to 8 MiB */
    heed_pool *pool;

    (void)unused;
    if (setrlimit(RLIMIT_AS, &room) || !(pool = heed_pool_create(64)))
        return 1;
    const size_t threads = heed_pool_threads(pool);
    threads_used(pool, threads < MOST ? threads : MOST);
    heed_pool_destroy(pool);
    return threads < 64 ? 0 : 2;
}

Test(pool_host, fewer_threads_where_the_system_refuses)
{
    if (SANITIZED)
        cr_skip_test("a sanitizer needs more room itself");
    cr_expect_eq(in_a_child(with_little_room, NULL), 0);
    cr_expect_null(heed_pool_create((size_t)-1));
    cr_expect_null(heed_pool_create((size_t)-1 / sizeof(pthread_t)));
}

static void note_mask(void *argument, size_t i)
{
    sigset_t *masks = argument;

    pthread_sigmask(SIG_BLOCK, NULL, &masks[i]);
    wait_ms(1);
}

Test(pool_host, signals_go_to_the_threads_of_the_program)
{
    sigset_t masks[2];
    size_t open = 0;
    heed_pool *pool = heed_pool_create(2);

    for (size_t call = 0; call < 50; call++) {
        open = 0;
        run(pool, 2, note_mask, masks);
        for (size_t i = 0; i < 2; i++)
            open += !sigismember(&masks[i], SIGUSR1);
        if (open == 1)
            break; /* one was the worker's */
    }
    if (allowed_cpus() > 1)
        cr_expect_eq(open, 1);
    cr_assert_eq(pthread_sigmask(SIG_BLOCK, NULL, &masks[0]), 0);
    cr_expect_not(sigismember(&masks[0], SIGUSR1));
    heed_pool_destroy(pool);
}
