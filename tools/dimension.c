/* SPDX-License-Identifier: MIT */
/* dimension.c - how many numbers belong to each word, by the first lines of a file without a
 * header. */
#include "dimension.h"

#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "tool.h"

/* Enough lines are known once they are as long as one may be. */
static bool has_room(const struct opening *opening, size_t bytes)
{
    return opening->count < OPENING_LINES && bytes < LINE_LIMIT;
}

void opening_read(struct opening *opening, const char *first, struct lines *lines,
                  struct fault *fault)
{
    size_t bytes = 0;

    *opening = (struct opening){0};
    for (const char *text = first; text;
         text = has_room(opening, bytes) ? lines_next(lines, fault) : NULL) {
        const size_t size = strlen(text) + 1;

        opening->lines[opening->count] = memcpy(allocate(size, 1), text, size);
        opening->numbers[opening->count++] = lines->number;
        bytes += size;
    }
}

void opening_free(struct opening *opening)
{
    for (size_t i = 0; i < opening->count; i++)
        free(opening->lines[i]);
}

/* What a line has to say: the length of its end of numbers; 0 if nothing. */
static size_t vote_of(const char *line)
{
    const struct entry e = entry_take_apart(line);

    return entry_is_unclear(&e) ? 0 : e.count;
}

/* Lines that agree with `dim`; *exact: those that have as many numbers. */
static size_t agreeing(const struct opening *opening, size_t dim, size_t *exact)
{
    size_t agree = 0;

    *exact = 0;
    for (size_t i = 0; i < opening->count; i++) {
        struct entry e = entry_take_apart(opening->lines[i]);
        const enum entry_fit fit = entry_fit(&e, dim);

        *exact += fit == FIT_EXACT;
        agree += fit == FIT_EXACT || fit == FIT_WORD;
    }
    return agree;
}

size_t opening_dimension(const struct opening *opening)
{
    size_t best = 0, most = 0, voters = 0, exact, tried = 0;

    for (size_t i = 0; i < opening->count; i++)
        voters += vote_of(opening->lines[i]) > 0;
    for (size_t i = 0; i < opening->count; i++) {
        const size_t dim = vote_of(opening->lines[i]);

        if (!dim || dim == tried)
            continue;
        const size_t agree = agreeing(opening, tried = dim, &exact);
        /* Not by a few lines that are cut off, where all vectors begin with a whole number. */
        if (agree > most && exact * 4 >= voters) {
            best = dim;
            most = agree;
        }
    }
    /* Nothing but numbers behind blanks: the first of them is the word, as in any other line. */
    return best || !opening->count ? best : entry_take_apart(opening->lines[0]).count;
}
