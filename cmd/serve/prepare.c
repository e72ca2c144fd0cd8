/*
 * What mm-serve reads before it listens: salt, tables, keys.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/cli/secret.h"
#include "cmd/cli/tables.h"
#include "cmd/serve/job.h"

#include "base/banned.h"

static bool
open_geo(struct serve_job *j)
{
	const char *reason;

	if (!j->geoip)
		j->geoip = getenv("MM_GEOIP_DB");
	if (!j->geoip || !*j->geoip)
		return true;
	j->geo = geo_open(j->geoip, &reason);
	if (!j->geo)
		msg("%s: %s: not a usable country database; give another with --geoip", j->geoip,
		    reason);
	return j->geo != NULL;
}

static bool
read_proxies(struct serve_job *j)
{
	struct http_trust *trust = &j->door.config.trust;
	size_t i, n = 0;

	j->range = calloc(j->trusted_proxies.n + 1, sizeof(*j->range));
	if (!j->range) {
		msg("out of memory");
		return false;
	}
	for (i = 0; i < j->trusted_proxies.n; i++) {
		struct span text = span_of(j->trusted_proxies.v[i]);

		if (span_eq(text, SPAN("unix:"))) {
			trust->unix_sockets = true;
		} else if (!ip_range_parse(&j->range[n++], text)) {
			msg("--trusted-proxy: expected an address, a network such as 10.0.0.0/8, or "
			    "unix:");
			return false;
		}
	}
	trust->proxies = (struct client_trust){ j->range, n };
	return true;
}

static bool
read_prefix(struct serve_job *j)
{
	struct span prefix = span_of(j->prefix ? j->prefix : "");

	if (prefix.n && prefix.p[prefix.n - 1] == '/')
		prefix.n--;
	if (prefix.n && prefix.p[0] != '/') {
		msg("--prefix: expected a path such as /stats");
		return false;
	}
	j->door.config.prefix = prefix;
	return true;
}

static bool
start_taking(struct serve_job *j)
{
	struct enricher *e = &j->take.enricher;

	e->rules = (j->rules ? CLASSIFY_DOCUMENTED : 0) | (j->fbclid ? CLASSIFY_FBCLID_SOCIAL : 0);
	e->policy = (enum bots_policy)j->bots;
	e->hosts = j->hosts;
	e->bots = j->bots_table;
	e->geo = j->geo;
	/* who says when it sent what it kept has a clock of its own */
	e->clock.fix_skew = true;
	if (j->strip_params) {
		e->strip.text = span_of(j->strip_params);
		if (!param_list_valid(e->strip.text)) {
			msg("--strip-params: expected names of parameters separated by commas, as "
			    "gclid,email");
			return false;
		}
	}
	if (!iphash_init(&j->iphash, j->salt.p, j->salt.n)) {
		msg("no memory that can be locked for the salt");
		return false;
	}
	e->iphash = &j->iphash;
	e->visitors = j->visitor == 1 ? NULL : &j->iphash;
	sodium_memzero(&j->salt, sizeof(j->salt));
	if (take_start(&j->take))
		return true;
	msg("out of memory");
	return false;
}

static bool
load_keys(struct serve_job *j)
{
	struct keys *keys;

	buf_reset(&j->text);
	keys = keys_load(&j->source, &j->text);
	if (!keys) {
		msg_lines((struct span){ j->text.p, j->text.n });
		return false;
	}
	if (!door_use_keys(&j->door, keys, timestamp_monotonic())) {
		keys_free(keys);
		msg("out of memory");
		return false;
	}
	if (j->keys) {
		keys_collect_used(j->keys, &j->used);
		keys_free(j->keys);
	}
	j->keys = keys;
	return true;
}

static bool
open_keys(struct serve_job *j)
{
	const char *pepper = getenv("MM_KEY_PEPPER_FILE");

	if (!j->keys_file) {
		msg("--keys: which file?  'mm-key mint --keys FILE --kind sk' makes one");
		return false;
	}
	j->source.path = j->keys_file;
	j->source.pepper = pepper && *pepper ? pepper : NULL;
	return load_keys(j);
}

void
serve_reload(struct serve_job *j)
{
	bool good = load_keys(j);

	if (!good && !j->keys_broken)
		msg("%s: the keys that were read before stay in use", j->keys_file);
	else if (good && j->keys_broken)
		msg("%s: can be used again", j->keys_file);
	j->keys_broken = !good;
}

bool
serve_prepare(struct serve_job *j)
{
	if (sodium_init() < 0) {
		msg("libsodium does not start");
		return false;
	}
	secret_guard();
	return read_prefix(j) && read_proxies(j) && salt_read(&j->salt, j->salt_file, true, "") &&
	    tables_hosts(j->hosts_file, &j->hosts) && tables_bots(j->bots_file, &j->bots_table) &&
	    open_geo(j) && start_taking(j) && open_keys(j);
}

void
serve_prepared_release(struct serve_job *j)
{
	take_release(&j->take);
	iphash_release(&j->iphash);
	geo_close(j->geo);
	hosts_free(j->hosts);
	bots_free(j->bots_table);
	keys_free(j->keys);
	buf_release(&j->text);
	buf_release(&j->used);
	free(j->range);
}
