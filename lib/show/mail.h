/*
 * A report as a message for sendmail: its text, and HTML as programs for mail show it.
 */
#ifndef MM_MAIL_H
#define MM_MAIL_H

#include "show/digest.h"

struct mail {
	const struct span *to; /* found to be addresses by mime_is_address, as `from` */
	size_t to_count;
	struct span from; /* p NULL: sendmail's own */
	struct span id;   /* of this message alone, as Message-ID has it without < > */
	int64_t made;     /* the clock, in ms */
};

/* Appends the whole message, in lines that end with '\n'. */
void mail_add(struct buf *, const struct mail *, const struct digest *);

/* Its parts: text for 72 columns, and a document. */
void mail_add_text(struct buf *, const struct digest *);
void mail_add_html(struct buf *, const struct digest *);

#endif
