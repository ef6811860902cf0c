/* SPDX-License-Identifier: MIT */
/* child.c - a process for each, so that one instruction set's clock and heat are its own. */
#define _GNU_SOURCE /* sigaction, strsignal */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../stopwatch.h"
#include "../threads.h"
#include "measure.h"
#include "records.h"

static volatile sig_atomic_t caught;

static void catch_signal(int number)
{
    caught = number;
}

int child_signal(void)
{
    return caught;
}

/* Without SA_RESTART: a read of the pipe comes back. */
void child_catch_signals(void)
{
    struct sigaction action = {.sa_handler = catch_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* In the child: both signals do what they do by default, as a terminal sends them to all. */
static void become_child(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* Never returns.  _exit: what the parent had buffered or registered is the parent's. */
static void run_child(struct run *run, size_t index, double seconds, int to)
{
    struct plan *plan = &run->processes[index].plan;

    become_child();
    if (!threads_pin(plan->setting.cpu, plan->setting.threads))
        _exit(1);
    stopwatch_set_threads(plan->setting.threads);
    plan->setting.parallel = threads_start(plan->setting.threads);
    const bool ended =
        measure(plan, (uint32_t)index, seconds, &run->settings, *run->machine.emulation, to);

    threads_stop();
    _exit(!ended);
}

static void explain_end(struct run *run, struct process *process, int status)
{
    if (caught)
        snprintf(process->why, sizeof process->why, "interrupted before its first round");
    else if (WIFSIGNALED(status))
        snprintf(process->why, sizeof process->why, "its process ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (!process->ended)
        snprintf(process->why, sizeof process->why, "its process ended with status %d",
                 WEXITSTATUS(status));
    run->failed |= !caught && !process->ended;
}

void child_run(struct run *run, size_t index, double seconds)
{
    struct process *process = &run->processes[index];
    int ends[2] = {-1, -1}, status = 0;
    const pid_t pid = pipe(ends) == 0 ? fork() : -1;

    if (pid == 0)
        run_child(run, index, seconds, ends[1]);
    if (ends[1] >= 0)
        close(ends[1]);
    if (pid > 0) {
        records_read(run, index, ends[0]);
        if (caught)
            kill(pid, SIGTERM);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        explain_end(run, process, status);
    } else {
        snprintf(process->why, sizeof process->why, "could not be started: %s", strerror(errno));
        run->failed = true;
    }
    if (ends[0] >= 0)
        close(ends[0]);
}
