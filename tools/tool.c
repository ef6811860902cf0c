/* SPDX-License-Identifier: MIT */
/* tool.c - errors, memory and the choice of an instruction set. */
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

int complain(const char *format, ...)
{
    char message[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    /* Words and paths may hold anything; a terminal must not obey it, and a line stays a line. */
    fputs("heed: ", stderr);
    put_visible(stderr, message);
    fputc('\n', stderr);
    return EXIT_BAD_INPUT;
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory)
        exit(complain("out of memory"));
    return memory;
}

int finish_output(void)
{
    errno = 0;
    if (!fflush(stdout) && !ferror(stdout))
        return EXIT_SUCCESS;
    if (!errno) /* it went wrong earlier */
        return complain("cannot write standard output");
    return complain("cannot write standard output: %s", strerror(errno));
}

static void name_all(char *list, size_t size)
{
    size_t used = 0;

    list[0] = '\0';
    for (size_t i = 0; heed_isa_at(i) && used < size; i++)
        used += (size_t)snprintf(list + used, size - used, "%s%s", i ? ", " : "",
                                 heed_isa_name(heed_isa_at(i)));
}

const heed_isa *isa_choose(const char *name)
{
    const heed_isa *isa = name ? heed_isa_find(name) : heed_isa_default();
    char known[512];

    if (isa && heed_isa_supported(isa))
        return isa;
    name_all(known, sizeof known);
    if (isa)
        complain("instruction set \"%s\" cannot run on this CPU; built in: %s", name, known);
    else if (name)
        complain("unknown instruction set \"%s\"; built in: %s", name, known);
    else
        complain("HEED_ISA=%s names no instruction set that runs here; built in: %s",
                 getenv("HEED_ISA"), known);
    return NULL;
}
