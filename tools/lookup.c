/* SPDX-License-Identifier: MIT */
/* lookup.c - finds the vectors of a sentence's words while a vocabulary streams past. */
#include "lookup.h"

#include <stdio.h>
#include <string.h>

void lookup_begin(struct lookup *lookup, const struct sentence *sentence)
{
    *lookup = (struct lookup){
        .count = sentence->count,
        .words = allocate(sentence->count, sizeof *lookup->words),
    };
    for (size_t i = 0; i < sentence->count; i++) {
        lookup->words[i].word = sentence->words[i];
        lookup->words[i].size = strlen(sentence->words[i]);
        near_begin(&lookup->words[i].near, sentence->words[i]);
    }
}

void lookup_free(struct lookup *lookup)
{
    for (size_t i = 0; i < lookup->count; i++)
        free(lookup->words[i].vector);
    free(lookup->words);
}

static enum lookup_match match(const struct lookup_word *wanted, const char *word, size_t size)
{
    if (wanted->size != size || !same_letters(wanted->word, word, size))
        return MATCH_NONE;
    return memcmp(wanted->word, word, size) ? MATCH_LETTERS : MATCH_EXACT;
}

/* Adds the word to the first ones known, or dots when there is no room left for it and them. */
static void remember(struct lookup *lookup, const char *word, size_t size)
{
    const size_t used = strlen(lookup->known);
    const char *comma = used ? ", " : "";

    if (lookup->known_full || !size)
        return;
    lookup->known_full = used + size + sizeof ", , ..." > sizeof lookup->known;
    if (lookup->known_full)
        word = "...", size = 3;
    snprintf(lookup->known + used, sizeof lookup->known - used, "%s%.*s", comma, (int)size, word);
}

bool lookup_meet(struct lookup *lookup, const char *word, size_t size)
{
    bool wanted = false;

    lookup->seen++;
    remember(lookup, word, size);
    for (size_t i = 0; i < lookup->count; i++) {
        struct lookup_word *w = &lookup->words[i];

        if (match(w, word, size) > w->match)
            wanted = true;
        else if (!w->match)
            near_consider(&w->near, w->word, word, size);
    }
    return wanted;
}

void lookup_give(struct lookup *lookup, const char *word, size_t size, const float *vector)
{
    for (size_t i = 0; i < lookup->count; i++) {
        struct lookup_word *w = &lookup->words[i];
        const enum lookup_match better = match(w, word, size);

        if (better <= w->match)
            continue;
        if (!w->vector)
            w->vector = allocate(lookup->dim, sizeof *vector);
        memcpy(w->vector, vector, lookup->dim * sizeof *vector);
        w->match = better;
    }
}

/* ' (near: big, bog)' */
static size_t list_near(const struct near_words *near, char *list, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < near->count && used < size; i++)
        used += (size_t)snprintf(list + used, size - used, "%s%s%s",
                                 i ? ", " : " (near: ", near->found[i].word,
                                 i + 1 < near->count ? ""
                                 : near->composed    ? "; one of both is NFC, the other NFD)"
                                                     : ")");
    return used;
}

/* '"bgi" (near: big), "adn" (near: and)' */
static size_t list_missing(const struct lookup *lookup, char *list, size_t size)
{
    size_t used = 0, missing = 0;

    for (size_t i = 0; i < lookup->count && used < size; i++) {
        const struct lookup_word *w = &lookup->words[i];

        if (w->match)
            continue;
        used +=
            (size_t)snprintf(list + used, size - used, "%s\"%s\"", missing++ ? ", " : "", w->word);
        if (used < size)
            used += list_near(&w->near, list + used, size - used);
    }
    return missing;
}

bool lookup_end(const struct lookup *lookup, const char *source, struct matrix *embeddings)
{
    char missing[1024];

    if (list_missing(lookup, missing, sizeof missing)) {
        complain("no vector in %s for %s; its %zu words%s: %s", source, missing, lookup->seen,
                 lookup->promised > lookup->seen ? ", fewer than its header says" : "",
                 lookup->known);
        return false;
    }
    *embeddings = matrix_new(lookup->count, lookup->dim);
    for (size_t i = 0; i < lookup->count; i++)
        memcpy(matrix_row(embeddings, i), lookup->words[i].vector, lookup->dim * sizeof(float));
    return true;
}
