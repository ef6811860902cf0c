/* SPDX-License-Identifier: MIT */
/* near.c - words that look like a word that was not found. */
#include "near.h"

#include <ctype.h>
#include <string.h>

#include "utf8.h"

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

/* The end of the character at `at` and of the marks on it. */
static const char *character_end(const char *at, const char *end, bool *marked)
{
    size_t size = utf8_size(at);
    const char *next = at + (size ? size : 1);

    *marked = false;
    while (next < end && (size = utf8_size(next)) && utf8_is_mark(utf8_code(next, size))) {
        *marked = true;
        next += size;
    }
    return next < end ? next : end;
}

/*
 * Do the words differ only where one has a character that is not ASCII and the other one with marks
 * on it, as NFC and NFD do?  Without tables of what is composed of what: it is for a hint.
 */
static bool same_but_for_marks(const char *a, const char *a_end, const char *b, const char *b_end)
{
    bool differ = false;

    while (a < a_end && b < b_end) {
        bool a_marked, b_marked;
        const char *a_next = character_end(a, a_end, &a_marked);
        const char *b_next = character_end(b, b_end, &b_marked);
        const bool same = a_next - a == b_next - b && !memcmp(a, b, (size_t)(a_next - a));
        const bool a_whole = !a_marked && (unsigned char)*a >= 0x80;
        const bool b_whole = !b_marked && (unsigned char)*b >= 0x80;

        if (!same && !(a_whole && b_marked) && !(b_whole && a_marked))
            return false;
        differ |= !same;
        a = a_next;
        b = b_next;
    }
    return differ && a == a_end && b == b_end;
}

void near_begin(struct near_words *near, const char *wanted)
{
    const size_t size = strlen(wanted);

    *near = (struct near_words){
        .letters = letters_of(wanted, size),
        .size = size,
        .limit = size < 5 ? 1 : 2,
    };
    for (size_t i = 0; i < size; i++)
        near->foreign |= (unsigned char)wanted[i] >= 0x80;
}

/* Edits up to the word; SIZE_MAX: too many. */
static size_t edits_to(const struct near_words *near, const char *wanted, const char *word,
                       size_t size)
{
    const size_t longer = size > near->size ? size - near->size : near->size - size;

    /* Most words end here: an edit changes the length by one and the letters by two. */
    if (longer > near->limit || bits_of(near->letters ^ letters_of(word, size)) > 2 * near->limit)
        return SIZE_MAX;
    const size_t edits = edits_between(wanted, near->size, word, size);
    return edits > near->limit ? SIZE_MAX : edits;
}

void near_consider(struct near_words *near, const char *wanted, const char *word, size_t size)
{
    if (size >= NEAR_SIZE || near->size >= NEAR_SIZE)
        return;
    const bool composed =
        near->foreign && same_but_for_marks(wanted, wanted + near->size, word, word + size);
    const size_t edits = composed ? 0 : edits_to(near, wanted, word, size);
    size_t at = near->count;

    if (edits == SIZE_MAX)
        return;
    while (at > 0 && near->found[at - 1].edits > edits)
        at--;
    if (at == NEAR_WORDS)
        return;
    near->composed |= composed;
    near->count += near->count < NEAR_WORDS;
    memmove(&near->found[at + 1], &near->found[at], (near->count - 1 - at) * sizeof near->found[0]);
    memcpy(near->found[at].word, word, size);
    near->found[at].word[size] = '\0';
    near->found[at].edits = edits;
}
