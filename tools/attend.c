/* SPDX-License-Identifier: MIT */
/* attend.c - `heed attend`: self-attention on a sentence, step by step. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attend_options.h"
#include "embeddings.h"
#include "example.h"
#include "output.h"
#include "report.h"

static bool find_embeddings(const struct attend_options *o, const struct sentence *sentence,
                            struct matrix *embeddings)
{
    struct lookup lookup;
    bool good = true;

    lookup_begin(&lookup, sentence);
    if (o->embeddings)
        good = embeddings_load(o->embeddings, &lookup);
    else
        example_embeddings(&lookup);
    good = good && lookup_end(&lookup, o->embeddings ? o->embeddings : "the example", embeddings);
    lookup_free(&lookup);
    return good;
}

/* The words to show as query: each that is `wanted`, or all. */
static bool choose_queries(struct steps *s, const char *wanted)
{
    const struct sentence *sentence = s->sentence;
    bool exact = false;

    for (size_t i = 0; wanted && i < sentence->count; i++)
        exact |= !strcmp(wanted, sentence->words[i]);
    for (size_t i = 0; i < sentence->count; i++) {
        const char *word = sentence->words[i];
        const size_t size = strlen(word);

        if (!wanted || (exact ? !strcmp(wanted, word)
                              : strlen(wanted) == size && same_letters(wanted, word, size)))
            s->queries[s->query_count++] = i;
    }
    if (!s->query_count)
        complain("the query word \"%s\" is not in the sentence \"%s\"", wanted, s->text);
    return s->query_count > 0;
}

static bool write_html(const struct steps *s, const char *path)
{
    struct output output;

    if (!output_begin(&output, path))
        return false;
    report_html(s, output.file);
    return output_end(&output);
}

static int show(struct steps *s, const struct attend_options *o)
{
    const heed_status status = steps_run(s);

    if (status)
        return complain("%s", heed_status_string(status));
    if (o->html && !write_html(s, o->html))
        return EXIT_BAD_INPUT;
    if (o->json)
        report_json(s);
    else
        report_text(s);
    return finish_output();
}

static int attend(struct steps *s, const struct attend_options *o)
{
    struct weights weights = {0};
    int result = EXIT_BAD_INPUT;

    if (choose_queries(s, o->query) && find_embeddings(o, s->sentence, &s->embeddings) &&
        (!o->weights || weights_load(o->weights, s->embeddings.cols, &weights))) {
        s->weights = o->weights ? &weights : NULL;
        if (s->scale == 0)
            s->scale = s->weights ? 1.0f / sqrtf((float)weights.query.cols) : 1.0f;
        result = show(s, o);
    }
    weights_free(&weights);
    return result;
}

int attend_command(int argc, char **argv)
{
    struct attend_options options;
    struct sentence sentence;
    struct steps steps = {.sentence = &sentence};
    int result = EXIT_BAD_INPUT;

    if (!attend_options_parse(&options, argc, argv))
        return EXIT_BAD_INPUT;
    if (options.help) {
        fputs(attend_usage, stdout);
        return finish_output();
    }
    steps.text = options.sentence ? options.sentence : example_sentence;
    steps.isa = options.isa;
    steps.type = options.type;
    steps.scale = options.scale;
    steps.normalization = options.normalization;
    steps.causal = options.causal;
    if (sentence_cut(&sentence, steps.text))
        result = attend(&steps, &options);
    steps_free(&steps);
    sentence_free(&sentence);
    return result;
}
