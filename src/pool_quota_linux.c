/* SPDX-License-Identifier: MIT */
/*
 * pool_quota_linux.c - the CPU time that control groups grant, version 1 and 2.
 *
 * A group gets no more than the groups that it is in, so each one is asked, from that of the
 * process up to where its hierarchy is mounted.  In a container that is the container's own: what
 * lies above cannot be seen from there.  Formats: cgroups(7), proc(5), and cgroup-v2.rst and
 * sched-bwc.rst of the kernel's documentation.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool_cpus.h"

enum { MOST_CPUS = 1 << 20 }; /* more is no limit */

/* A hierarchy of groups, as one line of /proc/self/mountinfo mounts it. */
struct mount {
    char *root, *point; /* which of its groups is mounted, and where */
    bool second;        /* version 2 */
};

static FILE *open_below(const char *root, const char *directory, const char *name)
{
    char path[PATH_MAX];
    const int size = snprintf(path, sizeof path, "%s%s/%s", root, directory, name);

    return size > 0 && (size_t)size < sizeof path ? fopen(path, "r") : NULL;
}

/* The first two words of a file as numbers; 0 for one that is none, or missing. */
static void read_numbers(const char *root, const char *group, const char *name, double number[2])
{
    char words[2][32] = {"", ""};
    FILE *file = open_below(root, group, name);

    if (file && fscanf(file, "%31s %31s", words[0], words[1]) < 1)
        words[0][0] = '\0';
    if (file)
        fclose(file);
    for (size_t i = 0; i < 2; i++)
        number[i] = strtod(words[i], NULL);
}

/* Of one group; 0: no limit. */
static double group_quota(const char *root, const struct mount *mount, const char *group)
{
    double quota[2], period[2];

    if (mount->second) {
        read_numbers(root, group, "cpu.max", quota); /* "150000 100000", or "max 100000" */
        return quota[0] > 0 && quota[1] > 0 ? quota[0] / quota[1] : 0;
    }
    read_numbers(root, group, "cpu.cfs_quota_us", quota); /* -1: no limit */
    read_numbers(root, group, "cpu.cfs_period_us", period);
    return quota[0] > 0 && period[0] > 0 ? quota[0] / period[0] : 0;
}

static bool has_word(const char *list, size_t size, const char *word)
{
    const size_t length = strlen(word);

    for (const char *end = list + size, *at = list; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const size_t part = (size_t)((comma ? comma : end) - at);

        if (part == length && !memcmp(at, word, length))
            return true;
        at += part + 1;
    }
    return false;
}

/* The group of this process by a line of /proc/self/cgroup, "4:cpu,cpuacct:/a/b"; NULL if that
 * line is about another hierarchy. */
static char *group_of_line(char *line, bool second)
{
    char *controllers = strchr(line, ':'),
         *path = controllers ? strchr(controllers + 1, ':') : NULL;

    if (!path)
        return NULL;
    controllers++;
    const size_t size = (size_t)(path - controllers);
    if (second ? size || strncmp(line, "0:", 2) : !has_word(controllers, size, "cpu"))
        return NULL;
    path[strcspn(path, "\n")] = '\0';
    return path + 1;
}

/* Where the group stands below the root of its mount; "" if it does not, or not known where. */
static const char *below(const char *group, const char *root)
{
    const size_t size = !strcmp(root, "/") ? 0 : strlen(root);
    const char *rest = group + size;

    if (strncmp(group, root, size) || (*rest && *rest != '/') || !strncmp(rest, "/..", 3))
        return "";
    return rest;
}

/* The least quota of the groups from `group` up to the mount. */
static double least_above(const char *root, const struct mount *mount, const char *group)
{
    char path[PATH_MAX];
    const size_t top = strlen(mount->point);
    const char *rest = below(group, mount->root);
    double least = 0;

    if (top + strlen(rest) >= sizeof path)
        rest = "";
    snprintf(path, sizeof path, "%s%s", mount->point, rest);
    for (char *slash;; *slash = '\0') {
        const double quota = group_quota(root, mount, path);

        least = quota > 0 && (least == 0 || quota < least) ? quota : least;
        slash = strrchr(path, '/');
        if (strlen(path) <= top || !slash)
            return least;
    }
}

static double mount_quota(const char *root, const struct mount *mount)
{
    FILE *file = open_below(root, "/proc/self", "cgroup");
    char *line = NULL, *group;
    size_t room = 0;
    double least = 0;

    while (file && least == 0 && getline(&line, &room, file) > 0) {
        group = group_of_line(line, mount->second);
        if (group)
            least = least_above(root, mount, group);
    }
    free(line);
    if (file)
        fclose(file);
    return least;
}

/* Blanks in paths stand there as "\040". */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; to++) {
        unsigned code;

        if (*from == '\\' && sscanf(from + 1, "%3o", &code) == 1) {
            *to = (char)code;
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/* "36 35 98:0 /root /point rw,relatime shared:1 - cgroup cgroup rw,cpu": is it one with quotas? */
static bool parse_mount(char *line, struct mount *mount)
{
    char *rest = strstr(line, " - "), *state, *fields[5], *type, *options;

    if (!rest)
        return false;
    *rest = '\0';
    type = strtok_r(rest + 3, " \n", &state);
    strtok_r(NULL, " \n", &state);
    options = strtok_r(NULL, " \n", &state);
    for (size_t i = 0; i < 5; i++) {
        if (!(fields[i] = strtok_r(i ? NULL : line, " ", &state)))
            return false;
    }
    *mount = (struct mount){fields[3], fields[4], type && !strcmp(type, "cgroup2")};
    unescape(mount->root);
    unescape(mount->point);
    return mount->second || (type && !strcmp(type, "cgroup") && options &&
                             has_word(options, strlen(options), "cpu"));
}

size_t heed_pool_quota(const char *root)
{
    FILE *file = open_below(root, "/proc/self", "mountinfo");
    struct mount mount;
    char *line = NULL;
    size_t room = 0;
    double least = 0;

    while (file && getline(&line, &room, file) > 0) {
        const double quota = parse_mount(line, &mount) ? mount_quota(root, &mount) : 0;

        least = quota > 0 && (least == 0 || quota < least) ? quota : least;
    }
    free(line);
    if (file)
        fclose(file);
    const size_t whole = least < MOST_CPUS ? (size_t)least : 0;
    return whole + (whole && (double)whole < least) + (least > 0 && least < 1);
}
