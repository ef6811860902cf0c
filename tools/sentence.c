/* SPDX-License-Identifier: MIT */
/* sentence.c - a sentence cut into words. */
#include "sentence.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* Beyond ASCII: dashes, quotation marks, dots (U+2010 to U+203F) and the Latin-1 ones. */
static size_t punctuation_size(const char *at, const char *end)
{
    const unsigned char *c = (const unsigned char *)at;

    if (ispunct(c[0]))
        return 1;
    if (end - at >= 3 && c[0] == 0xe2 && c[1] == 0x80 && c[2] >= 0x90)
        return 3;
    if (end - at >= 2 && c[0] == 0xc2 &&
        (c[1] == 0xa1 || c[1] == 0xab || c[1] == 0xbb || c[1] == 0xbf))
        return 2;
    return 0;
}

static const char *skip_punctuation(const char *at, const char *end)
{
    size_t size;

    while (at < end && (size = punctuation_size(at, end)))
        at += size;
    return at;
}

/* The end of the word without the punctuation behind it. */
static char *word_end(const char *word, char *end)
{
    size_t size = 1;

    while (size <= 3) {
        if (end - word >= (ptrdiff_t)size && punctuation_size(end - size, end) == size) {
            end -= size;
            size = 1;
        } else {
            size++;
        }
    }
    return end;
}

bool sentence_cut(struct sentence *sentence, const char *text)
{
    char *at;

    *sentence = (struct sentence){.memory = allocate(strlen(text) + 1, 1)};
    at = strcpy(sentence->memory, text);
    while (*at) {
        char *end = at + strcspn(at, " \t\n\v\f\r");
        char *next = *end ? end + 1 : end;
        const char *word = skip_punctuation(at, end);

        *word_end(word, end) = '\0';
        if (*word && sentence->count == SENTENCE_WORDS) {
            complain("the sentence has more than %d words", SENTENCE_WORDS);
            return false;
        }
        if (*word)
            sentence->words[sentence->count++] = word;
        at = next;
    }
    if (!sentence->count)
        complain("the sentence has no words");
    return sentence->count > 0;
}

void sentence_free(struct sentence *sentence)
{
    free(sentence->memory);
}

bool same_letters(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
            return false;
    }
    return true;
}
