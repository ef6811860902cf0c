/* SPDX-License-Identifier: MIT */
/*
 * simd/common_byte.h - part of common.h: vectors from and to i8 and f8 (see base_byte.h).
 *
 * The words are those of common_half.h: vf_load_<type>(p), vf_store_<type>(p, a) and
 * their ..._upto.
 */
#ifndef HEED_SIMD_COMMON_BYTE_H
#define HEED_SIMD_COMMON_BYTE_H

#ifndef HEED_HAVE_I8
static inline vf vf_load_i8(const int8_t *p)
{
    float lane[VF_LANES];

    for (size_t i = 0; i < VF_LANES; i++)
        lane[i] = (float)p[i];
    return vf_load(lane);
}
#endif

#ifndef HEED_HAVE_F8
static inline vf vf_load_f8(const uint8_t *p)
{
    uint16_t lane[VF_LANES];

    for (size_t i = 0; i < VF_LANES; i++)
        lane[i] = f16_from_f8(p[i]);
    return vf_load_f16(lane);
}
#endif

#ifndef HEED_HAVE_F8_FINITE
/* The same, any number for a NaN. */
static inline vf vf_load_f8_finite(const uint8_t *p)
{
    return vf_load_f8(p);
}
#endif

#ifndef HEED_HAVE_F8_ALL_FINITE
/*
 * No f8 of n is NaN.  Eight at a time: a byte without its sign is 0x7f if 1 more than it has
 * the highest bit.
 */
static inline bool f8_all_finite(const uint8_t *p, size_t n)
{
    const uint64_t sizes = 0x7f7f7f7f7f7f7f7f, ones = 0x0101010101010101;
    const size_t whole = n / sizeof sizes * sizeof sizes;
    uint64_t any = 0;

    for (size_t i = 0; i < whole; i += sizeof sizes) {
        uint64_t x;

        memcpy(&x, p + i, sizeof x);
        any |= (x & sizes) + ones;
    }
    for (size_t i = whole; i < n; i++)
        any |= (p[i] & 0x7fu) + 1u;
    return !(any & ~sizes);
}
#endif

#define VF_STORE_BYTES(type, byte)                                                                 \
    static inline void vf_store_##type(byte *p, vf a)                                              \
    {                                                                                              \
        float lane[VF_LANES];                                                                      \
                                                                                                   \
        vf_store(lane, a);                                                                         \
        for (size_t i = 0; i < VF_LANES; i++)                                                      \
            p[i] = type##_from_f32(lane[i]);                                                       \
    }

#ifndef HEED_HAVE_STORE_BYTES
VF_STORE_BYTES(i8, int8_t)
VF_STORE_BYTES(f8, uint8_t)
#endif
#undef VF_STORE_BYTES

/* Parts of vectors go through a whole one on the stack. */
#define VF_BYTE(type, byte)                                                                        \
    static inline vf vf_load_##type##_upto(const byte *p, size_t n)                                \
    {                                                                                              \
        byte lane[VF_LANES] = {0};                                                                 \
                                                                                                   \
        if (n >= VF_LANES)                                                                         \
            return vf_load_##type(p);                                                              \
        for (size_t i = 0; i < n; i++)                                                             \
            lane[i] = p[i];                                                                        \
        return vf_load_##type(lane);                                                               \
    }                                                                                              \
    static inline void vf_store_##type##_upto(byte *p, vf a, size_t n)                             \
    {                                                                                              \
        byte lane[VF_LANES];                                                                       \
                                                                                                   \
        if (n >= VF_LANES) {                                                                       \
            vf_store_##type(p, a);                                                                 \
            return;                                                                                \
        }                                                                                          \
        vf_store_##type(lane, a);                                                                  \
        for (size_t i = 0; i < n; i++)                                                             \
            p[i] = lane[i];                                                                        \
    }

VF_BYTE(i8, int8_t)
VF_BYTE(f8, uint8_t)
#undef VF_BYTE

#endif
