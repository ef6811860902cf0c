/* SPDX-License-Identifier: MIT */
/* guards.c - guard pages and holes of the checks stop what they shall stop, and say where. */
#include <stdint.h>
#include <stdio.h>

#include "closed.h"
#include "guarded.h"
#include "pages.h"

enum { SIZE = 100, ROUNDS = 3 };

#if defined(__s390x__) /* whose hardware reports the page of a fault, not the byte */
enum { REPORTED_TO = 4096 };
#else
enum { REPORTED_TO = 1 };
#endif

static bool same_place(const void *reported, const void *address)
{
    return (uintptr_t)reported / REPORTED_TO == (uintptr_t)address / REPORTED_TO;
}

static void read_byte(void *address)
{
    (void)*(volatile unsigned char *)address;
}

static void write_byte(void *address)
{
    *(volatile unsigned char *)address = 1;
}

static int wrong(const char *what, void (*body)(void *), unsigned char *address, bool allowed)
{
    void *where = NULL;
    const bool survived = call_guarded(body, address, &where);
    const bool good = survived == allowed && same_place(where, allowed ? NULL : address);

    if (!good)
        printf("%s at %p: %s, reported at %p\n", what, (void *)address,
               survived ? "survived" : "stopped", where);
    return !good;
}

static int wrong_with(bool at_end)
{
    struct guarded memory = guarded_new(SIZE, at_end);
    unsigned char *const outside = at_end ? memory.data + SIZE : memory.data - 1;
    int count = 0;

    count += !guarded_is_blank(&memory);
    count += wrong("a read inside", read_byte, memory.data, true);
    count += wrong("a read outside", read_byte, outside, false);
    count += wrong("a write outside", write_byte, outside, false);
    count += wrong("a write inside", write_byte, memory.data + SIZE - 1, true);
    count += guarded_is_blank(&memory);
    guarded_protect(&memory);
    count += wrong("a read of protected bytes", read_byte, memory.data, true);
    count += wrong("a write to protected bytes", write_byte, memory.data, false);
    guarded_free(&memory);
    return count;
}

/* Of three pages with a hole the middle one; a byte that is kept keeps its page. */
static int wrong_with_holes(void)
{
    struct closed memory = closed_new(3 * pages_unit());
    unsigned char *const hole = memory.pages + pages_unit();
    int count = 0;

    closed_keep(&memory, memory.pages, memory.size);
    closed_drop(&memory, hole - 1, pages_unit() + 2);
    hole[-2] = 1;
    closed_shut(&memory);
    count += wrong("a read before a hole", read_byte, hole - 2, true);
    count += hole[-2] != 1;
    count += wrong("a read of a hole's begin", read_byte, hole, false);
    count += wrong("a read of a hole's end", read_byte, hole + pages_unit() - 1, false);
    count += wrong("a read behind a hole", read_byte, hole + pages_unit(), true);
    count += wrong("a write before a hole", write_byte, hole - 1, false);
    closed_free(&memory);
    return count;
}

int main(void)
{
    int count = 0;

    /* Again and again: a handler must survive its own way out. */
    for (int i = 0; i < ROUNDS; i++)
        count += wrong_with(true) + wrong_with(false) + wrong_with_holes();
    printf("%d of the guards' answers are wrong\n", count);
    return count != 0;
}
