/* SPDX-License-Identifier: MIT */
/* embeddings.c - word vectors from text in the format of GloVe, word2vec and fastText. */
#include "embeddings.h"

#include <math.h>
#include <string.h>

#include "dimension.h"
#include "entry.h"
#include "format.h"
#include "number.h"

enum {
    ENOUGH = 100, /* lines that agree, without a header, until others can be trusted */
    SHOWN = 40,   /* bytes of a word in a message */
};

struct reading {
    struct lookup *lookup;
    struct fault *fault; /* why it ends early */
    struct fault doubt;  /* why it was in vain if too few lines agree with `dim` */
    size_t agreeing;
    bool header;
};

static int shown(size_t size)
{
    return (int)(size > SHOWN ? SHOWN : size);
}

static void refuse_count(const struct reading *r, struct fault *fault, size_t line,
                         const struct entry *e, const char *advice)
{
    fault_set(fault, line, "numbers of \"%.*s\": found %zu, expected %zu as %s%s",
              shown(e->word_size), e->word, e->count, r->lookup->dim,
              r->header ? "the header says" : "most of the first lines have", advice);
}

static void refuse(const struct reading *r, size_t line, const struct entry *e)
{
    const size_t odd = e->odd ? (size_t)(field_end(e->odd) - e->odd) : 0, dim = r->lookup->dim;

    if (odd && (e->fields > dim || !dim))
        fault_set(r->fault, line, "\"%.*s\" %s", shown(odd), e->odd, number_fault(e->odd));
    else if (!dim)
        fault_set(r->fault, line, "no numbers behind the word \"%.*s\"%s", shown(e->word_size),
                  e->word,
                  memchr(e->word, ',', e->word_size) ? ": blanks have to separate them" : "");
    else
        refuse_count(r, r->fault, line, e, "");
}

static bool keep(const struct reading *r, const struct entry *e, size_t line)
{
    const size_t dim = r->lookup->dim;
    float *vector = allocate(dim, sizeof *vector);
    const char *at = e->numbers;

    for (size_t d = 0; d < dim && !r->fault->reason[0]; d++, at = field_end(at)) {
        at = skip_blanks(at);
        vector[d] = strtof(at, NULL);
        if (!isfinite(vector[d]))
            fault_set(r->fault, line, "\"%.*s\" is too large for a float",
                      shown((size_t)(field_end(at) - at)), at);
    }
    if (!r->fault->reason[0])
        lookup_give(r->lookup, e->word, e->word_size, vector);
    free(vector);
    return !r->fault->reason[0];
}

static bool take_line(struct reading *r, const char *text, size_t line)
{
    const struct entry before = entry_take_apart(text);
    struct entry e = before;

    if (!e.fields)
        return true; /* a blank line */
    const enum entry_fit fit = r->lookup->dim ? entry_fit(&e, r->lookup->dim) : FIT_NOT;
    if (fit == FIT_NOT) {
        refuse(r, line, &before);
        return false;
    }
    r->agreeing += fit == FIT_EXACT;
    if (fit == FIT_DOUBTFUL && !r->doubt.reason[0])
        refuse_count(r, &r->doubt, line, &before,
                     r->header
                         ? ""
                         : ": for a word that ends in a number, begin the file with a line of "
                           "how many words there are and how many numbers each has");
    return !lookup_meet(r->lookup, e.word, e.word_size) || keep(r, &e, line);
}

/* A first line that is a header; false if there is something wrong with it. */
static bool take_header(struct reading *r, const struct lines *lines)
{
    r->header = true;
    if (!r->lookup->dim)
        fault_set(r->fault, lines->number, "a header that says 0 numbers for each word");
    return r->lookup->dim > 0;
}

/* The first lines of a file without a header. */
static bool take_opening(struct reading *r, const char *first, struct lines *lines)
{
    struct opening opening;
    struct fault behind = {0};
    bool good = true;

    opening_read(&opening, first, lines, &behind);
    r->lookup->dim = opening_dimension(&opening);
    for (size_t i = 0; good && i < opening.count; i++)
        good = take_line(r, opening.lines[i], opening.numbers[i]);
    opening_free(&opening);
    if (good)
        *r->fault = behind;
    return good && !behind.reason[0];
}

/* Up to the first line that is not blank, and what it tells of the others. */
static bool take_beginning(struct reading *r, struct lines *lines)
{
    const char *text = lines_next(lines, r->fault);

    while (text && !*skip_blanks(text))
        text = lines_next(lines, r->fault);
    if (!text)
        return false;
    const struct entry e = entry_take_apart(text);
    return entry_is_header(&e, &r->lookup->promised, &r->lookup->dim)
               ? take_header(r, lines)
               : take_opening(r, text, lines);
}

static void take_rest(struct reading *r, struct lines *lines, embeddings_progress *progress,
                      void *context)
{
    const char *text;

    while ((text = lines_next(lines, r->fault)) && take_line(r, text, lines->number)) {
        if (progress && lines->number % 4096 == 0)
            progress(context, lines->bytes);
    }
}

/* What can be said at the end only. */
static void conclude(const struct reading *r)
{
    if (r->fault->reason[0])
        return;
    if (r->doubt.reason[0] && r->agreeing < (r->header ? 1 : ENOUGH))
        *r->fault = r->doubt;
    else if (!r->lookup->seen)
        fault_set(r->fault, 0, "no words in it%s", r->header ? ", but a header" : "");
}

bool embeddings_read(FILE *file, struct lookup *lookup, struct fault *fault,
                     embeddings_progress *progress, void *context)
{
    struct reading r = {.lookup = lookup, .fault = fault};
    struct lines lines;
    bool binary = false;

    *fault = (struct fault){0};
    lines_begin(&lines, file);
    if (take_beginning(&r, &lines)) {
        size_t size;
        const char *ahead = lines_ahead(&lines, &size);

        binary = r.header && format_is_binary(ahead, size, lookup->dim);
        take_rest(&r, &lines, progress, context);
    }
    lines_free(&lines);
    conclude(&r);
    if (fault->reason[0] && binary)
        fault_set(fault, 0,
                  "word2vec's binary format: convert it to text, as by gensim's "
                  "KeyedVectors.load_word2vec_format(file, binary=True).save_word2vec_format(new)");
    return !fault->reason[0];
}
