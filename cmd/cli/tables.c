#include "cmd/cli/tables.h"

#include "base/msg.h"

#include "base/banned.h"

/* Prints the errors, a line each, in which the file's name may be anything. */
static void
print_errors(const struct buf *errors)
{
	const char *p = errors->p, *end = p + errors->n;
	struct buf clean = BUF_INIT;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((newline ? newline : end) - p);

		buf_add_scrubbed(&clean, p, n);
		buf_addc(&clean, '\n');
		p += newline ? n + 1 : n;
	}
	msg_raw(clean.p, clean.n);
	buf_release(&clean);
}

static bool
told(bool loaded, const char *what, struct buf *errors)
{
	if (!loaded) {
		msg("cannot use the %s", what);
		if (errors->n)
			print_errors(errors);
	}
	buf_release(errors);
	return loaded;
}

bool
tables_hosts(const char *file, struct hosts **tables)
{
	struct buf errors = BUF_INIT;

	*tables = file ? hosts_load(file, &errors) : NULL;
	return told(!file || *tables, "hosts file; mm-rules(5) describes its format", &errors);
}

bool
tables_bots(const char *file, struct bots **tables)
{
	struct buf errors = BUF_INIT;

	*tables = file ? bots_load(file, &errors) : NULL;
	return told(
	    !file || *tables, "file of --bots-file; mm-enrich(1) describes its format", &errors);
}
