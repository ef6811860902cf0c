/* SPDX-License-Identifier: MIT */
/* tables.c - the tables and bars of the page. */
#include <math.h>

#include "page.h"
#include "utf8.h"

enum { DIMS_SHOWN = 8 };

static void put_heading(FILE *file, const char *scope, const char *word)
{
    fprintf(file, "<th scope=\"%s\">", scope);
    put_html(file, word);
    fputs("</th>", file);
}

static void put_number(FILE *file, float value)
{
    if (!isfinite(value))
        fputs(isnan(value) ? "undefined" : value > 0 ? "∞" : "−∞", file);
    else if (fabsf(value) >= 1000 || (value != 0 && fabsf(value) < 0.0001f))
        fprintf(file, "%.3g", value);
    else
        fprintf(file, "%.4f", value);
}

/* value / largest within 0 and 1; NaN becomes 0. */
static float part_of(float value, float largest)
{
    const float part = value / largest;

    return part > 0 ? fminf(part, 1) : 0;
}

void page_heat(const struct steps *s, const struct matrix *m, FILE *file)
{
    const float largest = steps_largest(s, m);

    fputs("<div class=\"scroll\"><table class=\"heat\"><thead><tr><td></td>", file);
    for (size_t j = 0; j < m->cols; j++)
        put_heading(file, "col", s->sentence->words[j]);
    fputs("</tr></thead><tbody>\n", file);
    for (size_t i = 0; i < s->query_count; i++) {
        fputs("<tr>", file);
        put_heading(file, "row", s->sentence->words[s->queries[i]]);
        for (size_t j = 0; j < m->cols; j++) {
            const float value = matrix_row(m, s->queries[i])[j];
            const float part = part_of(value, largest);

            /* Where black text becomes more legible than white in the dark page, and less in
             * the light one: contrast 4.5 on either side, by WCAG 2.1. */
            fprintf(file, "<td class=\"%s\" style=\"--w:%.3f\">",
                    part > 0.85f   ? "strong"
                    : part > 0.64f ? "middle"
                                   : "weak",
                    part);
            put_number(file, value);
            fputs("</td>", file);
        }
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></div>\n", file);
}

static void put_bar(FILE *file, const char *word, float weight, float other, float largest)
{
    fputs("<span>", file);
    put_html(file, word);
    fprintf(file, "</span><div class=\"bar\"><i style=\"width:%.1f%%\"></i>",
            100 * part_of(weight, largest));
    fprintf(file, "<b style=\"left:calc(%.1f%% - 1px)\"></b></div><span>",
            100 * part_of(other, largest));
    put_number(file, weight);
    fputs("</span>\n", file);
}

void page_cards(const struct steps *s, FILE *file)
{
    const struct matrix *weights = steps_weights(s);
    const struct matrix *others = weights == &s->sum ? &s->softmax : &s->sum;
    const float largest = fmaxf(steps_largest(s, weights), steps_largest(s, others));

    fputs("<div class=\"cards\">\n", file);
    for (size_t i = 0; i < s->query_count; i++) {
        const size_t query = s->queries[i];

        fputs("<div class=\"card\"><h3>", file);
        put_html(file, s->sentence->words[query]);
        fputs("</h3><div class=\"bars\">\n", file);
        for (size_t j = 0; j < weights->cols; j++)
            put_bar(file, s->sentence->words[j], matrix_row(weights, query)[j],
                    matrix_row(others, query)[j], largest);
        fputs("</div></div>\n", file);
    }
    fputs("</div>\n", file);
}

void page_vectors(const struct steps *s, const char *caption, const struct matrix *m, bool queries,
                  FILE *file)
{
    const size_t shown = m->cols < DIMS_SHOWN ? m->cols : DIMS_SHOWN;
    const size_t rows = queries ? s->query_count : m->rows;

    fprintf(file, "<div class=\"scroll\"><table class=\"numbers\"><caption>%s", caption);
    if (shown < m->cols)
        fprintf(file, " (the first %zu of %zu dimensions)", shown, m->cols);
    fputs("</caption><thead><tr><td></td>", file);
    for (size_t d = 0; d < shown; d++)
        fprintf(file, "<th scope=\"col\">%zu</th>", d + 1);
    fputs("</tr></thead><tbody>\n", file);
    for (size_t r = 0; r < rows; r++) {
        const size_t word = queries ? s->queries[r] : r;

        fputs("<tr>", file);
        put_heading(file, "row", s->sentence->words[word]);
        for (size_t d = 0; d < shown; d++) {
            fputs("<td>", file);
            put_number(file, matrix_row(m, word)[d]);
            fputs("</td>", file);
        }
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></div>\n", file);
}
