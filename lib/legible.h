/*
 * Shares and spans of time as people read them.
 */
#ifndef MM_LEGIBLE_H
#define MM_LEGIBLE_H

#include "buf.h"

/* A share of 1 in percent: "8.6%". */
void legible_share(struct buf *, double share);

/* Seconds, not negative, in the two units that matter: "0s", "250ms", "28.9s", "4m 48s", "3d 4h". */
void legible_seconds(struct buf *, double seconds);

#endif
