#include "cmd/report/mail.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/msg.h"
#include "show/mail.h"
#include "text/mime.h"

#include "base/banned.h"

static bool
check(const char *option, const char *text)
{
	if (mime_is_address(span_of(text)))
		return true;
	msg("%s: expected an address such as team@example.com", option);
	return false;
}

bool
mailing_check(const struct mailing *m)
{
	size_t i;

	if (m->to.n == 0 && m->from) {
		msg("--mail-from: needs --mail");
		return false;
	}
	for (i = 0; i < m->to.n; i++)
		if (!check("--mail", m->to.v[i]))
			return false;
	return !m->from || check("--mail-from", m->from);
}

/* One of this process, of this host or that of the sender. */
static void
add_id(struct buf *b, const struct mailing *m, int64_t made)
{
	const char *at = m->from ? strchr(m->from, '@') : NULL;
	char host[256] = "";

	if (!at && (gethostname(host, sizeof(host) - 1) != 0 || !mime_is_address(span_of(host))))
		memcpy(host, "localhost", sizeof("localhost"));
	buf_addf(b, "%lld.%ld.mm-report@%s", (long long)made, (long)getpid(), at ? at + 1 : host);
}

void
mailing_add(struct buf *b, const struct mailing *m, const struct report *page)
{
	struct span *to = calloc(m->to.n, sizeof(*to));
	struct buf id = BUF_INIT;
	struct digest d;
	size_t i;

	if (!to) {
		b->failed = true;
		return;
	}
	for (i = 0; i < m->to.n; i++)
		to[i] = span_of(m->to.v[i]);
	add_id(&id, m, page->made);
	digest_make(&d, page);
	mail_add(b,
	    &(struct mail){ .to = to,
		.to_count = m->to.n,
		.from = m->from ? span_of(m->from) : (struct span){ NULL, 0 },
		.id = { id.p, id.n },
		.made = page->made },
	    &d);
	b->failed |= id.failed;
	digest_release(&d);
	buf_release(&id);
	free(to);
}
