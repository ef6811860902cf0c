/* SPDX-License-Identifier: MIT */
/* report_text.c - the steps of attention as tables for a terminal. */
#include <math.h>
#include <string.h>

#include "report.h"
#include "terminal.h"
#include "utf8.h"

enum { DIMS_SHOWN = 8, LEVELS = 8 };

/* What a table shows. */
struct view {
    const struct steps *steps;
    const struct matrix *matrix; /* a row per word of the sentence */
    bool queries;                /* only the rows of query words */
    bool colour;
    float largest; /* of the numbers shown */
};

static size_t word_of(const struct view *v, size_t row)
{
    return v->queries ? v->steps->queries[row] : row;
}

static const char *row_word(const struct table *t, size_t row)
{
    const struct view *v = t->context;

    return v->steps->sentence->words[word_of(v, row)];
}

static const char *col_word(const struct table *t, size_t col)
{
    const struct view *v = t->context;

    return v->steps->sentence->words[col];
}

static const char *col_dim(const struct table *t, size_t col)
{
    static const char *const names[DIMS_SHOWN] = {"1", "2", "3", "4", "5", "6", "7", "8"};

    (void)t;
    return names[col];
}

static void number_cell(const struct table *t, size_t row, size_t col)
{
    const struct view *v = t->context;

    print_number(matrix_row(v->matrix, word_of(v, row))[col]);
}

static void show_dims(const struct steps *s, const char *title, const struct matrix *m,
                      bool queries)
{
    const struct view view = {.steps = s, .matrix = m, .queries = queries};
    const size_t shown = m->cols < DIMS_SHOWN ? m->cols : DIMS_SHOWN;

    printf("%s", title);
    if (shown < m->cols)
        printf(" (the first %zu of %zu dimensions)", shown, m->cols);
    printf("\n\n");
    table_print(&(struct table){.rows = queries ? s->query_count : m->rows,
                                .cols = shown,
                                .row_label = row_word,
                                .col_label = col_dim,
                                .cell = number_cell,
                                .context = &view});
}

static void show_scores(const struct steps *s)
{
    const struct view view = {.steps = s, .matrix = &s->scores, .queries = true};

    printf("2. Scores: query . key, a row per query word\n\n");
    table_print(&(struct table){.rows = s->query_count,
                                .cols = s->scores.cols,
                                .row_label = row_word,
                                .col_label = col_word,
                                .cell = number_cell,
                                .context = &view});
}

/* Three rows for each query word: the scaled score and what the two normalisations make of it. */
static const char *comparison_label(const struct table *t, size_t row)
{
    const struct view *v = t->context;

    return row % 3 == 0   ? v->steps->sentence->words[word_of(v, row / 3)]
           : row % 3 == 1 ? "  sum"
                          : "  softmax";
}

static void comparison_cell(const struct table *t, size_t row, size_t col)
{
    const struct view *v = t->context;
    const struct steps *s = v->steps;
    const size_t word = word_of(v, row / 3);

    if (s->causal && col > word)
        printf("%*s", TABLE_CELL, "-");
    else if (row % 3 == 0)
        print_number(s->scale * matrix_row(&s->scores, word)[col]);
    else
        print_number(matrix_row(row % 3 == 1 ? &s->sum : &s->softmax, word)[col]);
}

static void show_comparison(const struct steps *s)
{
    const struct view view = {.steps = s, .queries = true};

    printf("3. Scores times %g, and two normalisations: x / sum(x) and softmax%s\n\n", s->scale,
           s->causal ? " (-: unseen)" : "");
    table_print(&(struct table){.rows = 3 * s->query_count,
                                .cols = s->scores.cols,
                                .row_label = comparison_label,
                                .col_label = col_word,
                                .cell = comparison_cell,
                                .context = &view});
}

/* Light to dark, as background and foreground of the 256 colours; signs on paper. */
static void heat_cell(const struct table *t, size_t row, size_t col)
{
    static const int back[LEVELS] = {231, 195, 159, 117, 75, 33, 26, 18};
    static const int front[LEVELS] = {16, 16, 16, 16, 16, 231, 231, 231};
    static const char shade[LEVELS + 1] = " .:-=+*#";
    const struct view *v = t->context;
    const float weight = matrix_row(v->matrix, word_of(v, row))[col];
    const float part = LEVELS * weight / v->largest;
    const int level = part > 0 ? (int)fminf(part, LEVELS - 1) : 0; /* NaN: 0 */

    if (v->colour)
        printf("\033[48;5;%d;38;5;%dm%6.1f%% \033[0m", back[level], front[level], 100 * weight);
    else
        printf("%5.1f%% %c", 100 * weight, shade[level]);
}

static void show_weights(const struct steps *s)
{
    const struct matrix *m = steps_weights(s);
    const struct view view = {.steps = s,
                              .matrix = m,
                              .queries = true,
                              .colour = terminal_colour(),
                              .largest = steps_largest(s, m)};

    printf("4. Attention weights (%s): what each query word takes of each key word\n\n",
           normalization_name(s->normalization));
    table_print(&(struct table){.rows = s->query_count,
                                .cols = m->cols,
                                .row_label = row_word,
                                .col_label = col_word,
                                .cell = heat_cell,
                                .context = &view});
}

static void show_summary(const struct steps *s)
{
    printf("Kernels: %s%s.", heed_isa_name(s->isa), heed_isa_emulated(s->isa) ? " (emulated)" : "");
    if (steps_have_fused(s))
        printf("  Fused attention differs from these by %.2g at most.", steps_difference(s));
    putchar('\n');
}

void report_text(const struct steps *s)
{
    put_plain(stdout, s->text, strlen(s->text));
    printf("\n%zu words, %zu dimensions, scale %g, %s%s", s->sentence->count, s->embeddings.cols,
           s->scale, normalization_name(s->normalization), s->causal ? ", causal" : "");
    if (s->type != HEED_F32)
        printf(", keys and values in %s", type_name(s->type));
    printf("\n\n");
    show_dims(s, "1. Embeddings", &s->embeddings, false);
    if (steps_have_projections(s)) {
        show_dims(s, s->weights ? "   Queries: embeddings x Wq" : "   Queries", &s->query, true);
        show_dims(s, s->weights ? "   Keys: embeddings x Wk" : "   Keys", &s->key, false);
        show_dims(s, s->weights ? "   Values: embeddings x Wv" : "   Values", &s->value, false);
    }
    show_scores(s);
    show_comparison(s);
    show_weights(s);
    show_dims(s, "5. Context vectors: weights x values", &s->context, true);
    show_summary(s);
}
