/* SPDX-License-Identifier: MIT */
/*
 * cpu_sysfs.c - the caches as Linux tells them to everybody.
 *
 * Of processor 0: where cores are unlike it is one of the small ones as a rule, and
 * a block that fits the small cache fits the large one too.
 */
#include <stdbool.h>
#include <stdio.h>

#include "cpu_probe.h"

/* One word of /sys/devices/system/cpu/cpu0/cache/index<i>/<name>. */
static bool read_word(int i, const char *name, char word[32])
{
    char path[96];

    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", i, name);
    FILE *file = fopen(path, "r");
    const bool got = file && fscanf(file, "%31s", word) == 1;

    if (file)
        fclose(file);
    return got;
}

void heed_cpu_caches(heed_cpu_info *info)
{
    size_t *const sizes[] = {&info->l1d_size, &info->l2_size, &info->l3_size};
    char level[32], type[32], text[32];

    for (int i = 0; read_word(i, "level", level) && read_word(i, "type", type); i++) {
        size_t size;
        char unit = 'B';

        if (level[0] < '1' || level[0] > '3' || type[0] == 'I' || !read_word(i, "size", text))
            continue;
        if (sscanf(text, "%zu%c", &size, &unit) >= 1)
            *sizes[level[0] - '1'] = size * (unit == 'K' ? 1024 : unit == 'M' ? 1024 * 1024 : 1);
    }
}
