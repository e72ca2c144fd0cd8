#include "serve/keys_used.h"

#include <errno.h>
#include <stdlib.h>

#include "base/timestamp.h"
#include "serve/keys_file.h"
#include "serve/keys_token.h"

#include "base/banned.h"

/* All lines are equally long: {"key":"<id>","last_used":"<date-time>"}\n */
static const char opening[] = "{\"key\":\"", middle[] = "\",\"last_used\":\"", closing[] = "Z\"}";

enum {
	OPENING = sizeof(opening) - 1,
	MIDDLE = sizeof(middle) - 1,
	CLOSING = sizeof(closing) - 1,
	TIME = DATETIME_TEXT,
	LINE = OPENING + KEY_ID + MIDDLE + TIME + CLOSING, /* without its end */
	HOUR_MS = 3600000,
};

void
used_add_line(struct buf *lines, struct span id, int64_t ms)
{
	char text[TIMESTAMP_TEXT];

	timestamp_format(text, ms - ms % HOUR_MS);
	text[DATE_TEXT] = 'T';
	buf_adds(lines, opening);
	buf_add(lines, id.p, id.n);
	buf_adds(lines, middle);
	buf_add(lines, text, TIME);
	buf_adds(lines, closing);
	buf_addc(lines, '\n');
}

struct used {
	struct span id;
	int64_t ms;
};

static bool
read_line(struct used *u, const char *p, size_t n)
{
	const char *id = p + OPENING, *time = id + KEY_ID + MIDDLE;
	enum key_kind kind;
	bool test;

	if (n != LINE || memcmp(p, opening, OPENING) != 0 ||
	    memcmp(id + KEY_ID, middle, MIDDLE) != 0 || memcmp(time + TIME, closing, CLOSING) != 0)
		return false;
	u->id = (struct span){ id, KEY_ID };
	return key_id_read(u->id, &kind, &test) && timestamp_parse(time, TIME + 1, &u->ms);
}

/* Takes the next good line off the text; false: there is none. */
static bool
next_line(struct span *text, struct used *u)
{
	struct span line;

	while (span_take_line(text, &line))
		if (read_line(u, line.p, line.n))
			return true;
	return false;
}

bool
used_find(struct span lines, struct span id, int64_t *ms)
{
	struct used u;
	bool found = false;

	while (next_line(&lines, &u))
		if (span_eq(u.id, id) && (!found || u.ms > *ms)) {
			*ms = u.ms;
			found = true;
		}
	return found;
}

/* By key, the latest first. */
static int
compare(const void *a, const void *b)
{
	const struct used *x = a, *y = b;
	int order = memcmp(x->id.p, y->id.p, KEY_ID);

	return order ? order : (x->ms < y->ms) - (x->ms > y->ms);
}

static int
merge(struct keys_file *f, struct span lines)
{
	struct span part[2] = { { f->text.p, f->text.n }, lines };
	struct buf out = BUF_INIT;
	struct used *all = calloc((part[0].n + part[1].n) / LINE + 1, sizeof(*all));
	size_t n = 0, i;
	int error = ENOMEM;

	if (!all)
		return ENOMEM;
	for (i = 0; i < 2; i++)
		while (next_line(&part[i], &all[n]))
			n++;
	qsort(all, n, sizeof(*all), compare);
	for (i = 0; i < n; i++)
		if (i == 0 || !span_eq(all[i].id, all[i - 1].id))
			used_add_line(&out, all[i].id, all[i].ms);
	if (!out.failed)
		error = keys_file_save(f, (struct span){ out.p, out.n });
	buf_release(&out);
	free(all);
	return error;
}

int
used_merge(const char *keys_file, struct span lines)
{
	struct keys_file f = KEYS_FILE_INIT;
	struct buf path = BUF_INIT, errors = BUF_INIT;
	int error = ENOMEM;

	keys_beside(&path, keys_file, ".used");
	if (!path.failed) {
		errno = 0;
		error = keys_file_open(&f, path.p, true, NULL, &errors) ? merge(&f, lines)
		    : errno                                             ? errno
									: EACCES;
	}
	keys_file_release(&f);
	buf_release(&path);
	buf_release(&errors);
	return error;
}

void
used_read(const char *keys_file, struct buf *text)
{
	struct buf path = BUF_INIT, errors = BUF_INIT;

	keys_beside(&path, keys_file, ".used");
	if (!path.failed && !private_read(path.p, text, KEYS_FILE_MOST, NULL, &errors))
		buf_reset(text);
	buf_release(&path);
	buf_release(&errors);
}
