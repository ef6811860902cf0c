/* SPDX-License-Identifier: MIT */
/*
 * memory.c - memory of a call, given back however the call ends.
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
