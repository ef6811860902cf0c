/* SPDX-License-Identifier: MIT */
/* test_sight.c - keys that a row sees, and rows by which a key is seen: one relation. */
#include <criterion/criterion.h>

#include "random.h"

#include "../src/sight.h"

enum { ROWS = 12, KEYS = 15, TRIALS = 20000 };

static struct heed_sight draw(struct random *random)
{
    const ptrdiff_t keys = (ptrdiff_t)random_below(random, KEYS + 1);
    struct heed_sight s = {
        .position = (ptrdiff_t)random_below(random, 2 * KEYS + ROWS) - KEYS - 3,
        .keys = keys,
        .causal = random_once_in(random, 2),
    };

    if (random_once_in(random, 3))
        s.left = 1 + (ptrdiff_t)random_below(random, KEYS);
    if (random_once_in(random, 3))
        s.right = 1 + (ptrdiff_t)random_below(random, KEYS);
    if (random_once_in(random, 3))
        s.chunk = 1 + (ptrdiff_t)random_below(random, KEYS);
    if (random_once_in(random, 3))
        s.prefix = (ptrdiff_t)random_below(random, (size_t)keys + 1);
    if (!s.prefix && random_once_in(random, 3))
        s.first = (ptrdiff_t)random_below(random, (size_t)keys + 1);
    return s;
}

static bool within(struct heed_range range, size_t i)
{
    return i >= range.begin && i < range.end;
}

/* The union of what the first so many rows see, without a gap. */
static void expect_union(const struct heed_sight *s, size_t rows)
{
    const struct heed_range some = heed_seen_by_some(s, rows);

    for (size_t j = 0; j < KEYS; j++) {
        bool any = false;

        for (size_t r = 0; r < rows; r++)
            any = any || within(heed_sees(s, r), j);
        cr_assert_eq(within(some, j), any, "%zu rows, key %zu", rows, j);
    }
}

static void expect_same(const struct heed_sight *s)
{
    for (size_t j = 0; j < KEYS; j++) {
        const struct heed_range by = heed_seen_by(s, ROWS, j);

        cr_assert(by.begin <= by.end && by.end <= ROWS);
        for (size_t r = 0; r < ROWS; r++) {
            const bool sees = within(heed_sees(s, r), j) || j < (size_t)s->prefix;

            cr_assert(!sees || j >= (size_t)s->first, "row %zu, key %zu before %td", r, j,
                      s->first);
            cr_assert_eq(within(by, r), sees,
                         "row %zu, key %zu: position %td of %td keys, %s, window %td %td, chunk "
                         "%td, prefix %td",
                         r, j, s->position, s->keys, s->causal ? "causal" : "not causal", s->left,
                         s->right, s->chunk, s->prefix);
        }
    }
}

Test(sight, is_the_same_from_both_sides)
{
    struct random random = {3};

    for (size_t i = 0; i < TRIALS; i++) {
        const struct heed_sight s = draw(&random);

        expect_same(&s);
        expect_union(&s, i % (ROWS + 1));
    }
}
