/*
 * mm-report --mail: to whom, and the message.
 */
#ifndef MM_REPORT_MAIL_H
#define MM_REPORT_MAIL_H

#include "base/opt.h"
#include "show/report.h"

struct mailing {
	struct opt_list to; /* none: no mail */
	const char *from;
};

/* Whether the addresses are such; a message if not. */
bool mailing_check(const struct mailing *);

/* Appends the message. */
void mailing_add(struct buf *, const struct mailing *, const struct report *);

#endif
