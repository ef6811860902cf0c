/* SPDX-License-Identifier: MIT */
/* pages_windows.c - pages by VirtualAlloc, faults caught by a vectored exception handler. */
#include <windows.h>

#include "guarded.h"
#include "pages.h"

size_t pages_unit(void)
{
    SYSTEM_INFO info;

    GetSystemInfo(&info);
    return info.dwPageSize;
}

unsigned char *pages_reserve(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
}

bool pages_allow(unsigned char *pages, size_t size, enum pages_access access)
{
    static const DWORD protections[] = {PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE};
    DWORD before;

    return VirtualProtect(pages, size, protections[access], &before);
}

void pages_release(unsigned char *pages, size_t size)
{
    (void)size;
    VirtualFree(pages, 0, MEM_RELEASE);
}

/* What __builtin_setjmp() fills: longjmp() of msvcrt would unwind through the handler's frames. */
static void *before_fault[5];
static DWORD watched;
static void *volatile fault_address;

static void go_back(void)
{
    __builtin_longjmp(before_fault, 1);
}

/* The thread goes on in go_back(), outside the handler, on its stack as a call would leave it. */
static LONG CALLBACK on_fault(EXCEPTION_POINTERS *fault)
{
    const EXCEPTION_RECORD *record = fault->ExceptionRecord;
    CONTEXT *context = fault->ContextRecord;

    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || GetCurrentThreadId() != watched)
        return EXCEPTION_CONTINUE_SEARCH;
    fault_address = (void *)record->ExceptionInformation[1];
    context->Rsp = (context->Rsp & ~(DWORD64)15) - 8;
    context->Rip = (DWORD64)(uintptr_t)go_back;
    return EXCEPTION_CONTINUE_EXECUTION;
}

bool call_guarded(void (*body)(void *argument), void *argument, void **where)
{
    void *const handler = AddVectoredExceptionHandler(1, on_fault);
    volatile bool survived = false;

    watched = GetCurrentThreadId();
    if (!__builtin_setjmp(before_fault)) {
        body(argument);
        survived = true;
    }
    RemoveVectoredExceptionHandler(handler);
    *where = survived ? NULL : fault_address;
    return survived;
}
