/* SPDX-License-Identifier: MIT */
/* closed.c - memory with holes, page by page. */
#include "closed.h"

#include <stdio.h>
#include <stdlib.h>

#include "pages.h"

static void need(bool success, const char *what)
{
    if (!success) {
        fprintf(stderr, "no memory with holes: cannot %s\n", what);
        exit(2);
    }
}

struct closed closed_new(size_t bytes)
{
    const size_t unit = pages_unit(), count = bytes / unit + 1;
    struct closed memory = {.size = count * unit, .kept = calloc(count, sizeof *memory.kept)};

    need(memory.kept, "count pages");
    memory.pages = pages_reserve(memory.size);
    need(memory.pages, "reserve pages");
    need(pages_allow(memory.pages, memory.size, PAGES_READ_WRITE), "open pages");
    return memory;
}

/* Adds bytes, or takes them away, page by page. */
static void count(struct closed *memory, const void *at, size_t bytes, bool more)
{
    const size_t unit = pages_unit();
    size_t from = (size_t)((const unsigned char *)at - memory->pages);

    for (const size_t end = from + bytes; from < end;) {
        const size_t page = from / unit, next = (page + 1) * unit < end ? (page + 1) * unit : end;

        memory->kept[page] += more ? next - from : from - next;
        from = next;
    }
}

void closed_keep(struct closed *memory, const void *at, size_t bytes)
{
    count(memory, at, bytes, true);
}

void closed_drop(struct closed *memory, const void *at, size_t bytes)
{
    count(memory, at, bytes, false);
}

void closed_shut(const struct closed *memory)
{
    const size_t unit = pages_unit(), pages = memory->size / unit;

    for (size_t from = 0, to; from < pages; from = to) {
        const bool kept = memory->kept[from];

        for (to = from; to < pages && !memory->kept[to] == !kept;)
            to++;
        need(pages_allow(memory->pages + from * unit, (to - from) * unit,
                         kept ? PAGES_READ : PAGES_NONE),
             "close pages");
    }
}

void closed_free(struct closed *memory)
{
    pages_release(memory->pages, memory->size);
    free(memory->kept);
}
