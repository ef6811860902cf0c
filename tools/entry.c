/* SPDX-License-Identifier: MIT */
/* entry.c - a line of word vectors taken apart. */
#include "entry.h"

#include <stdlib.h>
#include <string.h>

#include "number.h"

struct entry entry_take_apart(const char *line)
{
    const char *at = skip_blanks(line), *end = field_end(at);
    struct entry e = {.word = at, .indented = at > line, .fields = *at != '\0'};

    e.word_size = (size_t)(end - at);
    e.numbers = end;
    for (at = skip_blanks(end); *at; at = skip_blanks(end)) {
        end = number_end(at);
        e.fields++;
        e.count++;
        if (!end) {
            end = field_end(at);
            e.odd = at;
            e.word_size = (size_t)(end - e.word);
            e.numbers = end;
            e.count = 0;
        }
    }
    return e;
}

static bool is_whole(const char *field)
{
    return strspn(field, "0123456789") == (size_t)(field_end(field) - field);
}

bool entry_is_unclear(const struct entry *e)
{
    return e->indented && e->count + 1 == e->fields && number_end(e->word);
}

/* The first `extra` numbers become part of the word; do they look like the others? */
static enum entry_fit widen_word(struct entry *e, size_t extra)
{
    const char *at = e->numbers;
    bool whole_before = true, whole_behind = true;

    for (size_t i = 0; i < e->count; i++, at = field_end(at)) {
        at = skip_blanks(at);
        *(i < extra ? &whole_before : &whole_behind) &= is_whole(at);
        if (i < extra)
            e->numbers = field_end(at);
    }
    e->count -= extra;
    e->word_size = (size_t)(e->numbers - e->word);
    return whole_before && !whole_behind ? FIT_WORD : FIT_DOUBTFUL;
}

enum entry_fit entry_fit(struct entry *e, size_t dim)
{
    if (e->count == dim)
        return FIT_EXACT;
    if (e->count > dim)
        return widen_word(e, e->count - dim);
    if (e->fields != dim || !entry_is_unclear(e))
        return FIT_NOT;
    e->numbers = e->word;
    e->word_size = 0;
    e->count = dim;
    return FIT_EXACT;
}

bool entry_is_header(const struct entry *e, size_t *words, size_t *dim)
{
    const char *second = skip_blanks(e->numbers);

    if (e->fields != 2 || e->count != 1 || !is_whole(e->word) || !is_whole(second))
        return false;
    *words = strtoul(e->word, NULL, 10);
    *dim = strtoul(second, NULL, 10); /* too large a number: no line will have as many */
    return true;
}
