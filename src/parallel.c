/* SPDX-License-Identifier: MIT */
/*
 * parallel.c - tasks run on the caller's threads, or one after the other.
 *
 * The caller's parallel_for starts at most one body per worker; each takes tasks
 * from a common counter until none is left.  So it does not matter in which order
 * or on how many threads the bodies run, and the slowest thread gets least.
 */
#include "parallel.h"

#include <stdatomic.h>

#include "float_state.h"

struct run {
    heed_task_fn *task;
    const void *job;
    size_t tasks;
    atomic_size_t next;
};

static void work(void *argument, size_t worker)
{
    struct run *run = argument;
    const struct float_control found = heed_floats_begin();

    for (;;) {
        const size_t i = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed);

        if (i >= run->tasks)
            break;
        run->task(run->job, i, worker);
    }
    heed_floats_end(&found);
}

size_t heed_worker_count(const heed_parallel *parallel, size_t tasks)
{
    const size_t workers = parallel->parallel_for ? parallel->workers : 1;

    return workers < 2 || tasks < 2 ? 1 : workers < tasks ? workers : tasks;
}

void heed_run(const heed_parallel *parallel, size_t tasks, heed_task_fn *task, const void *job)
{
    const size_t workers = heed_worker_count(parallel, tasks);
    struct run run = {.task = task, .job = job, .tasks = tasks};

    atomic_init(&run.next, 0);
    if (workers == 1)
        work(&run, 0);
    else
        parallel->parallel_for(parallel->context, workers, work, &run);
}
