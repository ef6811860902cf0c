/* SPDX-License-Identifier: MIT */
/* status.c - statuses in words, and the version. */
#include "arithmetic.h"

#include <heed/heed.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const char *heed_status_string(heed_status status)
{
    switch (status) {
    case HEED_OK:
        return "success";
    case HEED_INVALID_ARGUMENT:
        return "invalid argument";
    case HEED_UNSUPPORTED_TYPE:
        return "unsupported combination of element types";
    case HEED_UNSUPPORTED_ISA:
        return "instruction set not available here";
    case HEED_OUT_OF_MEMORY:
        return "out of memory";
    case HEED_WORKSPACE_TOO_SMALL:
        return "workspace too small";
    case HEED_CACHE_FULL:
        return "cache full";
    }
    return "unknown status";
}

const char *heed_version_string(void)
{
    return TEXT(HEED_VERSION_MAJOR) "." TEXT(HEED_VERSION_MINOR) "." TEXT(HEED_VERSION_PATCH);
}

int heed_version(void)
{
    return HEED_VERSION;
}
