/* SPDX-License-Identifier: MIT */
/* pages_posix.c - pages by mmap, faults caught by a signal handler. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guarded.h"
#include "pages.h"

size_t pages_unit(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

unsigned char *pages_reserve(size_t size)
{
    void *pages = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

bool pages_allow(unsigned char *pages, size_t size, enum pages_access access)
{
    static const int protections[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};

    return !mprotect(pages, size, protections[access]);
}

void pages_release(unsigned char *pages, size_t size)
{
    munmap(pages, size);
}

static sigjmp_buf before_fault;
static void *volatile fault_address;

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    fault_address = info->si_addr;
    siglongjmp(before_fault, 1);
}

bool call_guarded(void (*body)(void *argument), void *argument, void **where)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    struct sigaction segv, bus, fpe;
    volatile bool survived = false;

    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &segv);
    sigaction(SIGBUS, &action, &bus);
    sigaction(SIGFPE, &action, &fpe);
    if (!sigsetjmp(before_fault, 1)) {
        body(argument);
        survived = true;
    }
    sigaction(SIGSEGV, &segv, NULL);
    sigaction(SIGBUS, &bus, NULL);
    sigaction(SIGFPE, &fpe, NULL);
    *where = survived ? NULL : fault_address;
    return survived;
}
