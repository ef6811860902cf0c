/* SPDX-License-Identifier: MIT */
/* pages.c - memory with advice, and a look at what came of it. */
#define _DEFAULT_SOURCE /* madvise */
#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 1 << 21 };

/* Bytes of this process that stand on transparent huge pages. */
static size_t huge_bytes(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    char line[128];
    size_t kib = 0;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "AnonHugePages: %zu kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024;
}

static void touch(char *bytes, size_t size)
{
    const size_t least = 4096; /* pages are no smaller */

    for (size_t i = 0; i < size; i += least)
        bytes[i] = 0;
}

float *pages_new(size_t bytes, bool huge)
{
    const size_t before = huge_bytes(), size = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *pages = aligned_alloc(HUGE_PAGE, size);

    if (!pages)
        return NULL;
    (void)madvise(pages, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    touch(pages, size);
    if ((huge_bytes() - before >= bytes / 2) == huge)
        return pages;
    free(pages);
    return NULL;
}

void pages_free(float *pages)
{
    free(pages);
}
