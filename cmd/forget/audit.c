#include "cmd/forget/audit.h"

#include "text/json.h"
#include "base/timestamp.h"

#include "base/banned.h"

void
forget_key_init(struct forget_key *k, const struct salt *salt)
{
	crypto_auth_hmacsha256_init(&k->state, (const unsigned char *)salt->p, salt->n);
}

void
forget_hash(const struct forget_key *k, const char *kind, struct span id, char *w)
{
	crypto_auth_hmacsha256_state state = k->state;
	unsigned char digest[crypto_auth_hmacsha256_BYTES];
	char hex[FORGET_HASH_TEXT + 1];

	crypto_auth_hmacsha256_update(&state, (const unsigned char *)kind, strlen(kind));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)":", 1);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)id.p, id.n);
	crypto_auth_hmacsha256_final(&state, digest);
	sodium_bin2hex(hex, sizeof(hex), digest, FORGET_HASH_TEXT / 2);
	memcpy(w, hex, FORGET_HASH_TEXT);
	sodium_memzero(&state, sizeof(state));
}

/* RFC 3339, in UTC. */
static void
add_time(struct buf *b, const char *key, int64_t ms)
{
	char text[TIMESTAMP_TEXT];

	timestamp_format(text, ms);
	text[10] = 'T';
	buf_addf(b, "\"%s\":\"%.*sZ\"", key, TIMESTAMP_TEXT, text);
}

static void
add_hash(struct buf *b, const char *key, const char *hash)
{
	buf_addf(b, ",\"%s\":\"%.*s\"", key, FORGET_HASH_TEXT, hash);
}

static void
add_count(struct buf *b, const char *key, uint64_t count)
{
	buf_addf(b, ",\"%s\":%llu", key, (unsigned long long)count);
}

static void
add_mutations(struct buf *b, const struct buf *ids)
{
	struct span rest = { ids->p, ids->n }, id;

	buf_adds(b, ",\"mutations\":[");
	while (span_take_line(&rest, &id)) {
		json_add_string(b, id.p, id.n);
		if (rest.n > 0)
			buf_addc(b, ',');
	}
	buf_addc(b, ']');
}

static const char *
state_of(const struct erasure *e, uint64_t left)
{
	if (e->allow)
		return "allowed";
	if (e->dry_run)
		return "dry_run";
	if (left > 0 || e->unsettled)
		return "incomplete";
	return e->gone ? "gone" : "hidden";
}

void
forget_record(struct buf *b, const struct erasure *e, const struct forget_times *t,
    const struct forgotten *f, uint64_t events, uint64_t left)
{
	buf_addc(b, '{');
	add_time(b, "began", t->began_ms);
	buf_addc(b, ',');
	add_time(b, "ended", t->ended_ms);
	add_count(b, "took_ms", t->took_ms);
	buf_adds(b, ",\"project_id\":");
	json_add_string(b, e->staging.project.p, e->staging.project.n);
	if (f->has_user)
		add_hash(b, "user_id_hash", f->user);
	if (f->has_anonymous)
		add_hash(b, "anonymous_id_hash", f->anonymous);
	buf_addf(b, ",\"linked\":%s", e->linked ? "true" : "false");
	add_count(b, "events", events);
	add_count(b, "events_left", left);
	buf_addf(b, ",\"state\":\"%s\"", state_of(e, left));
	buf_addf(b, ",\"aggregates\":\"%s\"", e->rebuild && !e->dry_run ? "rebuilt" : "kept");
	if (e->rebuild) {
		add_count(b, "days", e->days);
		add_count(b, "days_left", e->days_left);
		add_count(b, "sessions", e->sessions);
	}
	add_mutations(b, &e->mutations);
	buf_adds(b, "}\n");
}
