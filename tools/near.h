/* SPDX-License-Identifier: MIT */
/* near.h - words that look like a word that was not found. */
#ifndef HEED_TOOL_NEAR_H
#define HEED_TOOL_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NEAR_WORDS = 3, NEAR_SIZE = 32 };

/* The nearest words so far, nearest first, of equal ones those seen first. */
struct near_words {
    uint32_t letters; /* a set bit for each letter of the wanted word */
    size_t size;      /* of the wanted word */
    size_t limit;     /* edits that may lie between */
    bool foreign;     /* the wanted word is not all ASCII */
    size_t count;
    struct {
        char word[NEAR_SIZE];
        size_t edits;
    } found[NEAR_WORDS];
    bool composed; /* the first is the wanted word but for how accents are written */
};

void near_begin(struct near_words *near, const char *wanted);
void near_consider(struct near_words *near, const char *wanted, const char *word, size_t size);

#endif
