/* SPDX-License-Identifier: MIT */
/* library.c - functions of heed.h that hand on to those of the library in use. */
#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What it returns and takes, and what it answers where an older library has no such function. */
#define FUNCTIONS(F)                                                                               \
    F(const heed_isa *, heed_isa_default, (void), (), NULL)                                        \
    F(const heed_isa *, heed_isa_find, (const char *name), (name), NULL)                           \
    F(const char *, heed_isa_name, (const heed_isa *isa), (isa), "none")                           \
    F(int, heed_isa_supported, (const heed_isa *isa), (isa), 0)                                    \
    F(int, heed_isa_bf16, (const heed_isa *isa), (isa), 0)                                         \
    F(const char *, heed_status_string, (heed_status status), (status), "unknown")                 \
    F(heed_status, heed_attention, (const heed_attention_args *a), (a), MISSING)                   \
    F(heed_status, heed_attention_workspace, (const heed_attention_args *a, size_t *bytes),        \
      (a, bytes), MISSING)                                                                         \
    F(heed_status, heed_attention_backward, (const heed_attention_backward_args *a), (a), MISSING) \
    F(heed_status, heed_attention_backward_workspace,                                              \
      (const heed_attention_backward_args *a, size_t *bytes), (a, bytes), MISSING)                 \
    F(heed_status, heed_pack_k, (const heed_pack_k_args *a), (a), MISSING)                         \
    F(heed_status, heed_pack_k_size, (const heed_pack_k_args *a, size_t *bytes), (a, bytes),       \
      MISSING)                                                                                     \
    F(heed_status, heed_quantize, (const heed_quantize_args *a), (a), MISSING)                     \
    F(heed_status, heed_kv_bytes, (const heed_kv_create_args *a, size_t *bytes), (a, bytes),       \
      MISSING)                                                                                     \
    F(heed_status, heed_kv_create, (const heed_kv_create_args *a, heed_kv *kv), (a, kv), MISSING)  \
    F(heed_status, heed_kv_append, (const heed_kv_append_args *a), (a), MISSING)                   \
    F(heed_status, heed_kv_truncate, (heed_kv * kv, size_t entry, size_t rows), (kv, entry, rows), \
      MISSING)                                                                                     \
    F(size_t, heed_kv_length, (const heed_kv *kv, size_t entry), (kv, entry), 0)                   \
    F(heed_status, heed_exp, (const heed_rows_args *a), (a), MISSING)                              \
    F(heed_status, heed_softmax, (const heed_rows_args *a), (a), MISSING)                          \
    F(heed_status, heed_normalize, (const heed_rows_args *a), (a), MISSING)                        \
    F(heed_status, heed_rope, (const heed_rope_args *a), (a), MISSING)                             \
    F(heed_status, heed_scores, (const heed_scores_args *a), (a), MISSING)                         \
    F(heed_status, heed_weighted_sum, (const heed_weighted_sum_args *a), (a), MISSING)             \
    F(heed_status, heed_linear, (const heed_linear_args *a), (a), MISSING)

#define MISSING HEED_INVALID_ARGUMENT

struct library {
#define MEMBER(type, name, parameters, arguments, otherwise) type(*name) parameters;
    FUNCTIONS(MEMBER)
#undef MEMBER
};

static const struct library *used;

#define FORWARD(type, name, parameters, arguments, otherwise)                                      \
    type name parameters                                                                           \
    {                                                                                              \
        return used->name ? used->name arguments : (otherwise);                                    \
    }
FUNCTIONS(FORWARD)
#undef FORWARD

/* POSIX has functions fit where pointers to objects do; C has not. */
static void find(void *handle, const char *name, void *pointer)
{
    void *const symbol = dlsym(handle, name);

    memcpy(pointer, &symbol, sizeof symbol);
}

struct library *library_open(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    struct library *library = calloc(1, sizeof *library);

    if (!handle || !library) {
        fprintf(stderr, "heed-gate: %s\n", handle ? "no memory" : dlerror());
        free(library);
        return NULL;
    }
#define FIND(type, name, parameters, arguments, otherwise) find(handle, #name, &library->name);
    FUNCTIONS(FIND)
#undef FIND
    if (library->heed_attention && library->heed_isa_default)
        return library;
    fprintf(stderr, "heed-gate: %s is no library of heed\n", path);
    free(library);
    return NULL;
}

void library_use(const struct library *library)
{
    used = library;
}
