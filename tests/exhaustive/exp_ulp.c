/* SPDX-License-Identifier: MIT */
/*
 * exp_ulp.c - the error of heed_exp() over all 2^32 floats, for each instruction set.
 *
 * Usage: heed_exp_ulp [isa]...  Half a minute to some minutes each, so no quick test.
 * Exit 1 if an error exceeds 1 ulp or a NaN, an infinity or a zero is wrong.
 *
 * The reference is exp() in double, whose own error of 2^-52 is nothing here.  A unit
 * in the last place is that of the exact result, 2^-149 among denormals; a result
 * that should round to infinity may be the largest float, which is within 1 ulp.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <heed/heed.h>

enum { BATCH = 1 << 16 };

struct worst {
    double ulp;
    float at;
    uint64_t wrong; /* NaN, infinite or zero where it should not be, or the reverse */
};

static double ulp_of(double exact)
{
    int exponent;

    frexp(exact, &exponent);
    return ldexp(1.0, (exponent < -125 ? -125 : exponent) - 24);
}

static void judge(float x, float y, struct worst *worst)
{
    const double exact = exp((double)x);

    if (isnan(x) || isinf(x)) {
        worst->wrong += isnan(x) ? !isnan(y) : y != (float)exact;
        return;
    }
    if (exact >= 0x1p128) { /* beyond every float and its rounding */
        worst->wrong += !isinf(y);
        return;
    }

    const double error = fabs((isinf(y) ? 0x1p128 : (double)y) - exact) / ulp_of(exact);
    if (isnan(y))
        worst->wrong++;
    else if (error > worst->ulp)
        *worst = (struct worst){error, x, worst->wrong};
}

static heed_status judge_all(const heed_isa *isa, struct worst *worst)
{
    static float x[BATCH], y[BATCH];
    const heed_rows_args args = {
        HEED_SIZED(heed_rows_args), .rows = 1, .cols = BATCH, .x.data = x, .y.data = y, .isa = isa,
    };

    for (uint64_t first = 0; first < (uint64_t)1 << 32; first += BATCH) {
        for (uint32_t i = 0; i < BATCH; i++) {
            const uint32_t bits = (uint32_t)first + i;

            memcpy(&x[i], &bits, sizeof bits);
        }

        const heed_status status = heed_exp(&args);
        if (status != HEED_OK)
            return status;
        for (size_t i = 0; i < BATCH; i++)
            judge(x[i], y[i], worst);
        if (isatty(STDERR_FILENO) && first % ((uint64_t)BATCH << 10) == 0)
            fprintf(stderr, "\r%s %3.0f %%", heed_isa_name(isa), (double)first * 100 / 0x1p32);
    }
    if (isatty(STDERR_FILENO))
        fputs("\r", stderr);
    return HEED_OK;
}

static int report(const heed_isa *isa)
{
    struct worst worst = {0};
    const heed_status status = judge_all(isa, &worst);

    if (status != HEED_OK) {
        printf("%-8s %s\n", heed_isa_name(isa), heed_status_string(status));
        return 0;
    }
    printf("%-8s %.4f ulp at %a, %llu wrong\n", heed_isa_name(isa), worst.ulp, (double)worst.at,
           (unsigned long long)worst.wrong);
    return worst.ulp > 1.0 || worst.wrong;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= report(heed_isa_find(argv[i]));
    for (size_t i = 0; argc == 1 && heed_isa_at(i); i++)
        failed |= report(heed_isa_at(i));
    return failed;
}
