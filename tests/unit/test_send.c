/*
 * What mm-send makes of answers, the ids it gives, and what it knows of earlier runs.
 */
#define _GNU_SOURCE /* mkdtemp */
#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "event/event.h"
#include "send/event_ids.h"
#include "send/ledger.h"
#include "send/strip.h"
#include "send/verdict.h"

static char dir[] = "/tmp/mm-send.XXXXXX";

/* ---- answers --------------------------------------------------------------- */

static struct verdict verdict;

static enum clickhouse_status
read_answer(long http, const char *body, struct clickhouse_error *e)
{
	struct post_answer a = { .http = http };
	enum clickhouse_status s;

	buf_adds(&a.body, body);
	s = verdict_read(&verdict, POST_ANSWERED, &a, "URL", e);
	buf_release(&a.body);
	return s;
}

static void
answer(long http, const char *body, enum clickhouse_status want)
{
	struct clickhouse_error e;
	enum clickhouse_status got = read_answer(http, body, &e);

	CHECK(got == want, "%ld %s: %d, not %d (%s)", http, body, got, want, e.text);
	CHECK(got == CLICKHOUSE_OK || e.text[0], "%ld %s: says why", http, body);
}

#define REFUSED(details) "{\"error\":\"invalid_payload\",\"details\":" details "}"

static void
test_answers(void)
{
	static const char *const none[] = { "", "{", "{}", "[]", "null", "{\"ok\":false}",
		"{\"ok\":\"true\"}", "{\"ok\":true", "<html>ok</html>", "{\"a\":{\"ok\":true}}" };
	size_t i;

	answer(202, "{\"ok\":true,\"count\":2}\n", CLICKHOUSE_OK);
	answer(200, " { \"count\" : 2 , \"ok\" : true } ", CLICKHOUSE_OK);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		answer(202, none[i], CLICKHOUSE_UNKNOWN);
	answer(400, REFUSED("{}"), CLICKHOUSE_BAD_DATA);
	answer(422, REFUSED("7"), CLICKHOUSE_BAD_DATA);
	answer(400, "{\"error\":\"invalid_params\"}", CLICKHOUSE_CONFIG);
	answer(400, "<html>Bad Request</html>", CLICKHOUSE_CONFIG);
	answer(413, "", CLICKHOUSE_BAD_DATA);
	answer(429, "{\"error\":\"rate_limited\"}", CLICKHOUSE_TRANSIENT);
	answer(401, "{\"error\":\"invalid_api_key\"}", CLICKHOUSE_CONFIG);
	answer(403, "", CLICKHOUSE_CONFIG);
	answer(404, "", CLICKHOUSE_CONFIG);
	answer(301, "", CLICKHOUSE_CONFIG);
	answer(408, "", CLICKHOUSE_TRANSIENT);
	answer(500, "{\"error\":\"\\u001b[31m\"}", CLICKHOUSE_TRANSIENT);
	answer(503, "", CLICKHOUSE_TRANSIENT);
}

static void
fault(size_t i, size_t index, const char *field, const char *text)
{
	const struct verdict_fault *f = &verdict.fault[i];

	if (!CHECK(i < verdict.faults, "there is a fault %zu", i))
		return;
	CHECK(f->index == index, "its event: %zu", f->index);
	CHECK(
	    is_text(f->field.p, f->field.n, field), "its field: %.*s", (int)f->field.n, f->field.p);
	CHECK(is_text(f->text.p, f->text.n, text), "its text: %.*s", (int)f->text.n, f->text.p);
}

static void
test_faults(void)
{
	struct clickhouse_error e;

	read_answer(400,
	    REFUSED(
		"{\"fieldErrors\":{\"events[3].url\":[\"Invalid \\u0055RL\",\"x\"],\"events[12]\":"
		"[\"Required\"],\"events.7.properties.a\":[\"No\"]},\"formErrors\":[]}"),
	    &e);
	CHECK(verdict.faults == 3, "three: %zu", verdict.faults);
	fault(0, 3, "url", "Invalid URL");
	fault(1, 12, "", "Required");
	fault(2, 7, "properties.a", "No");
	/* names that are of no event */
	read_answer(400,
	    REFUSED(
		"{\"fieldErrors\":{\"events\":[\"a\"],\"events[]\":[\"b\"],\"events[x]\":[\"c\"],"
		"\"events[1000]\":[\"d\"],\"events[99999999999999999999]\":[\"e\"],\"event\":[\"f\"],"
		"\"events[1].a\":[],\"events[2].a\":7}}"),
	    &e);
	CHECK(verdict.faults == 0, "none: %zu", verdict.faults);
	CHECK(strcmp(e.text, "a") == 0, "the first is told: %s", e.text);
	read_answer(400, REFUSED("{\"formErrors\":[\"Too many\"]}"), &e);
	CHECK(strcmp(e.text, "Too many") == 0, "told: %s", e.text);
	/* what an answer does not say is not kept from the one before */
	read_answer(202, "{\"ok\":true}", &e);
	CHECK(verdict.faults == 0, "none");
}

/* ---- ids ------------------------------------------------------------------- */

static void
test_ids(void)
{
	static const char *const lines[] = { "{\"event\":\"a\"}", "{\"event\":\"a\"}  \t",
		"{\"event\":\"a\",\"event_id\":null}", " { \"event\" : \"}\" } " };
	static struct event_ids ids, again;
	struct event e = { 0 };
	char first[64] = "";
	size_t i;

	event_init(&e);
	repeats_init(&ids.repeats, SPAN(""));
	repeats_init(&again.repeats, SPAN(""));
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct span s = event_ids_give(&ids, lines[i], strlen(lines[i]));
		struct span same = event_ids_give(&again, lines[i], strlen(lines[i]));
		struct span id;

		CHECK(span_eq(s, same), "the same input, the same ids: %s", lines[i]);
		CHECK(event_parse(&e, s.p, s.n), "an event: %.*s", (int)s.n, s.p);
		id = event_text(&e, EVENT_EVENT_ID);
		CHECK(uuid_valid(id), "a UUID: %.*s", (int)id.n, id.p);
		CHECK(
		    s.n == strlen(lines[i]) + UUID_TEXT + 14, "nothing else: %.*s", (int)s.n, s.p);
		if (i == 0)
			memcpy(first, id.p, UUID_TEXT);
	}
	{
		struct span s = event_ids_give(&ids, lines[0], strlen(lines[0]));

		event_parse(&e, s.p, s.n);
		CHECK(memcmp(event_text(&e, EVENT_EVENT_ID).p, first, UUID_TEXT) != 0,
		    "a line that comes again is another event");
	}
	event_ids_release(&ids);
	event_ids_release(&again);
	event_release(&e);
}

static void
test_strip(void)
{
	static const char *const lines[][2] = {
		{ " { \"ip\" : \"203.0.113.7\" , \"event\" : \"a\" } ", "{\"event\":\"a\"}" },
		{ "{\"event\":\"a\",\"user_agent\":\"x\",\"properties\":{\"ip\": 1.0}}",
		    "{\"event\":\"a\",\"properties\":{\"ip\": 1.0}}" },
		{ "{\"\\u0069p\":\"1.2.3.4\",\"event\":\"a\",\"ip\":7,\"host\":null}",
		    "{\"event\":\"a\"}" },
		{ "{\"event\":\"a\",\"received_at\":1,\"project_id\":2,\"ips\":3}",
		    "{\"event\":\"a\",\"ips\":3}" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct span s = strip_context(&b, lines[i][0], strlen(lines[i][0]));

		CHECK(is_text(s.p, s.n, lines[i][1]), "%s: %.*s", lines[i][0], (int)s.n, s.p);
	}
	buf_release(&b);
}

/* ---- the ledger ------------------------------------------------------------ */

static struct ledger_batch
batch_of(unsigned char first, unsigned char last, uint32_t events)
{
	struct ledger_batch b = { .events = events };

	memset(b.first, first, sizeof(b.first));
	memset(b.last, last, sizeof(b.last));
	return b;
}

static void
note(struct ledger *l, unsigned char first, unsigned char last, uint32_t events)
{
	struct ledger_batch b = batch_of(first, last, events);

	CHECK(ledger_note(l, &b) == 0, "noted");
}

static void
open_ledger(struct ledger *l)
{
	unsigned char input[LEDGER_HASH] = { 0 };

	ledger_chain(input, "a", 1);
	CHECK(ledger_open(l, dir, input) == 0, "opened");
}

/* The only file in the folder. */
static void
file_of(char path[300])
{
	DIR *d = opendir(dir);
	struct dirent *e;

	path[0] = '\0';
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			snprintf(path, 300, "%s/%s", dir, e->d_name);
	closedir(d);
}

static void
test_ledger(void)
{
	struct ledger l, other;
	struct ledger_batch want = batch_of(2, 3, 7);
	const struct ledger_batch *got;
	unsigned char secret[LEDGER_HASH];
	struct timespec old[2] = { { 0 } };
	char path[300];
	struct stat st;
	int fd;

	open_ledger(&l);
	memcpy(secret, l.secret, sizeof(secret));
	CHECK(!ledger_find(&l, want.first, NULL), "nothing is known");
	note(&l, 4, 5, 1000);
	note(&l, 2, 9, 8);
	note(&l, 2, 3, 7);
	/* another run of an input that begins alike has its own */
	open_ledger(&other);
	CHECK(memcmp(other.secret, secret, sizeof(secret)) != 0, "another secret");
	CHECK(!ledger_find(&other, want.first, NULL), "nothing is known");
	ledger_close(&other, true);
	ledger_close(&l, false);

	/* killed in the middle of a record */
	file_of(path);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "for its owner only");
	fd = open(path, O_WRONLY | O_APPEND);
	CHECK(write(fd, "half", 4) == 4, "written");
	close(fd);
	open_ledger(&l);
	CHECK(memcmp(l.secret, secret, sizeof(secret)) == 0, "the same secret");
	got = ledger_find(&l, want.first, NULL);
	CHECK(got && got->events == 7 && got->last[0] == 3, "the shortest first");
	got = got ? ledger_find(&l, want.first, got) : NULL;
	CHECK(got && got->events == 8, "then the other");
	CHECK(!got || !ledger_find(&l, want.first, got), "and no more");
	note(&l, 6, 6, 6);
	ledger_close(&l, false);
	open_ledger(&l);
	want = batch_of(6, 6, 6);
	CHECK(ledger_find(&l, want.first, NULL) != NULL, "what was noted behind the half");
	ledger_close(&l, false);

	/* a record that is none: zeros that a machine without power left */
	fd = open(path, O_WRONLY | O_APPEND);
	CHECK(write(fd, (char[LEDGER_RECORD]){ 0 }, LEDGER_RECORD) == LEDGER_RECORD, "written");
	close(fd);
	open_ledger(&l);
	want = batch_of(0, 0, 1);
	CHECK(!ledger_find(&l, want.first, NULL), "not known");
	ledger_close(&l, false);

	/* too old */
	CHECK(utimensat(AT_FDCWD, path, old, 0) == 0, "dated back");
	open_ledger(&l);
	CHECK(memcmp(l.secret, secret, sizeof(secret)) != 0, "a new secret");
	ledger_close(&l, true);
	file_of(path);
	CHECK(!path[0], "nothing is left");
}

static void
test_chain(void)
{
	unsigned char a[LEDGER_HASH] = { 0 }, b[LEDGER_HASH] = { 0 }, c[LEDGER_HASH] = { 0 };

	ledger_chain(a, "xy", 2);
	ledger_chain(a, "z", 1);
	ledger_chain(b, "x", 1);
	ledger_chain(b, "yz", 2);
	ledger_chain(c, "xy", 2);
	CHECK(memcmp(a, b, sizeof(a)) != 0, "where an event ends matters");
	ledger_chain(c, "z", 1);
	CHECK(memcmp(a, c, sizeof(a)) == 0, "the same events, the same chain");
}

int
main(void)
{
	CHECK(sodium_init() >= 0, "libsodium");
	CHECK(mkdtemp(dir) != NULL, "a folder");
	test_answers();
	test_faults();
	test_ids();
	test_strip();
	test_ledger();
	test_chain();
	verdict_release(&verdict);
	rmdir(dir);
	return check_end("send");
}
