#include "import/draft.h"

#include "text/client.h"
#include "text/log_time.h"

#include "base/banned.h"

void
draft_release(struct draft *d)
{
	buf_release(&d->text);
	buf_release(&d->line);
	event_release(&d->event);
}

bool
draft_begin(struct draft *d, size_t n)
{
	memset(d->v, 0, sizeof(d->v));
	buf_reset(&d->text);
	return buf_room(&d->text, 4 * n + 8192) != NULL;
}

bool
draft_time(struct draft *d, enum event_field f, struct span text)
{
	char *w = d->text.p + d->text.n;
	int64_t ms;

	if (!text.p)
		return true;
	if (!log_time_parse(text.p, text.n, &ms))
		return false;
	d->v[f] = (struct span){ w, (size_t)(log_time_format(w, ms) - w) };
	d->text.n += d->v[f].n;
	return true;
}

void
draft_ip(struct draft *d, struct span text)
{
	char *w = d->text.p + d->text.n;
	struct ip ip;

	if (!text.p || d->v[EVENT_IP].p || !client_parse(&ip, text))
		return;
	d->v[EVENT_IP] = (struct span){ w, ip_format(&ip, w) };
	d->text.n += d->v[EVENT_IP].n;
}

size_t
draft_object(struct draft *d)
{
	buf_addc(&d->text, '{');
	return d->text.n - 1;
}

void
draft_member(struct draft *d, struct span key, struct span value)
{
	if (d->text.p[d->text.n - 1] != '{')
		buf_addc(&d->text, ',');
	buf_add(&d->text, key.p, key.n);
	buf_addc(&d->text, ':');
	buf_add(&d->text, value.p, value.n);
}

void
draft_text_member(struct draft *d, const char *key, struct span text)
{
	if (!text.p)
		return;
	if (d->text.p[d->text.n - 1] != '{')
		buf_addc(&d->text, ',');
	buf_addc(&d->text, '"');
	buf_adds(&d->text, key);
	buf_adds(&d->text, "\":\"");
	buf_add(&d->text, text.p, text.n);
	buf_addc(&d->text, '"');
}

void
draft_value_member(struct draft *d, const char *key, const struct json_value *v)
{
	if (!v || v->type != JSON_NUMBER) {
		draft_text_member(d, key, json_value_text(v));
		return;
	}
	if (d->text.p[d->text.n - 1] != '{')
		buf_addc(&d->text, ',');
	buf_addf(&d->text, "\"%s\":", key);
	buf_add(&d->text, v->raw.p, v->raw.n);
}

void
draft_end_object(struct draft *d, size_t start)
{
	buf_addc(&d->text, '}');
	if (d->text.n - start > 2)
		d->v[EVENT_PROPERTIES] = (struct span){ d->text.p + start, d->text.n - start };
}

bool
draft_write(struct draft *d, struct repeats *r, struct span record, struct out *out)
{
	struct buf *b = &d->line;
	char id[UUID_TEXT];
	unsigned f;

	if (!d->v[EVENT_EVENT_ID].p) {
		repeats_id(r, record.p, record.n, id);
		d->v[EVENT_EVENT_ID] = (struct span){ id, UUID_TEXT };
	}
	buf_reset(b);
	for (f = 0; f < EVENT_FIELDS; f++) {
		struct span name = event_field_name((enum event_field)f);
		bool object = f == EVENT_PROPERTIES || f == EVENT_UA_HINTS;

		if (!d->v[f].p)
			continue;
		buf_adds(b, b->n ? ",\"" : "{\"");
		buf_add(b, name.p, name.n);
		buf_adds(b, object ? "\":" : "\":\"");
		buf_add(b, d->v[f].p, d->v[f].n);
		if (!object)
			buf_addc(b, '"');
	}
	buf_adds(b, "}\n");
	d->v[EVENT_EVENT_ID].p = NULL;
	if (b->failed) {
		out->error = ENOMEM;
		return true;
	}
	if (!event_parse(&d->event, b->p, b->n - 1))
		return false;
	out_write(out, b->p, b->n);
	return true;
}
