/* SPDX-License-Identifier: MIT */
/* sentence.h - a sentence cut into words. */
#ifndef HEED_TOOL_SENTENCE_H
#define HEED_TOOL_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

/* What is shown are tables of words x words: beyond this nobody reads them. */
enum { SENTENCE_WORDS = 256 };

struct sentence {
    char *memory; /* the words, one after the other */
    size_t count;
    const char *words[SENTENCE_WORDS];
};

/*
 * Cuts `text` at white space and takes the punctuation off both ends of each
 * word.  False after a complaint: no words, or too many.
 */
bool sentence_cut(struct sentence *sentence, const char *text);
void sentence_free(struct sentence *sentence);

/* Equal but for the case of ASCII letters? */
bool same_letters(const char *a, const char *b, size_t size);

#endif
