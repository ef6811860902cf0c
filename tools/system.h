/* SPDX-License-Identifier: MIT */
/* system.h - what operating systems do differently: system_posix.c or system_windows.c. */
#ifndef HEED_TOOL_SYSTEM_H
#define HEED_TOOL_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Before anything is written: text goes out as UTF-8, lines end as they do in C. */
void system_begin(void);

/* Columns of the terminal that stdout is; 0 if it is none. */
size_t system_columns(void);

/* A new file by a name ending in XXXXXX, filled in, with the permissions that fopen() would give.
 */
FILE *system_temporary(char *name);

/* Where an existing path leads in the end, from malloc(); NULL if that is unknown. */
char *system_real_path(const char *path);

/* Renames; what was there before goes. */
bool system_replace(const char *from, const char *to);

#endif
