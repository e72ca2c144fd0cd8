/*
 * Changes of keys and projects that are there.
 */
#include "base/ascii.h"
#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/cli/face.h"
#include "cmd/key/job.h"

#include "base/banned.h"

int
key_revoke(struct key_job *j)
{
	struct buf value = BUF_INIT;
	struct record_member member = { .name = "revoked" };
	const struct key *key;
	int64_t at = timestamp_now() + (j->grace == UINT64_MAX ? 0 : (int64_t)j->grace);
	bool good = true;

	if (!key_job_lock(j, false) || !(key = key_job_find(j, j->operand[0])))
		return STATUS_ERROR;
	if (at < key->revoked) { /* else it is as it shall be */
		record_add_time(&value, at);
		member.value = (struct span){ value.p, value.n };
		key_job_change_key(j, key, &j->text, &member, 1);
		good = !value.failed && key_job_save(j, &j->text);
	}
	buf_release(&value);
	return good ? STATUS_OK : STATUS_ERROR;
}

/* ---- origins ---- */

static bool
is_among(struct span origin, const struct span *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_eq(list[i], origin))
			return true;
	return false;
}

/* The key's origins, less those to remove, and those to add; each once. */
static size_t
new_origins(const struct key *key, const struct span *remove, size_t removed,
    const struct span *add, size_t added, struct span *to)
{
	size_t n = 0, i;

	for (i = 0; i < key->origins; i++)
		if (!is_among(key->origin[i], remove, removed) && !is_among(key->origin[i], to, n))
			to[n++] = key->origin[i];
	for (i = 0; i < added; i++)
		if (!is_among(add[i], to, n))
			to[n++] = add[i];
	return n;
}

static bool
all_are_there(const struct key_job *j, const struct key *key, const struct span *remove)
{
	size_t i;

	for (i = 0; i < j->removed.n; i++)
		if (!is_among(remove[i], key->origin, key->origins)) {
			msg("--remove: %s is not on the list of %.16s", j->removed.v[i], key->id);
			return false;
		}
	return true;
}

static bool
save_origins(struct key_job *j, const struct key *key, const struct span *origin, size_t n)
{
	struct buf value = BUF_INIT;
	struct record_member member = { .name = "origins" };
	bool good;

	record_add_origins(&value, origin, n);
	member.value = (struct span){ value.p, value.n };
	key_job_change_key(j, key, &j->text, &member, 1);
	good = !value.failed && key_job_save(j, &j->text);
	buf_release(&value);
	return good;
}

int
key_origins(struct key_job *j)
{
	bool changes = j->origins.n + j->removed.n > 0;
	struct span *add, *remove, *all;
	const struct key *key;
	size_t n, i;

	if (!key_job_origins(j, &j->origins, "--origin", &add) ||
	    !key_job_origins(j, &j->removed, "--remove", &remove) ||
	    !(changes ? key_job_lock(j, false) : key_job_load(j)) ||
	    !(key = key_job_find(j, j->operand[0])) || !all_are_there(j, key, remove))
		return STATUS_ERROR;
	all = arena_array(&j->arena, key->origins + j->origins.n + 1, sizeof(*all));
	if (!all) {
		msg("out of memory");
		return STATUS_ERROR;
	}
	n = new_origins(key, remove, j->removed.n, add, j->origins.n, all);
	if (key->kind == KEY_PK && n == 0) {
		msg("a pk needs an origin that may use it; 'mm-key revoke' ends it");
		return STATUS_ERROR;
	}
	if (changes && !save_origins(j, key, all, n))
		return STATUS_ERROR;
	for (i = 0; i < n; i++)
		buf_addf(&j->out, "%.*s\n", (int)all[i].n, all[i].p);
	return key_job_print(j);
}

/* ---- limits ---- */

/* "50", "50:200" or "off". */
static bool
read_rate(const char *text, struct limit_rate *rate)
{
	struct span rest = span_of(text);
	uint64_t per_second, burst;

	*rate = (struct limit_rate){ 0, 0 };
	if (strcmp(text, "off") == 0)
		return true;
	if (!ascii_take_number(&rest, LIMIT_MAX, &per_second) || per_second == 0)
		return false;
	burst = per_second < LIMIT_MAX / 4 ? 4 * per_second : LIMIT_MAX;
	if (rest.n > 0) {
		if (*rest.p != ':')
			return false;
		rest = (struct span){ rest.p + 1, rest.n - 1 };
		if (!ascii_number(rest, LIMIT_MAX, &burst) || burst == 0)
			return false;
	}
	*rate = (struct limit_rate){ (uint32_t)per_second, (uint32_t)burst };
	return true;
}

static bool
read_rates(const struct key_job *j, struct limit_rates *rates, bool *changes)
{
	int r;

	*changes = false;
	for (r = 0; r < LIMIT_ROUTES; r++) {
		if (!j->rate[r])
			continue;
		*changes = true;
		if (!read_rate(j->rate[r], &rates->of[r])) {
			msg("--%s: expected requests or events a second, and how many may come at "
			    "once, as 50:200; or off",
			    limit_route_name((enum limit_route)r).p);
			return false;
		}
	}
	return true;
}

static struct limit_rates
rates_of(const struct key_job *j, const char *id)
{
	const struct limit_project *project = keys_project(j->keys, id);

	return project ? project->rates : (struct limit_rates)LIMIT_RATES_DEFAULT;
}

/* Whether the project has a line, which one that keys alone name has not. */
static bool
has_line(struct key_job *j, const char *id)
{
	struct span text = { j->file.text.p, j->file.text.n }, line;

	while (span_take_line(&text, &line))
		if (key_job_is_line(j, line, RECORD_PROJECT, id))
			return true;
	return false;
}

static bool
save_limits(struct key_job *j, const char *id, const struct limit_rates *rates)
{
	struct record_member member = { .name = "limits" };
	struct record r = { .type = RECORD_PROJECT };
	struct buf value = BUF_INIT;
	bool good;

	if (!has_line(j, id)) {
		memcpy(r.project, id, UUID_TEXT);
		if (j->file.text.n > 0 && j->file.text.p[j->file.text.n - 1] != '\n')
			buf_addc(&j->file.text, '\n');
		record_add_project(&j->file.text, &r);
	}
	record_add_limits(&value, rates);
	member.value = (struct span){ value.p, value.n };
	key_job_change_project(j, id, &j->text, &member, 1);
	good = !value.failed && !j->file.text.failed && key_job_save(j, &j->text);
	buf_release(&value);
	return good;
}

int
key_limits(struct key_job *j)
{
	struct limit_rates rates, unused;
	char id[UUID_TEXT];
	bool changes;

	if (!read_rates(j, &unused, &changes) ||
	    !(changes ? key_job_lock(j, false) : key_job_load(j)) ||
	    !key_job_project(j, false, &j->text, id))
		return STATUS_ERROR;
	rates = rates_of(j, id);
	read_rates(j, &rates, &changes);
	if (changes && !save_limits(j, id, &rates))
		return STATUS_ERROR;
	record_add_limits(&j->out, &rates);
	buf_addc(&j->out, '\n');
	return key_job_print(j);
}
