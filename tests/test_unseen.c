/* SPDX-License-Identifier: MIT */
/*
 * test_unseen.c - pages that no query row sees may be gone: their numbers are followed by no
 * kernel and refused by no check.  All layouts, masks and types: tests/checks/check_unseen.c.
 */
#include <math.h>
#include <string.h>

#include "guarded.h"
#include "isa_test.h"
#include "random.h"

enum { KEYS = 100, DIM = 64, PAGE_ROWS = 16, USED = 7, PAGES = 8, ROWS = 3, MOST_ROWS = 5 };

static float q[MOST_ROWS][DIM], k[PAGES][PAGE_ROWS][DIM], v[PAGES][PAGE_ROWS][DIM];
static float o[MOST_ROWS][DIM];
static float scores[ROWS][KEYS];

/* The pages of a window of one key are freed but for the last. */
static const int32_t freed[USED] = {-1, -1, -1, -1, -1, -1, 6};

static void fill(struct random *random, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = random_float(random, -1.0f, 1.0f);
}

static heed_attention_args problem(const heed_isa *isa)
{
    struct random random = {1};

    fill(&random, &q[0][0], sizeof q / sizeof(float));
    fill(&random, &k[0][0][0], sizeof k / sizeof(float));
    fill(&random, &v[0][0][0], sizeof v / sizeof(float));
    return (heed_attention_args){
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
        .mask = HEED_MASK_CAUSAL,
        .window_left = 1,
        .page_table = freed,
        .page_rows = PAGE_ROWS,
        .pages = PAGES,
        .isa = isa,
    };
}

static void attend(const heed_attention_args *a)
{
    char reason[200];

    cr_assert_eq(heed_attention_check(a, reason, sizeof reason), HEED_OK, "%s", reason);
    cr_assert_eq(heed_attention(a), HEED_OK);
}

/* The only key that is seen has all the weight. */
ISA_TEST(unseen, pages_of_a_window_are_freed)
{
    heed_attention_args a = problem(isa);

    attend(&a);
    cr_expect_arr_eq(o[0], v[6][(KEYS - 1) % PAGE_ROWS], sizeof o[0]);
    a.validate_pages = 1;
    attend(&a);
    cr_expect_arr_eq(o[0], v[6][(KEYS - 1) % PAGE_ROWS], sizeof o[0]);
}

/* Those before a prefix are not, and those past the length have no numbers. */
ISA_TEST(unseen, pages_around_what_is_seen_are_freed)
{
    static const int32_t table[USED] = {2, -1, -1, INT32_MIN, INT32_MAX, 5, -1};
    static const size_t length = 90;
    heed_attention_args a = problem(isa);

    a.page_table = table;
    a.kv_lengths = &length;
    a.prefix = 1;
    a.q_rows = ROWS;
    a.scale = 1e-20f; /* all keys that are seen weigh the same */
    a.validate_pages = 1;
    attend(&a);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t d = 0; d < DIM; d++) {
            const float own = v[5][(length - ROWS + r) % PAGE_ROWS][d], first = v[2][0][d];

            cr_expect_float_eq(o[r][d], (own + first) / 2, 1e-6f, "row %zu", r);
        }
}

/* At every stage -inf, or weights 0; finite where some row of the sequence sees the key. */
ISA_TEST(unseen, pages_that_are_freed_have_no_scores)
{
    for (int stage = HEED_SCORES_SCALED; stage <= HEED_SCORES_WEIGHTS; stage++) {
        heed_attention_args a = problem(isa);

        a.q_rows = ROWS;
        a.scores = (heed_output){.data = scores};
        a.scores_are = (heed_scores_stage)stage;
        attend(&a);
        for (size_t r = 0; r < ROWS; r++)
            for (size_t j = 0; j < KEYS; j++) {
                const bool own = j == KEYS - ROWS + r, seen = j >= KEYS - ROWS;
                const float none = stage == HEED_SCORES_WEIGHTS ? 0.0f : -INFINITY;

                if (own || (seen && stage < HEED_SCORES_BIASED))
                    cr_expect(isfinite(scores[r][j]) && scores[r][j] != 0.0f, "row %zu, key %zu", r,
                              j);
                else
                    cr_expect_eq(scores[r][j], none, "row %zu, key %zu: %g", r, j,
                                 (double)scores[r][j]);
            }
    }
}

static void call(void *argument)
{
    const heed_attention_args *a = argument;

    cr_expect_eq(heed_attention(a), HEED_OK);
}

/* So many keys, whose page table has no number more; keys are fetched well ahead of their use. */
static void expect_no_more_numbers(heed_attention_args *a, size_t keys)
{
    const size_t used = (keys + PAGE_ROWS - 1) / PAGE_ROWS;
    struct guarded table = guarded_new(used * sizeof(int32_t), true);
    int32_t *const numbers = (int32_t *)(void *)table.data;
    void *where = NULL;

    for (size_t i = 0; i < used; i++)
        numbers[i] = (int32_t)(i % PAGES);
    a->kv_rows = keys;
    a->page_table = numbers;
    cr_expect(call_guarded(call, a, &where), "%zu rows, %zu keys, window %zu: at %td of %zu",
              a->q_rows, keys, a->window_left, (const int32_t *)where - numbers, used);
    guarded_free(&table);
}

ISA_TEST(unseen, page_tables_end_with_their_keys)
{
    static const size_t keys[] = {1, 64, 129, 4000, 4033, 4096, 4097};

    for (size_t rows = 1; rows <= MOST_ROWS; rows++)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            for (size_t window = 0; window < 3; window++) {
                heed_attention_args a = problem(isa);

                a.q_rows = rows;
                a.mask = window ? HEED_MASK_CAUSAL : HEED_MASK_NONE;
                a.window_left = window == 2 ? 1500 : 0;
                expect_no_more_numbers(&a, keys[i]);
            }
}

/* A number that would be followed is refused, and named. */
Test(unseen, pages_that_are_seen_are_checked)
{
    heed_attention_args a = problem(NULL);
    int32_t table[USED];
    char reason[200];

    memcpy(table, freed, sizeof table);
    a.page_table = table;
    a.validate_pages = 1;
    table[6] = -1;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect_str_eq(reason, "page_table[0][6] is -1, of 8 pages");
    table[6] = 6;
    a.prefix = PAGE_ROWS + 1;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect_str_eq(reason, "page_table[0][0] is -1, of 8 pages");
    table[0] = 0;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect_str_eq(reason, "page_table[0][1] is -1, of 8 pages");
    a.q_rows = 0; /* nobody sees anything */
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_OK, "%s", reason);
}

static void expect_refused(const heed_attention_args *a, const char *says)
{
    char reason[200] = "";

    cr_expect_eq(heed_attention(a), HEED_INVALID_ARGUMENT, "%s", says);
    cr_expect_eq(heed_attention_check(a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect_str_eq(reason, says);
}

Test(unseen, page_tables_need_sizes_and_go_alone)
{
    static const int32_t offsets[2] = {0, KEYS};
    static _Alignas(64) unsigned char packed[1 << 16];
    heed_attention_args a = problem(NULL);
    const heed_pack_k_args pack = {
        HEED_SIZED(heed_pack_k_args),
        .batch = 1,
        .kv_heads = 1,
        .qk_dim = DIM,
        .capacity = KEYS,
        .rows = KEYS,
        .k.data = k,
        .packed = packed,
        .packed_size = sizeof packed,
    };

    a.page_rows = 0;
    expect_refused(&a, "page_rows is 0, with a page_table");
    a = problem(NULL);
    a.pages = 0;
    expect_refused(&a, "pages is 0, with a page_table");
    a = problem(NULL);
    a.kv_offsets = offsets;
    expect_refused(&a, "page_table excludes kv_offsets");
    a = problem(NULL);
    cr_assert_eq(heed_pack_k(&pack), HEED_OK);
    a.packed_k = packed;
    a.packed_k_size = sizeof packed;
    expect_refused(&a, "page_table excludes packed_k");
}
