#include <sodium.h>
#include <stdlib.h>

#include "base/msg.h"
#include "cmd/import/job.h"
#include "text/datafile.h"

#include "base/banned.h"

static bool
read_format(struct import_job *j, const char *format)
{
	struct buf known = BUF_INIT;
	unsigned f;

	j->im.format = import_format_named(span_of(format));
	j->automatic = j->im.format == IMPORT_AUTO;
	j->told = IMPORT_AUTO;
	if (j->im.format != IMPORT_FORMATS)
		return true;
	for (f = 0; f < IMPORT_FORMATS; f++)
		buf_addf(&known, "%s%s", f ? ", " : "", import_format_name((enum import_format)f));
	msg("%s: unknown format; expected one of: %.*s", format, (int)known.n, known.p);
	buf_release(&known);
	return false;
}

static bool
read_site(struct import_job *j)
{
	struct pageview_options *o = &j->im.pageview.options;

	o->http = j->options.scheme == 0;
	if (!j->options.site)
		return true;
	o->site = (struct span){ j->site, hit_site_name(span_of(j->options.site), j->site) };
	if (o->site.n)
		return true;
	msg("--site: expected the host's name, as shop.example");
	return false;
}

static bool
read_keep(struct import_job *j)
{
	static const enum skip may[] = { SKIP_ASSET, SKIP_METHOD, SKIP_REDIRECT, SKIP_STATUS };
	const char *p = j->options.keep, *comma;
	size_t n, i;

	while (p && *p) {
		comma = strchr(p, ',');
		n = comma ? (size_t)(comma - p) : strlen(p);
		for (i = 0; i < sizeof(may) / sizeof(may[0]); i++)
			if (strlen(skip_name(may[i])) == n && memcmp(skip_name(may[i]), p, n) == 0)
				break;
		if (i == sizeof(may) / sizeof(may[0])) {
			msg("--keep: expected some of asset,method,redirect,status");
			return false;
		}
		j->im.pageview.options.keep |= 1u << may[i];
		p += comma ? n + 1 : n;
	}
	return true;
}

static bool
read_lists(struct import_job *j)
{
	struct pageview_options *o = &j->im.pageview.options;
	size_t i;

	j->range = calloc(j->options.trusted.n + 1, sizeof(*j->range));
	j->path = calloc(j->options.paths.n + 1, sizeof(*j->path));
	if (!j->range || !j->path) {
		msg("out of memory");
		return false;
	}
	for (i = 0; i < j->options.trusted.n; i++) {
		if (!ip_range_parse(&j->range[i], span_of(j->options.trusted.v[i]))) {
			msg("--trusted-proxy: expected an address or a range, as 10.0.0.0/8");
			return false;
		}
	}
	for (i = 0; i < j->options.paths.n; i++) {
		j->path[i] = span_of(j->options.paths.v[i]);
		if (!j->path[i].n || *j->path[i].p != '/') {
			msg("--skip-path: expected the beginning of a path, as /admin/");
			return false;
		}
	}
	o->trust = (struct client_trust){ j->range, j->options.trusted.n };
	o->path = j->path;
	o->paths = j->options.paths.n;
	return true;
}

static bool
read_map(struct import_job *j, struct buf *text, struct buf *errors)
{
	const char *map = j->options.map;

	return !map ||
	    (datafile_read(map, text, errors) &&
		log_keys_read(&j->im.keys, map, text->n ? text->p : "", text->n, errors));
}

static bool
read_keys(struct import_job *j)
{
	struct buf text = BUF_INIT, errors = BUF_INIT;
	const char *field = j->options.ip_field;
	bool good = read_map(j, &text, &errors);

	if (!good)
		msg_lines((struct span){ errors.p, errors.n });
	if (good && field && !log_keys_add(&j->im.keys, HIT_IP, span_of(field))) {
		msg("--ip-field: expected the name of a key or column");
		good = false;
	}
	if (good && !log_keys_builtin(&j->im.keys)) {
		msg("--map: has too many keys");
		good = false;
	}
	buf_release(&text);
	buf_release(&errors);
	return good;
}

bool
import_job_begin(struct import_job *j, const char *format)
{
	if (sodium_init() < 0) {
		msg("libsodium does not start");
		return false;
	}
	if (!read_format(j, format) || !read_site(j) || !read_keep(j) || !read_lists(j) ||
	    !read_keys(j))
		return false;
	importer_begin(&j->im);
	return true;
}

void
import_job_release(struct import_job *j)
{
	importer_release(&j->im);
	unpack_release(&j->unpack);
	follow_release(&j->follow);
	buf_release(&j->state);
	free(j->range);
	free(j->path);
}
