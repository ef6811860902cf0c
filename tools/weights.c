/* SPDX-License-Identifier: MIT */
/* weights.c - the projection weights Wq, Wk and Wv from a text. */
#include "weights.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "example.h"
#include "lines.h"
#include "number.h"

/* One of the three matrices while it is read; it is allocated at its first row. */
struct section {
    const char *name;
    struct matrix *matrix;
    size_t filled;
};

/* How many there are; *odd: the first field that is none, or NULL. */
static size_t count_numbers(const char *text, const char **odd)
{
    const char *end;
    size_t count = 0;

    *odd = NULL;
    for (text = skip_blanks(text); *text && !*odd; text = skip_blanks(end), count++) {
        end = number_end(text);
        if (!end)
            *odd = end = text;
    }
    return count;
}

static void refuse_field(struct fault *fault, size_t line, const char *field, const char *why)
{
    const size_t size = (size_t)(field_end(field) - field);

    fault_set(fault, line, "\"%.*s\" %s", (int)(size < 40 ? size : 40), field, why);
}

static void add_row(struct section *s, size_t dim, const char *text, size_t line,
                    struct fault *fault)
{
    const char *odd;
    const size_t count = count_numbers(text, &odd);

    if (odd == text) {
        refuse_field(fault, line, odd, "begins neither a row of numbers nor one of Wq, Wk, Wv");
    } else if (odd) {
        refuse_field(fault, line, odd, number_fault(odd));
    } else if (s->filled == dim) {
        fault_set(fault, line, "%s has more rows than the embeddings have dimensions, %zu", s->name,
                  dim);
    } else if (s->filled && count != s->matrix->cols) {
        fault_set(fault, line, "numbers: found %zu, expected %zu", count, s->matrix->cols);
    } else {
        if (!s->filled)
            *s->matrix = matrix_new(dim, count);
        for (size_t d = 0; d < count; d++, text = field_end(text)) {
            text = skip_blanks(text);
            matrix_row(s->matrix, s->filled)[d] = strtof(text, NULL);
            if (!isfinite(matrix_row(s->matrix, s->filled)[d]))
                refuse_field(fault, line, text, "is too large for a float");
        }
        s->filled++;
    }
}

static struct section *find_section(struct section sections[3], const char *text)
{
    for (size_t i = 0; i < 3; i++) {
        if (!strncmp(text, sections[i].name, 2) && !*skip_blanks(text + 2))
            return &sections[i];
    }
    return NULL;
}

static void check_complete(const struct section sections[3], size_t dim, struct fault *fault)
{
    for (size_t i = 0; i < 3; i++) {
        if (sections[i].filled != dim) {
            fault_set(fault, 0, "%s has %zu rows, the embeddings have %zu dimensions",
                      sections[i].name, sections[i].filled, dim);
            return;
        }
    }
    if (sections[0].matrix->cols != sections[1].matrix->cols)
        fault_set(fault, 0, "Wq has %zu columns, Wk %zu: a query could not meet a key",
                  sections[0].matrix->cols, sections[1].matrix->cols);
}

/* False with *fault filled if the text is wrong. */
static bool weights_read(FILE *file, size_t dim, struct weights *weights, struct fault *fault)
{
    struct section sections[] = {
        {"Wq", &weights->query, 0}, {"Wk", &weights->key, 0}, {"Wv", &weights->value, 0}};
    struct section *current = NULL;
    struct lines lines;
    const char *text;

    *weights = (struct weights){0};
    *fault = (struct fault){0};
    lines_begin(&lines, file);
    while (!fault->reason[0] && (text = lines_next(&lines, fault))) {
        struct section *named = find_section(sections, text = skip_blanks(text));

        if (!*text || *text == '#')
            continue;
        if (named && named->filled)
            fault_set(fault, lines.number, "%s a second time", named->name);
        else if (named)
            current = named;
        else if (current)
            add_row(current, dim, text, lines.number, fault);
        else
            fault_set(fault, lines.number, "one of Wq, Wk, Wv must come first");
    }
    lines_free(&lines);
    if (!fault->reason[0])
        check_complete(sections, dim, fault);
    return !fault->reason[0];
}

bool weights_load(const char *name, size_t dim, struct weights *weights)
{
    struct fault fault;

    if (!strcmp(name, "example"))
        return example_weights(dim, weights);
    FILE *file = fopen(name, "rb");
    if (!file) {
        complain("%s: cannot read: %s", name, strerror(errno));
        return false;
    }
    const bool good = weights_read(file, dim, weights, &fault);
    fclose(file);
    if (!good)
        fault_complain(&fault, name);
    return good;
}

void weights_free(struct weights *weights)
{
    matrix_free(&weights->query);
    matrix_free(&weights->key);
    matrix_free(&weights->value);
}
