/* SPDX-License-Identifier: MIT */
/* entry.h - a line of word vectors taken apart: the word, then the numbers that end the line. */
#ifndef HEED_TOOL_ENTRY_H
#define HEED_TOOL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What follows the last field that is no number are numbers.  Which of them belong to the vector,
 * and which to a word like "iPhone 6", only the number of dimensions can tell.
 */
struct entry {
    const char *word;
    size_t word_size;
    const char *numbers;
    size_t count;    /* of numbers, the first field of the line not among them */
    size_t fields;   /* all of them */
    const char *odd; /* the last field, behind the first, that is no number */
    bool indented;   /* the line begins with a blank */
};

struct entry entry_take_apart(const char *line);

/* How the numbers of a line agree with the number of dimensions. */
enum entry_fit {
    FIT_NOT,      /* there are fewer */
    FIT_DOUBTFUL, /* there are more; those before the last `dim` look like the others */
    FIT_WORD,     /* there are more, but those before are whole numbers, and not all others are */
    FIT_EXACT
};

/* Moves what is more than `dim` numbers into the word; a word may also be a blank. */
enum entry_fit entry_fit(struct entry *entry, size_t dim);

/* word2vec and fastText begin with the number of words and of dimensions, both whole. */
bool entry_is_header(const struct entry *entry, size_t *words, size_t *dim);

/* A line whose word is a blank, or a number behind blanks: it does not say how many numbers it has.
 */
bool entry_is_unclear(const struct entry *entry);

#endif
