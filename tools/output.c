/* SPDX-License-Identifier: MIT */
/* output.c - a file that is there whole or not at all. */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system.h"
#include "tool.h"

static bool give_up(struct output *output, int error)
{
    complain("%s: cannot write: %s", output->path, strerror(error));
    if (output->file)
        fclose(output->file);
    if (output->temporary)
        unlink(output->temporary);
    free(output->temporary);
    free(output->path);
    return false;
}

static FILE *open_temporary(struct output *output)
{
    static const char ending[] = ".XXXXXX";
    const size_t size = strlen(output->path);

    output->temporary = allocate(size + sizeof ending, 1);
    memcpy(output->temporary, output->path, size);
    memcpy(output->temporary + size, ending, sizeof ending);

    FILE *const file = system_temporary(output->temporary);
    if (!file) {
        const int error = errno;

        free(output->temporary);
        output->temporary = NULL; /* nothing to unlink */
        errno = error;
    }
    return file;
}

bool output_begin(struct output *output, const char *path)
{
    struct stat status;
    const bool exists = !stat(path, &status);
    /* A link stays a link: what it points to is replaced. */
    char *real = exists ? system_real_path(path) : NULL;

    *output = (struct output){0};
    output->path = real ? real : strcpy(allocate(strlen(path) + 1, 1), path);
    /* A terminal, a pipe or /dev/null must be written to, not replaced. */
    if (exists && !S_ISREG(status.st_mode))
        output->file = fopen(path, "w");
    else if (!exists || !access(path, W_OK)) /* rename() would replace a read-only file */
        output->file = open_temporary(output);
    return output->file || give_up(output, errno);
}

bool output_end(struct output *output)
{
    FILE *file = output->file;
    const bool written = !fflush(file) && !ferror(file);
    const int error = errno;

    output->file = NULL;
    if (fclose(file) || !written)
        return give_up(output, written ? errno : error);
    if (output->temporary && !system_replace(output->temporary, output->path))
        return give_up(output, errno);
    free(output->temporary);
    free(output->path);
    return true;
}
