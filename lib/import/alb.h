/*
 * Lines of AWS's load balancers: application, and classic.
 */
#ifndef MM_ALB_H
#define MM_ALB_H

#include "event/complaint.h"
#include "import/hit.h"

/*
 * Reads the line [p, p+n).  `scratch` is reset and used as by clf_parse.
 * False, with a complaint of constant text, when it is no such line.
 */
bool alb_parse(struct hit *, const char *p, size_t n, struct buf *scratch, struct complaint *why);

#endif
