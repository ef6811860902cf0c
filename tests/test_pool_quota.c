/* SPDX-License-Identifier: MIT */
/* test_pool_quota.c - the CPU time that control groups grant, read from trees of made-up files. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "../src/pool_cpus.h"

static char root[] = "pool_quota.XXXXXX";

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static void make_root(void)
{
    cr_assert(mkdtemp(root));
}

static void remove_root(void)
{
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A file below the root, with the directories above it. */
static void put(const char *name, const char *text)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    cr_assert(file, "%s", path);
    fputs(text, file);
    fclose(file);
}

TestSuite(pool_quota, .init = make_root, .fini = remove_root);

static const char v2_mount[] =
    "22 1 0:21 / /proc rw,relatime shared:5 - proc proc rw\n"
    "31 23 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

Test(pool_quota, none_where_nothing_is_known)
{
    cr_expect_eq(heed_pool_quota(root), 0);
    put("/proc/self/mountinfo", "");
    put("/proc/self/cgroup", "");
    cr_expect_eq(heed_pool_quota(root), 0);
    put("/proc/self/mountinfo", "nonsense\n - \n1 2 3 - cgroup2\n\n1 2 3:4 / /x y - cgroup\n");
    put("/proc/self/cgroup", "0:\n:\n0::\nx\n");
    cr_expect_eq(heed_pool_quota(root), 0);
}

static void expect_v2(const char *text, size_t cpus)
{
    put("/sys/fs/cgroup/a/cpu.max", text);
    cr_expect_eq(heed_pool_quota(root), cpus, "\"%s\": %zu", text, heed_pool_quota(root));
}

Test(pool_quota, version_2)
{
    put("/proc/self/mountinfo", v2_mount);
    put("/proc/self/cgroup", "0::/a\n");
    expect_v2("max 100000\n", 0);
    expect_v2("100000 100000\n", 1);
    expect_v2("150000 100000\n", 2);
    expect_v2("400000 100000\n", 4);
    expect_v2("20000 100000\n", 1);
    expect_v2("1000000 500000\n", 2);
    expect_v2("", 0);
    expect_v2("0 0\n", 0);
    expect_v2("100000\n", 0);
    expect_v2("1e300 1\n", 0);
}

Test(pool_quota, version_2_the_least_of_nested_groups)
{
    put("/proc/self/mountinfo", v2_mount);
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put("/sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "300000 100000\n");
    cr_expect_eq(heed_pool_quota(root), 3);
    put("/sys/fs/cgroup/a/cpu.max", "500000 100000\n");
    cr_expect_eq(heed_pool_quota(root), 3);
    put("/sys/fs/cgroup/a/b/c/cpu.max", "200000 100000\n");
    cr_expect_eq(heed_pool_quota(root), 2);
    put("/sys/fs/cgroup/cpu.max", "100000 100000\n");
    cr_expect_eq(heed_pool_quota(root), 1);
    /* Another group's does not count. */
    put("/sys/fs/cgroup/a/b/c/d/cpu.max", "10000 100000\n");
    put("/sys/fs/cgroup/cpu.max", "max 100000\n");
    cr_expect_eq(heed_pool_quota(root), 2);
}

/* A container that sees its own group as the root of what is mounted, by either of two paths. */
Test(pool_quota, a_container_of_its_own)
{
    put("/sys/fs/cgroup/cpu.max", "250000 100000\n");
    put("/proc/self/mountinfo", v2_mount);
    put("/proc/self/cgroup", "0::/\n");
    cr_expect_eq(heed_pool_quota(root), 3, "with a namespace");
    put("/proc/self/cgroup", "0::/../elsewhere\n");
    cr_expect_eq(heed_pool_quota(root), 3, "outside of its namespace");
    put("/proc/self/mountinfo",
        "31 23 0:27 /docker/17 /sys/fs/cgroup ro shared:9 - cgroup2 cgroup2 rw\n");
    put("/proc/self/cgroup", "0::/docker/17\n");
    cr_expect_eq(heed_pool_quota(root), 3, "without one");
    put("/sys/fs/cgroup/inner/cpu.max", "100000 100000\n");
    put("/proc/self/cgroup", "0::/docker/17/inner\n");
    cr_expect_eq(heed_pool_quota(root), 1, "in a group of its own");
    put("/proc/self/cgroup", "0::/docker/170\n");
    cr_expect_eq(heed_pool_quota(root), 3, "another name that begins alike");
}

static const char v1_mount[] =
    "40 30 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
    "41 30 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

static void put_v1(const char *group, const char *quota, const char *period)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "/sys/fs/cgroup/cpu,cpuacct%s/cpu.cfs_quota_us", group);
    put(path, quota);
    snprintf(path, sizeof path, "/sys/fs/cgroup/cpu,cpuacct%s/cpu.cfs_period_us", group);
    put(path, period);
}

Test(pool_quota, version_1)
{
    put("/proc/self/mountinfo", v1_mount);
    put("/proc/self/cgroup", "5:cpuset:/other\n4:cpu,cpuacct:/a/b\n1:name=systemd:/cpu\n");
    put_v1("", "-1\n", "100000\n");
    put_v1("/a/b", "-1\n", "100000\n");
    cr_expect_eq(heed_pool_quota(root), 0);
    put_v1("/a", "250000\n", "50000\n");
    cr_expect_eq(heed_pool_quota(root), 5);
    put_v1("/a/b", "120000\n", "100000\n");
    cr_expect_eq(heed_pool_quota(root), 2);
}

/* Some controllers are of version 1, some of 2: the one that counts is where the files are. */
Test(pool_quota, both_versions)
{
    char mounts[1024];

    snprintf(mounts, sizeof mounts,
             "%s32 23 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", v1_mount);
    put("/proc/self/mountinfo", mounts);
    put("/proc/self/cgroup", "4:cpu,cpuacct:/a\n0::/u\n");
    put_v1("/a", "300000\n", "100000\n");
    cr_expect_eq(heed_pool_quota(root), 3);
    put("/sys/fs/cgroup/unified/u/cpu.max", "200000 100000\n");
    cr_expect_eq(heed_pool_quota(root), 2);
}

Test(pool_quota, names_with_blanks_and_deep_groups)
{
    char group[PATH_MAX] = "0::";

    put("/proc/self/mountinfo", "31 23 0:27 / /sys/c\\040group rw - cgroup2 cgroup2 rw\n");
    put("/proc/self/cgroup", "0::/my slice/a:b\n");
    put("/sys/c group/my slice/a:b/cpu.max", "100000 100000\n");
    cr_expect_eq(heed_pool_quota(root), 1);
    put("/sys/c group/cpu.max", "600000 100000\n");
    while (strlen(group) < sizeof group - 3)
        strcat(group, "/d");
    put("/proc/self/cgroup", group);
    cr_expect_eq(heed_pool_quota(root), 6, "a path that is too long");
}
