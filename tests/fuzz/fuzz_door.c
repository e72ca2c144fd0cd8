#define _GNU_SOURCE /* memmem */
/*
 * Whole requests to the front door: each that is handed out is answered, nothing
 * is accepted without a key, what is kept are rows of JSON, a line each, of the
 * key's project, and neither they nor answers hold the address or the agent.
 *
 * The first byte chooses what stands before the rest: nothing, or the head of a
 * request with a key.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/door.h"
#include "serve/keys_record.h"
#include "text/json.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)
#define PROJECT "11111111-2222-4333-8444-555555555555"
#define PEPPER "0123456789abcdef"
#define ADDRESS "203.0.113.77"
#define AGENT "Mozilla/5.0 marked-agent-77"
#define ORIGIN "https://www.example.com"

static struct {
	struct http_server *server;
	struct door door;
	struct take take;
	struct iphash iphash;
	struct buf rows;
	struct door_question *asked;
	uint64_t ticket, kept;
	char sk[KEY_TOKEN + 1], pk[KEY_TOKEN + 1];
} all;

static enum journal_result
keep(void *context, const struct journal_event *e, size_t n, uint64_t *ticket)
{
	static const char start[] = "{\"project_id\":\"" PROJECT "\"";
	struct json_scan s;
	struct json_member m;
	size_t i;

	(void)context;
	MUST(n > 0);
	for (i = 0; i < n; i++) {
		struct span row = e[i].row;

		MUST(row.n > 1 && row.p[row.n - 1] == '\n');
		MUST(!memchr(row.p, '\n', row.n - 1));
		MUST(json_open(&s, row.p, row.n - 1) == JSON_OBJECT);
		while (json_next(&s, &m))
			;
		MUST(!s.reason);
		MUST(memcmp(row.p, start, sizeof(start) - 1) == 0);
		buf_add(&all.rows, row.p, row.n);
	}
	all.kept++;
	*ticket = all.kept % 3 ? ++all.ticket : 0;
	return all.kept % 7 ? JOURNAL_TAKEN : JOURNAL_FULL;
}

static bool
ask(void *context, struct door_question *q)
{
	(void)context;
	MUST(strcmp(q->project, PROJECT) == 0);
	if (all.asked)
		return false;
	all.asked = q;
	return true;
}

static unsigned
health(void *context, struct buf *b)
{
	(void)context;
	buf_adds(b, "{}\n");
	return 200;
}

static void
add_key(struct buf *file, char *token, enum key_kind kind, struct span *origin, size_t origins)
{
	struct record r = {
		.type = RECORD_KEY,
		.kind = kind,
		.project = PROJECT,
		.origin = origin,
		.origins = origins,
		.revoked = INT64_MAX,
	};

	key_token_make(token, kind, false);
	memcpy(r.id, token, KEY_ID);
	key_hash(r.hash, (struct span){ token + KEY_ID + 1, KEY_TOKEN - KEY_ID - 1 }, SPAN(PEPPER));
	key_pepper_id(r.pepper, SPAN(PEPPER));
	record_add_key(file, &r);
}

static void
start(void)
{
	struct http_config http = {
		.context = &all.door,
		.on_head = door_on_head,
		.on_request = door_on_request,
		.on_refused = door_on_refused,
		.memory_most = 64 << 20,
	};
	struct door_config config = {
		.take = &all.take,
		.private_only = true,
		.keep = keep,
		.ask = ask,
		.health = health,
		.trust.unix_sockets = true,
	};
	struct buf file = BUF_INIT, errors = BUF_INIT;
	struct span origin = SPAN(ORIGIN);
	struct keys *keys;

	MUST(sodium_init() >= 0);
	add_key(&file, all.sk, KEY_SK, NULL, 0);
	add_key(&file, all.pk, KEY_PK, &origin, 1);
	keys = keys_parse("f", (struct span){ file.p, file.n }, SPAN(PEPPER), &errors);
	MUST(keys && iphash_init(&all.iphash, "0123456789abcdef", 16));
	all.take.enricher.iphash = all.take.enricher.visitors = &all.iphash;
	MUST(take_start(&all.take));
	door_init(&all.door, &config);
	MUST(door_use_keys(&all.door, keys, 0));
	all.server = http_server_start(&http);
	MUST(all.server);
	buf_release(&file);
	buf_release(&errors);
}

static void
turn(void)
{
	bool done;
	int i;

	for (i = 0; i < 8; i++)
		MUST(http_server_turn(all.server, 0, &done) == 0);
}

static void
settle(bool good)
{
	int i;

	for (i = 0; i < 100 && (all.door.first || all.asked); i++) {
		if (all.asked) {
			struct door_question *q = all.asked;

			all.asked = NULL;
			q->status = 200;
			buf_adds(&q->body, "{\"rows\":[]}\n");
			door_reply(q);
		}
		if (all.door.first)
			door_settled(&all.door, all.ticket, good ? 0 : EIO);
		turn();
	}
}

static bool
holds(const struct buf *b, const char *what)
{
	return b->n && span_holds((struct span){ b->p, b->n }, span_of(what));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "/v1/track", "/v1/batch", "/v1/identify", "/v1/forget",
		"/v1/stats?" };
	struct buf text = BUF_INIT, answers = BUF_INIT;
	uint64_t accepted = all.door.meter.events;
	unsigned kind;
	int sockets[2];
	char piece[4096];
	ssize_t n;

	if (!all.server)
		start();
	if (size == 0)
		return 0;
	kind = *data % 16;
	data++;
	size--;
	if (kind < 10) {
		bool pk = kind >= 5;

		buf_addf(&text,
		    "%s %s HTTP/1.1\r\nHost: a\r\nUser-Agent: " AGENT
		    "\r\nX-Forwarded-For: " ADDRESS
		    "\r\nAuthorization: Bearer %.*s\r\n%sContent-Length: %zu\r\n\r\n",
		    kind % 5 == 4 ? "GET" : "POST", paths[kind % 5], KEY_TOKEN,
		    pk ? all.pk : all.sk, pk ? "Origin: " ORIGIN "\r\n" : "", size);
	}
	buf_add(&text, (const char *)data, size);
	buf_reset(&all.rows);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets) == 0);
	MUST(http_adopt(all.server, sockets[0]) == 0);
	(void)!send(sockets[1], text.p, text.n, MSG_NOSIGNAL);
	turn();
	settle(kind != 9);
	while ((n = read(sockets[1], piece, sizeof(piece))) > 0)
		buf_add(&answers, piece, (size_t)n);
	close(sockets[1]);
	turn();
	settle(true);
	turn();
	MUST(http_counts(all.server)->open == 0);
	MUST(http_counts(all.server)->waiting == 0);
	/* what the sender says itself is its own affair */
	if (!memmem(data, size, "marked-agent", 12) && !memmem(data, size, "113.77", 6)) {
		MUST(!holds(&all.rows, "marked-agent") && !holds(&answers, "marked-agent"));
		MUST(!holds(&all.rows, ADDRESS) && !holds(&answers, ADDRESS));
	}
	/* nothing without a key */
	MUST(kind < 10 || all.door.meter.events == accepted);
	MUST(kind < 10 || all.rows.n == 0);
	buf_release(&text);
	buf_release(&answers);
	return 0;
}
