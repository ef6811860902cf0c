/* SPDX-License-Identifier: MIT */
/* operations.h - the check of each operation, as listed by check_at(). */
#ifndef HEED_CHECKS_OPERATIONS_H
#define HEED_CHECKS_OPERATIONS_H

#include "checks.h"

bool check_scores(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_exp(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_softmax(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_normalize(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_weighted_sum(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_linear(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_attention(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_rules(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_cuts(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_unseen(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_self_attention(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_merge(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_rope(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_backward(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_unseen_backward(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_quantize(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
bool check_dequantize(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);

#endif
