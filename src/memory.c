/* SPDX-License-Identifier: MIT */
/*
 * memory.c - memory of a call: the caller's, or some that is given back however the call ends.
 *
 * A parallel_for in C++ may throw.  The frames between it and its caller are then unwound, and
 * the attribute `cleanup` releases what they own; the library is compiled with -fexceptions so
 * that there are tables to unwind by.  That asks for the unwinder of the program, libgcc_s or
 * another, which libheed.so does not want to depend on, or a program in C would load it for
 * nothing: so its names are weak.  Where nobody has them nobody throws.
 */
#include "memory.h"

#if defined(__ELF__) && defined(__EXCEPTIONS)
__asm__(".weak __gcc_personality_v0\n\t.weak _Unwind_Resume");
#endif

bool heed_check_workspace(struct heed_check *check, const void *workspace, size_t size,
                          size_t bytes, const struct heed_operand *operands, size_t count)
{
    const uintptr_t begin = (uintptr_t)workspace, end = begin + bytes;

    if (!workspace)
        return true;
    if (size < bytes)
        return heed_refuse(check, HEED_WORKSPACE_TOO_SMALL,
                           "workspace_size is %zu, %zu bytes are needed", size, bytes);
    if (end < begin)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "workspace reaches past the address space");
    for (size_t i = 0; i < count; i++)
        if (begin < operands[i].end && operands[i].begin < end)
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "workspace overlaps %s",
                               operands[i].name);
    return true;
}

static void release(void **memory)
{
    free(*memory);
}

heed_status heed_run_on_heap(size_t bytes, heed_status (*run)(void *job, char *workspace),
                             void *job)
{
    __attribute__((cleanup(release))) void *workspace = heed_alloc(bytes);

    return workspace ? run(job, workspace) : HEED_OUT_OF_MEMORY;
}
