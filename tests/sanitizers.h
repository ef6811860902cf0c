/* SPDX-License-Identifier: MIT */
/* sanitizers.h - is this a build with a sanitizer that brings an allocator and large frames? */
#ifndef HEED_TESTS_SANITIZERS_H
#define HEED_TESTS_SANITIZERS_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
