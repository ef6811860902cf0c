/* SPDX-License-Identifier: MIT */
/* test_strides_refusals.c - strides that an operation does not take, or may not be given. */
#include <string.h>

#include "isa_test.h"
#include "sample_views.h"

/* Strides that an operation does not take make no row of the others that are zero. */
ISA_TEST(strides_refusals, not_taken_do_not_count)
{
    static float want[SAMPLE_OUTPUT];
    size_t found = 0;

    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        union sample sample = sample_of(operation, isa);
        struct sample_view views[SAMPLE_VIEWS];
        const size_t count = sample_views(operation, &sample, views);

        sample_blank_output();
        cr_assert_eq(operation->call(&sample), HEED_OK);
        memcpy(want, sample_output, sizeof want);
        for (size_t v = 0; v < count; v++) {
            heed_input view = sample_view_get(&views[v]);

            view.head_stride = views[v].without & NO_HEAD_STRIDE ? 3 : 0;
            view.batch_stride = views[v].without & NO_BATCH_STRIDE ? -5 : 0;
            sample_view_set(&views[v], &view);
            found += views[v].without != 0;
        }
        sample_blank_output();
        cr_assert_eq(operation->call(&sample), HEED_OK, "%s", operation->name);
        cr_expect_arr_eq(sample_output, want, sizeof want, "%s", operation->name);
    }
    cr_expect_eq(found, 3 + 3 * 2 + 4);
}

/* Row 1 of the input stands where the output begins: nobody is to take row 0 for all of it. */
static void expect_second_row_seen(const struct operation *operation, size_t index)
{
    union sample sample = sample_of(operation, NULL);
    struct sample_view views[SAMPLE_VIEWS];
    const size_t count = sample_views(operation, &sample, views);
    heed_input input = sample_view_get(&views[index]), output = sample_view_get(&views[count - 1]);

    output.data = sample_output + 2000;
    input.data = sample_output + 2000 - views[index].shape.dim;
    input.head_stride = 3;
    input.batch_stride = views[index].without & NO_BATCH_STRIDE ? -5 : 0;
    sample_view_set(&views[index], &input);
    sample_view_set(&views[count - 1], &output);
    cr_expect_eq(operation->call(&sample), HEED_INVALID_ARGUMENT, "%s: %s", operation->name,
                 views[index].name);
}

Test(strides_refusals, not_taken_hide_no_overlap)
{
    for (size_t i = 0; operation_at(i); i++) {
        union sample sample = sample_of(operation_at(i), NULL);
        struct sample_view views[SAMPLE_VIEWS];
        const size_t count = sample_views(operation_at(i), &sample, views);

        for (size_t v = 0; v < count; v++)
            if (views[v].without && !views[v].written)
                expect_second_row_seen(operation_at(i), v);
    }
}

static void expect_overlap(const struct operation *operation, size_t index)
{
    union sample sample = sample_of(operation, NULL);
    struct sample_view views[SAMPLE_VIEWS];
    char reason[160] = "";

    sample_views(operation, &sample, views);
    heed_input view = sample_view_get(&views[index]);
    view.strided = 1;
    sample_view_set(&views[index], &view);
    sample_blank_output();
    cr_expect_eq(operation->check(&sample, reason, sizeof reason), HEED_INVALID_ARGUMENT, "%s: %s",
                 operation->name, views[index].name);
    cr_expect(strstr(reason, views[index].name) == reason, "%s: %s", operation->name, reason);
    cr_expect_eq(operation->call(&sample), HEED_INVALID_ARGUMENT);
    cr_expect(sample_output_is_blank());
}

Test(strides_refusals, outputs_of_one_row_for_all_are_refused)
{
    size_t outputs = 0;

    for (size_t i = 0; operation_at(i); i++) {
        union sample sample = sample_of(operation_at(i), NULL);
        struct sample_view views[SAMPLE_VIEWS];
        const size_t count = sample_views(operation_at(i), &sample, views);

        for (size_t v = 0; v < count; v++)
            if (views[v].written) {
                expect_overlap(operation_at(i), v);
                outputs++;
            }
    }
    cr_expect_geq(outputs, 17);
}

/* Where one row is repeated the output cannot be the input, though both begin there. */
Test(strides_refusals, in_place_means_row_for_row)
{
    static const char *const operations[] = {"exp", "softmax", "normalize", "rope"};

    for (size_t i = 0; operation_at(i); i++)
        for (size_t j = 0; j < sizeof operations / sizeof *operations; j++) {
            const struct operation *operation = operation_at(i);
            struct sample_view views[SAMPLE_VIEWS];
            union sample sample = sample_of(operation, NULL);

            if (strcmp(operation->name, operations[j]))
                continue;
            cr_assert_eq(sample_views(operation, &sample, views), 2);
            const struct shape n = views[0].shape;
            heed_input x = {.data = sample_output, .strided = 1}, y = {.data = sample_output};
            sample_view_set(&views[0], &x);
            sample_view_set(&views[1], &y);
            cr_expect_eq(operation->call(&sample), HEED_INVALID_ARGUMENT, "%s", operation->name);
            x.row_stride = (ptrdiff_t)n.dim;
            x.head_stride = (ptrdiff_t)(n.rows * n.dim);
            x.batch_stride = (ptrdiff_t)(n.heads * n.rows * n.dim);
            sample_view_set(&views[0], &x);
            memset(sample_output, 0, sizeof sample_output);
            cr_expect_eq(operation->call(&sample), HEED_OK, "%s", operation->name);
        }
}
