/* SPDX-License-Identifier: MIT */
/* parallel.h - tasks run on the caller's threads, or one after the other. */
#ifndef HEED_PARALLEL_H
#define HEED_PARALLEL_H

#include "arithmetic.h"

#include <heed/heed.h>

/* Does task `index`; `worker` < heed_worker_count() is not used by two tasks at a time. */
typedef void heed_task_fn(const void *job, size_t index, size_t worker);

/* How many workers heed_run() will use for so many tasks. */
size_t heed_worker_count(const heed_parallel *parallel, size_t tasks);

/* Runs task(job, i, worker) once for each i in [0, tasks); returns when all are done. */
void heed_run(const heed_parallel *parallel, size_t tasks, heed_task_fn *task, const void *job);

#endif
