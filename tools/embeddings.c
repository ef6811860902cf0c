/* SPDX-License-Identifier: MIT */
/* embeddings.c - word vectors from text in the format of GloVe and word2vec. */
#include "embeddings.h"

#include <math.h>
#include <string.h>

#include "number.h"

/* A line taken apart: the word, then the numbers that end the line. */
struct entry {
    const char *word;
    size_t word_size;
    const char *numbers;
    size_t count;
    size_t fields;   /* behind the first blank */
    const char *odd; /* the first of them that is not a number */
};

/*
 * The word is all up to the last field that is not a number: a few words of the
 * large GloVe files contain blanks (". . .").
 */
static struct entry take_apart(const char *line)
{
    const char *at = skip_blanks(line);
    struct entry e = {.word = at};
    const char *end = field_end(at);

    e.word_size = (size_t)(end - at);
    e.numbers = end;
    for (at = skip_blanks(end); *at; at = skip_blanks(end)) {
        end = number_end(at);
        e.fields++;
        e.count++;
        if (!end) {
            end = field_end(at);
            e.odd = e.odd ? e.odd : at;
            e.word_size = (size_t)(end - e.word);
            e.numbers = end;
            e.count = 0;
        }
    }
    return e;
}

/* word2vec begins with the number of words and of dimensions, both whole. */
static bool is_header(const struct entry *e, size_t *dim)
{
    const char *second = skip_blanks(e->numbers);

    if (e->fields != 1 || e->count != 1 || strspn(e->word, "0123456789") != e->word_size ||
        strspn(second, "0123456789") != (size_t)(field_end(second) - second))
        return false;
    *dim = strtoul(second, NULL, 10); /* too large a number: no line will have as many */
    return true;
}

static void explain(struct fault *fault, size_t line, const struct entry *e, size_t dim)
{
    if (e->odd && (e->fields == dim || !dim))
        fault_set(fault, line, "\"%.*s\" is not a number",
                  (int)(field_end(e->odd) - e->odd > 40 ? 40 : field_end(e->odd) - e->odd), e->odd);
    else if (!dim)
        fault_set(fault, line, "no numbers behind the word");
    else
        fault_set(fault, line, "numbers: found %zu, expected %zu", e->count, dim);
}

static bool keep(struct lookup *lookup, const struct entry *e, size_t line, struct fault *fault)
{
    float *vector = allocate(lookup->dim, sizeof *vector);
    const char *at = e->numbers;
    bool finite = true;

    for (size_t d = 0; d < lookup->dim && finite; d++) {
        at = skip_blanks(at);
        vector[d] = strtof(at, NULL);
        finite = isfinite(vector[d]);
        at = field_end(at);
    }
    if (finite)
        lookup_give(lookup, e->word, e->word_size, vector);
    else
        fault_set(fault, line, "a number too large for a float");
    free(vector);
    return finite;
}

static bool take_line(struct lookup *lookup, const char *text, size_t line, struct fault *fault)
{
    const struct entry e = take_apart(text);

    if (!e.word_size)
        return true; /* a blank line */
    if (line == 1 && is_header(&e, &lookup->dim) && lookup->dim)
        return true;
    if (!lookup->dim && !e.odd)
        lookup->dim = e.count;
    if (!lookup->dim || e.count != lookup->dim) {
        explain(fault, line, &e, lookup->dim);
        return false;
    }
    return !lookup_meet(lookup, e.word, e.word_size) || keep(lookup, &e, line, fault);
}

bool embeddings_read(FILE *file, struct lookup *lookup, struct fault *fault,
                     embeddings_progress *progress, void *context)
{
    struct lines lines;
    const char *text;
    bool good = true;

    *fault = (struct fault){0};
    lines_begin(&lines, file);
    while (good && (text = lines_next(&lines, fault))) {
        good = take_line(lookup, text, lines.number, fault);
        if (progress && lines.number % 4096 == 0)
            progress(context, lines.bytes);
    }
    lines_free(&lines);
    if (good && !fault->reason[0] && !lookup->seen)
        fault_set(fault, 0, "no words in it");
    return !fault->reason[0];
}
