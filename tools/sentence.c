/* SPDX-License-Identifier: MIT */
/* sentence.c - a sentence cut into words. */
#include "sentence.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"
#include "utf8.h"

/*
 * Beyond ASCII: dashes, quotation marks, dots (U+2010 to U+203F), the Latin-1 and the Chinese ones,
 * and what is not seen and clings to words that were copied (U+200B to U+200F, U+2060, U+FEFF).
 */
static bool is_punctuation(uint32_t code)
{
    return code < 0x80
               ? ispunct((int)code)
               : code == 0xa1 || code == 0xab || code == 0xad || code == 0xbb || code == 0xbf ||
                     (code >= 0x200b && code <= 0x203f) || code == 0x2060 ||
                     (code >= 0x3001 && code <= 0x3003) || (code >= 0x3008 && code <= 0x3011) ||
                     code == 0xfeff || code == 0xff01 || code == 0xff0c || code == 0xff1a ||
                     code == 0xff1b || code == 0xff1f;
}

/* Bytes of the punctuation at `at`; the text ends in a zero, and `end` is a boundary of characters.
 */
static size_t punctuation_size(const char *at, const char *end)
{
    const size_t size = utf8_size(at);

    return size && (size_t)(end - at) >= size && is_punctuation(utf8_code(at, size)) ? size : 0;
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
        char *end = at;
        while (*end && !utf8_space_size(end))
            end++;
        char *next = end + utf8_space_size(end);
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
