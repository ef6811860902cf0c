/* SPDX-License-Identifier: MIT */
/* main.c - header and library belong together. */
#include <heed/heed.h>

int main(void)
{
    return heed_version() != HEED_VERSION;
}
