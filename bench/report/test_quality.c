/* SPDX-License-Identifier: MIT */
/* test_quality.c - grades of runs that were made up, and what heed-bench exits with for them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "marks.h"
#include "quality.h"

enum { CEILING, FIRST, AGAIN, ITEMS, ROUNDS = 11 };

/* A run without fault: a ceiling, and one kernel measured twice. */
struct made_up {
    struct item items[ITEMS];
    struct round rounds[ITEMS][ROUNDS];
    struct series series[ITEMS];
    struct process process;
    struct run run;
};

static void make_up(struct made_up *m)
{
    *m = (struct made_up){.run = {.complete = true, .count = 1, .done = 1}};
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t r = 0; r < ROUNDS; r++)
            m->rounds[i][r] =
                (struct round){.seconds = 1e-3, .clock_before = 3e9, .clock_after = 3e9};
        m->series[i] = (struct series){.rounds = m->rounds[i], .count = ROUNDS, .work = 1};
        m->items[i] = (struct item){.operation = "attention", .ceiling = i == CEILING};
    }
    m->items[CEILING].operation = "fma";
    strcpy(m->items[CEILING].id, "fma");
    strcpy(m->items[FIRST].id, "first");
    strcpy(m->items[AGAIN].id, "again");
    strcpy(m->items[AGAIN].repeat_of, "first");
    m->process.plan.items = m->items;
    m->process.plan.count = ITEMS;
    m->process.plan.setting = (struct setting){.isa = heed_isa_find("scalar"), .threads = 1};
    m->process.series = m->series;
    m->run.processes = &m->process;
    strcpy(m->run.machine.governor, "performance");
    strcpy(m->run.machine.huge_pages, "madvise");
}

static int failures;

/* The grade, the exit status with and without --strict, and a reason unless it is A. */
static void expect(struct made_up *m, char grade, const char *reason)
{
    const struct quality q = quality_of(&m->run);
    bool said = grade == 'A' && q.reason_count == 0;

    for (size_t i = 0; i < q.reason_count; i++)
        said = said || (grade != 'A' && strstr(q.reasons[i], reason) != NULL);
    m->run.settings.strict = false;
    const int lenient = quality_status(&q, &m->run);

    m->run.settings.strict = true;
    const int strict = quality_status(&q, &m->run);

    if (q.grade != grade || !said || lenient != 0 || strict != (grade != 'A')) {
        printf("%s: grade %c, not %c; %zu reasons, first '%s'; exits with %d, strictly %d\n",
               reason, q.grade, grade, q.reason_count, q.reasons[0], lenient, strict);
        failures++;
    }
    make_up(m);
}

static void mark(struct made_up *m, size_t item, size_t count, unsigned marks)
{
    for (size_t r = 0; r < count; r++)
        m->rounds[item][r].marks = marks;
}

static void slow_down(struct made_up *m, size_t item, double factor)
{
    for (size_t r = 0; r < ROUNDS; r++)
        m->rounds[item][r].seconds *= factor;
}

static void check_resolution(struct made_up *m)
{
    expect(m, 'A', "nothing");
    slow_down(m, AGAIN, 1.009);
    expect(m, 'A', "0.9 % apart");
    slow_down(m, AGAIN, 1.02);
    expect(m, 'B', "the same kernel measured twice differs by 2.0 %");
    slow_down(m, AGAIN, 0.95);
    expect(m, 'C', "the same kernel measured twice differs by 5.0 %");
    m->items[AGAIN].repeat_of[0] = '\0';
    expect(m, 'C', "the resolution is not known");
}

static void check_marks(struct made_up *m)
{
    mark(m, FIRST, 3, MARK_SWITCH); /* of 33 */
    expect(m, 'A', "9 % marked");
    mark(m, FIRST, 2, MARK_SWITCH);
    mark(m, AGAIN, 2, MARK_FAULT);
    expect(m, 'B', "12 % of the rounds are marked: 0 clock, 2 switch, 0 steal, 2 fault");
    for (size_t i = 0; i < ITEMS; i++)
        mark(m, i, 5, MARK_CLOCK);
    expect(m, 'C', "45 % of the rounds are marked");
    mark(m, FIRST, 7, MARK_STEAL);
    expect(m, 'B', "1 of 3 cases have fewer than 5 clean rounds");
    mark(m, FIRST, ROUNDS, MARK_STEAL);
    expect(m, 'C', "every round of 1 of 3 cases is marked");
    m->rounds[FIRST][0].clock_before = 3.2e9;
    expect(m, 'B', "the clock moved between 3.00 and 3.20 GHz");
}

/* Zen 3: two ports for multiplications and two for additions of single numbers. */
static void make_zen3(struct made_up *m, double rate)
{
    strcpy(m->run.machine.cpu.brand, "AMD EPYC");
    m->run.machine.family = 0x19;
    m->run.machine.model = 1;
    m->series[CEILING].work = 1e-3 * rate;
}

static void check_machine(struct made_up *m)
{
    make_zen3(m, 12.1e9);
    expect(m, 'A', "a roof 0.8 % above 2 x 2 x 3 GHz");
    make_zen3(m, 12.4e9);
    expect(m, 'C', "1 roofs are higher than theory allows");
    strcpy(m->run.machine.governor, "powersave");
    expect(m, 'B', "the governor is powersave");
    strcpy(m->run.machine.huge_pages, "never");
    expect(m, 'B', "there are no huge pages");
    strcpy(m->run.machine.emulation, "qemu");
    expect(m, 'C', "emulated by qemu");
    m->run.complete = false;
    expect(m, 'C', "it was interrupted");
}

/* Cores of another kind may have another clock. */
static void check_core_kinds(struct made_up *m)
{
    struct made_up little;
    struct process both[2];

    make_up(&little);
    for (size_t i = 0; i < ITEMS; i++)
        for (size_t r = 0; r < ROUNDS; r++)
            little.rounds[i][r].clock_before = little.rounds[i][r].clock_after = 2e9;
    little.process.plan.setting.core_kind = 1;
    both[0] = m->process;
    both[1] = little.process;
    m->run.processes = both;
    m->run.count = 2;
    expect(m, 'A', "two kinds of cores");
}

/* A wrong result fails whatever the grade. */
static void check_failure(struct made_up *m)
{
    const struct quality q = quality_of(&m->run);

    m->run.failed = true;
    if (q.grade != 'A' || quality_status(&q, &m->run) != 1) {
        printf("a failed run of grade %c does not exit with 1\n", q.grade);
        failures++;
    }
}

int main(void)
{
    struct made_up m;

    make_up(&m);
    check_resolution(&m);
    check_marks(&m);
    check_machine(&m);
    check_core_kinds(&m);
    check_failure(&m);
    return failures != 0;
}
