/* SPDX-License-Identifier: MIT */
/* guards.c - the guard pages of the checks stop what they shall stop, and say where. */
#include "guarded.h"

#include <stdint.h>
#include <stdio.h>

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

int main(void)
{
    int count = 0;

    /* Again and again: a handler must survive its own way out. */
    for (int i = 0; i < ROUNDS; i++)
        count += wrong_with(true) + wrong_with(false);
    printf("%d of the guards' answers are wrong\n", count);
    return count != 0;
}
