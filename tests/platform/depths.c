/* SPDX-License-Identifier: MIT */
/*
 * depths.c - every operation from stacks of every alignment that the ABI allows.
 *
 * An ABI promises 16 bytes.  A compiler that takes its own spilled vectors for better
 * aligned than that, as gcc did on Windows (bug 54412), crashes from half of them.
 */
#include <stdio.h>

#include "checks.h"

enum { STEP = 16, LARGEST_VECTOR = 64 };

static unsigned failed;

static void run_all(const heed_isa *isa)
{
    for (size_t i = 0; check_at(i); i++) {
        char detail[512] = "";

        if (!check_at(i)->run(isa, 1, detail, sizeof detail)) {
            printf("%s on %s: %s\n", check_at(i)->operation, heed_isa_name(isa), detail);
            failed++;
        }
    }
}

int main(void)
{
    unsigned seen = 0;

    for (size_t depth = 0; depth < LARGEST_VECTOR; depth += STEP) {
        /* Not freed before main() returns, so each round begins 16 bytes lower. */
        volatile char *const lower = __builtin_alloca(STEP);

        lower[0] = 0;
        seen |= 1u << (uintptr_t)lower % LARGEST_VECTOR / STEP;
        run_all(heed_isa_default());
    }
    if (seen != 0xf) {
        printf("not every alignment was tried: %#x\n", seen);
        return 1;
    }
    printf("%u failed\n", failed);
    return failed != 0;
}
