/* SPDX-License-Identifier: MIT */
/* guarded.c - memory between guard pages. */
#include "guarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"

static void need(bool success, const char *what)
{
    if (!success) {
        fprintf(stderr, "no memory between guard pages: cannot %s\n", what);
        exit(2);
    }
}

struct guarded guarded_new(size_t size, bool at_end)
{
    const size_t page = pages_unit(), body = (size / page + 1) * page;
    struct guarded memory = {.size = size, .pages_size = body + 2 * page};

    memory.pages = pages_reserve(memory.pages_size);
    need(memory.pages, "reserve pages");
    need(pages_allow(memory.pages + page, body, PAGES_READ_WRITE), "open pages");
    memset(memory.pages + page, 0xff, body);
    memory.data = memory.pages + page + (at_end ? body - size : 0);
    return memory;
}

void guarded_protect(const struct guarded *memory)
{
    const size_t page = pages_unit();

    need(pages_allow(memory->pages + page, memory->pages_size - 2 * page, PAGES_READ),
         "close pages");
}

bool guarded_is_blank(const struct guarded *memory)
{
    const size_t page = pages_unit();
    const unsigned char *body = memory->pages + page;

    /* Equal to itself shifted by one byte, and the first byte is blank. */
    return body[0] == 0xff && !memcmp(body, body + 1, memory->pages_size - 2 * page - 1);
}

void guarded_free(struct guarded *memory)
{
    pages_release(memory->pages, memory->pages_size);
}
