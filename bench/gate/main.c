/* SPDX-License-Identifier: MIT */
/*
 * main.c - heed-gate: two libraries in one process, call by call in turn.
 *
 *     heed-gate [--memory KIND] [--isa NAME] OLD.so NEW.so
 *
 * Measures and judges nothing: gate.py asks, line by line, and does.  It writes "case NAME" for
 * each and then "ready"; to "NAME ROUNDS" it answers with as many lines "round OLD NEW", seconds of
 * a call, or with "skip REASON", and then with "end".  The last case stays open for further rounds.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "buffers.h"
#include "cases.h"
#include "library.h"
#include "stopwatch.h"

struct side {
    const struct library *library;
    const heed_isa *isa;
    struct call call;
};

static struct side sides[2]; /* old, new */

static struct {
    const struct call_spec *spec;
    size_t calls; /* made between two looks at the clock */
    size_t rounds;
    char why[80]; /* it cannot be measured */
} current;

/* So that a look at the clock, some 0.3 us, does not show. */
static const double least_seconds = 1e-4;

static double seconds_of(struct side *side, size_t calls)
{
    library_use(side->library);
    const double start = stopwatch_seconds();

    for (size_t i = 0; i < calls; i++)
        (void)call_run(&side->call);
    return (stopwatch_seconds() - start) / (double)calls;
}

/*
 * Old, new, new, old, and the next time new, old, old, new: what drifts meets both alike.  The
 * shorter of each two, since what others do only ever makes one longer.
 */
static void measure_round(void)
{
    const int first = current.rounds++ % 2;
    double least[2];

    least[first] = seconds_of(&sides[first], current.calls);
    least[!first] = seconds_of(&sides[!first], current.calls);
    least[!first] = fmin(least[!first], seconds_of(&sides[!first], current.calls));
    least[first] = fmin(least[first], seconds_of(&sides[first], current.calls));
    printf("round %.9g %.9g\n", least[0], least[1]);
}

static void close_case(void)
{
    if (!current.spec)
        return;
    for (int i = 0; i < 2; i++) {
        library_use(sides[i].library);
        call_leave(&sides[i].call);
    }
    call_close(&sides[0].call);
    current.spec = NULL;
}

static bool use(struct side *side, const char *which)
{
    library_use(side->library);
    heed_status status = call_use(&side->call, side->isa);

    if (status == HEED_OK)
        status = call_run(&side->call);
    if (status != HEED_OK)
        snprintf(current.why, sizeof current.why, "the %s library says: %s", which,
                 heed_status_string(status));
    return status == HEED_OK;
}

/* Tensors are the same memory for both: only what a library arranges itself stands apart. */
static void open_case(const struct call_spec *spec)
{
    close_case();
    current.spec = spec;
    current.why[0] = '\0';
    library_use(sides[1].library);
    call_open(&sides[0].call, spec);
    sides[1].call = sides[0].call;
    if (!use(&sides[0], "old") || !use(&sides[1], "new"))
        return;
    for (current.calls = 1; current.calls < 1 << 20; current.calls *= 2)
        if (seconds_of(&sides[0], current.calls) * (double)current.calls >= least_seconds)
            break;
}

static void answer(const char *name, size_t rounds)
{
    const struct call_spec *spec;

    for (size_t i = 0; (spec = gate_case_at(i)) != NULL; i++)
        if (strcmp(spec->name, name) == 0)
            break;
    if (!spec) {
        puts("skip there is no such case");
        return;
    }
    if (current.spec != spec)
        open_case(spec);
    if (*current.why)
        printf("skip %s\n", current.why);
    for (size_t i = 0; i < rounds && !*current.why; i++)
        measure_round();
}

static bool open_side(struct side *side, const char *path, const char *isa)
{
    side->library = library_open(path);
    if (!side->library)
        return false;
    library_use(side->library);
    side->isa = isa ? heed_isa_find(isa) : heed_isa_default();
    if (side->isa && heed_isa_supported(side->isa)) {
        printf("isa %s\n", heed_isa_name(side->isa));
        return true;
    }
    fprintf(stderr, "heed-gate: %s has no %s that runs here\n", path, isa ? isa : "kernels");
    return false;
}

static int usage(void)
{
    fputs("usage: heed-gate [--memory huge|malloc] [--isa NAME] OLD.so NEW.so\n", stderr);
    return 2;
}

static void serve(void)
{
    char line[128], name[64];
    const struct call_spec *spec;
    size_t rounds;

    for (size_t i = 0; (spec = gate_case_at(i)) != NULL; i++)
        printf("case %s\n", spec->name);
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && sscanf(line, "%63s %zu", name, &rounds) == 2) {
        answer(name, rounds);
        puts("end");
        fflush(stdout);
    }
    close_case();
}

int main(int argc, char **argv)
{
    const char *isa = NULL;
    int at = 1;

    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (strcmp(argv[at], "--isa") == 0)
            isa = argv[at + 1];
        else if (strcmp(argv[at], "--memory") != 0 || !buffers_use(argv[at + 1]))
            return usage();
    }
    if (argc - at != 2)
        return usage();
    if (!open_side(&sides[0], argv[at], isa) || !open_side(&sides[1], argv[at + 1], isa))
        return 2;
    serve();
    return 0;
}
