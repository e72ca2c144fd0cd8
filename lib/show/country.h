/*
 * The names of countries, from the table of ISO 3166 that Debian's iso-codes has.
 */
#ifndef MM_COUNTRY_H
#define MM_COUNTRY_H

#include "base/buf.h"

/* The English name for two capital letters, a constant; the code itself where there is none. */
struct span country_name(struct span code);

#endif
