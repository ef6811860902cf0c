/* SPDX-License-Identifier: MIT */
/* picture.c - the value vectors in space with the contexts among them, as SVG. */
#include "labels.h"
#include "page.h"
#include "svg.h"
#include "utf8.h"

/* A dot's place, and a line down to the floor that tells where in the box it is. */
static struct spot drop(FILE *file, const struct scene *s, const struct matrix *m, size_t row)
{
    double at[AXES];

    scene_place(s, matrix_row(m, row), at);
    const struct spot dot = scene_project(s, at);
    at[2] = s->low[2];
    svg_line(file, "drop", dot, scene_project(s, at));
    return dot;
}

static void draw_dot(FILE *file, struct spot dot)
{
    fprintf(file, "<circle class=\"vector\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", dot.x, dot.y);
}

static void draw_diamond(FILE *file, struct spot dot)
{
    fprintf(file, "<path class=\"context\" d=\"M%.1f %.1fl6 6l-6 6l-6 -6z\"/>\n", dot.x, dot.y - 6);
}

static void write_name(FILE *file, struct labels *labels, struct spot dot, const char *before,
                       const char *name)
{
    const size_t columns = utf8_columns(before) + utf8_columns(name);
    const struct spot at = labels_find(labels, dot, columns);

    fprintf(file, "<text class=\"halo%s\" x=\"%.1f\" y=\"%.1f\">%s", *before ? " context-name" : "",
            at.x, at.y, before);
    put_html(file, name);
    fputs("</text>\n", file);
}

static void draw_legend(FILE *file, const struct steps *s)
{
    draw_dot(file, (struct spot){16, 18});
    fprintf(file, "<text class=\"small\" x=\"28\" y=\"22\">%s of a word</text>\n",
            s->weights ? "value vector" : "embedding");
    draw_diamond(file, (struct spot){16, 38});
    fputs("<text class=\"small\" x=\"28\" y=\"42\">context of a query word</text>\n", file);
}

static void set_scene(struct scene *scene, const struct steps *s)
{
    scene_begin(scene, s->value.cols);
    for (size_t r = 0; r < s->value.rows; r++)
        scene_include(scene, &s->value, r);
    for (size_t i = 0; i < s->query_count; i++)
        scene_include(scene, &s->context, s->queries[i]);
    scene_end(scene);
}

void page_picture(const struct steps *s, FILE *file)
{
    struct labels labels = {0};
    struct spot words[SENTENCE_WORDS], contexts[SENTENCE_WORDS];
    struct scene scene;

    set_scene(&scene, s);
    fprintf(file, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Vectors in space\">\n",
            SCENE_WIDTH, SCENE_HEIGHT);
    svg_axes(file, &scene);
    draw_legend(file, s);
    for (size_t r = 0; r < s->value.rows; r++)
        labels_block(&labels, words[r] = drop(file, &scene, &s->value, r));
    for (size_t i = 0; i < s->query_count; i++) {
        if (!scene_shows(&s->context, s->queries[i]))
            continue;
        labels_block(&labels, contexts[i] = drop(file, &scene, &s->context, s->queries[i]));
        svg_line(file, "pull", words[s->queries[i]], contexts[i]);
        draw_diamond(file, contexts[i]);
        if (s->query_count == 1)
            write_name(file, &labels, contexts[i], "context of ",
                       s->sentence->words[s->queries[i]]);
    }
    for (size_t r = 0; r < s->value.rows; r++) {
        draw_dot(file, words[r]);
        write_name(file, &labels, words[r], "", s->sentence->words[r]);
    }
    fputs("</svg>\n", file);
}
