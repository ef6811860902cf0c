/* SPDX-License-Identifier: MIT */
/* near.c - words that look like a word that was not found. */
#include "near.h"

#include <ctype.h>
#include <string.h>

static char lower(char c)
{
    return (char)tolower((unsigned char)c);
}

static uint32_t letters_of(const char *word, size_t size)
{
    uint32_t letters = 0;

    for (size_t i = 0; i < size; i++)
        letters |= UINT32_C(1) << (lower(word[i]) & 31);
    return letters;
}

static size_t bits_of(uint32_t set)
{
    size_t bits = 0;

    for (; set; set &= set - 1)
        bits++;
    return bits;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/*
 * Edits (a letter put in, left out, changed, or two neighbours swapped) that
 * lead from one word to the other, letter case apart: the optimal string
 * alignment distance, three rows of its table at a time.
 */
static size_t edits_between(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t table[3][NEAR_SIZE + 1];

    for (size_t j = 0; j <= b_size; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = table[i % 3];
        const size_t *above = table[(i + 2) % 3], *above2 = table[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            const size_t change = lower(a[i - 1]) != lower(b[j - 1]);

            row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]) && above2[j - 2] + 1 < row[j])
                row[j] = above2[j - 2] + 1;
        }
    }
    return table[a_size % 3][b_size];
}

void near_begin(struct near_words *near, const char *wanted)
{
    const size_t size = strlen(wanted);

    *near = (struct near_words){.letters = letters_of(wanted, size), .limit = size < 5 ? 1 : 2};
}

void near_consider(struct near_words *near, const char *wanted, const char *word, size_t size)
{
    const size_t wanted_size = strlen(wanted);

    /* Most words end here: an edit changes the length by one and the letters by two. */
    if (size >= NEAR_SIZE || wanted_size >= NEAR_SIZE || size > wanted_size + near->limit ||
        wanted_size > size + near->limit ||
        bits_of(near->letters ^ letters_of(word, size)) > 2 * near->limit)
        return;

    const size_t edits = edits_between(wanted, wanted_size, word, size);
    size_t at = near->count;

    if (edits > near->limit)
        return;
    while (at > 0 && near->found[at - 1].edits > edits)
        at--;
    if (at == NEAR_WORDS)
        return;
    near->count += near->count < NEAR_WORDS;
    memmove(&near->found[at + 1], &near->found[at], (near->count - 1 - at) * sizeof near->found[0]);
    memcpy(near->found[at].word, word, size);
    near->found[at].word[size] = '\0';
    near->found[at].edits = edits;
}
