/* SPDX-License-Identifier: MIT */
/* page.c - the page that `heed attend --html` writes: one file, no scripts, nothing from outside.
 */
#include "page.h"

#include "report.h"
#include "utf8.h"

static void put_head(const struct steps *s, FILE *file)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          file);
    put_html(file, s->text);
    fputs(" - attention</title>\n<style>\n", file);
    for (size_t i = 0; page_style[i]; i++)
        fputs(page_style[i], file);
    fputs("</style>\n</head>\n<body>\n<main>\n<h1>", file);
    put_html(file, s->text);
    fputs("</h1>\n<p>Self-attention, step by step: every word asks every word how much it "
          "matters, and takes that share of its vector.</p>\n<ul class=\"facts\">\n",
          file);
    fprintf(file,
            "<li><b>%zu</b> words</li><li><b>%zu</b> dimensions</li><li>scale <b>%g</b></li>"
            "<li>normalisation <b>%s</b></li>%s<li>keys and values <b>%s</b></li>"
            "<li>kernels <b>%s</b></li>\n</ul>\n",
            s->sentence->count, s->embeddings.cols, s->scale, normalization_name(s->normalization),
            s->causal ? "<li><b>causal</b></li>" : "", type_name(s->type), heed_isa_name(s->isa));
}

static void put_vectors(const struct steps *s, FILE *file)
{
    fputs("<h2><span>1</span>Words as vectors</h2>\n", file);
    fputs(s->weights
              ? "<p>Each embedding is projected to a query (what the word looks for), a key (what "
                "it offers) and a value (what it gives).</p>\n<div class=\"tables\">\n"
              : "<p>Without projection weights each embedding is query, key and value at "
                "once, as far as their types hold its numbers.</p>\n<div class=\"tables\">\n",
          file);
    page_vectors(s, "Embeddings", &s->embeddings, false, file);
    if (steps_have_projections(s)) {
        page_vectors(s, "Queries", &s->query, true, file);
        page_vectors(s, "Keys", &s->key, false, file);
        page_vectors(s, "Values", &s->value, false, file);
    }
    fputs("</div>\n", file);
}

static void put_weights(const struct steps *s, FILE *file)
{
    const bool sum = s->normalization == NORMALIZE_SUM;

    fputs("<h2><span>2</span>Scores</h2>\n<p>The dot product of each query (row) with each key "
          "(column).</p>\n",
          file);
    page_heat(s, &s->scores, file);
    fprintf(file,
            "<h2><span>3</span>Attention weights</h2>\n<p>The scores of a row, times %g, "
            "normalised by %s so that they sum to 1: how much each query word (row) takes from "
            "each key word (column).%s</p>\n",
            s->scale, sum ? "their sum" : "softmax",
            s->causal ? " A word sees itself and the words before it." : "");
    page_heat(s, steps_weights(s), file);
    fprintf(file,
            "<h2><span>4</span>Weights of each query word</h2>\n<p>"
            "<span class=\"key-bar\"></span>%s<span class=\"key-mark\"></span>%s, "
            "the other normalisation, for comparison</p>\n",
            sum ? "x / sum(x)" : "softmax", sum ? "softmax" : "x / sum(x)");
    page_cards(s, file);
}

static void put_context(const struct steps *s, FILE *file)
{
    fprintf(file,
            "<h2><span>5</span>Context vectors</h2>\n<p>Each context is the sum of all %s by the "
            "weights of its query word: the word, coloured by its sentence.</p>\n",
            s->weights ? "values" : "embeddings");
    page_vectors(s, "Contexts", &s->context, true, file);
    fputs("<figure>\n", file);
    page_picture(s, file);
    fprintf(file, "</figure>\n<p>%s%s.</p>\n", s->weights ? "Value vectors" : "Embeddings",
            s->value.cols > 3 ? " in their first three dimensions" : " in space");
}

void report_html(const struct steps *s, FILE *file)
{
    put_head(s, file);
    put_vectors(s, file);
    put_weights(s, file);
    put_context(s, file);
    fprintf(file, "<footer><p>heed %s, %s kernels%s.", heed_version_string(), heed_isa_name(s->isa),
            heed_isa_emulated(s->isa) ? " (emulated)" : "");
    if (steps_have_fused(s))
        fprintf(file, " Fused attention differs from these steps by %.2g at most.",
                steps_difference(s));
    fputs("</p></footer>\n</main>\n</body>\n</html>\n", file);
}
