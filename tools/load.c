/* SPDX-License-Identifier: MIT */
/* load.c - opens a file of word vectors; shows on a terminal how far it is. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "embeddings.h"

struct progress {
    unsigned long long size; /* of the file, 0 if unknown (a pipe) */
    time_t begin;
    bool shown;
};

static void show(void *context, unsigned long long bytes)
{
    struct progress *p = context;

    /* Nothing for what is over before anybody asks; GloVe's small files take less than 1 s. */
    if (time(NULL) - p->begin < 2)
        return;
    if (p->size)
        fprintf(stderr, "\rreading the embeddings: %3.0f %%", 100.0 * bytes / p->size);
    else
        fprintf(stderr, "\rreading the embeddings: %llu MB", bytes / 1000000);
    p->shown = true;
}

bool embeddings_load(const char *path, struct lookup *lookup)
{
    struct progress progress = {.begin = time(NULL)};
    struct fault fault;
    struct stat status;
    FILE *file = fopen(path, "rb");

    if (!file || fstat(fileno(file), &status)) {
        complain("%s: cannot read: %s", path, strerror(errno));
        if (file)
            fclose(file);
        return false;
    }
    if (S_ISREG(status.st_mode))
        progress.size = (unsigned long long)status.st_size;
    const bool good =
        embeddings_read(file, lookup, &fault, isatty(STDERR_FILENO) ? show : NULL, &progress);
    fclose(file);
    if (progress.shown)
        fputs("\r\033[K", stderr); /* erase the line */
    if (!good)
        fault_complain(&fault, path);
    return good;
}
