/*
 * The page of a report: one HTML document that needs nothing else.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "show/report.h"

/*
 * Appends the whole document, UTF-8.  The buffer's `failed` tells that memory
 * was out.
 */
void page_add(struct buf *, const struct report *);

#endif
