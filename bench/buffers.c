/* SPDX-License-Identifier: MIT */
/* buffers.c - pages, and a seeded normal distribution. */
#define _DEFAULT_SOURCE /* madvise */
#include "buffers.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* 2 MiB: a huge page on x86-64 and on AArch64 with 4 KiB granules. */
enum { HUGE_PAGE = 1 << 21, SMALL_PAGE = 1 << 12 };

static const char *const names[] = {"huge", "malloc"};
static enum memory memory = MEMORY_HUGE;

const char *memory_name(size_t index)
{
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

bool buffers_use(const char *name)
{
    for (size_t i = 0; memory_name(i); i++)
        if (strcmp(memory_name(i), name) == 0) {
            memory = (enum memory)i;
            return true;
        }
    return false;
}

enum memory buffers_memory(void)
{
    return memory;
}

/* glibc writes 16 bytes of its own in front of a block, which for a large one begin a page. */
static size_t offset(void)
{
    return memory == MEMORY_MALLOC ? 16 : 0;
}

static size_t padded_size(size_t count)
{
    const size_t page = memory == MEMORY_MALLOC ? SMALL_PAGE : HUGE_PAGE;

    return (count * sizeof(float) + offset() + page - 1) / page * page;
}

/* Reads of 268 MB are 4 to 15 % faster where huge pages are granted. */
static void advise(void *pages, size_t size)
{
#ifdef MADV_HUGEPAGE
    (void)madvise(pages, size, memory == MEMORY_MALLOC ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
#else
    (void)pages, (void)size;
#endif
}

float *buffer_new(size_t count)
{
    const size_t size = padded_size(count);
    char *pages = aligned_alloc(memory == MEMORY_MALLOC ? SMALL_PAGE : HUGE_PAGE, size);

    if (!pages) {
        fprintf(stderr, "heed-bench: no memory for a buffer of %zu bytes\n", size);
        exit(1);
    }
    advise(pages, size);
    return (float *)(void *)((char *)memset(pages, 0, size) + offset());
}

void buffer_free(float *buffer)
{
    if (buffer)
        free((char *)buffer - offset());
}

/* splitmix64 (Steele, Lea, Flood 2014): a bijection of the counter, so any start is a seed. */
static double uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller 1958: two independent normals from two uniforms. */
static void fill_normal(float *to, size_t count)
{
    uint64_t state = 1;

    for (size_t i = 0; i + 1 < count; i += 2) {
        const double radius = sqrt(-2 * log(uniform(&state)));
        const double angle = 6.283185307179586 * uniform(&state);

        to[i] = (float)(radius * cos(angle));
        to[i + 1] = (float)(radius * sin(angle));
    }
}

const float *normal_numbers(size_t count)
{
    static float *numbers;
    static size_t filled;

    if (count > filled) {
        buffer_free(numbers);
        filled = (padded_size(count) - offset()) / sizeof *numbers;
        numbers = buffer_new(filled);
        fill_normal(numbers, filled);
    }
    return numbers;
}
