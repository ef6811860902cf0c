/* SPDX-License-Identifier: MIT */
/* tool.h - what the parts of the command share: errors, memory, instruction sets. */
#ifndef HEED_TOOL_H
#define HEED_TOOL_H

#include <stddef.h>

#include <heed/heed.h>

enum {
    EXIT_FOUND_WRONG = 1, /* `heed check` found a kernel that is wrong */
    EXIT_BAD_INPUT = 2    /* what was asked for cannot be done */
};

/* The subcommands; argv[0] is their name in messages. */
int attend_command(int argc, char **argv);
int info_command(int argc, char **argv);
int check_command(int argc, char **argv);

/* Writes "heed: " and the message as one line to stderr; returns EXIT_BAD_INPUT. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
int complain(const char *format, ...);

/* Zeroed memory; ends the command with a message when there is none. */
void *allocate(size_t count, size_t size);

/* Flushes stdout; complains if what was written did not arrive. */
int finish_output(void);

/* The instruction set of that name (NULL: the default); NULL after a complaint. */
const heed_isa *isa_choose(const char *name);

#endif
