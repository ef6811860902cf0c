/* SPDX-License-Identifier: MIT */
/* plugin.c - a library with a heed of its own.  PLUGIN: the name of its function. */
#include <heed/heed.h>

const heed_isa *PLUGIN(void);

const heed_isa *PLUGIN(void)
{
    return heed_isa_default();
}
