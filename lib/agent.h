/*
 * What a User-Agent header says of browser, operating system and device, in
 * the small sets of SPEC 6.  A pure function: one pass, no allocation.
 */
#ifndef MM_AGENT_H
#define MM_AGENT_H

#include "buf.h"

struct agent {
	struct span browser; /* chrome firefox safari edge opera, or "" */
	struct span os;      /* windows macos android ios linux, or "" */
	struct span device;  /* mobile tablet desktop, or "" */
};

/* Parses the header's text.  The spans are constants. */
void agent_parse(struct agent *, const char *p, size_t n);

#endif
