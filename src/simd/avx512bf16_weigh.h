/* SPDX-License-Identifier: MIT */
/*
 * simd/avx512bf16_weigh.h - part of avx512bf16.h: weights that are of bf16 from the start.
 *
 * Where products take half the time, the exponentials between them count double.  What is
 * rounded to 2^-9 needs no more than 2^-13 before that: three FMAs of the polynomial, not five.
 */
#ifndef HEED_SIMD_AVX512BF16_WEIGH_H
#define HEED_SIMD_AVX512BF16_WEIGH_H

#define HEED_HAVE_WEIGH
#define VM_WEIGH_VECS 4 /* at most, at a time; always an even number of them */

/* Two vectors, one behind the other, rounded to bf16, to nearest even; denormals to zero. */
#if HEED_SIMD_EMULATED
static inline vf vm_narrow(vf first, vf second)
{
    float x[2 * VF_LANES];
    uint16_t y[2 * VF_LANES];

    vf_store(x, first);
    vf_store(x + VF_LANES, second);
    for (int i = 0; i < 2 * VF_LANES; i++)
        y[i] = bf16_from_f32(vm_flushed(x[i]));
    return vm_load_dwords(y);
}
#else
static inline vf vm_narrow(vf first, vf second)
{
    return _mm512_castsi512_ps((__m512i)_mm512_cvtne2ps_pbh(second, first));
}
#endif

/*
 * Of n vectors of scores: w = 2^((s - base) factor), rounded, and `sum` and the sums of its
 * pairs.  Below `lowest` a weight is 0; it is a difference of scores that makes 2^-126.75, the
 * power of which is a denormal whichever way it is rounded, so that one in its place is 0
 * too.  `checked`: scores may be NaN of any payload, and `lowest` may be none.
 * Degree 3 on [-1/2, 1/2], minimax under p(0) = 1: relative error 2^-13.27.
 */
INLINE vf vm_weigh(const float *s, uint16_t *w, vf base, vf factor, vf lowest, vf sum,
                   const bool checked, const int n)
{
    const vf one = vf_set1(1.0f), round = vf_set1(VF_MAGIC);
    vf x[VM_WEIGH_VECS], magic[VM_WEIGH_VECS], f[VM_WEIGH_VECS], p[VM_WEIGH_VECS];

    UNROLL for (int i = 0; i < n; i++) x[i] = vf_sub(vf_load(s + i * VF_LANES), base);
    /* This order of operands lets NaN through. */
    UNROLL for (int i = 0; i < n && !checked; i++) x[i] = vf_max(lowest, x[i]);
    UNROLL for (int i = 0; i < n; i++) magic[i] = vf_fma(x[i], factor, round);
    UNROLL for (int i = 0; i < n; i++) f[i] = vf_fms(x[i], factor, vf_sub(magic[i], round));
    UNROLL for (int i = 0; i < n; i++) p[i] =
        vf_fma(vf_set1(0x1.c2a218p-5f), f[i], vf_set1(0x1.f00c4ep-3f));
    UNROLL for (int i = 0; i < n; i++) p[i] = vf_fma(p[i], f[i], vf_set1(0x1.62f5fap-1f));
    UNROLL for (int i = 0; i < n; i++) p[i] = vf_fma(p[i], f[i], one);
    UNROLL for (int i = 0; i < n; i++) p[i] =
        checked ? vf_zero_if_lt(vf_scale_by_magic(p[i], magic[i]), x[i], lowest)
                : vf_scale_number(p[i], magic[i]);
    UNROLL for (int i = 0; i < n; i += 2)
    {
        const vf pairs = vm_narrow(p[i], p[i + 1]);

        vm_store_dwords(w + i * VF_LANES, pairs);
        sum = vm_step(sum, pairs, vf_set1(f32_from_bits(0x3f803f80)));
    }
    return sum;
}

#endif
