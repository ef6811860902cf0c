/* SPDX-License-Identifier: MIT */
/* test_checks.c - every check on every instruction set. */
#include "isa_test.h"

#include "checks.h"
#include "random.h"
#include "reference.h"
#include "sanitizers.h"

/* `heed check` takes the first seed alone, for emulators; so do slow builds. */
enum { SEED = 1, SEEDS = SANITIZED ? 1 : 5, SEED_STEP = 1000, MOST_PAIRS = MOST_ISAS * 32 };

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

    for (uint64_t seed = SEED; seed < SEED + SEEDS * SEED_STEP; seed += SEED_STEP)
        cr_assert(check->run(isa, seed, detail, sizeof detail), "%s on %s, %s", check->operation,
                  heed_isa_name(isa), detail);
}

/* What a check must notice, or it could not fail: a refused call ... */
Test(checks, notice_a_refusal)
{
    char detail[1024] = "";

    for (size_t i = 0; check_at(i); i++)
        cr_expect_not(
            check_at(i)->run((const heed_isa *)(void *)detail, SEED, detail, sizeof detail),
            "%s passed on what is no instruction set", check_at(i)->operation);
}

/* ... and one key of 1025 left out, unless its values are near the average. */
ISA_TEST(checks, notice_a_missing_key)
{
    enum { KEYS = 1025, DIM = 16 };
    static float q[DIM], k[KEYS * DIM], v[KEYS * DIM], o[DIM];
    struct bounded want[DIM];
    struct random random = {1};
    heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = 1,
        .kv_rows = KEYS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = q,
        .k.data = k,
        .v.data = v,
        .o.data = o,
        .isa = isa,
    };
    size_t noticed = 0;

    for (size_t i = 0; i < KEYS * DIM; i++) {
        k[i] = random_float(&random, -1.0f, 1.0f);
        v[i] = random_float(&random, -1.0f, 1.0f);
        q[i % DIM] = random_float(&random, -1.0f, 1.0f);
    }
    reference_attention(&a, want, NULL, NULL);
    a.kv_rows--;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    for (size_t d = 0; d < DIM; d++)
        noticed += !bounded_accepts(want[d], o[d]);
    cr_expect_geq(noticed, DIM / 2, "%zu of %d numbers", noticed, DIM);
}
