/* SPDX-License-Identifier: MIT */
/*
 * simd/common_half.h - part of common.h: vectors from and to f16 and bf16 (see base.h).
 *
 * vf_load_<type>(p) and vf_store_<type>(p, a) move VF_LANES numbers; ..._upto(p, n)
 * and ..._upto(p, a, n) touch the first n of them, past VF_LANES a whole vector, and
 * load zeros for the others.  The bits are those of the scalar functions, but for
 * payloads of NaN.
 */
#ifndef HEED_SIMD_COMMON_HALF_H
#define HEED_SIMD_COMMON_HALF_H

#define VF_HALF_BY_LANE(type)                                                                      \
    static inline vf vf_load_##type(const uint16_t *p)                                             \
    {                                                                                              \
        float lane[VF_LANES];                                                                      \
                                                                                                   \
        for (size_t i = 0; i < VF_LANES; i++)                                                      \
            lane[i] = f32_from_##type(p[i]);                                                       \
        return vf_load(lane);                                                                      \
    }                                                                                              \
    static inline void vf_store_##type(uint16_t *p, vf a)                                          \
    {                                                                                              \
        float lane[VF_LANES];                                                                      \
                                                                                                   \
        vf_store(lane, a);                                                                         \
        for (size_t i = 0; i < VF_LANES; i++)                                                      \
            p[i] = type##_from_f32(lane[i]);                                                       \
    }

#ifndef HEED_HAVE_F16
VF_HALF_BY_LANE(f16)
#endif
#ifndef HEED_HAVE_BF16
VF_HALF_BY_LANE(bf16)
#endif
#undef VF_HALF_BY_LANE

#ifndef HEED_HAVE_NEAREST_BF16
/* Rounded to bf16, as floats. */
static inline vf vf_nearest_bf16(vf a)
{
    uint16_t half[VF_LANES];

    vf_store_bf16(half, a);
    return vf_load_bf16(half);
}
#endif

/* Through a whole vector on the stack. */
#define VF_HALF_N(type)                                                                            \
    static inline vf vf_load_##type##_n(const uint16_t *p, size_t n)                               \
    {                                                                                              \
        uint16_t lane[VF_LANES] = {0};                                                             \
                                                                                                   \
        for (size_t i = 0; i < n; i++)                                                             \
            lane[i] = p[i];                                                                        \
        return vf_load_##type(lane);                                                               \
    }                                                                                              \
    static inline void vf_store_##type##_n(uint16_t *p, vf a, size_t n)                            \
    {                                                                                              \
        uint16_t lane[VF_LANES];                                                                   \
                                                                                                   \
        vf_store_##type(lane, a);                                                                  \
        for (size_t i = 0; i < n; i++)                                                             \
            p[i] = lane[i];                                                                        \
    }

#ifndef HEED_HAVE_PARTIAL_HALF
VF_HALF_N(f16)
VF_HALF_N(bf16)
#endif
#undef VF_HALF_N

#define VF_HALF_UPTO(type)                                                                         \
    static inline vf vf_load_##type##_upto(const uint16_t *p, size_t n)                            \
    {                                                                                              \
        return n >= VF_LANES ? vf_load_##type(p) : vf_load_##type##_n(p, n);                       \
    }                                                                                              \
    static inline void vf_store_##type##_upto(uint16_t *p, vf a, size_t n)                         \
    {                                                                                              \
        if (n >= VF_LANES)                                                                         \
            vf_store_##type(p, a);                                                                 \
        else                                                                                       \
            vf_store_##type##_n(p, a, n);                                                          \
    }

VF_HALF_UPTO(f16)
VF_HALF_UPTO(bf16)
#undef VF_HALF_UPTO

#endif
