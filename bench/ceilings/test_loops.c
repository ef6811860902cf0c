/* SPDX-License-Identifier: MIT */
/*
 * ceilings/test_loops.c - do the loops do as much work as they say?
 *
 * Each returns a number that tells: by how much its sums grew, one for every multiply-add
 * with a one, or the sum of as many ones as it read.  All of them are exact: below 2^24.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

#include "half.h"
#include "unit.h"

enum { ROUNDS = 37, STEPS = 5 };

static bool failed;

static void expect(const struct ceiling_unit *unit, const char *what, double got, double wanted)
{
    if (got == wanted)
        return;
    printf("%s: %s gives %.9g, not %.9g\n", unit->isa, what, got, wanted);
    failed = true;
}

/*
 * The chains of fma() start from 3, 4, ... and tend to 2, half as far each round: their sum
 * tells their number, and the distance from twice that the number of rounds.
 */
static void check_fma(const struct ceiling_unit *unit)
{
    const double lanes = (double)unit->step / 8, chains = unit->flop / 2 / lanes;
    const double distance = chains + chains * (chains - 1) / 2;

    expect(unit, "fma, no round", unit->fma(0), lanes * (2 * chains + distance));
    expect(unit, "fma, 3 rounds", unit->fma(3), lanes * (2 * chains + distance / 8));
}

static void check_reads(const struct ceiling_unit *unit, heed_dtype type, const char *name)
{
    const size_t count = STEPS * unit->step;
    const double one = type == HEED_F8 ? 256 : 1; /* of f8 256ths are loaded */
    void *ones = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);

    for (size_t i = 0; i < count; i++)
        dtype_write(type, (char *)ones + i * dtype_size(type), one);
    expect(unit, name, unit->read[type](ones, count), (double)count);
    free(ones);
}

static void check_types(const struct ceiling_unit *unit)
{
    static const char *const loads[] = {"loads f32", "loads f16", "loads bf16", "loads i8",
                                        "loads f8"};
    static const char *const reads[] = {"read f32", "read f16", "read bf16", "read i8", "read f8"};

    for (int type = 0; type < CEILING_TYPES; type++) {
        expect(unit, loads[type], unit->loads[type](ROUNDS), unit->flop / 2 * ROUNDS);
        check_reads(unit, (heed_dtype)type, reads[type]);
    }
}

static void check_rest(const struct ceiling_unit *unit)
{
    const size_t count = STEPS * unit->step, bytes = count * sizeof(float);
    float *from = aligned_alloc(64, (bytes + 63) / 64 * 64);
    float *to = aligned_alloc(64, (bytes + 63) / 64 * 64);

    for (size_t i = 0; i < count; i++) {
        from[i] = 0.0f;
        to[i] = 1.0f;
    }
    expect(unit, "exp of zeros", unit->exp(from, count), (double)count);
    for (size_t i = 0; i < count; i++)
        from[i] = (float)i + 1;
    expect(unit, "copy", unit->copy(to, from, count), 1);
    expect(unit, "what was copied", memcmp(to, from, bytes), 0);
    free(from);
    free(to);
}

int main(void)
{
    const heed_isa *isa;

    for (size_t i = 0; (isa = heed_isa_at(i)) != NULL; i++) {
        const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(isa));

        if (!heed_isa_supported(isa))
            continue;
        printf("%s\n", unit->isa);
        check_fma(unit);
        check_types(unit);
        check_rest(unit);
        if (!heed_isa_bf16(isa))
            continue;
        if (unit->matrix)
            expect(unit, "matrix", unit->matrix(ROUNDS), unit->matrix_flop / 2 * ROUNDS);
        else
            expect(unit, "loops of the matrix unit", 0, 1);
    }
    return failed;
}
