#include "show/mail.h"

#include "text/mime.h"

#include "base/banned.h"

/* In no quoted-printable text there is "=_". */
#define BOUNDARY "=_mm-report"

static void
add_part(struct buf *b, const char *type, const struct buf *text)
{
	buf_addf(b,
	    "--" BOUNDARY "\nContent-Type: text/%s; charset=utf-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n",
	    type);
	mime_add_quoted(b, (struct span){ text->p, text->n });
	buf_addc(b, '\n'); /* which belongs to the boundary */
	b->failed |= text->failed;
}

void
mail_add(struct buf *b, const struct mail *m, const struct digest *d)
{
	struct buf text = BUF_INIT, html = BUF_INIT;

	if (m->from.p)
		mime_add_addresses(b, "From", &m->from, 1);
	mime_add_addresses(b, "To", m->to, m->to_count);
	mime_add_field(b, "Subject", digest_span(d, d->subject));
	mime_add_date(b, m->made);
	buf_adds(b, "Message-ID: <");
	buf_add(b, m->id.p, m->id.n);
	buf_adds(b,
	    ">\nMIME-Version: 1.0\nAuto-Submitted: auto-generated\n"
	    "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\n\n");
	mail_add_text(&text, d);
	mail_add_html(&html, d);
	add_part(b, "plain", &text);
	add_part(b, "html", &html);
	buf_adds(b, "--" BOUNDARY "--\n");
	b->failed |= d->text.failed;
	buf_release(&text);
	buf_release(&html);
}
