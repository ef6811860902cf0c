/* SPDX-License-Identifier: MIT */
/* words.h - the words of one instruction set, tried lane by lane in its own translation unit. */
#ifndef HEED_TESTS_VOCABULARY_WORDS_H
#define HEED_TESTS_VOCABULARY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    const char *isa;
    bool emulated;
    /* Word i, whether it means in every lane what it means on one number; NULL past the end. */
    const char *(*name)(size_t i);
    bool (*holds)(size_t i, char *detail, size_t detail_size);
};

#endif
