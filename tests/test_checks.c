/* SPDX-License-Identifier: MIT */
/* test_checks.c - every check on every instruction set. */
#include "isa_test.h"

#include "checks.h"

enum { SEED = 1, MOST_PAIRS = MOST_ISAS * 32 };

struct pair {
    size_t isa, check;
};

ParameterizedTestParameters(checks, every_operation)
{
    static struct pair pairs[MOST_PAIRS];
    size_t count = 0;

    for (size_t isa = 0; heed_isa_at(isa); isa++)
        for (size_t check = 0; check_at(check) && count < MOST_PAIRS; check++)
            pairs[count++] = (struct pair){isa, check};
    return cr_make_param_array(struct pair, pairs, count);
}

ParameterizedTest(struct pair *pair, checks, every_operation)
{
    const heed_isa *isa = isa_or_skip(pair->isa);
    const struct check *check = check_at(pair->check);
    char detail[1024] = "";

    cr_assert(check->run(isa, SEED, detail, sizeof detail), "%s on %s, %s", check->operation,
              heed_isa_name(isa), detail);
}

/* A reference that accepted anything would pass every check: it must see a wrong number. */
Test(checks, a_wrong_instruction_set_fails)
{
    char detail[1024] = "";

    for (size_t i = 0; check_at(i); i++)
        cr_expect_not(check_at(i)->run((const heed_isa *)detail, SEED, detail, sizeof detail),
                      "%s passed on what is no instruction set", check_at(i)->operation);
}
