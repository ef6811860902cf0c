/* SPDX-License-Identifier: MIT */
/*
 * test_hostile.c - a check answers HEED_OK exactly when the call does: the fuzzer's calls, drawn
 * from random bytes.
 */
#include <string.h>

#include <criterion/criterion.h>

#include "fuzz/hostile.h"
#include "random.h"

enum { CALLS = 60000, BYTES = 700 };

struct counts {
    size_t made, accepted;
};

static void call(struct random *random, struct counts *counts)
{
    uint8_t data[BYTES];
    struct bytes bytes = {data, 0};

    /* Past their end all choices are 0, which is the ordinary one: a spoilt member or two. */
    bytes.left = random_below(random, 3) ? BYTES : random_below(random, 30);
    for (size_t i = 0; i < bytes.left; i++)
        data[i] = (uint8_t)random_bits(random);
    const struct hostile h = hostile_call(&bytes);
    cr_assert_null(h.wrong, "%s: %s (%d, %d) %s", h.operation->name, h.wrong, (int)h.checked,
                   (int)h.called, h.reason);
    counts->made += h.made;
    counts->accepted += h.made && h.checked == HEED_OK;
}

Test(hostile, check_and_call_agree)
{
    struct random random = {3};
    struct counts counts = {0, 0};

    for (size_t i = 0; i < CALLS; i++)
        call(&random, &counts);
    /* Not all were refused, and few of those accepted would have left our memory. */
    cr_expect_gt(counts.accepted, CALLS / 8);
    cr_expect_gt(counts.made, CALLS / 2);
}
