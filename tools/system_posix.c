/* SPDX-License-Identifier: MIT */
/* system_posix.c - nothing that POSIX and every Unix do not have. */
#include "system.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void system_begin(void) {}

size_t system_columns(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

FILE *system_temporary(char *name)
{
    const mode_t mask = umask(0);
    FILE *file = NULL;

    umask(mask);
    const int descriptor = mkstemp(name);
    if (descriptor < 0)
        return NULL;
    if (fchmod(descriptor, 0666 & ~mask) || !(file = fdopen(descriptor, "w"))) {
        const int error = errno;

        close(descriptor);
        unlink(name);
        errno = error;
    }
    return file;
}

char *system_real_path(const char *path)
{
    return realpath(path, NULL);
}

bool system_replace(const char *from, const char *to)
{
    return !rename(from, to);
}
