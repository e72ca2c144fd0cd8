/*
 * Text in HTML and in SVG: whatever it holds, it stays text.
 */
#ifndef MM_HTML_H
#define MM_HTML_H

#include "base/buf.h"

/*
 * Adds text for the inside of an element or of an attribute in quotes: & < >
 * " ' as references; what controls a terminal or reorders the text around it
 * is made visible, as buf_add_scrubbed does; bytes that are no UTF-8, and code
 * points that are no characters, become U+FFFD.
 */
void html_text(struct buf *, struct span);

/*
 * The same, of as much as fits in so many columns (display.h), at least one,
 * with an ellipsis where that is not all.
 */
void html_cut(struct buf *, struct span, size_t columns);

#endif
