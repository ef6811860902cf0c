/* SPDX-License-Identifier: MIT */
/* vocabulary.c - test_vocabulary.c as a plain program, for emulators. */
#include <heed/heed.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

#define WORDS(isa) extern const struct words heed_words_##isa;
#include "words_of_isas.h" /* WORDS(<isa>) for each one built, written by CMake */
#undef WORDS

static const struct words *const vocabularies[] = {
#define WORDS(isa) &heed_words_##isa,
#include "words_of_isas.h"
#undef WORDS
};

static int wrong_words(const struct words *words)
{
    int count = 0;

    for (size_t i = 0; words->name(i); i++) {
        char detail[200] = "";

        if (!words->holds(i, detail, sizeof detail)) {
            printf("%s of %s: %s\n", words->name(i), words->isa, detail);
            count++;
        }
    }
    return count;
}

static const struct words *words_of(const char *name)
{
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++)
        if (!strcmp(name, vocabularies[i]->isa))
            return vocabularies[i];
    return NULL;
}

/* Arguments: the instruction sets. */
int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        const struct words *words = words_of(argv[i]);

        if (!words || !heed_isa_supported(heed_isa_find(argv[i]))) {
            printf("%s cannot run on this CPU\n", argv[i]);
            return 2;
        }
        count += wrong_words(words);
        printf("%-10s  %d of the words are wrong\n", argv[i], count);
    }
    return count != 0;
}
