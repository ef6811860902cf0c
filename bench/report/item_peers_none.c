/* SPDX-License-Identifier: MIT */
/* item_peers_none.c - built without any peer. */
#include "plan.h"

void plan_add_peers(struct plan *plan, const struct settings *settings)
{
    (void)plan, (void)settings;
}

void peer_version(char *text, size_t size)
{
    if (size > 0)
        *text = '\0';
}
