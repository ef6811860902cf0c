/* SPDX-License-Identifier: MIT */
/* guarded.c - guard pages by mmap, faults caught by a signal handler. */
#define _DEFAULT_SOURCE
#include "guarded.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void need(bool success, const char *what)
{
    if (!success) {
        perror(what);
        exit(2);
    }
}

struct guarded guarded_new(size_t size, bool at_end)
{
    const size_t page = page_size(), body = (size / page + 1) * page;
    struct guarded memory = {.size = size, .pages_size = body + 2 * page};

    memory.pages = mmap(NULL, memory.pages_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory.pages != MAP_FAILED, "mmap");
    need(!mprotect(memory.pages + page, body, PROT_READ | PROT_WRITE), "mprotect");
    memset(memory.pages + page, 0xff, body);
    memory.data = memory.pages + page + (at_end ? body - size : 0);
    return memory;
}

void guarded_protect(const struct guarded *memory)
{
    const size_t page = page_size();

    need(!mprotect(memory->pages + page, memory->pages_size - 2 * page, PROT_READ), "mprotect");
}

bool guarded_is_blank(const struct guarded *memory)
{
    const size_t page = page_size();
    const unsigned char *body = memory->pages + page;

    /* Equal to itself shifted by one byte, and the first byte is blank. */
    return body[0] == 0xff && !memcmp(body, body + 1, memory->pages_size - 2 * page - 1);
}

void guarded_free(struct guarded *memory)
{
    munmap(memory->pages, memory->pages_size);
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
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO}, segv, bus;
    volatile bool survived = false;

    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &segv);
    sigaction(SIGBUS, &action, &bus);
    if (!sigsetjmp(before_fault, 1)) {
        body(argument);
        survived = true;
    }
    sigaction(SIGSEGV, &segv, NULL);
    sigaction(SIGBUS, &bus, NULL);
    *where = survived ? NULL : fault_address;
    return survived;
}
