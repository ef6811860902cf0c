/* SPDX-License-Identifier: MIT */
/*
 * pages_plain.c - where memory cannot be closed (WebAssembly): no guard stops
 * anybody.  What is written outside still shows, in the bytes around that must
 * stay blank; what is read outside does not.
 */
#include <stdlib.h>

#include "guarded.h"
#include "pages.h"

size_t pages_unit(void)
{
    return 4096;
}

unsigned char *pages_reserve(size_t size)
{
    return calloc(size, 1);
}

bool pages_allow(unsigned char *pages, size_t size, enum pages_access access)
{
    (void)pages, (void)size, (void)access;
    return true;
}

void pages_release(unsigned char *pages, size_t size)
{
    (void)size;
    free(pages);
}

bool call_guarded(void (*body)(void *argument), void *argument, void **where)
{
    body(argument);
    *where = NULL;
    return true;
}
