/* SPDX-License-Identifier: MIT */
/* test_vocabulary.c - every word of every vocabulary, in its own instruction set. */
#include "isa_test.h"

#include "vocabulary/words.h"

#define WORDS(isa) extern const struct words heed_words_##isa;
#include "words_of_isas.h" /* WORDS(<isa>) for each one built, written by CMake */
#undef WORDS

static const struct words *const vocabularies[] = {
#define WORDS(isa) &heed_words_##isa,
#include "words_of_isas.h"
#undef WORDS
};

enum { COUNT = sizeof vocabularies / sizeof *vocabularies };

Test(vocabulary, of_every_instruction_set)
{
    cr_expect_eq(COUNT, isa_count());
}

ParameterizedTestParameters(vocabulary, every_word)
{
    static size_t indices[COUNT];

    for (size_t i = 0; i < COUNT; i++)
        indices[i] = i;
    return cr_make_param_array(size_t, indices, COUNT);
}

ParameterizedTest(size_t *index, vocabulary, every_word)
{
    const struct words *words = vocabularies[*index];
    const heed_isa *isa = heed_isa_find(words->isa);
    char detail[200] = "";

    cr_assert_not_null(isa, "%s", words->isa);
    cr_expect_eq(!heed_isa_emulated(isa), !words->emulated, "%s", words->isa);
    if (!heed_isa_supported(isa))
        cr_skip_test("%s cannot run on this CPU", words->isa);
    for (size_t i = 0; words->name(i); i++)
        cr_expect(words->holds(i, detail, sizeof detail), "vf_%s of %s: %s", words->name(i),
                  words->isa, detail);
}
