/* SPDX-License-Identifier: MIT */
/*
 * test_chunks.c - the chunks of keys that tasks go through are those that some row sees by its
 * position, and no more are planned for than a window can touch.
 */
#include <criterion/criterion.h>

#include "random.h"

#include "../src/chunks.h"

enum { MOST_CHUNKS = 12, MOST_KEYS = MOST_CHUNKS * HEED_CHUNK, MOST_ROWS = 3000, TRIALS = 20000 };

/* Bounds near chunks, and far from them. */
static size_t draw_distance(struct random *random)
{
    static const size_t most[] = {3, 100, HEED_CHUNK + 2, MOST_KEYS};

    return random_once_in(random, 2) ? 0 : 1 + random_below(random, RANDOM_OF(random, most));
}

static heed_attention_args draw(struct random *random)
{
    return (heed_attention_args){
        .kv_rows = 1 + random_below(random, MOST_KEYS),
        .mask = (heed_mask)random_below(random, 3),
        .window_left = draw_distance(random),
        .window_right = draw_distance(random),
        .local_chunk = draw_distance(random),
        .prefix = draw_distance(random),
    };
}

static struct heed_sight sight_of(const heed_attention_args *a, struct random *random)
{
    const size_t keys = random_below(random, a->kv_rows + 1);

    return (struct heed_sight){
        .position = (ptrdiff_t)random_below(random, 2 * MOST_KEYS) - MOST_KEYS / 2,
        .keys = (ptrdiff_t)keys,
        .causal = a->mask != HEED_MASK_NONE,
        .left = (ptrdiff_t)a->window_left,
        .right = (ptrdiff_t)a->window_right,
        .chunk = (ptrdiff_t)a->local_chunk,
        .prefix = (ptrdiff_t)(a->prefix < keys ? a->prefix : keys),
    };
}

/* Chunks of which some of these rows sees a key, one row and one chunk at a time. */
static void look(const struct heed_sight *s, size_t first, size_t last, bool *seen)
{
    for (size_t c = 0; c < MOST_CHUNKS; c++) {
        const size_t begin = c * HEED_CHUNK, end = begin + HEED_CHUNK;

        seen[c] = begin < (size_t)s->prefix;
        for (size_t row = first; row <= last && !seen[c]; row++) {
            const struct heed_range sees = heed_sees(s, row);

            seen[c] = sees.begin < sees.end && sees.begin < end && begin < sees.end;
        }
    }
}

/* Goes through the chunks in so many ranges, as tasks and kernels do; counts visits of each. */
static void walk(const struct heed_chunks *chunks, size_t ranges, size_t *visits)
{
    const size_t count = heed_chunk_count(chunks), each = heed_pieces(count, ranges);

    for (size_t first = 0; first < count; first += each) {
        const size_t end = first + each < count ? first + each : count;
        const struct heed_walk w = heed_walk_of(chunks, first, end);
        size_t number = first;

        for (size_t key = w.first_key; key < w.end_key; key += HEED_CHUNK, number++) {
            if (key == w.gap.begin)
                key = w.gap.end;
            cr_assert_lt(key / HEED_CHUNK, MOST_CHUNKS);
            cr_assert_eq(heed_chunk_at(chunks, number), key / HEED_CHUNK);
            visits[key / HEED_CHUNK]++;
        }
        cr_assert_eq(number, end);
    }
}

/* A chunk between two that are seen may be seen by nobody: windows of few keys over many rows. */
static bool between(const bool *seen, size_t c, size_t from)
{
    bool before = false, after = false;

    for (size_t i = from; i < c; i++)
        before = before || seen[i];
    for (size_t i = c + 1; i < MOST_CHUNKS; i++)
        after = after || seen[i];
    return before && after;
}

Test(chunks, are_those_that_rows_see)
{
    struct random random = {7};

    for (size_t i = 0; i < TRIALS; i++) {
        const heed_attention_args a = draw(&random);
        const struct heed_sight s = sight_of(&a, &random);
        const size_t first = random_below(&random, MOST_ROWS);
        const size_t rows = 1 + random_below(&random, random_once_in(&random, 2) ? 4 : 400);
        const struct heed_chunks chunks = heed_chunks_of(&s, first, first + rows - 1);
        const size_t count = heed_chunk_count(&chunks);
        bool seen[MOST_CHUNKS], any = false;
        size_t visits[MOST_CHUNKS] = {0};

        cr_assert_geq(count, 1);
        cr_assert_leq(count, heed_most_chunks(&a, rows), "%zu rows, window %zu %zu, chunk %zu",
                      rows, a.window_left, a.window_right, a.local_chunk);
        look(&s, first, first + rows - 1, seen);
        walk(&chunks, 1 + random_below(&random, 5), visits);
        for (size_t c = 0; c < MOST_CHUNKS; c++)
            any = any || seen[c];
        for (size_t c = 0; c < MOST_CHUNKS; c++) {
            cr_assert_leq(visits[c], 1);
            cr_assert(!seen[c] || visits[c], "chunk %zu of trial %zu is passed over", c, i);
            cr_assert(!visits[c] || seen[c] || between(seen, c, chunks.prefix) || (!any && c == 0),
                      "chunk %zu of trial %zu is gone through", c, i);
        }
    }
}

/* As many keys as a chunk has lie in two, wherever they stand, and two more may reach a third. */
Test(chunks, of_a_window_do_not_grow_with_the_keys)
{
    const heed_attention_args a = {
        .kv_rows = (size_t)1 << 30, .mask = HEED_MASK_CAUSAL, .window_left = HEED_CHUNK};

    cr_expect_eq(heed_most_chunks(&a, 1), 2);
    cr_expect_eq(heed_most_chunks(&a, 3), 3);
}
