/* SPDX-License-Identifier: MIT */
/* fuzz_arguments.c - hostile arguments of every operation: see hostile.c. */
#include <stdio.h>
#include <stdlib.h>

#include "hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    const struct hostile h = hostile_call(&bytes);

    if (h.wrong) {
        fprintf(stderr, "%s: %s (%d, %d) %s\n", h.operation->name, h.wrong, (int)h.checked,
                (int)h.called, h.reason);
        abort();
    }
    return 0;
}
