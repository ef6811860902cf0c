/* SPDX-License-Identifier: MIT */
/*
 * main.c - asks each heed in the process for its instruction set: all agree.
 * The functions named like those of cpu_features must stay uncalled.
 */
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

const heed_isa *first(void);
const heed_isa *second(void);

void GetX86Info(void);
void GetAarch64Info(void);
void CpuFeatures_OpenFile(void);
void StackLineReader_NextLine(void);

void GetX86Info(void)
{
    abort();
}

void GetAarch64Info(void)
{
    abort();
}

void CpuFeatures_OpenFile(void)
{
    abort();
}

void StackLineReader_NextLine(void)
{
    abort();
}

int main(void)
{
    const char *name = heed_isa_name(heed_isa_default());

    return strcmp(name, heed_isa_name(first())) || strcmp(name, heed_isa_name(second()));
}
