/* SPDX-License-Identifier: MIT */
/* test_backward_workspace.c - the memory of the backward pass, where the caller lends it. */
#include <stdlib.h>
#include <string.h>

#include "backward_problem.h"
#include "guarded.h"
#include "isa_test.h"

ISA_TEST(backward_workspace, exact_misaligned_and_too_small)
{
    heed_attention_backward_args a = problem(isa);
    char reason[128] = "";
    size_t bytes = 0, again = 0;

    differentiate(&a);
    clean = got;
    cr_assert_eq(heed_attention_backward_workspace(&a, &bytes), HEED_OK);
    cr_expect_eq(heed_attention_backward_workspace(&a, NULL), HEED_INVALID_ARGUMENT);
    for (size_t shift = 0; shift < 64; shift += shift < 4 ? 1 : 13) {
        struct guarded memory = guarded_new(bytes + shift, true);

        a.workspace = memory.data;
        a.workspace_size = bytes;
        differentiate(&a);
        cr_expect_arr_eq(&got, &clean, sizeof got, "%zu bytes off", shift);
        guarded_free(&memory);
    }

    memset(&got, 0xff, sizeof got);
    a.workspace = &clean;
    a.workspace_size = bytes - 1;
    cr_expect_eq(heed_attention_backward(&a), HEED_WORKSPACE_TOO_SMALL);
    cr_expect_eq(heed_attention_backward_check(&a, reason, sizeof reason),
                 HEED_WORKSPACE_TOO_SMALL);
    cr_expect(strstr(reason, "workspace_size"), "%s", reason);
    cr_expect_eq(heed_attention_backward_workspace(&a, &again), HEED_OK);
    cr_expect_eq(again, bytes);
    for (size_t i = 0; i < sizeof got; i++)
        cr_assert_eq(((const unsigned char *)&got)[i], 0xff, "wrote");
}

/* Memory depends on the dims and the workers, not on the rows. */
Test(backward_workspace, does_not_grow_with_rows)
{
    enum { MANY = 20000 };
    float *numbers = calloc(3 * MANY * QK_DIM, sizeof *numbers);
    heed_attention_backward_args a = problem(NULL);
    size_t bytes = 0, more = 0;

    cr_assert_eq(heed_attention_backward_workspace(&a, &bytes), HEED_OK);
    a.q_heads = 1;
    a.q_rows = a.kv_rows = MANY;
    a.q.data = a.k.data = a.v.data = a.o.data = a.d_o.data = a.lse.data = numbers;
    a.d_q.data = numbers + MANY * QK_DIM;
    a.d_k.data = numbers + 2 * MANY * QK_DIM;
    a.d_v.data = NULL;
    cr_assert_eq(heed_attention_backward_workspace(&a, &more), HEED_OK);
    cr_expect_eq(more, bytes);
    free(numbers);
}
