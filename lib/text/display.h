/*
 * Text on a terminal: how many columns it takes, without asking the locale.
 *
 * Text is UTF-8 that has been scrubbed (buf_add_scrubbed): combining
 * characters take no column, those of East Asian width two, all others one.
 * Emoji that are joined to one picture are counted one by one, as most
 * terminals show them.
 */
#ifndef MM_DISPLAY_H
#define MM_DISPLAY_H

#include "base/buf.h"

size_t display_width(const char *p, size_t n);

/*
 * The columns, at most `width`, of as many whole characters of [p, p+n) as fit
 * in them, with what combines with the last one; *bytes is how long they are.
 */
size_t display_fit(const char *p, size_t n, size_t width, size_t *bytes);

void display_spaces(struct buf *, size_t n);

/*
 * Adds the text in exactly `width` columns: filled with blanks, at its left
 * when `right`, or cut, with an ellipsis.  `ascii`: what is not ASCII becomes
 * question marks, the ellipsis a tilde.
 */
void display_add(struct buf *, struct span text, size_t width, bool right, bool ascii);

#endif
