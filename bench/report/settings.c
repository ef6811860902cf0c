/* SPDX-License-Identifier: MIT */
/* settings.c - options with values, lists of names that are checked against those that exist. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../buffers.h"
#include "plan.h"
#include "suite.h"

bool list_has(const char *list, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return !list;
}

static bool refuse(const char *option, const char *wants, const char *text)
{
    fprintf(stderr, "heed-bench: %s wants %s, not '%s'\n", option, wants, text);
    return false;
}

/* A whole number without sign; `end` gets what follows it, or NULL: there is none. */
static uint64_t parse_whole(const char *text, const char **end)
{
    char *stop;
    const unsigned long long value = strtoull(text, &stop, 10);

    *end = *text >= '0' && *text <= '9' ? stop : NULL;
    return value;
}

static bool has_threads(const struct settings *s, size_t count)
{
    for (size_t i = 0; i < s->thread_counts; i++)
        if (s->threads[i] == count)
            return true;
    return false;
}

static bool parse_threads(struct settings *s, const char *text)
{
    enum { MOST = 4096 };
    const char *at = text;

    for (s->thread_counts = 0; s->thread_counts < MOST_THREAD_COUNTS; at++) {
        const uint64_t count = parse_whole(at, &at);

        if (!at || count < 1 || count > MOST || (*at != ',' && *at != '\0') ||
            has_threads(s, (size_t)count))
            break;
        s->threads[s->thread_counts++] = (size_t)count;
        if (*at == '\0')
            return true;
    }
    return refuse("--threads", "different numbers from 1 to 4096, 16 at most", text);
}

/* Every name of the list is one of those of name_at(). */
static bool parse_names(const char **list, const char *what, const char *text,
                        const char *(*name_at)(size_t))
{
    size_t length = 0;

    *list = text;
    for (const char *at = text;; at += length + 1) {
        size_t i = 0;

        length = strcspn(at, ",");
        while (name_at(i) && (strlen(name_at(i)) != length || strncmp(name_at(i), at, length) != 0))
            i++;
        if (!name_at(i))
            break;
        if (at[length] == '\0')
            return true;
        text = at + length + 1;
    }
    fprintf(stderr, "heed-bench: unknown %s '%.*s'; known:", what, (int)length, text);
    for (size_t i = 0; name_at(i); i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", name_at(i));
    fputc('\n', stderr);
    return false;
}

static bool parse_number(const char *option, const char *text, uint64_t most, uint64_t *number)
{
    const char *end;

    *number = parse_whole(text, &end);
    return (end && *end == '\0' && *number <= most) || refuse(option, "a whole number", text);
}

static bool parse_seconds(const char *option, const char *text, double *seconds)
{
    char *end;

    *seconds = strtod(text, &end);
    return (end > text && *end == '\0' && *seconds > 0 && *seconds <= 1e6) ||
           refuse(option, "a number of seconds", text);
}

static bool parse_value(struct settings *s, const char *option, const char *text)
{
    uint64_t number = 0;

    if (strcmp(option, "--report") == 0)
        return *(s->directory = text) || refuse(option, "a directory", text);
    if (strcmp(option, "--threads") == 0)
        return parse_threads(s, text);
    if (strcmp(option, "--workloads") == 0)
        return parse_names(&s->workloads, "workload", text, plan_workload_name);
    if (strcmp(option, "--isa") == 0)
        return parse_names(&s->isas, "instruction set", text, plan_isa_name);
    if (strcmp(option, "--types") == 0)
        return parse_names(&s->types, "type", text, plan_type_name);
    if (strcmp(option, "--memory") == 0)
        return buffers_use(text) || refuse(option, "huge or malloc", text);
    if (strcmp(option, "--sysfs") == 0)
        return *(s->sysfs = text) || refuse(option, "a directory", text);
    if (strcmp(option, "--budget-s") == 0)
        return parse_seconds(option, text, &s->budget_s);
    if (strcmp(option, "--seed") == 0)
        return parse_number(option, text, UINT32_MAX, &s->seed);
    if (!parse_number(option, text, 1 << 16, &number))
        return false;
    s->pinned = true; /* what is left is --cpu */
    s->cpu = (size_t)number;
    return true;
}

static bool parse_flag(struct settings *s, const char *option)
{
    if (strcmp(option, "--quick") == 0)
        s->suite = SUITE_QUICK;
    else if (strcmp(option, "--full") == 0)
        s->suite = SUITE_FULL;
    else if (strcmp(option, "--strict") == 0)
        s->strict = true;
    else
        return false;
    return true;
}

/* The option with a value that an argument begins with, up to its end or its '='. */
static const char *valued_option(const char *argument)
{
    static const char *const options[] = {"--report", "--threads", "--workloads", "--isa",
                                          "--types",  "--cpu",     "--seed",      "--budget-s",
                                          "--sysfs",  "--memory"};
    const size_t length = strcspn(argument, "=");

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (strlen(options[i]) == length && strncmp(options[i], argument, length) == 0)
            return options[i];
    return NULL;
}

bool settings_parse(struct settings *s, int argc, char **argv)
{
    *s = (struct settings){.suite = SUITE_DEFAULT,
                           .threads = {1},
                           .thread_counts = 1,
                           .sysfs = "/sys/devices/system/cpu",
                           .seed = (uint64_t)time(NULL) & UINT32_MAX,
                           .argc = argc,
                           .argv = argv};
    for (int i = 1; i < argc; i++) {
        const char *option = valued_option(argv[i]), *equals = strchr(argv[i], '=');

        if (!option && parse_flag(s, argv[i]))
            continue;
        if (!option) {
            fprintf(stderr, "heed-bench: --report does not go with '%s'; see --help\n", argv[i]);
            return false;
        }
        const char *value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : "";

        if (!parse_value(s, option, value))
            return false;
    }
    s->custom = s->workloads || s->types || s->budget_s > 0;
    if (s->budget_s <= 0)
        s->budget_s = suite_seconds(s->suite);
    return true;
}
